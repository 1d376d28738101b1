//! Resource quotas (`pkg/apis/core/validation`, `pkg/apis/core/helper`).

use super::Kind;
use super::columns::{Columns, Print, age};
use super::parts::quantities::{invalid, quantity};
use crate::api::differences::QUOTA_AGE_LAST;
use crate::api::field::{Errors, go_strings};
use crate::api::names::qualified_name;
use crate::api::value::Dig;
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
    validate_update: |new, old, subresource, errors| {
        let path = "spec.scopes";
        if subresource.is_empty() && new.list(path) != old.list(path) {
            bad_scopes(new, "field is immutable", errors);
        }
    },
    columns: &[
        Columns::new("Name|Age|Request|Limit", row).until(QUOTA_AGE_LAST),
        Columns::new("Name|Request|Limit|Age", row).since(QUOTA_AGE_LAST),
    ],
    created_by_update: true,
    returned: |_| true,
    ..Kind::plain("", "resourcequotas")
};

fn validate(quota: &Value, errors: &mut Errors) {
    for (part, path) in [("spec", "spec.hard"), ("status", "status.hard"), ("status", "status.used")] {
        for (name, amount) in quota.entries(path) {
            let path = format!("{path}[{name}]");
            resource_name(name, &path, errors);
            let Some(amount) = quantity(amount) else { continue };
            if amount.sign() < 0 {
                errors.invalid(&path, amount.to_string(), "must be greater than or equal to 0");
            }
            if COUNTS.contains(&name.as_str()) && amount.milli_value() % 1000 != 0 {
                invalid(path, &amount, "must be an integer", errors);
            }
        }
        if part == "spec" {
            validate_scopes(quota, errors);
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

fn resource_name(name: &str, path: &str, errors: &mut Errors) {
    errors.invalid_each(path, name, qualified_name(name, errors.version()));
    if name.contains('/') || is_counted(name) {
        return;
    }
    if name != "storage" {
        let detail = "must be a standard resource type or fully qualified";
        errors.invalid(path, name, detail);
    }
    errors.invalid(path, name, "must be a standard resource for quota");
}

fn bad_scopes(quota: &Value, detail: &str, errors: &mut Errors) {
    let scopes = quota.list("spec.scopes").iter().filter_map(Value::as_str);
    let go = go_strings(scopes).replace("[]string{", "[]core.ResourceQuotaScope{");
    errors.invalid_go("spec.scopes", go, quota.at("spec.scopes"), detail);
}

fn validate_scopes(quota: &Value, errors: &mut Errors) {
    let scopes: Vec<&str> = quota.list("spec.scopes").iter().filter_map(Value::as_str).collect();
    for scope in &scopes {
        if !SCOPES.contains(scope) {
            bad_scopes(quota, "unsupported scope", errors);
        }
        let fits = |name: &str| name == "pods" || (*scope != "BestEffort" && COMPUTE.contains(&name));
        for (name, _) in quota.entries("spec.hard") {
            if is_counted(name) && !fits(name) {
                bad_scopes(quota, "unsupported scope applied to resource", errors);
            }
        }
    }
    for pair in OPPOSITES {
        if pair.iter().all(|scope| scopes.contains(scope)) {
            bad_scopes(quota, "conflicting scopes", errors);
        }
    }
}

fn row(object: &Value, print: Print) -> Vec<Value> {
    let (mut requests, mut limits) = (Vec::new(), Vec::new());
    for (name, hard) in object.entries("status.hard") {
        let used = object.entry("status.used", name).unwrap_or("0");
        let shown = format!("{name}: {used}/{}", hard.as_str().unwrap_or_default());
        let limit = name.starts_with("limits.") || name.contains(".limits.");
        if limit { limits.push(shown) } else { requests.push(shown) }
    }
    let (name, age) = (Value::from(object.name()), age(object, print));
    let (requests, limits) = (Value::from(requests.join(", ")), Value::from(limits.join(", ")));
    match !print.version.has(QUOTA_AGE_LAST) {
        true => vec![name, age, requests, limits],
        false => vec![name, requests, limits, age],
    }
}
