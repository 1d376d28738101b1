//! How much anything may ask for.

use super::super::resource_list::{self, ResourceList};
use crate::api::differences::SIDECARS_IN_LIMITS;
use crate::api::quantity::Quantity;
use crate::api::{Dig, Version};
use serde_json::Value;

/// What a range says, an entry a type: `Container max cpu=1, memory=1Gi`.
pub(super) fn limits(range: &Value) -> Vec<String> {
    const BOUNDS: [&str; 5] = ["min", "max", "defaultRequest", "default", "maxLimitRequestRatio"];
    let of_type = |limit: &Value| {
        let bounds = BOUNDS.iter().filter(|bound| limit.has(bound)).map(|bound| {
            let amounts =
                limit.entries(bound).map(|(resource, amount)| format!("{resource}={}", amount.shown()));
            format!("{bound} {}", amounts.collect::<Vec<_>>().join(", "))
        });
        format!("{} {}", limit.text("type"), bounds.collect::<Vec<_>>().join("; "))
    };
    range.list("spec.limits").iter().map(of_type).collect()
}

/// What a pod breaks of a range, in the order in which it is found.
pub(super) fn pod(version: Version, range: &Value, pod: &Value) -> Vec<String> {
    let mut errors = Vec::new();
    for item in range.list("spec.limits") {
        match item.text("type") {
            "Container" => {
                let init = pod.list("spec.initContainers");
                for container in pod.list("spec.containers").iter().chain(init) {
                    let of = |field| resource_list::read(container, field);
                    constraints(item, &of("resources.requests"), &of("resources.limits"), &mut errors);
                }
            }
            "Pod" => {
                let of = |field| sum(version, pod, field);
                constraints(item, &of("requests"), &of("limits"), &mut errors);
            }
            _ => {}
        }
    }
    errors
}

/// What a claim breaks of a range.
pub(super) fn claim(range: &Value, claim: &Value) -> Vec<String> {
    let requests = resource_list::read(claim, "spec.resources.requests");
    let mut errors = Vec::new();
    let items = range.list("spec.limits").iter();
    for item in items.filter(|item| item.text("type") == "PersistentVolumeClaim") {
        for (name, enforced) in resource_list::read(item, "min") {
            errors.extend(minimum("PersistentVolumeClaim", &name, &enforced, requests.get(&name), None));
        }
        for (name, enforced) in resource_list::read(item, "max") {
            let what = format!("maximum {name} usage per PersistentVolumeClaim is {enforced}");
            errors.extend(match requests.get(&name) {
                None => Some(format!("{what}.  No request is specified")),
                Some(request) if request > &enforced => Some(format!("{what}, but request is {request}")),
                Some(_) => None,
            });
        }
    }
    errors
}

fn constraints(item: &Value, requests: &ResourceList, limits: &ResourceList, errors: &mut Vec<String>) {
    let kind = item.text("type");
    for (field, check) in [("min", minimum as Constraint), ("max", maximum), ("maxLimitRequestRatio", ratio)]
    {
        for (name, enforced) in resource_list::read(item, field) {
            errors.extend(check(kind, &name, &enforced, requests.get(&name), limits.get(&name)));
        }
    }
}

type Constraint = fn(&str, &str, &Quantity, Option<&Quantity>, Option<&Quantity>) -> Option<String>;

fn minimum(
    kind: &str,
    name: &str,
    enforced: &Quantity,
    request: Option<&Quantity>,
    limit: Option<&Quantity>,
) -> Option<String> {
    let what = format!("minimum {name} usage per {kind} is {enforced}");
    match (request, limit) {
        (None, _) => Some(format!("{what}.  No request is specified")),
        (Some(request), _) if request < enforced => Some(format!("{what}, but request is {request}")),
        (_, Some(limit)) if limit < enforced => Some(format!("{what}, but limit is {limit}")),
        _ => None,
    }
}

fn maximum(
    kind: &str,
    name: &str,
    enforced: &Quantity,
    request: Option<&Quantity>,
    limit: Option<&Quantity>,
) -> Option<String> {
    let what = format!("maximum {name} usage per {kind} is {enforced}");
    match (request, limit) {
        (_, None) => Some(format!("{what}.  No limit is specified")),
        (_, Some(limit)) if limit > enforced => Some(format!("{what}, but limit is {limit}")),
        (Some(request), _) if request > enforced => Some(format!("{what}, but request is {request}")),
        _ => None,
    }
}

fn ratio(
    kind: &str,
    name: &str,
    enforced: &Quantity,
    request: Option<&Quantity>,
    limit: Option<&Quantity>,
) -> Option<String> {
    let what = format!("{name} max limit to request ratio per {kind} is {enforced}");
    let milli = |amount: Option<&Quantity>| i128::from(amount.map_or(0, Quantity::milli_value));
    let (request, limit) = (milli(request), milli(limit));
    if request == 0 {
        return Some(format!("{what}, but no request is specified or request is 0"));
    }
    if limit == 0 {
        return Some(format!("{what}, but no limit is specified or limit is 0"));
    }
    (limit * 1000 > i128::from(enforced.milli_value()) * request)
        .then(|| format!("{what}, but provided ratio is {}", quotient(limit, request)))
}

/// A quotient with six places, as Go's `%f` prints it.
fn quotient(a: i128, b: i128) -> String {
    let millionths = (2 * a * 1_000_000 + b) / (2 * b);
    format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)
}

/// What a whole pod asks for: its containers together, or its largest init container.
fn sum(version: Version, pod: &Value, field: &str) -> ResourceList {
    if version.has(SIDECARS_IN_LIMITS) {
        let mut total = resource_list::of_pod(pod, field);
        total.extend(resource_list::read(pod, &format!("spec.resources.{field}")));
        return total;
    }
    let read = |container| resource_list::read(container, &format!("resources.{field}"));
    let containers: Vec<ResourceList> = pod.list("spec.containers").iter().map(read).collect();
    let mut total = ResourceList::new();
    containers.iter().for_each(|list| resource_list::add(&mut total, list));
    total.retain(|name, _| containers.iter().all(|list| list.contains_key(name)));
    for container in pod.list("spec.initContainers") {
        resource_list::raise(&mut total, &read(container));
    }
    total
}
