use super::Webhooks;
use crate::api::{Dig, Request, User, Version};
use crate::cluster::{Cluster, START};
use crate::config::Config;
use crate::json::{Value, json};
use jiff::Timestamp;

const ANSWERS: &str = r#"
deny.example.com: {allowed: false, message: no, code: 418, warnings: [beware]}
slow.example.com: {latency: 3s}
gone.example.com: {fails: EOF}
even.example.com: {allowed-if: "request.object.metadata.name != 'm'", reason: Odd}
label.example.com: {patch: [{op: add, path: /metadata/labels, value: {a: b}}]}
"#;

/// A cluster with one webhook, asked about a new config map `m`; the answer, and the virtual seconds it took.
fn asked(kind: &str, name: &str) -> (Value, i64) {
    let start = Timestamp::from_second(START).expect("an instant");
    let mut cluster = Cluster::new(Config::new(Version::NEWEST), start).expect("a cluster");
    cluster.change_webhooks(&serde_yaml::from_str(ANSWERS).expect("answers"));
    let mut post = |path: &str, object: Value| {
        let request = Request::new("POST", path).by(User::new("root", &["system:masters"])).json(&object);
        let reply = cluster.handle_now(request);
        let now = cluster.now();
        cluster.run_until(now);
        (reply.response.object().clone(), now.as_second() - START)
    };
    let hook = json!({
        "name": name, "sideEffects": "None", "admissionReviewVersions": ["v1"], "timeoutSeconds": 2,
        "clientConfig": {"url": "https://127.0.0.1:9/x"},
        "rules": [{
            "apiGroups": [""], "apiVersions": ["*"], "operations": ["CREATE"], "resources": ["configmaps"],
        }],
    });
    let kept = format!("{}s", kind.to_lowercase());
    let configuration = json!({"kind": kind, "metadata": {"name": "w"}, "webhooks": [hook]});
    post(&format!("/apis/admissionregistration.k8s.io/v1/{kept}"), configuration);
    post("/api/v1/namespaces/default/configmaps", json!({"metadata": {"name": "m"}}))
}

#[test]
fn a_scenario_says_what_webhooks_answer() {
    let failed = "Internal error occurred: failed calling webhook";
    for (name, want, took) in [
        ("deny.example.com", "admission webhook \"deny.example.com\" denied the request: no".to_owned(), 0),
        (
            "slow.example.com",
            format!(
                "{failed} \"slow.example.com\": failed to call webhook: Post \"https://127.0.0.1:9/x?timeout=2s\": \
                     context deadline exceeded"
            ),
            2,
        ),
        (
            "gone.example.com",
            format!(
                "{failed} \"gone.example.com\": failed to call webhook: Post \"https://127.0.0.1:9/x?timeout=2s\": EOF"
            ),
            0,
        ),
        ("even.example.com", "admission webhook \"even.example.com\" denied the request: Odd".to_owned(), 0),
        (
            "none.example.com",
            format!(
                "{failed} \"none.example.com\": failed to call webhook: Post \"https://127.0.0.1:9/x?timeout=2s\": \
                     dial tcp 127.0.0.1:9: connect: connection refused"
            ),
            0,
        ),
    ] {
        let (answer, at) = asked("ValidatingWebhookConfiguration", name);
        assert_eq!((answer.text("message"), at), (want.as_str(), took), "{name}");
    }
    let (changed, _) = asked("MutatingWebhookConfiguration", "label.example.com");
    assert_eq!(changed.label("a"), Some("b"));
}

#[test]
fn an_expression_must_compile() {
    let wrong = serde_yaml::from_str::<Webhooks>("a.b.c: {allowed-if: \"request.(\"}");
    assert!(wrong.expect_err("no expression").to_string().contains("does not compile"));
}

#[test]
fn what_is_said_must_fit_together() {
    let wrong = serde_yaml::from_str::<Webhooks>("a.b.c: {patch: [], tokens: {t: {user: jane}}}");
    let why = "`a.b.c`: `patch` is of a webhook that admits, `tokens` of one that authenticates";
    assert!(wrong.expect_err("two purposes").to_string().contains(why));
}
