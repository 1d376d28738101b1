//! Resource quotas (`pkg/apis/core/validation`, `pkg/apis/core/helper`).

use super::Kind;
use super::columns::{AGE, NAME, with};
use super::field::Field;
use super::parts::quantities::{invalid_whole, nonnegative, quantity};
use super::pod::wrong_name;
use crate::api::differences::{
    ATTRIBUTES_CLASSES_IN_USE, QUOTA_AGE_LAST, SCOPE_EXISTS_WORDED, SCOPE_OPERATORS_WORDED,
};
use crate::api::field::go_strings;
use crate::api::names::qualified_name;
use crate::api::{Dig, Version};
use crate::json::{Text, Value};

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
const SCOPES: [&str; 7] = [
    "Terminating",
    "NotTerminating",
    "BestEffort",
    "NotBestEffort",
    "PriorityClass",
    "CrossNamespacePodAffinity",
    BY_ATTRIBUTES,
];
/// The scope of claims, since [`ATTRIBUTES_CLASSES_IN_USE`].
const BY_ATTRIBUTES: &str = "VolumeAttributesClass";
const OF_CLAIMS: [&str; 2] = ["persistentvolumeclaims", "requests.storage"];
const OPPOSITES: [[&str; 2]; 2] = [["BestEffort", "NotBestEffort"], ["Terminating", "NotTerminating"]];

/// The row of resource quotas.
pub(super) const KIND: Kind = Kind {
    validate,
    whole_update: true,
    validate_update: |new, old, subresource| {
        let scopes = new.child("spec.scopes");
        if subresource == "status" {
            ["status.hard", "status.used"].into_iter().for_each(|path| amounts(new, path));
        }
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
    created_by_update: |_, _| true,
    returned: |_| true,
    ..Kind::plain("", "resourcequotas")
};

fn validate(quota: Field<'_>) {
    for path in ["spec.hard", "status.hard", "status.used"] {
        amounts(quota, path);
        if path == "spec.hard" {
            validate_scopes(quota);
            validate_selector(quota.child("spec"));
        }
    }
}

fn amounts(quota: Field<'_>, path: &str) {
    for (name, field) in quota.entries(path) {
        resource_name(name, field);
        nonnegative(field);
        let Some(amount) = quantity(field.value) else { continue };
        if COUNTS.contains(&name) && amount.milli_value() % 1000 != 0 {
            invalid_whole(field, field.value, "must be an integer");
        }
    }
}

/// Checks which objects a quota selects by their scopes; errors speak of the list as a whole.
fn validate_selector(spec: Field<'_>) {
    let terms = spec.child("scopeSelector.matchExpressions");
    let mut scopes: Vec<&str> = Vec::new();
    for term in terms.list("") {
        let term = Field { value: term, ..terms };
        let (scope, operator, values) =
            (term.child("scopeName"), term.child("operator"), term.child("values"));
        if !is_known(scope.text(""), scope.version()) {
            scope.invalid("unsupported scope");
        }
        for (name, _) in spec.value.entries("hard").filter(|(name, _)| is_counted(name)) {
            if !applies(scope.text(""), name) {
                let selector = spec.child("scopeSelector");
                let told = Field { value: selector.value, ..terms };
                told.invalid_internal("core.ScopeSelector", "unsupported scope applied to resource");
            }
        }
        if !["PriorityClass", BY_ATTRIBUTES].contains(&scope.text(""))
            && operator.text("") != "Exists"
            && is_known(scope.text(""), scope.version())
        {
            operator.invalid(match operator.version().has(SCOPE_OPERATORS_WORDED) {
                true if !operator.version().has(SCOPE_EXISTS_WORDED) => {
                    "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, \
                     ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, \
                     ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
                }
                true => {
                    "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, \
                     ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, \
                     ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
                }
                false => {
                    "must be 'Exist' only operator when scope is any of ResourceQuotaScopeTerminating, \
                     ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort and \
                     ResourceQuotaScopeNotBestEffort"
                }
            });
        }
        match (operator.text(""), values.list("").is_empty()) {
            ("In" | "NotIn", true) => values
                .required("must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"),
            ("Exists" | "DoesNotExist", false) => values
                .invalid("must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"),
            ("In" | "NotIn" | "Exists" | "DoesNotExist", _) => {}
            _ => operator.invalid("not a valid selector operator"),
        }
        scopes.push(term.value.text("scopeName"));
    }
    for pair in OPPOSITES {
        if pair.iter().all(|scope| scopes.contains(scope)) {
            terms.invalid("conflicting scopes");
        }
    }
}

fn is_known(scope: &str, version: Version) -> bool {
    SCOPES.contains(&scope) && (scope != BY_ATTRIBUTES || version.has(ATTRIBUTES_CLASSES_IN_USE))
}

/// Whether a scope has to do with a resource.
fn applies(scope: &str, name: &str) -> bool {
    match scope {
        BY_ATTRIBUTES => OF_CLAIMS.contains(&name),
        _ => name == "pods" || (scope != "BestEffort" && COMPUTE.contains(&name)),
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
    let shown = Value::from(name);
    let told = field.told_as("", &shown);
    let wrong = qualified_name(name, field.version());
    let valid = wrong.is_empty();
    wrong.into_iter().for_each(|detail| wrong_name(told, true, detail));
    if name.contains('/') || is_counted(name) {
        return;
    }
    if valid && name != "storage" {
        wrong_name(told, true, "must be a standard resource type or fully qualified");
    }
    wrong_name(told, true, "must be a standard resource for quota");
}

fn bad_scopes(scopes: Field<'_>, detail: &str) {
    let go = go_strings(scopes.list("").iter().filter_map(Value::as_str));
    scopes.invalid_go(go.replace("[]string{", "[]core.ResourceQuotaScope{"), scopes.value, detail);
}

fn validate_scopes(quota: Field<'_>) {
    let field = quota.child("spec.scopes");
    let scopes: Vec<&str> = field.list("").iter().filter_map(Value::as_str).collect();
    for scope in &scopes {
        if !is_known(scope, field.version()) {
            bad_scopes(field, "unsupported scope");
        }
        for (name, _) in quota.value.entries("spec.hard") {
            if is_counted(name) && !applies(scope, name) {
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
        |(name, _): &(&Text, &Value)| (name.starts_with("limits.") || name.contains(".limits.")) == limits;
    let all = quota.entries("status.hard").filter(wanted).map(|(name, hard)| {
        let used = quota.entry("status.used", name).unwrap_or("0");
        format!("{name}: {used}/{}", hard.as_str().unwrap_or_default())
    });
    all.collect::<Vec<_>>().join(", ").into()
}
