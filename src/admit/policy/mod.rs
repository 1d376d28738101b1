//! Admission policies: expressions of the API's own objects that refuse or change a write
//! (`apiserver/pkg/admission/plugin/policy`).
//!
//! A policy says what it wants to see and what must hold; a binding puts it to work, for a part of the cluster and with
//! parameters. `hook` finds who wants to see a write, `sight` is what expressions see of it, `validating` and
//! `mutating` are the plugins; [`compile`] tells at the creation of a policy what does not compile, [`typecheck`]
//! afterwards what does not fit the types of the objects.
//!
//! # Differs from Kubernetes
//!
//! A policy is compiled each time that it is asked; it works as soon as the plugins' cache knows it, where a real server
//! looks for changes once a second. Policies and their bindings are asked in the order of their names, where a real
//! server's order is by chance.

pub(crate) mod compile;
mod fit;
mod hook;
mod merge;
mod mutating;
mod sight;
pub(crate) mod typecheck;
mod validating;

use super::{Cx, Review};
use crate::api::Resource;
use crate::json::{Value, json};
pub(crate) use mutating::ADMIT;
pub(crate) use validating::VALIDATE;

/// Whether the match conditions of a webhook hold for a write under a row; or what went wrong, where none says no.
pub(super) fn conditions_hold(
    cx: &Cx<'_>,
    review: &Review,
    row: &Resource,
    hook: &Value,
) -> Result<bool, String> {
    let conditions = hook.get("matchConditions").and_then(Value::as_array);
    if conditions.is_none_or(|list| list.is_empty()) {
        return Ok(true);
    }
    let policy = json!({"spec": {"matchConditions": conditions, "failurePolicy": hook.get("failurePolicy")}});
    sight::Sight::new(cx, review, &policy, row, None, None).conditions_hold(&policy)
}

/// Resources that no policy sees: what admission itself is made of, and questions that nothing is stored of
/// (`pkg/kubeapiserver/admission/exclusion`).
fn is_exempt(review: &Review) -> bool {
    let row = &review.resource;
    match &*row.group {
        "admissionregistration.k8s.io" => true,
        "authentication.k8s.io" => matches!(&*row.name, "selfsubjectreviews" | "tokenreviews"),
        "authorization.k8s.io" => matches!(
            &*row.name,
            "localsubjectaccessreviews"
                | "selfsubjectaccessreviews"
                | "selfsubjectrulesreviews"
                | "subjectaccessreviews"
        ),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
