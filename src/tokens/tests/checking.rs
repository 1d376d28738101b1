use super::*;

#[test]
fn a_good_token_makes_its_user() {
    let key = SigningKey::test_only();
    let all = json!({
        "authentication.kubernetes.io/credential-id": ["JTI=the-jti"],
        "authentication.kubernetes.io/pod-name": ["p1"], "authentication.kubernetes.io/pod-uid": ["uid-p1"],
        "authentication.kubernetes.io/node-name": ["n1"], "authentication.kubernetes.io/node-uid": ["uid-n1"],
    });
    let pod = json!({
        "authentication.kubernetes.io/pod-name": ["p1"], "authentication.kubernetes.io/pod-uid": ["uid-p1"],
    });
    for (version, extra) in [(NEW, all), (OLD, pod)] {
        let token = minted(&claims(version, &pod_ref()), &key);
        let verifier = verifier(version, &key);
        let read = verifier.verify(&token, None, start(), &World::new()).unwrap();
        assert_eq!(verifier.verify_again(&token, None, start(), &World::new()), Ok(read.clone()));
        assert_eq!(read.user.name, "system:serviceaccount:red:robot");
        assert_eq!(read.user.uid, ACCOUNT_UID);
        assert_eq!(read.user.groups, ["system:serviceaccounts", "system:serviceaccounts:red"]);
        assert_eq!(json!(read.user.extra), extra);
        assert_eq!(read.audiences, [ISSUER]);
    }
}

#[test]
fn refusals_of_requested_tokens() {
    type Change = fn(&mut World);
    let gone = |what, name: &str, deleting| Refusal::Invalidated {
        what,
        name: name.to_owned(),
        deleting,
        legacy: false,
    };
    let other = |what, stored: &str, claim: &str| Refusal::OtherUid {
        what,
        stored: stored.to_owned(),
        claim: claim.to_owned(),
        legacy: false,
    };
    let pod = pod_ref();
    let secret_ref =
        json!({"spec": {"boundObjectRef": {"kind": "Secret", "apiVersion": "v1", "name": "s1"}}});
    let node_ref = json!({"spec": {"boundObjectRef": {"kind": "Node", "apiVersion": "v1", "name": "n1"}}});
    let invalidated = "service account token has been invalidated";
    type Case<'a> = (&'a str, &'a Value, i64, Change, Option<Refusal>, &'a str);
    let cases: Vec<Case<'_>> = vec![
        ("good", &pod, 0, |_| {}, None, ""),
        ("the last second", &pod, 3660, |_| {}, None, ""),
        (
            "expired",
            &pod,
            3661,
            |_| {},
            Some(Refusal::Expired { at: after(3600).as_second() }),
            "service account token has expired",
        ),
        (
            "early",
            &pod,
            -61,
            |_| {},
            Some(Refusal::NotYetValid { from: start().as_second() }),
            "service account token is not valid yet",
        ),
        (
            "no account",
            &pod,
            0,
            |w| drop(w.0.remove("serviceaccounts/red/robot")),
            Some(Refusal::NoAccount { namespace: "red".to_owned(), name: "robot".to_owned() }),
            "serviceaccounts \"robot\" not found",
        ),
        (
            "another account",
            &pod,
            0,
            |w| w.change("serviceaccounts/red/robot", "metadata.uid", "new"),
            Some(other(What::Account, "new", ACCOUNT_UID)),
            "service account UID (new) does not match claim (fd6706d8-ff10-4ae1-90e9-f45539aa01fb)",
        ),
        (
            "account just deleted",
            &pod,
            60,
            |w| w.change("serviceaccounts/red/robot", "metadata.deletionTimestamp", "2026-01-01T00:00:00Z"),
            None,
            "",
        ),
        (
            "account long deleted",
            &pod,
            61,
            |w| w.change("serviceaccounts/red/robot", "metadata.deletionTimestamp", "2026-01-01T00:00:00Z"),
            Some(Refusal::AccountDeleted {
                namespace: "red".to_owned(),
                name: "robot".to_owned(),
                legacy: false,
            }),
            "service account red/robot has been deleted",
        ),
        (
            "no pod",
            &pod,
            0,
            |w| drop(w.0.remove("pods/red/p1")),
            Some(gone(What::Pod, "p1", false)),
            invalidated,
        ),
        (
            "another pod",
            &pod,
            0,
            |w| w.change("pods/red/p1", "metadata.uid", "new"),
            Some(other(What::Pod, "new", "uid-p1")),
            "pod UID (new) does not match service account pod ref claim (uid-p1)",
        ),
        (
            "a pod that ends",
            &pod,
            20,
            |w| w.change("pods/red/p1", "metadata.deletionTimestamp", "2026-01-01T00:00:30Z"),
            None,
            "",
        ),
        ("its node does not matter", &pod, 0, |w| drop(w.0.remove("nodes//n1")), None, ""),
        (
            "no secret",
            &secret_ref,
            0,
            |w| drop(w.0.remove("secrets/red/s1")),
            Some(gone(What::Secret, "s1", false)),
            invalidated,
        ),
        (
            "no node",
            &node_ref,
            0,
            |w| drop(w.0.remove("nodes//n1")),
            Some(gone(What::Node, "n1", false)),
            invalidated,
        ),
        (
            "another node",
            &node_ref,
            0,
            |w| w.change("nodes//n1", "metadata.uid", "new"),
            Some(other(What::Node, "new", "uid-n1")),
            "node UID (new) does not match service account node ref claim (uid-n1)",
        ),
    ];
    let key = SigningKey::from_seed([1; 32]);
    let verifier = verifier(NEW, &key);
    for (name, body, at, change, want, message) in cases {
        let token = minted(&claims(NEW, body), &key);
        let mut world = World::new();
        change(&mut world);
        let got = verifier.verify(&token, None, after(at), &world).err();
        assert_eq!(got, want, "{name}");
        assert_eq!(got, verifier.verify_again(&token, None, after(at), &world).err(), "{name}");
        assert_eq!(got.map_or(String::new(), |r| r.message(NEW)), message, "{name}");
    }
}

#[test]
fn refusals_of_tokens_in_secrets() {
    let key = SigningKey::from_seed([2; 32]);
    let mut world = World::new();
    let account = world.object("serviceaccounts", "red", "robot").unwrap();
    let mut secret = json!({"metadata": {"name": "t", "namespace": "red", "uid": "uid-t"}});
    let token = minted(&Claims::legacy(&account, &secret), &key);
    secret.set("data.token", STANDARD.encode(&token));
    world.put("secrets", secret);
    let check = |world: &World, version| verifier(version, &key).verify(&token, None, start(), world);
    let good = check(&world, NEW).unwrap();
    assert_eq!(good.secret.as_deref(), Some("t"));
    assert!(good.user.extra.is_empty() && good.warning.is_none());

    type Change = fn(&mut World);
    let changes: [(Change, &str); 6] = [
        (|w| drop(w.0.remove("secrets/red/t")), "Token has been invalidated"),
        (
            |w| w.change("secrets/red/t", "metadata.deletionTimestamp", "2026-01-01T00:00:00Z"),
            "Token has been invalidated",
        ),
        (|w| w.change("secrets/red/t", "data.token", "eA=="), "Token does not match server's copy"),
        (|w| drop(w.0.remove("serviceaccounts/red/robot")), "serviceaccounts \"robot\" not found"),
        (
            |w| w.change("serviceaccounts/red/robot", "metadata.uid", "new"),
            "ServiceAccount UID (new) does not match claim (fd6706d8-ff10-4ae1-90e9-f45539aa01fb)",
        ),
        (
            |w| {
                let labels = json!({(refusal::INVALID_SINCE_LABEL): "2026-01-01"});
                w.change("secrets/red/t", "metadata.labels", labels);
            },
            "the token in secret red/t for service account red/robot has been marked invalid. Use tokens from the \
             TokenRequest API or manually created secret-based tokens, or remove the \
             'kubernetes.io/legacy-token-invalid-since' label from the secret to temporarily allow use of this token",
        ),
    ];
    for (change, message) in changes {
        let mut changed = world.clone();
        change(&mut changed);
        assert_eq!(check(&changed, NEW).unwrap_err().message(NEW), message);
    }
    world.change("serviceaccounts/red/robot", "secrets", json!([{"name": "t"}]));
    assert!(check(&world, NEW).unwrap().warning.is_some());
    assert!(check(&world, OLD).unwrap().warning.is_none());
}

#[test]
fn texts_that_are_no_good_tokens() {
    let key = SigningKey::test_only();
    let other = SigningKey::from_seed([3; 32]);
    let plain = claims(NEW, &json!({}));
    let token = minted(&plain, &key);
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let with = |change: fn(&mut Claims)| {
        let mut claims = plain.clone();
        change(&mut claims);
        minted(&claims, &key)
    };
    let foreign = with(|claims| claims.issuer = "https://elsewhere".to_owned());
    let incomplete = with(|claims| claims.private = Private::Bound(Bound::default()));
    let old_issuer = with(|claims| claims.issuer = claims::LEGACY_ISSUER.to_owned());
    let not_mine = "invalid bearer token";
    for (text, error) in [
        ("garbage", not_mine),
        ("a.b.c", not_mine),
        ("eyJhbGciOiJSUzI1NiJ9.e30.c2ln", not_mine),
        ("eyJhbGciOiJub25lIn0.eyJpc3MiOiJrdWJlcm5ldGVzL3NlcnZpY2VhY2NvdW50In0.", not_mine),
        (foreign.as_str(), not_mine),
        (signed, not_mine),
        (
            &format!("{signed}.{}", signature.chars().rev().collect::<String>()),
            "go-jose/go-jose: error in cryptographic primitive",
        ),
        (old_issuer.as_str(), "namespace claim is missing"),
        (incomplete.as_str(), "serviceaccounts \"\" not found"),
    ] {
        let refusal = verifier(NEW, &key).verify(text, None, start(), &World::new()).unwrap_err();
        assert_eq!(refusal.message(NEW), error, "{text}");
    }
    let mut both = verifier(NEW, &key);
    both.issuers.push(claims::LEGACY_ISSUER.to_owned());
    assert!(both.verify(&old_issuer, None, start(), &World::new()).is_ok());
    for (version, want) in [(NEW, Refusal::NoKey(key.public().id().to_owned())), (OLD, Refusal::BadSignature)]
    {
        let verifier = verifier(version, &other);
        assert_eq!(verifier.verify(&token, None, start(), &World::new()), Err(want));
    }
}

#[test]
fn a_public_key_is_no_shared_secret() {
    let key = SigningKey::from_seed([6; 32]);
    let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
    header.kid = Some(key.public().id().to_owned());
    // The last 65 bytes of the DER form are the point, which verifying ES256 takes as it is.
    let der = key.public().der();
    for secret in [der, &der[der.len() - 65..]] {
        let secret = jsonwebtoken::EncodingKey::from_secret(secret);
        let payload = claims(NEW, &json!({})).to_json();
        let text = jsonwebtoken::encode(&header, &payload, &secret).unwrap();
        let got = verifier(NEW, &key).verify(&text, None, start(), &World::new());
        assert_eq!(got, Err(Refusal::BadSignature));
    }
}

#[test]
fn audiences_of_a_review() {
    let key = SigningKey::from_seed([4; 32]);
    for (token, asked, want) in [
        (
            vec!["vault"],
            None,
            Err(
                "token audiences [\"vault\"] is invalid for the target audiences [\"https://kubernetes.default.svc\"]",
            ),
        ),
        (vec!["vault"], Some(vec!["vault", "x"]), Ok(vec!["vault"])),
        (
            vec!["vault", "b"],
            Some(vec!["x"]),
            Err("token audiences [\"vault\" \"b\"] is invalid for the target audiences [\"x\"]"),
        ),
        (vec!["vault", "b"], Some(vec!["b", "vault"]), Ok(vec!["vault", "b"])),
        (vec![], None, Ok(vec![ISSUER])),
    ] {
        let token = minted(&claims(NEW, &json!({"spec": {"audiences": token}})), &key);
        let asked: Option<Vec<String>> = asked.map(|list| list.into_iter().map(str::to_owned).collect());
        let got = verifier(NEW, &key).verify(&token, asked.as_deref(), start(), &World::new());
        match want {
            Ok(want) => assert_eq!(got.unwrap().audiences, want),
            Err(message) => assert_eq!(got.unwrap_err().message(NEW), message),
        }
    }
}
