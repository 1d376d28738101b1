//! Requests and limits (`validateResourceRequirements`, `validatePodResources`, `validateResizePolicy`).

use super::aggregate;
use super::claims;
use crate::api::differences::{
    LIMIT_NAMED, RESIZE_NAMES_QUOTED, RESOURCE_NAMES_BARE, RESOURCE_NAMES_QUOTED, RESTART_POLICY_OF_PODS,
    WHOLE_HUGE_PAGES,
};
use crate::api::{Dig, Quantity, Version, names};
use crate::json::Value;
use crate::kinds::field::Field;
use crate::kinds::parts::quantities;
use std::collections::BTreeSet;
use std::fmt::Display;

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
const CONTAINER_RESOURCES: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];

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

pub(in crate::kinds) fn is_extended(name: &str, version: Version) -> bool {
    !is_native(name)
        && !name.starts_with("requests.")
        && names::qualified_name(&format!("requests.{name}"), version).is_empty()
}

/// Whether a name without a domain is one of Kubernetes' own resources.
pub(in crate::kinds) fn is_standard(name: &str) -> bool {
    STANDARD.contains(&name) || is_huge_page(name)
}

/// Whether a name without a domain is a resource of containers.
pub(in crate::kinds) fn is_of_containers(name: &str) -> bool {
    CONTAINER_RESOURCES.contains(&name) || is_huge_page(name)
}

/// A name breaks a rule. Where it is of a type of its own in Go it was once shown without quotes.
pub(in crate::kinds) fn wrong_name(name: Field<'_>, typed: bool, detail: impl Display) {
    let version = name.version();
    match typed && version.has(RESOURCE_NAMES_BARE) && !version.has(RESOURCE_NAMES_QUOTED) {
        true => name.invalid_go(name.text(""), name.text(""), detail),
        false => name.invalid(detail),
    }
}

/// Checks a name by the rules of all resources, and says whether it passes.
fn validate_name(name: Field<'_>, typed: bool) -> bool {
    let text = name.text("");
    let wrong = names::qualified_name(text, name.version());
    let standard = text.contains('/') || STANDARD.contains(&text) || is_huge_page(text);
    let valid = wrong.is_empty() && standard;
    if wrong.is_empty() && !standard {
        wrong_name(name, typed, "must be a standard resource type or fully qualified");
    }
    wrong.into_iter().for_each(|detail| wrong_name(name, typed, detail));
    valid
}

/// Checks a name by the rules of containers.
pub(in crate::kinds) fn of_container(name: Field<'_>) {
    validate_for_container(name, false);
}

/// Checks a name in an overhead by the rules of containers.
pub(in crate::kinds) fn of_overhead(name: Field<'_>) {
    validate_for_container(name, true);
}

fn validate_for_container(name: Field<'_>, typed: bool) {
    validate_name(name, typed);
    let text = name.text("");
    if !text.contains('/') {
        if !CONTAINER_RESOURCES.contains(&text) && !is_huge_page(text) {
            wrong_name(name, typed, "must be a standard resource for containers");
        }
    } else if !is_native(text) && !is_extended(text, name.version()) {
        wrong_name(name, typed, "doesn't follow extended resource name standard");
    }
}

/// Checks a name by the rules of whole pods.
fn of_pod(name: Field<'_>) {
    if validate_name(name, false) && !aggregate::is_of_pods(name.text("")) {
        name.not_supported(&["cpu", "hugepages-", "memory"]);
    }
}

/// The amounts in a list, by the names of their resources.
fn amounts<'a>(list: &'a Field<'a>) -> impl Iterator<Item = (&'a str, Field<'a>, Quantity)> {
    list.entries("").filter_map(|(name, entry)| Some((name, entry, entry.text("").parse().ok()?)))
}

/// Checks an amount by itself; errors about the name speak of the amount's place.
fn validate_amount(name: &str, entry: Field<'_>, amount: &Quantity, name_check: fn(Field<'_>)) {
    name_check(entry.told_as("", &name.into()));
    if amount.sign() < 0 {
        entry.invalid_as(amount.to_string(), "must be greater than or equal to 0");
    }
    if is_extended(name, entry.version()) && amount.milli_value() % 1000 != 0 {
        quantities::invalid_whole(entry, entry.value, "must be an integer");
    }
}

/// Huge pages come whole.
fn huge_page_fits(name: &str, entry: Field<'_>, amount: &Quantity) {
    let size = name.strip_prefix("hugepages-").and_then(|s| s.parse::<Quantity>().ok());
    let Some(size) = size.map(|s| s.value()).filter(|s| *s > 0) else {
        return;
    };
    if entry.version().has(WHOLE_HUGE_PAGES) && amount.value() % size != 0 {
        let detail = format_args!("{amount} is not positive integer multiple of {name}");
        entry.invalid_as(amount.to_string(), detail);
    }
}

/// Checks a list of resources by themselves.
pub(in crate::kinds) fn validate_list(list: Field<'_>, name_check: fn(Field<'_>)) {
    for (name, entry, amount) in amounts(&list) {
        validate_amount(name, entry, &amount, name_check);
        huge_page_fits(name, entry, &amount);
    }
}

fn limit_of(resources: &Value, name: &str) -> Option<Quantity> {
    resources.entry("limits", name)?.parse().ok()
}

/// Checks requests and limits, and the claims of the pod that are used.
pub(super) fn validate(resources: Field<'_>, name_check: fn(Field<'_>), spec: &Value) {
    let (limits, requests) = (resources.child("limits"), resources.child("requests"));
    validate_list(limits, name_check);
    for (name, entry, amount) in amounts(&requests) {
        validate_amount(name, entry, &amount, name_check);
        let equal = !may_overcommit(name);
        match limit_of(resources.value, name) {
            Some(limit) if amount > limit || (equal && amount != limit) => {
                let what = if equal { "equal to" } else { "less than or equal to" };
                let told = requests.version().has(LIMIT_NAMED);
                let of = if told { format!(" of {limit}") } else { String::new() };
                let detail = format_args!("must be {what} {name} limit{of}");
                requests.invalid_as(amount.to_string(), detail);
            }
            None if equal => limits.required("Limit must be set for non overcommitable resources"),
            Some(_) | None => {}
        }
        huge_page_fits(name, entry, &amount);
    }
    let asks_for = |wanted: fn(&str) -> bool| {
        ["limits", "requests"].iter().any(|list| resources.entries(list).any(|(name, _)| wanted(name)))
    };
    if asks_for(is_huge_page) && !asks_for(|name| matches!(name, "cpu" | "memory")) {
        resources.forbidden("HugePages require cpu or memory");
    }
    claims::validate_used(resources.child("claims"), spec);
}

/// Checks the resources of the pod as a whole against those of its containers.
pub(super) fn validate_pod(spec: Field<'_>) {
    let resources = spec.child("resources");
    if resources.is_null() {
        return;
    }
    if resources.has("claims") {
        resources.child("claims").forbidden("claims may not be set for Resources at pod-level");
    }
    validate(resources, of_pod, spec.value);
    let requests = resources.child("requests");
    for (name, asked) in aggregate::of_containers(spec.value, "requests") {
        let entry = requests.entry(&name);
        let whole = entry.text("").parse::<Quantity>();
        if let Some(whole) = whole.ok().filter(|whole| aggregate::is_of_pods(&name) && asked > *whole) {
            let detail =
                format_args!("must be greater than or equal to aggregate container requests of {asked}");
            entry.invalid_as(whole.to_string(), detail);
        }
    }
    for container in resources.told_as("containers", spec.child("containers").value).items("") {
        let limits = container.told_as("", container.value.at("resources.limits"));
        for (name, entry, amount) in amounts(&limits) {
            if let Some(whole) = limit_of(resources.value, name).filter(|whole| amount > *whole) {
                let detail = format_args!("must be less than or equal to pod limits of {whole}");
                entry.child("limits").invalid_as(amount.to_string(), detail);
            }
        }
    }
}

/// Checks what a change of resources does to a container; most errors speak of the list.
pub(super) fn validate_resize_policy(policies: Field<'_>, spec: &Value) {
    let mut seen = BTreeSet::new();
    for policy in policies.items("") {
        let name = policies.told_as("", policy.string("resourceName").value);
        // Once the name was shown without quotes.
        let bare = !policies.version().has(RESIZE_NAMES_QUOTED);
        if !seen.insert(policy.text("resourceName")) {
            match bare {
                true => policy.errors.duplicate_go(policy.path, name.text(""), name.text(""), ""),
                false => policy.told_as("", name.value).duplicate(),
            }
        }
        match name.text("") {
            "" => name.required(""),
            "cpu" | "memory" => {}
            text if bare => name.errors.not_supported_go(name.path, text, text, &["cpu", "memory"]),
            _ => name.not_supported(&["cpu", "memory"]),
        }
        let restart = policies.told_as("", policy.value.at("restartPolicy"));
        restart.one_of(&["NotRequired", "RestartContainer"]);
        if spec.text("restartPolicy") == "Never" && restart.text("") != "NotRequired" {
            let whose = if restart.version().has(RESTART_POLICY_OF_PODS) { "pod " } else { "" };
            let detail = format_args!("must be 'NotRequired' when {whose}`restartPolicy` is 'Never'");
            restart.invalid_as(restart.text(""), detail);
        }
    }
}
