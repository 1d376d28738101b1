//! What an update may change of a service (`ValidateServiceUpdate`, `ValidateServiceStatusUpdate`).

use super::cluster_ips::wrong;
use super::kinds::{is_external_name, is_headless, kind, needs_health_check};
use super::validate;
use crate::api::Dig;
use crate::api::differences::{BALANCED_BY_TYPE, LOAD_BALANCER_IP_MODE, TRAFFIC_FIELDS_CHECKED_EARLY};
use crate::api::field::quote;
use crate::api::names::{NameRule, dns1123_subdomain};
use crate::json::Value;
use crate::kinds::field::Field;
use crate::kinds::parts::{addresses, meta};

const KEPT: &str = "may not change once set";

pub(super) fn validate(new: Field<'_>, old: &Value, subresource: &str) {
    if subresource == "status" {
        return status(new, old);
    }
    cluster_ips(new, old);
    families(new, old);
    let class = new.child("spec.loadBalancerClass");
    let balanced = |service: &Value| kind(service) == "LoadBalancer";
    if balanced(new.value) && balanced(old) && class.value != old.at("spec.loadBalancerClass") {
        class.invalid(KEPT);
    }
    let health = new.child("spec.healthCheckNodePort");
    let both = needs_health_check(new.value) && needs_health_check(old);
    if both && health.value != old.at("spec.healthCheckNodePort") {
        match new.version().has(TRAFFIC_FIELDS_CHECKED_EARLY) {
            true => health.forbidden("field is immutable"),
            false => health.invalid("HealthCheckNodePort is immutable during service update"),
        }
    }
    meta::whole(new, NameRule::Service);
    validate::whole(new, Some(old));
}

/// A service keeps its first address; a second one may come and go (`validateUpgradeDowngradeClusterIPs`).
fn cluster_ips(new: Field<'_>, old: &Value) {
    if is_external_name(old) || is_external_name(new.value) || (is_headless(old) && is_headless(new.value)) {
        return;
    }
    let list = new.child("spec.clusterIPs");
    let (now, had) = (list.value.texts(""), old.texts("spec.clusterIPs"));
    let changed = |i: usize| {
        let path = format!("spec.clusterIPs[{i}]");
        wrong(new.told_as(&path, list.value), list.value, KEPT);
    };
    if now.is_empty() && !had.is_empty() {
        let first = new.told_as("spec.clusterIPs[0]", list.value);
        return wrong(first, list.value, "primary clusterIP can not be unset");
    }
    match (now.first(), had.first()) {
        (Some(now), Some(had)) if now != had => changed(0),
        _ => {}
    }
    if now.len() == had.len() && now.get(1) != had.get(1) {
        changed(1);
    }
    released(new, now.len() == 1 && had.len() > 1, "clusterIP");
}

fn released(new: Field<'_>, is_released: bool, what: &str) {
    let policy = new.child("spec.ipFamilyPolicy");
    if is_released && policy.text("") != "SingleStack" {
        policy.invalid(format_args!("must be set to 'SingleStack' when releasing the secondary {what}"));
    }
}

/// The first family stays, too (`validateUpgradeDowngradeIPFamilies`).
fn families(new: Field<'_>, old: &Value) {
    let without = [old, new.value].map(is_headless);
    if is_external_name(old) || is_external_name(new.value) || without != [false, false] {
        return;
    }
    let list = new.child("spec.ipFamilies");
    let (now, had) = (list.value.texts(""), old.texts("spec.ipFamilies"));
    let first = new.told_as("spec.ipFamilies[0]", list.value);
    let go = |families: &[&str]| {
        let told: Vec<String> = families.iter().map(|family| quote(family)).collect();
        format!("[]core.IPFamily{{{}}}", told.join(", "))
    };
    if now.len() == had.len() {
        for _ in now.iter().zip(&had).filter(|(now, had)| now != had) {
            first.invalid_go(go(&now), list.value, KEPT);
        }
    } else if matches!((now.first(), had.first()), (Some(now), Some(had)) if now != had) {
        let addresses = new.value.at("spec.clusterIPs");
        wrong(new.told_as("spec.ipFamilies[0]", addresses), addresses, KEPT);
    }
    released(new, now.len() == 1 && had.len() > 1, "ipFamily");
}

/// Where load balancers say a service is reached (`ValidateLoadBalancerStatus`).
fn status(new: Field<'_>, old: &Value) {
    let list = new.child("status.loadBalancer.ingress");
    let version = new.version();
    if version.has(BALANCED_BY_TYPE) && kind(new.value) != "LoadBalancer" && !list.list("").is_empty() {
        return list.forbidden("may only be used when `spec.type` is 'LoadBalancer'");
    }
    let stored: Vec<&str> =
        old.list("status.loadBalancer.ingress").iter().map(|ingress| ingress.text("ip")).collect();
    for ingress in list.items("") {
        let (ip, mode, host) = (ingress.child("ip"), ingress.child("ipMode"), ingress.child("hostname"));
        if !ip.text("").is_empty() {
            addresses::balanced(ip, &stored);
        }
        match (ip.text("").is_empty(), mode.is_null()) {
            _ if !version.has(LOAD_BALANCER_IP_MODE) => {}
            (false, true) => mode.required("must be specified when `ip` is set"),
            (true, false) => mode.forbidden("may not be specified when `ip` is not set"),
            _ => mode.one_of_if_set(&["Proxy", "VIP"]),
        }
        if !host.text("").is_empty() {
            host.invalid_each(dns1123_subdomain(host.text("")));
            if addresses::sloppy(host.text("")).is_some() {
                host.invalid("must be a DNS name, not an IP address");
            }
        }
    }
}
