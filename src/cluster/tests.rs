use super::*;
use crate::api::{Dig, User};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

fn admin() -> User {
    User::new("admin", &["system:masters"])
}

fn create(cluster: &mut Cluster, target: &str, object: Value) -> Response {
    let reply = cluster.handle_now(Request::new("POST", target).json(&object).by(admin()));
    cluster.settle();
    reply.response
}

fn get(cluster: &mut Cluster, target: &str) -> Value {
    cluster.handle_now(Request::new("GET", target).by(admin())).response.object().clone()
}

/// The server notes the use of a token secret, and completes no token that a user wrote into one.
#[test]
fn tokens_of_secrets() {
    let start = Timestamp::from_second(START).unwrap();
    for (minor, noted) in [(20, None), (36, Some("2024-01-01"))] {
        let mut cluster = Cluster::new(Config::new(Version::minor(minor)), start).unwrap();
        let secret = |name: &str, data: Value| {
            json!({"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token", "data": data,
                "metadata": {"name": name, "annotations": {"kubernetes.io/service-account.name": "default"}}})
        };
        let secrets = "/api/v1/namespaces/default/secrets";
        assert_eq!(create(&mut cluster, secrets, secret("own", json!({}))).code, 201);
        let read = get(&mut cluster, &format!("{secrets}/own"));
        let token = String::from_utf8(STANDARD.decode(read.text("data.token")).unwrap()).unwrap();
        let by_token = Request::new("GET", "/api").header("Authorization", format!("Bearer {token}"));
        assert_eq!(
            cluster.handle_now(by_token).trace.user.unwrap().name,
            "system:serviceaccount:default:default"
        );
        let used = get(&mut cluster, &format!("{secrets}/own"));
        assert_eq!(used.label("kubernetes.io/legacy-token-last-used"), noted, "1.{minor}");

        // Kept as it was written, though header and payload are those of a good token.
        let open = token.rsplit_once('.').unwrap().0;
        for forged in [format!("{open}."), format!("{open}.~"), format!("{open}.~AAAA")] {
            let data = json!({"token": STANDARD.encode(&forged)});
            let name = format!("forged-{}", forged.len());
            create(&mut cluster, secrets, secret(&name, data.clone()));
            let stored = get(&mut cluster, &format!("{secrets}/{name}"));
            assert_eq!(stored.at("data.token"), data.at("token"));
        }
    }
}
