//! What a client is warned of when it writes a service (`pkg/api/service/warnings.go`).

use super::kinds::{NO_ADDRESS, is_external_name};
use crate::api::differences::{
    EXTERNAL_IPS_DEPRECATED, HEADLESS_WARNED_OF, PREFER_CLOSE_DEPRECATED, SERVICES_WARNED_OF, TOPOLOGY_MODE,
};
use crate::api::{Dig, Version};
use crate::json::Value;
use crate::kinds::When;
use crate::kinds::parts::addresses;

pub(super) fn warn(service: &Value, when: When<'_>, version: Version) -> Vec<String> {
    if when == When::Arrived || !version.has(SERVICES_WARNED_OF) {
        return Vec::new();
    }
    let mut warnings = Vec::new();
    let (hints, mode) = ("service.kubernetes.io/topology-aware-hints", "service.kubernetes.io/topology-mode");
    if version.has(TOPOLOGY_MODE) && service.annotation(hints).is_some() {
        warnings.push(format!("annotation {hints} is deprecated, please use {mode} instead"));
    }
    let headless = service.text("spec.type") == "ClusterIP" && service.text("spec.clusterIP") == NO_ADDRESS;
    if !headless {
        warn_all(service, "spec.clusterIPs", version, &mut warnings);
    } else if version.has(HEADLESS_WARNED_OF) {
        ignored(service, &mut warnings);
    }
    let external = is_external_name(service);
    let outside = !service.list("spec.externalIPs").is_empty();
    warn_all(service, "spec.externalIPs", version, &mut warnings);
    if version.has(EXTERNAL_IPS_DEPRECATED) && outside && !headless && !external {
        let text = "spec.externalIPs is deprecated and may no longer be implemented in some clusters";
        warnings.push(text.to_owned());
    }
    warnings.extend(addresses::warn("spec.loadBalancerIP", service.text("spec.loadBalancerIP"), version));
    for (i, block) in service.texts("spec.loadBalancerSourceRanges").into_iter().enumerate() {
        let path = format!("spec.loadBalancerSourceRanges[{i}]");
        warnings.extend(addresses::warn_block(path, block, version));
    }
    if external && outside {
        warnings.push("spec.externalIPs is ignored when spec.type is \"ExternalName\"".to_owned());
    }
    if !external && !service.text("spec.externalName").is_empty() {
        warnings.push("spec.externalName is ignored when spec.type is not \"ExternalName\"".to_owned());
    }
    if version.has(PREFER_CLOSE_DEPRECATED) && service.text("spec.trafficDistribution") == "PreferClose" {
        let text = "spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"";
        warnings.push(text.to_owned());
    }
    warnings
}

fn warn_all(service: &Value, list: &str, version: Version, warnings: &mut Vec<String>) {
    for (i, address) in service.texts(list).into_iter().enumerate() {
        warnings.extend(addresses::warn(format!("{list}[{i}]"), address, version));
    }
}

/// What a service without an address has for nothing.
fn ignored(service: &Value, warnings: &mut Vec<String>) {
    for (field, is_set) in [
        ("spec.loadBalancerIP", !service.text("spec.loadBalancerIP").is_empty()),
        ("spec.externalIPs", !service.list("spec.externalIPs").is_empty()),
        ("spec.SessionAffinity", service.text("spec.sessionAffinity") != "None"),
    ] {
        if is_set {
            warnings.push(format!("{field} is ignored for headless services"));
        }
    }
}
