use super::*;

#[test]
fn an_independent_decoder_accepts_minted_tokens() {
    for (key, id) in keys() {
        assert_eq!(key.public().id(), id, "as openssl and sha256 compute it");
        let claims = claims(NEW, &pod_ref());
        let token = minted(&claims, &key);
        assert_eq!(token, minted(&claims, &key), "signing is deterministic");

        let set: jsonwebtoken::jwk::JwkSet =
            serde_json::from_str(&openid::jwks(std::slice::from_ref(key.public())).unwrap()).unwrap();
        let header = jsonwebtoken::decode_header(&token).unwrap();
        let jwk = set.find(&header.kid.unwrap()).unwrap();
        let mut rules = jsonwebtoken::Validation::new(header.alg);
        rules.set_issuer(&[ISSUER]);
        rules.set_audience(&[ISSUER]);
        rules.validate_exp = false;
        let decoding = jsonwebtoken::DecodingKey::from_jwk(jwk).unwrap();
        let data = jsonwebtoken::decode::<Value>(&token, &decoding, &rules).unwrap();
        assert_eq!(data.claims, claims.to_json());
        assert_eq!(Claims::parse(&data.claims).unwrap(), claims);
    }
}

#[test]
fn keys_are_read_in_every_form() {
    let rsa = SigningKey::test_only();
    let pem = [
        rsa.to_pem().unwrap(),
        include_str!("../test_data/rsa.pub").to_owned(),
        include_str!("../test_data/p256.key").to_owned(),
        "-----BEGIN NOISE-----\nAAAA\n-----END NOISE-----\n".to_owned(),
    ];
    let read = PublicKey::all_from_pem(&pem.concat()).unwrap();
    assert_eq!(read.len(), 3);
    assert_eq!(read[0], *rsa.public());
    assert!(PublicKey::all_from_pem("nothing").is_err());
    assert!(SigningKey::from_pem(include_str!("../test_data/rsa.pub")).is_err());
    let seeded = SigningKey::from_seed([7; 32]);
    assert_eq!(seeded.public(), SigningKey::from_seed([7; 32]).public());
    assert_eq!(SigningKey::from_pem(&seeded.to_pem().unwrap()).unwrap().public(), seeded.public());
}

#[test]
fn payloads_are_as_a_real_servers() {
    let world = World::new();
    let account = world.object("serviceaccounts", "red", "robot").unwrap();
    let secret = json!({"metadata": {"name": "legacy"}});
    let now = start().as_second();
    for (claims, want) in [
        (
            Claims::legacy(&account, &secret),
            format!(
                r#"{{"iss":"kubernetes/serviceaccount","kubernetes.io/serviceaccount/namespace":"red","kubernetes.io/serviceaccount/secret.name":"legacy","kubernetes.io/serviceaccount/service-account.name":"robot","kubernetes.io/serviceaccount/service-account.uid":"{ACCOUNT_UID}","sub":"system:serviceaccount:red:robot"}}"#
            ),
        ),
        (
            claims(NEW, &pod_ref()),
            format!(
                r#"{{"aud":["{ISSUER}"],"exp":{},"iat":{now},"iss":"{ISSUER}","jti":"the-jti","kubernetes.io":{{"namespace":"red","node":{{"name":"n1","uid":"uid-n1"}},"pod":{{"name":"p1","uid":"uid-p1"}},"serviceaccount":{{"name":"robot","uid":"{ACCOUNT_UID}"}}}},"nbf":{now},"sub":"system:serviceaccount:red:robot"}}"#,
                now + 3600
            ),
        ),
        (
            claims(OLD, &pod_ref()),
            format!(
                r#"{{"aud":["{ISSUER}"],"exp":{},"iat":{now},"iss":"{ISSUER}","kubernetes.io":{{"namespace":"red","pod":{{"name":"p1","uid":"uid-p1"}},"serviceaccount":{{"name":"robot","uid":"{ACCOUNT_UID}"}}}},"nbf":{now},"sub":"system:serviceaccount:red:robot"}}"#,
                now + 3600
            ),
        ),
    ] {
        let key = SigningKey::test_only();
        let token = minted(&claims, &key);
        let parts: Vec<&str> = token.split('.').collect();
        let decoded = |i: usize| String::from_utf8(URL_SAFE_NO_PAD.decode(parts[i]).unwrap()).unwrap();
        assert_eq!(decoded(0), format!(r#"{{"alg":"RS256","kid":"{}"}}"#, key.public().id()));
        assert_eq!(decoded(1), want);
    }
}

#[test]
fn the_discovery_document_has_the_servers_order() {
    let keys: Vec<PublicKey> = keys().iter().map(|(key, _)| key.public().clone()).collect();
    assert_eq!(
        openid::configuration(ISSUER, "https://10.0.0.1:6443/openid/v1/jwks", &keys).unwrap(),
        "{\"issuer\":\"https://kubernetes.default.svc\",\"jwks_uri\":\"https://10.0.0.1:6443/openid/v1/jwks\",\
         \"response_types_supported\":[\"id_token\"],\"subject_types_supported\":[\"public\"],\
         \"id_token_signing_alg_values_supported\":[\"ES256\",\"ES384\",\"RS256\"]}"
    );
    assert!(openid::configuration("kubernetes/serviceaccount", "https://x", &keys).is_err());
    let set = openid::jwks(&keys[..1]).unwrap();
    assert!(set.starts_with("{\"keys\":[{\"use\":\"sig\",\"kty\":\"RSA\",\"kid\":\""), "{set}");
    assert!(set.ends_with("\"e\":\"AQAB\"}]}"), "{set}");
}

/// Whoever may write a secret may write a text that looks unsigned, but gets no signature for it.
#[test]
fn only_marked_texts_are_completed() {
    let world = World::new();
    let account = world.object("serviceaccounts", "red", "robot").unwrap();
    let claims = Claims::legacy(&account, &json!({"metadata": {"name": "legacy"}}));
    let (ours, other) = (SigningKey::test_only(), SigningKey::from_seed([7; 32]));
    let made = unsigned(&claims, &ours);
    let open = made.rsplit_once('.').unwrap().0;
    assert!(is_unsigned(&made) && !is_unsigned(&signed(&made, &ours)));
    let forged = URL_SAFE_NO_PAD
        .encode(r#"{"iss":"kubernetes/serviceaccount","sub":"system:serviceaccount:kube-system:admin"}"#);
    let (header, mark) = (open.split('.').next().unwrap(), made.rsplit_once('.').unwrap().1);
    for text in [
        format!("{open}."),
        format!("{open}.~"),
        format!("{header}.{forged}."),
        format!("{header}.{forged}.{mark}"),
        unsigned(&claims, &other),
    ] {
        assert_eq!(signed(&text, &ours), text);
    }
    let next = other.after(&Arc::new(ours.clone()));
    assert_eq!(signed(&made, &next), signed(&made, &ours), "a rotated key completes what it left");
}
