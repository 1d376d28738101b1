//! Requests and limits (`validateResourceRequirements`, `validatePodResources`, `validateResizePolicy`).

use crate::api::Path;
use crate::api::differences::{LIMIT_NAMED, WHOLE_HUGE_PAGES};
use crate::api::field::Errors;
use crate::api::names;
use crate::api::quantity::Quantity;
use crate::api::value::Dig;
use crate::api::version::Version;
use crate::kinds::parts::quantities;
use serde_json::Value;
use std::collections::BTreeSet;

/// What a resource may be called besides a name with a domain.
const STANDARD: [&str; 20] = [
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "storage",
    "requests.storage",
    "services.nodeports",
    "services.loadbalancers",
];
/// What a container may ask for.
const OF_CONTAINERS: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];

fn is_huge_page(name: &str) -> bool {
    name.starts_with("hugepages-")
}

/// Whether a resource is Kubernetes' own.
fn is_native(name: &str) -> bool {
    !name.contains('/') || name.contains("kubernetes.io/")
}

/// Whether more may be promised than there is.
fn may_overcommit(name: &str) -> bool {
    is_native(name) && !is_huge_page(name)
}

fn is_extended(name: &str, version: Version) -> bool {
    !is_native(name)
        && !name.starts_with("requests.")
        && names::qualified_name(&format!("requests.{name}"), version).is_empty()
}

/// Checks a name by the rules of all resources.
fn validate_standard_name(name: &str, path: &Path<'_>, errors: &mut Errors) -> bool {
    let wrong = names::qualified_name(name, errors.version());
    let standard = name.contains('/') || STANDARD.contains(&name) || is_huge_page(name);
    let valid = wrong.is_empty() && standard;
    if wrong.is_empty() && !standard {
        errors.invalid(path, name, "must be a standard resource type or fully qualified");
    }
    errors.invalid_each(path, name, wrong);
    valid
}

fn validate_container_name(name: &str, path: &Path<'_>, errors: &mut Errors) {
    validate_standard_name(name, path, errors);
    if !name.contains('/') {
        if !OF_CONTAINERS.contains(&name) && !is_huge_page(name) {
            errors.invalid(path, name, "must be a standard resource for containers");
        }
    } else if !is_native(name) && !is_extended(name, errors.version()) {
        errors.invalid(path, name, "doesn't follow extended resource name standard");
    }
}

fn validate_pod_name(name: &str, path: &Path<'_>, errors: &mut Errors) {
    let supported = matches!(name, "cpu" | "memory") || is_huge_page(name);
    if validate_standard_name(name, path, errors) && !supported {
        errors.not_supported(path, name, &["cpu", "hugepages-", "memory"]);
    }
}

fn validate_amount(name: &str, amount: &Quantity, path: &Path<'_>, errors: &mut Errors) {
    if amount.sign() < 0 {
        let text = amount.to_string();
        errors.invalid(path, text, "must be greater than or equal to 0");
    }
    if is_extended(name, errors.version()) && amount.milli_value() % 1000 != 0 {
        quantities::invalid(path, amount, "must be an integer", errors);
    }
}

type NameCheck = fn(&str, &Path<'_>, &mut Errors);

fn amounts(list: &Value) -> impl Iterator<Item = (&str, Quantity)> {
    list.entries("").filter_map(|(name, value)| Some((name.as_str(), value.as_str()?.parse().ok()?)))
}

/// Checks a list of resources by themselves.
pub(super) fn validate_list(list: &Value, path: &Path<'_>, errors: &mut Errors) {
    check_list(list, validate_container_name, path, errors);
}

fn check_list(list: &Value, name_check: NameCheck, path: &Path<'_>, errors: &mut Errors) {
    for (name, amount) in amounts(list) {
        let path = path.key(name);
        name_check(name, &path, errors);
        validate_amount(name, &amount, &path, errors);
        huge_page_fits(name, &amount, &path, errors);
    }
}

/// Huge pages come whole.
fn huge_page_fits(name: &str, amount: &Quantity, path: &Path<'_>, errors: &mut Errors) {
    let size = name.strip_prefix("hugepages-").and_then(|s| s.parse::<Quantity>().ok());
    let Some(size) = size.map(|s| s.value()).filter(|s| *s > 0) else {
        return;
    };
    if errors.version().has(WHOLE_HUGE_PAGES) && amount.value() % size != 0 {
        let detail = format!("{amount} is not positive integer multiple of {name}");
        errors.invalid(path, amount.to_string(), detail);
    }
}

/// Checks the resources of a container.
pub(super) fn validate(resources: &Value, path: &Path<'_>, errors: &mut Errors) {
    check(resources, validate_container_name, path, errors);
}

fn check(resources: &Value, name_check: NameCheck, path: &Path<'_>, errors: &mut Errors) {
    let (limits, requests) = (path.child("limits"), path.child("requests"));
    check_list(resources.at("limits"), name_check, &limits, errors);
    for (name, amount) in amounts(resources.at("requests")) {
        let at = requests.key(name);
        name_check(name, &at, errors);
        validate_amount(name, &amount, &at, errors);
        let limit = resources.at("limits").entry("", name);
        match limit.and_then(|limit| limit.parse::<Quantity>().ok()) {
            Some(limit) => {
                let equal = !may_overcommit(name);
                if amount > limit || (equal && amount != limit) {
                    let what = if equal { "equal to" } else { "less than or equal to" };
                    let detail = match errors.version().has(LIMIT_NAMED) {
                        true => format!("must be {what} {name} limit of {limit}"),
                        false => format!("must be {what} {name} limit"),
                    };
                    errors.invalid(requests, amount.to_string(), detail);
                }
            }
            None if !may_overcommit(name) => {
                errors.required(limits, "Limit must be set for non overcommitable resources");
            }
            None => {}
        }
        huge_page_fits(name, &amount, &at, errors);
    }
    let names = || ["limits", "requests"].into_iter().flat_map(|list| resources.entries(list));
    if names().any(|(name, _)| is_huge_page(name))
        && !names().any(|(name, _)| matches!(name.as_str(), "cpu" | "memory"))
    {
        errors.forbidden(path, "HugePages require cpu or memory");
    }
}

/// Checks the resources of the pod as a whole against those of its containers.
pub(super) fn validate_pod(spec: &Value, path: &Path<'_>, errors: &mut Errors) {
    let resources = spec.at("resources");
    if resources.is_null() {
        return;
    }
    if resources.has("claims") {
        errors.forbidden(path.child("claims"), "claims cannot be set for Resources at pod-level");
    }
    check(resources, validate_pod_name, path, errors);
    let containers = path.child("containers");
    for (i, container) in spec.list("containers").iter().enumerate() {
        let at = containers.index(i);
        for (name, amount) in amounts(container.at("resources.limits")) {
            let whole = resources.at("limits").entry("", name);
            let whole = whole.and_then(|limit| limit.parse::<Quantity>().ok());
            if let Some(whole) = whole.filter(|whole| amount > *whole) {
                let detail = format!("must be less than or equal to pod limits of {whole}");
                errors.invalid(at.key(name).child("limits"), amount.to_string(), detail);
            }
        }
    }
}

/// Checks what a change of resources does to a container.
pub(super) fn validate_resize_policy(container: &Value, spec: &Value, path: &Path<'_>, errors: &mut Errors) {
    let mut seen = BTreeSet::new();
    for (i, policy) in container.list("resizePolicy").iter().enumerate() {
        let (name, restart) = (policy.text("resourceName"), policy.text("restartPolicy"));
        if !seen.insert(name) {
            errors.duplicate(path.index(i), name);
        }
        for (value, allowed) in [(name, ["cpu", "memory"]), (restart, ["NotRequired", "RestartContainer"])] {
            match value {
                "" => errors.required(path, ""),
                _ if allowed.contains(&value) => {}
                _ => errors.not_supported(path, value, &allowed),
            }
        }
        if spec.text("restartPolicy") == "Never" && restart != "NotRequired" {
            let detail = "must be 'NotRequired' when `restartPolicy` is 'Never'";
            errors.invalid(path, restart, detail);
        }
    }
}
