//! Which pods a quota speaks of (`spec.scopes`, `spec.scopeSelector`).

use super::super::resource_list;
use crate::api::Dig;
use serde_json::Value;

/// Whether an object is in all of a quota's scopes; only pods are in any.
pub(crate) fn all_match(quota: &Value, resource: &str, object: &Value) -> bool {
    let scopes = quota.list("spec.scopes");
    let expressions = quota.list("spec.scopeSelector.matchExpressions");
    let of_pods = resource == "pods";
    scopes.iter().all(|scope| of_pods && is_in(scope.as_str().unwrap_or_default(), "Exists", &[], object))
        && expressions.iter().all(|expression| {
            let (scope, operator) = (expression.text("scopeName"), expression.text("operator"));
            of_pods && is_in(scope, operator, expression.list("values"), object)
        })
}

fn is_in(scope: &str, operator: &str, values: &[Value], pod: &Value) -> bool {
    let terminating = || pod.at("spec.activeDeadlineSeconds").as_i64().is_some_and(|s| s >= 0);
    match scope {
        "Terminating" => terminating(),
        "NotTerminating" => !terminating(),
        "BestEffort" => resource_list::is_best_effort(pod),
        "NotBestEffort" => !resource_list::is_best_effort(pod),
        "CrossNamespacePodAffinity" => crosses_namespaces(pod),
        "PriorityClass" => {
            let class = pod.text("spec.priorityClassName");
            let listed = !class.is_empty() && values.iter().any(|value| value.as_str() == Some(class));
            match operator {
                "In" => listed,
                "NotIn" => !listed,
                "DoesNotExist" => class.is_empty(),
                _ => !class.is_empty(),
            }
        }
        _ => false,
    }
}

fn crosses_namespaces(pod: &Value) -> bool {
    let crosses = |term: &Value| !term.list("namespaces").is_empty() || term.has("namespaceSelector");
    ["podAffinity", "podAntiAffinity"].iter().any(|kind| {
        let affinity = pod.at("spec.affinity").at(kind);
        let required = affinity.list("requiredDuringSchedulingIgnoredDuringExecution");
        let preferred = affinity.list("preferredDuringSchedulingIgnoredDuringExecution");
        required.iter().any(crosses) || preferred.iter().any(|term| crosses(term.at("podAffinityTerm")))
    })
}
