//! How much anything may ask for.

use super::super::resource_list::{self, ResourceList};
use crate::api::differences::SIDECARS_IN_LIMITS;
use crate::api::quantity::Quantity;
use crate::api::{Dig, Version};
use crate::json::Value;

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
                    errors.extend(broken(item, OF_PODS, &of("resources.requests"), &of("resources.limits")));
                }
            }
            "Pod" => {
                let of = |field| sum(version, pod, field);
                errors.extend(broken(item, OF_PODS, &of("requests"), &of("limits")));
            }
            _ => {}
        }
    }
    errors
}

/// What a claim breaks of a range.
pub(super) fn claim(range: &Value, claim: &Value) -> Vec<String> {
    let requests = resource_list::read(claim, "spec.resources.requests");
    let items = range.list("spec.limits").iter();
    let of_claims = items.filter(|item| item.text("type") == "PersistentVolumeClaim");
    of_claims.flat_map(|item| broken(item, OF_CLAIMS, &requests, &ResourceList::new())).collect()
}

/// A bound of a range: its field, what it bounds, and what breaks it (given: how much it enforces, what is requested,
/// and the limit).
type Bound = (&'static str, fn(&str) -> String, fn(&Quantity, Amount<'_>, Amount<'_>) -> Option<String>);

type Amount<'a> = Option<&'a Quantity>;

const MINIMUM: Bound = ("min", |name| format!("minimum {name} usage"), minimum);
const OF_PODS: &[Bound] = &[
    MINIMUM,
    ("max", |name| format!("maximum {name} usage"), maximum),
    ("maxLimitRequestRatio", |name| format!("{name} max limit to request ratio"), ratio),
];
const OF_CLAIMS: &[Bound] = &[MINIMUM, ("max", |name| format!("maximum {name} usage"), capacity)];

/// What amounts break of an item of a range.
fn broken(item: &Value, bounds: &[Bound], requests: &ResourceList, limits: &ResourceList) -> Vec<String> {
    let kind = item.text("type");
    let mut errors = Vec::new();
    for (field, what, breaks) in bounds {
        for (name, enforced) in resource_list::read(item, field) {
            let why = breaks(&enforced, requests.get(&name), limits.get(&name));
            errors.extend(why.map(|why| format!("{} per {kind} is {enforced}{why}", what(&name))));
        }
    }
    errors
}

fn minimum(enforced: &Quantity, request: Amount<'_>, limit: Amount<'_>) -> Option<String> {
    match (request, limit) {
        (None, _) => Some(".  No request is specified".to_owned()),
        (Some(request), _) if request < enforced => Some(format!(", but request is {request}")),
        (_, Some(limit)) if limit < enforced => Some(format!(", but limit is {limit}")),
        _ => None,
    }
}

fn maximum(enforced: &Quantity, request: Amount<'_>, limit: Amount<'_>) -> Option<String> {
    match (request, limit) {
        (_, None) => Some(".  No limit is specified".to_owned()),
        (_, Some(limit)) if limit > enforced => Some(format!(", but limit is {limit}")),
        (Some(request), _) if request > enforced => Some(format!(", but request is {request}")),
        _ => None,
    }
}

fn capacity(enforced: &Quantity, request: Amount<'_>, _: Amount<'_>) -> Option<String> {
    match request {
        None => Some(".  No request is specified".to_owned()),
        Some(request) => (request > enforced).then(|| format!(", but request is {request}")),
    }
}

fn ratio(enforced: &Quantity, request: Amount<'_>, limit: Amount<'_>) -> Option<String> {
    let milli = |amount: Amount<'_>| i128::from(amount.map_or(0, Quantity::milli_value));
    match (milli(request), milli(limit)) {
        (0, _) => Some(", but no request is specified or request is 0".to_owned()),
        (_, 0) => Some(", but no limit is specified or limit is 0".to_owned()),
        (request, limit) => (limit * 1000 > i128::from(enforced.milli_value()) * request)
            .then(|| format!(", but provided ratio is {}", quotient(limit, request))),
    }
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
