//! In which order objects come out: kinds that others need come first (`SortOrderTransformer`).

use super::id::Gvk;
use super::resource::Resource;
use crate::api::Dig;
use crate::json::Value;

const FIRST: &[&str] = &[
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];
const LAST: &[&str] = &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// Sorts objects as `sortOptions` say: by kind, unless they are to stay as they were listed.
pub(super) fn sort(resources: &mut [Resource], options: &Value) -> Result<(), String> {
    let of_kinds = options.at("legacySortOptions");
    match (options, options.text("order")) {
        (Value::Null, _) | (_, "legacy") => {}
        (_, "fifo") if !of_kinds.is_null() => {
            return Err(
                "the field 'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', not 'legacy'"
                    .to_owned(),
            );
        }
        (_, "fifo") => return Ok(()),
        _ => return Err("the field 'sortOptions.order' must be one of [fifo, legacy]".to_owned()),
    }
    let (first, last) = match of_kinds.is_null() {
        true => (FIRST.to_vec(), LAST.to_vec()),
        false => (of_kinds.texts("orderFirst"), of_kinds.texts("orderLast")),
    };
    // Of a kind that is told twice the last place counts.
    let place = |kind: &str| {
        let behind = || last.iter().rposition(|known| *known == kind).map(|at| at as i64 + 1);
        let before =
            || first.iter().rposition(|known| *known == kind).map(|at| at as i64 - first.len() as i64);
        behind().or_else(before).unwrap_or(0)
    };
    resources.sort_by_cached_key(|resource| {
        let id = resource.id();
        let Gvk { group, version, kind } = &id.gvk;
        let kinds = format!("{}_{}_{}", or(group, "~G"), or(version, "~V"), or(kind, "~K"));
        let names = format!("{}|{}|{}", id.gvk, or(&id.namespace, "~X"), or(&id.name, "~N"));
        (place(kind), kinds, names)
    });
    Ok(())
}

fn or<'a>(own: &'a str, none: &'a str) -> &'a str {
    if own.is_empty() { none } else { own }
}
