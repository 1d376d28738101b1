use super::*;

#[test]
fn token_requests_are_refused_in_the_servers_words() {
    let short = "TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: 599: may not \
                 specify a duration less than 10 minutes";
    let long = "TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: 4294967297: \
                may not specify a duration larger than 2^32 seconds";
    let name = "TokenRequest.authentication.k8s.io \"robot\" is invalid: metadata.name: Invalid value: \"other\": must \
                match the service account name if specified";
    let namespace = "the namespace of the provided object does not match the namespace sent on the request";
    let uid = "Operation cannot be fulfilled on Pod \"p1\": the UID in the bound object reference (zero) does not match \
               the UID in record. The object might have been deleted and then recreated";
    let different =
        "cannot bind token for serviceaccount \"robot\" to pod running with different serviceaccount name.";
    let bound = |kind: &str, api: &str, name: &str, uid: &str| json!({"spec": {"boundObjectRef": {"kind": kind, "apiVersion": api, "name": name, "uid": uid}}});
    let node = "cannot bind token to object of type /v1, Kind=Node";
    for (body, old, new) in [
        (json!({}), (201, ""), (201, "")),
        (json!({"spec": {"expirationSeconds": 600}}), (201, ""), (201, "")),
        (json!({"spec": {"expirationSeconds": 599}}), (422, short), (422, short)),
        (json!({"spec": {"expirationSeconds": 4294967296_i64}}), (201, ""), (201, "")),
        (json!({"spec": {"expirationSeconds": 4294967297_i64}}), (422, long), (422, long)),
        (json!({"spec": {"audiences": [""]}}), (201, ""), (201, "")),
        (json!({"metadata": {"name": "other"}}), (201, ""), (422, name)),
        (json!({"metadata": {"namespace": "blue"}}), (201, ""), (400, namespace)),
        (bound("Pod", "v1", "p1", ""), (201, ""), (201, "")),
        (bound("Pod", "v1", "p1", "uid-p1"), (201, ""), (201, "")),
        (bound("Pod", "v1", "p1", "zero"), (409, uid), (409, uid)),
        (bound("Pod", "v1", "p2", ""), (400, different), (400, different)),
        (
            bound("Pod", "v1", "nosuch", ""),
            (404, "pods \"nosuch\" not found"),
            (404, "pods \"nosuch\" not found"),
        ),
        (
            bound("Secret", "v1", "nosuch", ""),
            (404, "secrets \"nosuch\" not found"),
            (404, "secrets \"nosuch\" not found"),
        ),
        (bound("Node", "v1", "n2", ""), (400, node), (404, "nodes \"n2\" not found")),
        (
            bound("Deployment", "apps/v1", "x", ""),
            (400, "cannot bind token to object of type apps/v1, Kind=Deployment"),
            (400, "cannot bind token to object of type apps/v1, Kind=Deployment"),
        ),
        (bound("Pod", "v1", "", ""), (400, "Name parameter required."), (400, "Name parameter required.")),
    ] {
        for (version, want) in [(OLD, old), (NEW, new)] {
            let got = ask(version, &body, &World::new());
            let (code, message) = got.err().map_or((201, String::new()), |s| (s.code, s.message));
            assert_eq!((code, message.as_str()), want, "{version} {body}");
        }
    }
}

#[test]
fn granted_requests_are_answered_and_extended() {
    let granted = ask(NEW, &json!({"kind": "TokenRequest"}), &World::new()).unwrap();
    assert_eq!(
        granted.with_token("text"),
        json!({
            "kind": "TokenRequest",
            "metadata": {"name": "robot", "namespace": "red", "creationTimestamp": "2026-01-01T00:00:00Z"},
            "spec": {"audiences": [ISSUER], "expirationSeconds": 3600, "boundObjectRef": null},
            "status": {"token": "text", "expirationTimestamp": "2026-01-01T01:00:00Z"},
        })
    );

    let mut body = pod_ref();
    body.set("spec.expirationSeconds", claims::WARN_ONLY_SECONDS);
    let granted = ask(NEW, &body, &World::new()).unwrap();
    assert_eq!(granted.answer.text("status.expirationTimestamp"), "2026-01-01T01:00:07Z");
    assert_eq!(granted.claims.expires, Some(after(claims::EXTENSION_SECONDS).as_second()));
    let key = SigningKey::from_seed([5; 32]);
    let token = minted(&granted.claims, &key);
    let late = verifier(NEW, &key).verify(&token, None, after(7200), &World::new());
    let late = late.unwrap();
    assert_eq!(late.stale_seconds, Some(7200 - 3607));
    let said = "subject: system:serviceaccount:red:robot, seconds after warning threshold: 3593";
    assert_eq!(late.audit, [("authentication.k8s.io/stale-token".to_owned(), said.to_owned())]);
    body.set("spec.audiences", json!(["vault"]));
    assert_eq!(claims(NEW, &body).expires, Some(after(3607).as_second()));
}

#[test]
fn ids_and_nodes_are_behind_their_gates() {
    let mut config = Config::new(Version::minor(29));
    let claims = |config: &Config| ask_of(config, &pod_ref(), &World::new()).unwrap().claims;
    let node = |claims: &Claims| match &claims.private {
        Private::Bound(bound) => bound.node.is_some(),
        Private::Legacy { .. } => false,
    };
    let plain = claims(&config);
    assert!(plain.id.is_empty() && !node(&plain));
    for gate in ["ServiceAccountTokenJTI", "ServiceAccountTokenPodNodeInfo"] {
        config.feature_gates.insert(gate.to_owned(), true);
    }
    let named = claims(&config);
    assert!(named.id == "the-jti" && node(&named));
}
