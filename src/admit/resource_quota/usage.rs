//! What an object uses of which resources (`pkg/quota/v1/evaluator`): shared by the plugin, which charges, and by the
//! quota controller, which counts.
//!
//! Differs from Kubernetes: devices that pods ask for as extended resources are not charged to their class.

use super::super::resource_list::{self, ResourceList};
use super::scopes;
use crate::api::Dig;
use crate::api::quantity::Quantity;
use crate::json::Value;
use crate::store::Objects;
use jiff::{SignedDuration, Timestamp};

/// Resources that were counted by their bare name before `count/` came.
const COUNTED_OF_OLD: [&str; 8] = [
    "configmaps",
    "persistentvolumeclaims",
    "pods",
    "replicationcontrollers",
    "resourceclaims.resource.k8s.io",
    "resourcequotas",
    "secrets",
    "services",
];

/// Resources of a pod that a quota may name.
const OF_PODS: [&str; 11] = [
    "count/pods",
    "cpu",
    "ephemeral-storage",
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "memory",
    "pods",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
];

const BY_CLASS: &str = ".storageclass.storage.k8s.io/";
/// The devices of a class (`V1ResourceByDeviceClass`).
const DEVICES: &str = ".deviceclass.resource.k8s.io/devices";
const DEVICE_CLAIMS: &str = "resourceclaims.resource.k8s.io";
/// How many devices a request for all of them may get.
const ALL_DEVICES: i64 = 32;

/// Whether a quota's resource speaks of objects of a resource (`pods`, `deployments.apps`).
pub(crate) fn is_about(name: &str, resource: &str) -> bool {
    match resource {
        "pods" => {
            let extended = name.starts_with("requests.") && is_foreign(name);
            let huge = name.starts_with("hugepages-") || name.starts_with("requests.hugepages-");
            OF_PODS.contains(&name) || huge || extended
        }
        DEVICE_CLAIMS if name.ends_with(DEVICES) => true,
        "services" => {
            matches!(name, "count/services" | "services" | "services.loadbalancers" | "services.nodeports")
        }
        "persistentvolumeclaims" => {
            let kinds = ["persistentvolumeclaims", "requests.storage"];
            let by_class = name.split_once(BY_CLASS).is_some_and(|(_, kind)| kinds.contains(&kind));
            name == "count/persistentvolumeclaims" || kinds.contains(&name) || by_class
        }
        _ => {
            name.strip_prefix("count/") == Some(resource)
                || (name == resource && COUNTED_OF_OLD.contains(&resource))
        }
    }
}

/// What an object of a resource uses.
pub(crate) fn of_object(resource: &str, object: &Value, now: Timestamp) -> ResourceList {
    let one = || Quantity::whole(1);
    let mut usage = ResourceList::from([(format!("count/{resource}"), one())]);
    match resource {
        "pods" if is_charged(object, now) => usage.extend(of_pod(object)),
        "pods" => {}
        "services" => usage.extend(of_service(object)),
        "persistentvolumeclaims" => usage.extend(of_claim(object)),
        DEVICE_CLAIMS => {
            usage.insert(resource.to_owned(), one());
            resource_list::add(&mut usage, &of_devices(object));
        }
        _ if COUNTED_OF_OLD.contains(&resource) => drop(usage.insert(resource.to_owned(), one())),
        _ => {}
    }
    usage
}

/// What all objects of a quota's namespace use together of what its `spec.hard` names: a new `status.used`.
pub(crate) fn of_quota(quota: &Value, objects: &Objects, now: Timestamp) -> ResourceList {
    let hard = resource_list::read(quota, "spec.hard");
    let mut used: ResourceList = hard.keys().map(|name| (name.clone(), Quantity::whole(0))).collect();
    for resource in resources(hard.keys().map(String::as_str)) {
        for object in objects.list(&resource, quota.namespace()) {
            if scopes::all_match(quota, &resource, object) {
                let usage = of_object(&resource, object, now);
                resource_list::add(&mut used, &resource_list::mask(&usage, |name| hard.contains_key(name)));
            }
        }
    }
    used
}

/// The resources whose objects use what is named, each once.
fn resources<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let of = |name: &'a str| match name.strip_prefix("count/") {
        Some(resource) => Some(resource),
        None => COUNTED_OF_OLD.into_iter().find(|resource| is_about(name, resource)),
    };
    let mut resources: Vec<String> = names.filter_map(of).map(str::to_owned).collect();
    resources.sort_unstable();
    resources.dedup();
    resources
}

/// Whether a resource's name has a domain that isn't Kubernetes' own.
fn is_foreign(name: &str) -> bool {
    name.contains('/') && !name.contains("kubernetes.io/")
}

/// A pod that is done, or should have been gone by now, holds nothing any more.
fn is_charged(pod: &Value, now: Timestamp) -> bool {
    if matches!(pod.text("status.phase"), "Failed" | "Succeeded") {
        return false;
    }
    let deleted = pod.text("metadata.deletionTimestamp").parse::<Timestamp>().ok();
    let grace = pod.at("metadata.deletionGracePeriodSeconds").as_i64();
    let Some((deleted, grace)) = deleted.zip(grace) else {
        return true;
    };
    now.duration_since(deleted) <= SignedDuration::from_secs(grace)
}

fn of_pod(pod: &Value) -> ResourceList {
    let overhead = resource_list::read(pod, "spec.overhead");
    let mut requests = resource_list::of_pod(pod, "requests");
    requests.extend(resource_list::read(pod, "spec.resources.requests"));
    resource_list::add(&mut requests, &overhead);
    let mut limits = resource_list::of_pod(pod, "limits");
    limits.extend(resource_list::read(pod, "spec.resources.limits"));
    let overhead = resource_list::mask(&overhead, |name| limits.contains_key(name));
    resource_list::add(&mut limits, &overhead);
    of_amounts(&requests, &limits)
}

/// Requests and limits under the names that quotas have for them.
pub(super) fn of_amounts(requests: &ResourceList, limits: &ResourceList) -> ResourceList {
    let mut usage = ResourceList::from([("pods".to_owned(), Quantity::whole(1))]);
    let is_native = |name: &str| matches!(name, "cpu" | "memory" | "ephemeral-storage");
    for (name, amount) in requests {
        let native = is_native(name) || name.starts_with("hugepages-");
        if native {
            usage.insert(name.clone(), amount.clone());
        }
        if native || is_foreign(name) {
            usage.insert(format!("requests.{name}"), amount.clone());
        }
    }
    for (name, amount) in limits.iter().filter(|(name, _)| is_native(name)) {
        usage.insert(format!("limits.{name}"), amount.clone());
    }
    usage
}

fn of_service(service: &Value) -> ResourceList {
    let ports = service.list("spec.ports");
    let count = |n: usize| Quantity::whole(i64::try_from(n).unwrap_or(i64::MAX));
    let allocates = service.at("spec.allocateLoadBalancerNodePorts").as_bool() != Some(false);
    let balanced = service.text("spec.type") == "LoadBalancer";
    let node_ports = match service.text("spec.type") {
        "NodePort" => ports.len(),
        "LoadBalancer" if allocates => ports.len(),
        "LoadBalancer" => ports.iter().filter(|port| port.has("nodePort")).count(),
        _ => 0,
    };
    ResourceList::from([
        ("services".to_owned(), count(1)),
        ("services.nodeports".to_owned(), count(node_ports)),
        ("services.loadbalancers".to_owned(), count(usize::from(balanced))),
    ])
}

fn of_claim(claim: &Value) -> ResourceList {
    let mut usage = ResourceList::from([("persistentvolumeclaims".to_owned(), Quantity::whole(1))]);
    let of = |path| resource_list::read(claim, path).remove("storage");
    let allocated = of("status.allocatedResources");
    if let Some(requested) = of("spec.resources.requests") {
        usage.insert(
            "requests.storage".to_owned(),
            allocated.filter(|own| own > &requested).unwrap_or(requested),
        );
    }
    let class = claim
        .annotation("volume.beta.kubernetes.io/storage-class")
        .unwrap_or_else(|| claim.text("spec.storageClassName"));
    if !class.is_empty() {
        let by_class: Vec<_> =
            usage.iter().map(|(name, amount)| (format!("{class}{BY_CLASS}{name}"), amount.clone())).collect();
        usage.extend(by_class);
    }
    usage
}

/// The devices of each class that a claim may get: of requests that may be met in several ways, the most.
fn of_devices(claim: &Value) -> ResourceList {
    let mut usage = ResourceList::new();
    for request in claim.list("spec.devices.requests") {
        let one = [request.at("exactly").clone()];
        let ways = match request.list("firstAvailable") {
            [] => &one,
            ways => ways,
        };
        let mut most = ResourceList::new();
        for way in ways.iter().filter(|way| !way.is_null()) {
            let count = if way.text("allocationMode") == "All" { ALL_DEVICES } else { way.number("count") };
            let count = Quantity::whole(count);
            let known =
                most.entry(format!("{}{DEVICES}", way.text("deviceClassName"))).or_insert(count.clone());
            if count > *known {
                *known = count;
            }
        }
        resource_list::add(&mut usage, &most);
    }
    usage
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;

    #[test]
    fn a_claim_uses_the_most_devices_that_it_may_get() {
        let claim = json!({"spec": {"devices": {"requests": [
            {"name": "a", "exactly": {"deviceClassName": "gpu", "allocationMode": "ExactCount", "count": 2}},
            {"name": "b", "firstAvailable": [
                {"name": "x", "deviceClassName": "gpu", "allocationMode": "ExactCount", "count": 3},
                {"name": "y", "deviceClassName": "gpu", "allocationMode": "ExactCount", "count": 1},
                {"name": "z", "deviceClassName": "nic", "allocationMode": "All"},
            ]},
        ]}}});
        let shown = resource_list::shown(&of_devices(&claim));
        assert_eq!(
            shown,
            "gpu.deviceclass.resource.k8s.io/devices=5,nic.deviceclass.resource.k8s.io/devices=32"
        );
        assert!(is_about("gpu.deviceclass.resource.k8s.io/devices", DEVICE_CLAIMS));
    }
}
