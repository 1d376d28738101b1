//! What a service is given where it says nothing (`SetDefaults_Service`).

use super::kinds::is_reached_from_outside;
use crate::api::differences::{INTERNAL_TRAFFIC, LOAD_BALANCER_IP_MODE, OPTIONAL_NODE_PORTS};
use crate::api::{Dig, Version};
use crate::json::Value;
use crate::kinds::pod::items_mut;

const AFFINITY_SECONDS: i64 = 10_800;

pub(super) fn fill(service: &mut Value, version: Version) {
    service.set_default("spec.sessionAffinity", "None");
    match service.text("spec.sessionAffinity") {
        "None" => {
            service.take_out("spec.sessionAffinityConfig");
        }
        "ClientIP" => {
            service.set_default("spec.sessionAffinityConfig.clientIP.timeoutSeconds", AFFINITY_SECONDS);
        }
        _ => {}
    }
    service.set_default("spec.type", "ClusterIP");
    for port in items_mut(service, "spec.ports") {
        port.set_default("protocol", "TCP");
        let target = port.at("targetPort");
        if target.is_null() || *target == 0 || *target == "" {
            let number = port.at("port").clone();
            port.set("targetPort", number);
        }
    }
    let kind = service.text("spec.type").to_owned();
    if is_reached_from_outside(service, version) {
        service.set_default("spec.externalTrafficPolicy", "Cluster");
    }
    let inside = matches!(kind.as_str(), "NodePort" | "LoadBalancer" | "ClusterIP");
    if version.has(INTERNAL_TRAFFIC) && inside {
        service.set_default("spec.internalTrafficPolicy", "Cluster");
    }
    if version.has(OPTIONAL_NODE_PORTS) && kind == "LoadBalancer" {
        service.set_default("spec.allocateLoadBalancerNodePorts", true);
    }
    if version.has(LOAD_BALANCER_IP_MODE) && kind == "LoadBalancer" {
        for ingress in items_mut(service, "status.loadBalancer.ingress") {
            if !ingress.text("ip").is_empty() {
                ingress.set_default("ipMode", "VIP");
            }
        }
    }
}
