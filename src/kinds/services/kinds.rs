//! What the type of a service brings with it (`pkg/api/service/util.go`, `pkg/registry/core/service/strategy.go`).

use crate::api::differences::EXTERNAL_IPS_ARE_ACCESS;
use crate::api::{Dig, Version};
use crate::json::Value;

/// A service's address that says that it has none.
pub(super) const NO_ADDRESS: &str = "None";

/// The type of a service.
pub(super) fn kind(service: &Value) -> &str {
    service.text("spec.type")
}

/// Whether a service is another name of something outside: it has neither addresses nor families.
pub(super) fn is_external_name(service: &Value) -> bool {
    kind(service) == "ExternalName"
}

/// Whether a service has no address of its own.
pub(super) fn is_headless(service: &Value) -> bool {
    match service.list("spec.clusterIPs") {
        [first] => first == NO_ADDRESS,
        [] | [..] => service.text("spec.clusterIP") == NO_ADDRESS,
    }
}

/// Whether a service takes ports on the nodes.
pub(super) fn needs_node_ports(service: &Value) -> bool {
    match kind(service) {
        "NodePort" => true,
        "LoadBalancer" => *service.at("spec.allocateLoadBalancerNodePorts") != false,
        _ => false,
    }
}

/// Whether a load balancer asks the nodes for their health (`NeedsHealthCheck`).
pub(super) fn needs_health_check(service: &Value) -> bool {
    kind(service) == "LoadBalancer" && service.text("spec.externalTrafficPolicy") == "Local"
}

/// Whether a service is reached from outside of the cluster (`ExternallyAccessible`).
pub(super) fn is_reached_from_outside(service: &Value, version: Version) -> bool {
    match kind(service) {
        "LoadBalancer" | "NodePort" => true,
        "ClusterIP" => version.has(EXTERNAL_IPS_ARE_ACCESS) && !service.list("spec.externalIPs").is_empty(),
        _ => false,
    }
}

/// The port on the nodes of a service's port; zero if there is none.
pub(super) fn node_port(port: &Value) -> i64 {
    port.number("nodePort")
}
