//! Goal: whoever trusts the issuer can check a token without asking the API server.
//! Method: tokens of a running server, checked by jsonwebtoken's own decoder with nothing but the two documents that the
//! server publishes; then with one byte changed.

#[path = "support/serving.rs"]
mod serving;

use hyper::Request;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, TokenData, Validation, decode, decode_header};
use kube::{Client, Error};
use kubeverdict::api::Version;
use kubeverdict::config::Config;
use serde_json::{Value, json};

/// Key files by their paths: one of each kind that tokens are signed with, and the algorithm.
const KEYS: [(&str, &[u8], &str); 3] = [
    ("rsa.key", include_bytes!("../scenarios/identity/manifests/old-test-only.key"), "RS256"),
    ("p256.key", include_bytes!("../scenarios/identity/manifests/new-test-only.key"), "ES256"),
    ("p384.key", include_bytes!("../src/tokens/test_data/p384.key"), "ES384"),
];
const ISSUER: &str = "https://issuer.example.com";

/// A set-up that signs with a key file.
fn config(version: Version, path: &str) -> Config {
    let read = |path: &str| {
        let file = KEYS.iter().find(|(known, ..)| *known == path);
        file.map(|(_, text, _)| text.to_vec()).ok_or_else(|| std::io::Error::other("no such file"))
    };
    let flags = [
        ("service-account-signing-key-file", path),
        ("service-account-key-file", path),
        ("service-account-issuer", ISSUER),
    ];
    let mut config = Config::new(version);
    config.apply(flags, &read).expect("flags that are known");
    config
}

fn client(port: u16, root: &[u8], token: &str) -> Client {
    let mut config = kube::Config::new(format!("https://localhost:{port}").parse().expect("a URL"));
    config.root_cert = Some(vec![root.to_vec()]);
    config.auth_info.token = Some(token.to_owned().into());
    Client::try_from(config).expect("a client")
}

async fn ask(client: &Client, method: &str, path: &str, body: &Value) -> Result<Value, Error> {
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    let request = Request::builder().method(method).uri(path).header("Content-Type", "application/json");
    client.request(request.body(body).expect("a request")).await
}

/// What a relying party does: the issuer and the keys as published, and nothing else.
fn relied_on(token: &str, configuration: &Value, keys: &JwkSet) -> Result<TokenData<Value>, String> {
    let header = decode_header(token).map_err(|error| error.to_string())?;
    let offered = configuration["id_token_signing_alg_values_supported"].as_array().expect("a list");
    assert!(offered.contains(&json!(header.alg)), "{offered:?} lacks {:?}", header.alg);
    let key = keys.find(header.kid.as_deref().unwrap_or_default()).ok_or("no such key")?;
    let mut rules = Validation::new(header.alg);
    rules.set_issuer(&[configuration["issuer"].as_str().expect("an issuer")]);
    rules.set_audience(&[ISSUER]);
    rules.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
    rules.validate_nbf = true;
    let key = DecodingKey::from_jwk(key).map_err(|error| error.to_string())?;
    decode::<Value>(token, &key, &rules).map_err(|error| error.to_string())
}

/// The token with another letter in the middle of one of its three parts.
fn changed(token: &str, part: usize) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    let middle = parts[part].len() / 2;
    let other = if parts[part].as_bytes()[middle] == b'A' { "B" } else { "A" };
    parts[part].replace_range(middle..=middle, other);
    parts.join(".")
}

#[test]
fn the_published_keys_check_a_token() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for (path, _, algorithm) in KEYS {
        for version in [Version::OLDEST, Version::NEWEST] {
            runtime.block_on(story(config(version, path), algorithm));
        }
    }
}

async fn story(config: Config, algorithm: &str) {
    let (server, root) = serving::start(config).await;
    let port = server.address().expect("an address").port();
    let serving = tokio::spawn(server.run(std::future::pending()));
    let admin = client(port, &root, "admin-token");
    let nothing = &Value::Null;

    let configuration =
        ask(&admin, "GET", "/.well-known/openid-configuration", nothing).await.expect("a discovery document");
    assert_eq!(configuration["issuer"], ISSUER);
    assert_eq!(configuration["id_token_signing_alg_values_supported"], json!([algorithm]));
    let keys = ask(&admin, "GET", "/openid/v1/jwks", nothing).await.expect("keys");
    let keys: JwkSet = serde_json::from_value(keys).expect("a set of keys");

    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "robot"}});
    let accounts = "/api/v1/namespaces/default/serviceaccounts";
    ask(&admin, "POST", accounts, &account).await.expect("an account");
    let request = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}});
    let answer = ask(&admin, "POST", &format!("{accounts}/robot/token"), &request).await.expect("a token");
    let token = answer["status"]["token"].as_str().expect("a token");

    let data = relied_on(token, &configuration, &keys).expect("a token to rely on");
    assert_eq!(data.claims["sub"], "system:serviceaccount:default:robot");
    assert_eq!(code(&client(port, &root, token)).await, 403, "known, and not allowed");
    for part in 0..3 {
        let changed = changed(token, part);
        relied_on(&changed, &configuration, &keys).expect_err("a changed token");
        assert_eq!(code(&client(port, &root, &changed)).await, 401, "part {part} of {token}");
    }
    serving.abort();
}

/// The code of a request that only somebody with rights may make.
async fn code(client: &Client) -> u16 {
    match ask(client, "GET", "/api/v1/namespaces/default/secrets", &Value::Null).await {
        Err(Error::Api(status)) => status.code,
        other => panic!("not refused: {other:?}"),
    }
}
