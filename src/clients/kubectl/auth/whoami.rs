//! `kubectl auth whoami`.

use super::super::error::{Done, Failure};
use super::super::{Ctx, tabs};
use crate::api::Dig;
use crate::json::{Value, json};

/// The versions of the review, the newest first.
const VERSIONS: &[&str] = &["v1", "v1beta1", "v1alpha1"];

/// `kubectl auth whoami`.
pub(in super::super) fn whoami(ctx: &mut Ctx<'_>) -> Done {
    let mut answer = Err(Failure::plain("the selfsubjectreviews API is not enabled in the cluster"));
    for version in VERSIONS {
        let review = json!({"apiVersion": format!("authentication.k8s.io/{version}"), "kind": "SelfSubjectReview",
            "metadata": {}, "status": {"userInfo": {}}});
        let path = format!("/apis/authentication.k8s.io/{version}/selfsubjectreviews");
        match ctx.post(&path, &review) {
            Err(failure) if failure.is("NotFound") => {}
            Err(failure) if failure.is("Forbidden") => {
                return Err(failure.in_words(
                    "the selfsubjectreviews API is not enabled in the cluster or you do not have permission to call it",
                ));
            }
            other => {
                answer = other;
                break;
            }
        }
    }
    let review = answer?;
    match ctx.output().as_str() {
        "" => {
            let text = tabs::align(&table(&review), 6, 3);
            ctx.out.push_str(&text);
            Ok(())
        }
        "json" => {
            let text = typed_json(&review);
            ctx.out.push_str(&text);
            Ok(())
        }
        _ => ctx.print(&review),
    }
}

fn list(values: &[Value]) -> String {
    let texts: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
    format!("[{}]", texts.join(" "))
}

fn table(review: &Value) -> String {
    let user = review.at("status.userInfo");
    let mut text = "ATTRIBUTE\tVALUE\n".to_owned();
    for (label, key) in [("Username", "username"), ("UID", "uid")] {
        if !user.text(key).is_empty() {
            text.push_str(&format!("{label}\t{}\n", user.text(key)));
        }
    }
    if !user.list("groups").is_empty() {
        text.push_str(&format!("Groups\t{}\n", list(user.list("groups"))));
    }
    for (key, values) in user.entries("extra") {
        let values = values.as_array().map(crate::json::List::as_slice).unwrap_or_default();
        text.push_str(&format!("Extra: {key}\t{}\n", list(values)));
    }
    text
}

/// JSON in the order of the client's Go type.
fn typed_json(review: &Value) -> String {
    let pretty = |value: &Value, depth: usize| {
        let text = super::super::json::json_pretty(value);
        text.trim_end().replace('\n', &format!("\n{}", "    ".repeat(depth)))
    };
    let user = review.at("status.userInfo");
    let fields: Vec<String> = ["username", "uid", "groups", "extra"]
        .iter()
        .filter(|key| user.has(key))
        .map(|key| format!("            \"{key}\": {}", pretty(user.at(key), 3)))
        .collect();
    format!(
        "{{\n    \"kind\": \"SelfSubjectReview\",\n    \"apiVersion\": {},\n    \"metadata\": {},\n    \"status\": {{\n        \"userInfo\": {{\n{}\n        }}\n    }}\n}}\n",
        review.at("apiVersion"),
        pretty(review.at("metadata"), 1),
        fields.join(",\n")
    )
}
