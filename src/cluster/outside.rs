//! The world outside of a scenario: what admission webhooks answer where there is no network.
//!
//! A scenario says it by the webhook's name or by URL; time is virtual, so that a webhook that is too slow costs nothing.

use crate::admit::{Heard, Post};
use crate::api::{Attributes, Decision, Dig, Version};
use crate::cel::{Activation, Env, Program, Type, Val};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What webhooks answer, by the webhook's name or by URL.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Webhooks(BTreeMap<String, Webhook>);

/// What one webhook answers.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Webhook {
    /// Whether it allows the write; yes unless told otherwise.
    #[serde(default = "yes")]
    pub allowed: bool,
    /// Whether it allows the write: an expression of CEL over `request`, in the place of `allowed`.
    #[serde(default, deserialize_with = "expression")]
    #[schemars(with = "Option<String>")]
    pub allowed_if: Option<String>,
    /// What it says when it refuses.
    #[serde(default)]
    pub message: Option<String>,
    /// The HTTP code of its refusal.
    #[serde(default)]
    pub code: Option<u16>,
    /// The reason of its refusal.
    #[serde(default)]
    pub reason: Option<String>,
    /// A JSON patch of the object.
    #[serde(default)]
    pub patch: Option<Value>,
    /// Warnings for the client.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// Notes for the audit log.
    #[serde(default)]
    pub audit: BTreeMap<String, String>,
    /// How long it takes to answer.
    #[serde(default, deserialize_with = "span")]
    #[schemars(with = "Option<String>")]
    pub latency: SignedDuration,
    /// It does not answer at all: the network's words.
    #[serde(default)]
    pub fails: Option<String>,
}

fn yes() -> bool {
    true
}

fn span<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SignedDuration, D::Error> {
    let text = String::deserialize(deserializer)?;
    let span: SignedDuration = text
        .parse()
        .map_err(|_| de::Error::custom(format!("`{text}` is no duration such as 2s or 500ms")))?;
    match span.is_negative() {
        true => Err(de::Error::custom(format!("`{text}` is negative"))),
        false => Ok(span),
    }
}

/// An expression that compiles.
fn expression<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    match compile(&text) {
        Ok(_) => Ok(Some(text)),
        Err(why) => Err(de::Error::custom(format!("`{text}` does not compile: {why}"))),
    }
}

fn compile(text: &str) -> Result<Program, String> {
    Env::new(Version::NEWEST).with("request", Type::Dyn).compile(text)
}

/// What an expression sees.
struct Sight(Val);

impl Activation for Sight {
    fn variable(&self, name: &str) -> Option<Result<Val, String>> {
        (name == "request").then(|| Ok(self.0.clone()))
    }

    fn authorize(&self, _: &Attributes) -> (Decision, String) {
        (Decision::NoOpinion, String::new())
    }
}

impl Webhooks {
    /// What comes of a call, and after what time.
    pub fn answer(&self, post: &Post) -> (Heard, SignedDuration) {
        let Some(webhook) = self.0.get(&post.webhook).or_else(|| self.0.get(&post.url)) else {
            return (Heard::Failed(nobody(post)), SignedDuration::ZERO);
        };
        let timeout = SignedDuration::try_from(post.timeout).unwrap_or(SignedDuration::MAX);
        if webhook.latency > timeout {
            return (Heard::TimedOut, timeout);
        }
        let answer = match &webhook.fails {
            Some(why) => Heard::Failed(why.clone()),
            None => webhook.says(post),
        };
        (answer, webhook.latency)
    }
}

/// What a dialer says where nobody listens.
fn nobody(post: &Post) -> String {
    let host = post.url.trim_start_matches("https://").split('/').next().unwrap_or_default();
    let at = post.dial.as_deref().unwrap_or(host);
    let at = if at.contains(':') { at.to_owned() } else { format!("{at}:443") };
    format!("dial tcp {at}: connect: connection refused")
}

impl Webhook {
    /// Whether it allows a write; an expression that can't be evaluated is a server that breaks.
    fn allows(&self, post: &Post) -> Result<bool, String> {
        let Some(text) = &self.allowed_if else { return Ok(self.allowed) };
        let value = compile(text)?.eval(&Sight(Val::from_json(post.review.at("request"))))?;
        match value {
            Val::Bool(allowed) => Ok(allowed),
            _ => Err(format!("`{text}` is neither true nor false")),
        }
    }

    fn says(&self, post: &Post) -> Heard {
        let allowed = match self.allows(post) {
            Ok(allowed) => allowed,
            Err(why) => {
                let body = why.into_bytes().into();
                return Heard::Http { code: 500, media: "text/plain".to_owned(), body };
            }
        };
        let mut response = json!({"uid": post.review.at("request.uid"), "allowed": allowed});
        if let (true, Some(patch)) = (allowed, &self.patch) {
            response.set("patchType", "JSONPatch");
            response.set("patch", STANDARD.encode(patch.to_string()));
        }
        let status = [
            ("message", self.message.clone().map(Value::from)),
            ("code", self.code.map(Value::from)),
            ("reason", self.reason.clone().map(Value::from)),
        ];
        for (key, value) in status {
            if let (false, Some(value)) = (allowed, value) {
                response.make("status").set(key, value);
            }
        }
        response.set("warnings", json!(self.warnings));
        response.set("auditAnnotations", json!(self.audit));
        let review = json!({
            "kind": "AdmissionReview", "apiVersion": post.review.at("apiVersion"), "response": response,
        });
        let body = review.to_string().into_bytes().into();
        Heard::Http { code: 200, media: "application/json".to_owned(), body }
    }
}

#[cfg(test)]
mod tests {
    use super::Webhooks;
    use crate::api::{Dig, Request, User, Version};
    use crate::cluster::{Cluster, START};
    use crate::config::Config;
    use jiff::Timestamp;
    use serde_json::{Value, json};

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
        cluster.answer_webhooks(serde_yaml::from_str(ANSWERS).expect("answers"));
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
            (
                "deny.example.com",
                "admission webhook \"deny.example.com\" denied the request: no".to_owned(),
                0,
            ),
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
            (
                "even.example.com",
                "admission webhook \"even.example.com\" denied the request: Odd".to_owned(),
                0,
            ),
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
}
