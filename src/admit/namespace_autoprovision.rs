//! NamespaceAutoProvision: a namespace comes by itself with the first object in it
//! (`plugin/pkg/admission/namespace/autoprovision`).
//!
//! Differs from Kubernetes: the namespace is written along with the object, so it doesn't stay when a later stage
//! refuses the object.

use super::{Cx, Operation, Outcome, Review, Run, Verdict};
use crate::store::Key;
use serde_json::json;

/// What the plugin does.
pub const RUN: Run = Run { admit: Some(admit), validate: None };

fn admit(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let name = review.namespace().to_owned();
    let elsewhere = name.is_empty() || review.is_kind("", "Namespace");
    // Nothing is made for a dry run; that it would be is enough.
    if review.operation != Operation::Create || elsewhere || review.dry_run {
        return Ok(Verdict::Skipped);
    }
    if cx.find("namespaces", "", &name).is_some() {
        return Ok(Verdict::Passed(format!("namespace {name} is there")));
    }
    if let Some(wrong) = not_a_label(&name) {
        let why =
            format!("Namespace \"{name}\" is invalid: metadata.name: Invalid value: \"{name}\": {wrong}");
        return Err(review.forbidden(why));
    }
    let mut namespace = json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name},
        "spec": {"finalizers": ["kubernetes"]},
        "status": {"phase": "Active"},
    });
    if cx.version.at_least(21) {
        namespace["metadata"]["labels"] = json!({"kubernetes.io/metadata.name": name});
    }
    review.along.push((Key::new("namespaces", "", &name), namespace));
    Ok(Verdict::Changed(format!("namespace {name} is made")))
}

/// Why a name is none for a namespace.
fn not_a_label(name: &str) -> Option<String> {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.contains('.') {
        return Some("must not contain dots".to_owned());
    }
    if name.len() > 63 {
        return Some("must be no more than 63 characters".to_owned());
    }
    let fine = name.bytes().all(inner) && !name.starts_with('-') && !name.ends_with('-');
    (!fine).then(|| {
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end \
         with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is \
         '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
            .to_owned()
    })
}
