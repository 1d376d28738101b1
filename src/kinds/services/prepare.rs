//! What the registry does to a service before it is looked at (`PrepareForCreate`, `PrepareForUpdate`).

use super::kinds::{
    is_external_name, is_reached_from_outside, kind, needs_health_check, needs_node_ports, node_port,
};
use super::patch::normalize;
use crate::api::differences::{ALLOCATED_FIRST, BALANCERS_GO_WITH_TYPE, DUAL_STACK};
use crate::api::{Dig, Version};
use crate::json::{Value, json};
use crate::kinds::parts::strategy::keep;
use crate::kinds::pod::items_mut;

pub(super) fn prepare(service: &mut Value, old: Option<&Value>, subresource: &str, version: Version) {
    match old {
        None => service.set("status", json!({"loadBalancer": {}})),
        Some(old) if subresource == "status" => return keep(service, old, "spec"),
        Some(old) => keep(service, old, "status"),
    }
    if !version.has(ALLOCATED_FIRST) {
        normalize(service, old);
    }
    if !version.has(DUAL_STACK) {
        only_one_family(service);
    }
    let Some(old) = old else { return };
    without_type(service, old, version);
    if version.has(BALANCERS_GO_WITH_TYPE)
        && kind(service) != "LoadBalancer"
        && service.has("status.loadBalancer")
    {
        service.set("status.loadBalancer", json!({}));
    }
}

/// Without families of addresses a service has one address.
fn only_one_family(service: &mut Value) {
    for key in ["spec.ipFamilies", "spec.ipFamilyPolicy"] {
        service.take_out(key);
    }
    if let Some(list) = service.at_mut("spec.clusterIPs").and_then(Value::as_array_mut) {
        list.truncate(1);
    }
}

/// Takes out what the old type had, the new one has not, and nobody changed (`dropTypeDependentFields`).
fn without_type(service: &mut Value, old: &Value, version: Version) {
    if !is_external_name(old) && is_external_name(service) {
        let same = |path: &str| service.at(path) == old.at(path);
        let addresses = same("spec.clusterIP") && same("spec.clusterIPs");
        let unchanged: Vec<&str> = ["spec.clusterIP", "spec.clusterIPs"]
            .into_iter()
            .filter(|_| addresses)
            .chain(["spec.ipFamilies", "spec.ipFamilyPolicy"].into_iter().filter(|path| same(path)))
            .collect();
        unchanged.into_iter().for_each(|path| {
            service.take_out(path);
        });
    }
    if needs_node_ports(old) && !needs_node_ports(service) && same_node_ports(service, old) {
        items_mut(service, "spec.ports").for_each(|port| {
            port.take_out("nodePort");
        });
    }
    let balanced = |service: &Value| kind(service) == "LoadBalancer";
    let has_internal = |service: &Value| !is_external_name(service);
    let outside = |service: &Value| is_reached_from_outside(service, version);
    for (path, needed, needs) in [
        ("spec.healthCheckNodePort", needs_health_check(old), needs_health_check(service)),
        ("spec.allocateLoadBalancerNodePorts", balanced(old), balanced(service)),
        ("spec.loadBalancerClass", balanced(old), balanced(service)),
        ("spec.externalTrafficPolicy", outside(old), outside(service)),
        ("spec.internalTrafficPolicy", has_internal(old), has_internal(service)),
    ] {
        if needed && !needs && service.at(path) == old.at(path) {
            service.take_out(path);
        }
    }
}

fn same_node_ports(service: &Value, old: &Value) -> bool {
    let ports = |service: &Value| {
        let mut ports: Vec<i64> = service.list("spec.ports").iter().map(node_port).collect();
        ports.sort_unstable();
        ports.dedup();
        ports
    };
    ports(service) == ports(old)
}
