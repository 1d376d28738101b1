//! Resource quotas (`pkg/apis/core/validation`, `pkg/apis/core/helper`).

use super::Kind;
use super::columns::{AGE, NAME, with};
use super::field::Field;
use super::parts::quantities::{invalid, quantity};
use crate::api::Dig;
use crate::api::differences::QUOTA_AGE_LAST;
use crate::api::field::go_strings;
use crate::api::names::qualified_name;
use serde_json::Value;

const COMPUTE: [&str; 6] =
    ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];
const STORAGE: [&str; 4] =
    ["ephemeral-storage", "requests.storage", "requests.ephemeral-storage", "limits.ephemeral-storage"];
const COUNTS: [&str; 9] = [
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "persistentvolumeclaims",
    "configmaps",
    "services.nodeports",
    "services.loadbalancers",
];
const SCOPES: [&str; 6] = [
    "Terminating",
    "NotTerminating",
    "BestEffort",
    "NotBestEffort",
    "PriorityClass",
    "CrossNamespacePodAffinity",
];
const OPPOSITES: [[&str; 2]; 2] = [["BestEffort", "NotBestEffort"], ["Terminating", "NotTerminating"]];

/// The row of resource quotas.
pub(super) const KIND: Kind = Kind {
    validate,
    whole_update: true,
    validate_update: |new, old, subresource| {
        let scopes = new.child("spec.scopes");
        if subresource.is_empty() && scopes.list("") != old.list("spec.scopes") {
            bad_scopes(scopes, "field is immutable");
        }
    },
    columns: &[
        NAME,
        AGE.until(QUOTA_AGE_LAST),
        with("Request", |quota, _| shown(quota, false)),
        with("Limit", |quota, _| shown(quota, true)),
        AGE.since(QUOTA_AGE_LAST),
    ],
    created_by_update: true,
    returned: |_| true,
    ..Kind::plain("", "resourcequotas")
};

fn validate(quota: Field<'_>) {
    for path in ["spec.hard", "status.hard", "status.used"] {
        for (name, field) in quota.entries(path) {
            resource_name(name, field);
            let Some(amount) = quantity(field.value) else { continue };
            if amount.sign() < 0 {
                field.invalid_as(amount.to_string(), "must be greater than or equal to 0");
            }
            if COUNTS.contains(&name) && amount.milli_value() % 1000 != 0 {
                invalid(field, &amount, "must be an integer");
            }
        }
        if path == "spec.hard" {
            validate_scopes(quota);
        }
    }
}

fn is_counted(name: &str) -> bool {
    COMPUTE.contains(&name)
        || STORAGE.contains(&name)
        || COUNTS.contains(&name)
        || name.starts_with("hugepages-")
        || name.starts_with("requests.hugepages-")
}

fn resource_name(name: &str, field: Field<'_>) {
    field.errors.invalid_each(field.path, name, qualified_name(name, field.version()));
    if name.contains('/') || is_counted(name) {
        return;
    }
    if name != "storage" {
        field.invalid_as(name, "must be a standard resource type or fully qualified");
    }
    field.invalid_as(name, "must be a standard resource for quota");
}

fn bad_scopes(scopes: Field<'_>, detail: &str) {
    let go = go_strings(scopes.list("").iter().filter_map(Value::as_str));
    scopes.invalid_go(go.replace("[]string{", "[]core.ResourceQuotaScope{"), scopes.value, detail);
}

fn validate_scopes(quota: Field<'_>) {
    let field = quota.child("spec.scopes");
    let scopes: Vec<&str> = field.list("").iter().filter_map(Value::as_str).collect();
    for scope in &scopes {
        if !SCOPES.contains(scope) {
            bad_scopes(field, "unsupported scope");
        }
        let fits = |name: &str| name == "pods" || (*scope != "BestEffort" && COMPUTE.contains(&name));
        for (name, _) in quota.value.entries("spec.hard") {
            if is_counted(name) && !fits(name) {
                bad_scopes(field, "unsupported scope applied to resource");
            }
        }
    }
    for pair in OPPOSITES {
        if pair.iter().all(|scope| scopes.contains(scope)) {
            bad_scopes(field, "conflicting scopes");
        }
    }
}

/// Names with what is used and what may be: of limits, or of all else.
fn shown(quota: &Value, limits: bool) -> Value {
    let wanted =
        |(name, _): &(&String, &Value)| (name.starts_with("limits.") || name.contains(".limits.")) == limits;
    let all = quota.entries("status.hard").filter(wanted).map(|(name, hard)| {
        let used = quota.entry("status.used", name).unwrap_or("0");
        format!("{name}: {used}/{}", hard.as_str().unwrap_or_default())
    });
    all.collect::<Vec<_>>().join(", ").into()
}
