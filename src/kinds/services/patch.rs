//! What a client left out of a service and the server knows (`normalizeClusterIPs`, `patchAllocatedValues`).

use super::kinds::{is_external_name, needs_health_check, needs_node_ports, node_port};
use crate::api::Dig;
use crate::json::{Value, json};
use crate::kinds::pod::items_mut;
use std::collections::BTreeSet;

/// Makes the one address and the list of addresses say the same, whichever of them a client knows.
pub(super) fn normalize(service: &mut Value, old: Option<&Value>) {
    let (one, list) = ("spec.clusterIP", "spec.clusterIPs");
    let now = service.text(one).to_owned();
    let Some(old) = old else {
        if !now.is_empty() && service.list(list).is_empty() {
            service.set(list, json!([now]));
        }
        return;
    };
    if service.list(list).is_empty() && !old.list(list).is_empty() && now == old.text(one) {
        service.set(list, old.at(list).clone());
    }
    if now != old.text(one) && service.list(list) == old.list(list) {
        match now.as_str() {
            "" => drop(service.take_out(list)),
            now => service.set(list, json!([now])),
        }
    }
}

/// Gives a client what it left out and the server had given before.
pub(super) fn patch(service: &mut Value, old: &Value) {
    let (one, list) = ("spec.clusterIP", "spec.clusterIPs");
    if !is_external_name(service) && !is_external_name(old) {
        if service.text(one).is_empty() && old.has(one) {
            service.set(one, old.at(one).clone());
        }
        if service.list(list).is_empty() && old.has(list) && service.text(one) == old.text(one) {
            service.set(list, old.at(list).clone());
        }
    }
    if needs_node_ports(service) && needs_node_ports(old) {
        node_ports(service, old);
    }
    let health = "spec.healthCheckNodePort";
    if needs_health_check(service) && needs_health_check(old) && service.number(health) == 0 {
        service.set(health, old.at(health).clone());
    }
}

/// Ports are known by name; one that another port uses is not given back.
fn node_ports(service: &mut Value, old: &Value) {
    let used_by = |service: &Value| service.list("spec.ports").iter().map(node_port).collect::<BTreeSet<_>>();
    let mut used: BTreeSet<i64> = used_by(old).intersection(&used_by(service)).copied().collect();
    for port in items_mut(service, "spec.ports").filter(|port| node_port(port) == 0) {
        let namesake = old.list("spec.ports").iter().rfind(|other| other.text("name") == port.text("name"));
        let had = namesake.map(node_port).unwrap_or_default();
        if had != 0 && used.insert(had) {
            port.set("nodePort", had);
        }
    }
}
