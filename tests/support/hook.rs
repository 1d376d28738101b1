//! The admission webhook that the suites talk to: the path says what it does (`patch/B64`: that patch; `answer/B64`: that
//! body).

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use kubeverdict::admit::{Heard, Post};
use kubeverdict::api::Dig;
use kubeverdict::json::{Value, json};
use std::time::Duration;

/// Where the webhook listens; the port that nobody listens on.
pub(crate) const URL: &str = "https://127.0.0.1:4443";
/// Where nobody listens.
pub(crate) const NOWHERE: &str = "https://127.0.0.1:4444";

/// What the webhook answers to a review.
pub(crate) fn answer(post: &Post, trusted: &str) -> Heard {
    let url = post.client_config.text("url");
    let Some(path) = url.strip_prefix(URL) else {
        return Heard::Failed(format!(
            "dial tcp {}: connect: connection refused",
            NOWHERE.trim_start_matches("https://")
        ));
    };
    if post.client_config.text("caBundle") != trusted {
        return Heard::Failed(
            "tls: failed to verify certificate: x509: certificate signed by unknown authority".to_owned(),
        );
    }
    let what = path.split('?').next().unwrap_or_default().trim_matches('/');
    if what == "slow" && post.timeout < Duration::from_millis(2500) {
        return Heard::TimedOut;
    }
    let request = post.review.at("request");
    let mut response = json!({"uid": request.text("uid"), "allowed": true});
    let annotations = request.at("object.metadata.annotations").as_object().cloned().unwrap_or_default();
    let patch = |value: Value| {
        STANDARD.encode(json!([{"op": "add", "path": "/metadata/annotations", "value": value}]).to_string())
    };
    match what {
        "deny" => refuse(&mut response, json!({"message": "no, says the webhook"})),
        "teapot" => {
            refuse(&mut response, json!({"message": "short and stout", "code": 418, "reason": "Teapot"}))
        }
        "denyempty" => response.set("allowed", false),
        "warn" => response.set("warnings", json!(["the webhook warns", "twice"])),
        "whoami" => refuse(&mut response, json!({"message": python_json(&whoami(request))})),
        "label" | "count" => {
            let mut annotations = Value::Object(annotations);
            if what == "label" {
                annotations["hook"] = "label".into();
            } else {
                let count: u32 = annotations["count"].as_str().unwrap_or("0").parse().unwrap_or_default();
                annotations["count"] = (count + 1).to_string().into();
            }
            response.set("patchType", "JSONPatch");
            response.set("patch", patch(annotations));
        }
        "badpatch" => {
            response.set("patchType", "JSONPatch");
            response.set("patch", STANDARD.encode(r#"[{"op":"remove","path":"/nosuch"}]"#));
        }
        "wronguid" => response.set("uid", "another"),
        _ => {
            if let Some(encoded) = what.strip_prefix("patch/") {
                response.set("patchType", "JSONPatch");
                response.set("patch", encoded.replace('-', "+").replace('_', "/"));
            }
        }
    }
    let mut review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"});
    if what != "empty" {
        review.set("response", response);
    }
    let body = match what.strip_prefix("answer/") {
        Some(encoded) => {
            let body = URL_SAFE.decode(encoded).unwrap_or_default();
            String::from_utf8_lossy(&body).replace("${UID}", request.text("uid"))
        }
        None if what == "garbage" => "not json".to_owned(),
        None => review.to_string(),
    };
    Heard::Http {
        code: if what == "error" { 500 } else { 200 },
        media: "application/json".to_owned(),
        body: body.into_bytes().into(),
    }
}

fn refuse(response: &mut Value, status: Value) {
    response.set("allowed", false);
    response.set("status", status);
}

fn whoami(request: &Value) -> Value {
    let mut groups: Vec<&str> = request.list("userInfo.groups").iter().filter_map(Value::as_str).collect();
    groups.sort_unstable();
    json!({
        "user": request.at("userInfo.username"), "groups": groups, "operation": request.at("operation"),
        "resource": request.at("resource"), "sub": request.at("subResource"), "name": request.at("name"),
        "namespace": request.at("namespace"), "dryRun": request.at("dryRun"),
        "old": request.has("oldObject"), "object": request.has("object"),
        "options": request.at("options.kind"), "kind": request.at("kind"), "requestKind": request.at("requestKind"),
    })
}

/// JSON as Python writes it: sorted keys, spaces after `,` and `:`.
fn python_json(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let fields: Vec<String> =
                map.iter().map(|(k, v)| format!("{}: {}", Value::from(k.as_str()), python_json(v))).collect();
            format!("{{{}}}", fields.join(", "))
        }
        Value::Array(list) => format!("[{}]", list.iter().map(python_json).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}
