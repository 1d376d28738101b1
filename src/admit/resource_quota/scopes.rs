//! Which pods and claims a quota speaks of (`spec.scopes`, `spec.scopeSelector`).

use super::super::resource_list;
use crate::api::Dig;
use crate::json::Value;

/// The scope of claims.
const BY_ATTRIBUTES: &str = "VolumeAttributesClass";

/// Whether an object is in all of a quota's scopes; only pods are in any, and claims in one.
pub(crate) fn all_match(quota: &Value, resource: &str, object: &Value) -> bool {
    let is_in = |scope: &str, operator: &str, values: &[Value]| match resource {
        "pods" => is_in(scope, operator, values, object),
        "persistentvolumeclaims" if scope == BY_ATTRIBUTES => {
            of_classes(&attributes_classes(object), operator, values)
        }
        _ => false,
    };
    let scopes = quota.list("spec.scopes");
    let expressions = quota.list("spec.scopeSelector.matchExpressions");
    scopes.iter().all(|scope| is_in(scope.as_str().unwrap_or_default(), "Exists", &[]))
        && expressions.iter().all(|expression| {
            is_in(expression.text("scopeName"), expression.text("operator"), expression.list("values"))
        })
}

/// The classes of attributes that a claim has, has had, or is to have.
fn attributes_classes(claim: &Value) -> Vec<&str> {
    let paths = [
        "spec.volumeAttributesClassName",
        "status.currentVolumeAttributesClassName",
        "status.modifyVolumeStatus.targetVolumeAttributesClassName",
    ];
    paths.into_iter().map(|path| claim.text(path)).filter(|class| !class.is_empty()).collect()
}

/// Whether one of an object's classes is as a selector says.
fn of_classes(classes: &[&str], operator: &str, values: &[Value]) -> bool {
    let listed = |class: &&str| values.iter().any(|value| value.as_str() == Some(class));
    match operator {
        "In" => classes.iter().any(listed),
        "NotIn" => classes.is_empty() || !classes.iter().all(listed),
        "DoesNotExist" => classes.is_empty(),
        _ => !classes.is_empty(),
    }
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
            let class = Some(pod.text("spec.priorityClassName")).filter(|class| !class.is_empty());
            of_classes(class.as_slice(), operator, values)
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
