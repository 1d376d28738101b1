//! Groups of the Kubernetes community want an approval (`apihelpers.IsProtectedCommunityGroup`, KEP-1111).

use crate::api::Dig;
use crate::json::Value;
use crate::kinds::field::Field;

const ANNOTATION: &str = "api-approved.kubernetes.io";
const SEE: &str = "see https://github.com/kubernetes/enhancements/pull/1111";

#[derive(PartialEq, Eq)]
enum Approval {
    Missing,
    /// Approved by a link, or said to be unapproved.
    Said,
    Invalid,
}

/// Checks the approval of a protected group; one that does not change is fine.
pub(super) fn validate(definition: Field<'_>, old: Option<&Value>) {
    let group = definition.text("spec.group");
    let is_protected = ["k8s.io", "kubernetes.io"].iter().any(|domain| {
        group.strip_suffix(domain).is_some_and(|front| front.is_empty() || front.ends_with('.'))
    });
    let state = approval(definition.value);
    if !is_protected || old.is_some_and(|old| approval(old) == state) {
        return;
    }
    let annotations = definition.child("metadata.annotations");
    let annotation = annotations.entry(ANNOTATION);
    let must = format!("protected groups must have approval annotation \"{ANNOTATION}\"");
    match state {
        Approval::Said => {}
        Approval::Missing => annotation.required(format_args!("{must}, {SEE}")),
        Approval::Invalid => annotation.invalid(format_args!(
            "{must} with either a URL or a reason starting with \"unapproved\", {SEE}"
        )),
    }
}

fn approval(definition: &Value) -> Approval {
    let text = definition.annotation(ANNOTATION).unwrap_or_default();
    let is_url =
        || text.split_once("://").is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty());
    match text {
        "" => Approval::Missing,
        text if text.starts_with("unapproved") || is_url() => Approval::Said,
        _ => Approval::Invalid,
    }
}
