//! Checks a service (`ValidateService`).

use super::cluster_ips;
use super::kinds::{
    is_external_name, is_headless, is_reached_from_outside, kind, needs_health_check, node_port,
};
use crate::api::Dig;
use crate::api::differences::{
    BLOCKS_WORDED, EXTERNAL_IPS_ARE_ACCESS, INTERNAL_TRAFFIC, MIXED_PROTOCOLS, OPTIONAL_NODE_PORTS,
    SAME_TRAFFIC, TOPOLOGY_MODE, TRAFFIC_FIELDS_CHECKED_EARLY,
};
use crate::api::field::quote;
use crate::api::names::{dns1123_label, dns1123_subdomain, qualified_name};
use crate::json::{Map, Value};
use crate::kinds::field::Field;
use crate::kinds::parts::{addresses, meta, ports};

const TYPES: [&str; 4] = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const AFFINITIES: [&str; 2] = ["ClientIP", "None"];
const POLICIES: [&str; 2] = ["Cluster", "Local"];
const DISTRIBUTIONS: [&str; 3] = ["PreferClose", "PreferSameZone", "PreferSameNode"];
const SOURCE_RANGES: &str = "service.beta.kubernetes.io/load-balancer-source-ranges";
const TOPOLOGY: [&str; 2] =
    ["service.kubernetes.io/topology-mode", "service.kubernetes.io/topology-aware-hints"];
const AFFINITY_SECONDS_MAX: i64 = 86_400;
const KUBELET_PORT: i64 = 10_250;
pub(super) const BALANCED_ONLY: &str = "may only be used when `type` is 'LoadBalancer'";

/// Checks a whole service; what is stored may stay as it is.
pub(super) fn whole(service: Field<'_>, old: Option<&Value>) {
    topology(service);
    let list = service.child("spec.ports");
    if list.list("").is_empty() && !is_headless(service.value) && !is_external_name(service.value) {
        list.required("");
    }
    of_type(service);
    let mut seen = Vec::new();
    for port in list.items("") {
        validate_port(port, list.list("").len() > 1, &mut seen);
    }
    meta::labels(service.child("spec.selector"));
    affinity(service);
    cluster_ips::validate(service, old);
    let stored = old.map(|old| old.texts("spec.externalIPs")).unwrap_or_default();
    for address in service.items("spec.externalIPs") {
        let before = address.errors.len();
        addresses::legacy(address, &stored);
        if address.errors.len() == before {
            addresses::not_special(address);
        }
    }
    service.child("spec.type").one_of(&TYPES);
    if kind(service.value) == "ClusterIP" {
        for port in list.items("").filter(|port| node_port(port.value) != 0) {
            port.child("nodePort").forbidden("may not be used when `type` is 'ClusterIP'");
        }
    }
    duplicates(list);
    source_ranges(service, old);
    balancer(service);
    outside(service);
    inside(service);
}

/// The old and the new annotation of one thing.
fn topology(service: Field<'_>) {
    let [mode, hints] = TOPOLOGY.map(|key| service.value.annotation(key));
    if let (Some(mode), Some(hints), true) = (mode, hints, service.version().has(TOPOLOGY_MODE))
        && mode != hints
    {
        let annotations = service.child("metadata.annotations");
        let detail = format!("must match annotations[{}] when both are specified", TOPOLOGY[1]);
        annotations.entry(TOPOLOGY[0]).invalid(detail);
    }
}

fn of_type(service: Field<'_>) {
    let not_headless = |kind: &str| {
        if is_headless(service.value) {
            let detail = format!("may not be set to 'None' for {kind} services");
            service.child("spec.clusterIPs[0]").invalid_as("None", detail);
        }
    };
    match kind(service.value) {
        "LoadBalancer" => {
            for port in service.items("spec.ports").filter(|port| port.number("port") == Some(KUBELET_PORT)) {
                let why = "externally since it is used by kubelet";
                port.invalid_as(KUBELET_PORT, format_args!("may not expose port {KUBELET_PORT} {why}"));
            }
            not_headless("LoadBalancer");
            mixed_protocols(service.child("spec.ports"));
        }
        "NodePort" => not_headless("NodePort"),
        "ExternalName" => {
            let forbidden = "may not be set for ExternalName services";
            for (_, field) in service.present(&["spec.clusterIPs", "spec.ipFamilies", "spec.ipFamilyPolicy"])
            {
                field.forbidden(forbidden);
            }
            let name = service.child("spec.externalName");
            let text = name.text("");
            match text.strip_suffix('.').unwrap_or(text) {
                "" => name.required(""),
                text => name.errors.invalid_each(name.path, text, dns1123_subdomain(text)),
            }
        }
        _ => {}
    }
}

fn mixed_protocols(list: Field<'_>) {
    let mut protocols = list.list("").iter().map(|port| port.text("protocol"));
    let first = protocols.next();
    if !list.version().has(MIXED_PROTOCOLS) && protocols.any(|other| Some(other) != first) {
        let go: Vec<String> = list.list("").iter().map(go_port).collect();
        let go = format!("[]core.ServicePort{{{}}}", go.join(", "));
        list.invalid_go(go, list.value, "may not contain a mix of protocols when 'type' is 'LoadBalancer'");
    }
}

fn validate_port<'a>(port: Field<'a>, named: bool, seen: &mut Vec<&'a str>) {
    let (field, name) = (port.child("name"), port.text("name"));
    if !name.is_empty() {
        field.invalid_each(dns1123_label(name, field.version()));
        if seen.contains(&name) {
            field.duplicate();
        }
        seen.push(name);
    } else if named {
        field.required("");
    }
    ports::number(port.child("port"));
    port.child("protocol").one_of(&ports::PROTOCOLS);
    ports::number_or_name(port.child("targetPort"));
    ports::app_protocol(port.child("appProtocol"));
}

fn affinity(service: Field<'_>) {
    let (affinity, config) =
        (service.child("spec.sessionAffinity"), service.child("spec.sessionAffinityConfig"));
    affinity.one_of(&AFFINITIES);
    match affinity.text("") {
        "ClientIP" => {
            let needed = "when session affinity type is ClientIP";
            let seconds = service.child("spec.sessionAffinityConfig.clientIP.timeoutSeconds");
            match seconds.number("") {
                None => seconds.required(needed),
                Some(1..=AFFINITY_SECONDS_MAX) => {}
                Some(_) => seconds
                    .invalid(format_args!("must be greater than 0 and less than {AFFINITY_SECONDS_MAX}")),
            }
        }
        "None" if !config.is_null() => config.forbidden("must not be set when session affinity is None"),
        _ => {}
    }
}

/// Ports that are there twice, on the nodes and on the service.
fn duplicates(list: Field<'_>) {
    let twice = |i: usize, port: &Value, key: &str| {
        let same = |other: &Value| [key, "protocol"].iter().all(|key| other.at(key) == port.at(key));
        list.list("").iter().take(i).any(same)
    };
    for (i, port) in list.items("").enumerate() {
        if node_port(port.value) != 0 && twice(i, port.value, "nodePort") {
            port.child("nodePort").duplicate();
        }
    }
    for (_, port) in list.items("").enumerate().filter(|(i, port)| twice(*i, port.value, "port")) {
        let only = ["port", "protocol"].map(|key| (key.to_owned(), port.value.at(key).clone()));
        let shown = Value::Object(Map::from_iter(only));
        port.errors.duplicate_go(port.path, go_port(&shown), json_port(&shown), "");
    }
}

/// A port in Go's syntax. Pointers are addresses there, by chance; here they are their types.
fn go_port(port: &Value) -> String {
    let quoted = |key| quote(port.text(key));
    let app = if port.has("appProtocol") { "(*string)(0xc000000000)" } else { "(*string)(nil)" };
    let target = match port.at("targetPort") {
        Value::String(name) => format!("Type:1, IntVal:0, StrVal:{}", quote(name)),
        number => format!("Type:0, IntVal:{}, StrVal:\"\"", number.as_i64().unwrap_or_default()),
    };
    format!(
        "core.ServicePort{{Name:{}, Protocol:{}, AppProtocol:{app}, Port:{}, TargetPort:intstr.IntOrString{{{target}}}, \
         NodePort:{}}}",
        quoted("name"),
        quoted("protocol"),
        port.number("port"),
        node_port(port)
    )
}

/// A port as JSON of Go's own type.
fn json_port(port: &Value) -> String {
    let target = match port.at("targetPort") {
        Value::Null => Value::from(0),
        target => target.clone(),
    };
    meta::json_fields([
        ("Name", port.text("name").into()),
        ("Protocol", port.text("protocol").into()),
        ("AppProtocol", port.at("appProtocol").clone()),
        ("Port", port.number("port").into()),
        ("TargetPort", target),
        ("NodePort", node_port(port).into()),
    ])
}

/// Who may reach a load balancer, as a field or as the annotation that was there before.
fn source_ranges(service: Field<'_>, old: Option<&Value>) {
    let stored = old.map(|old| old.texts("spec.loadBalancerSourceRanges")).unwrap_or_default();
    let listed = service.child("spec.LoadBalancerSourceRanges");
    let (field, texts) = match service.value.texts("spec.loadBalancerSourceRanges") {
        texts if !texts.is_empty() => (listed, texts),
        _ => match service.value.annotation(SOURCE_RANGES).map(str::trim) {
            Some(text) => {
                let annotations = service.child("metadata.annotations");
                return ranges(
                    service,
                    annotations.entry(SOURCE_RANGES),
                    text.split(',').collect(),
                    &[],
                    false,
                );
            }
            None => return,
        },
    };
    ranges(service, field, texts, &stored, true);
}

fn ranges(service: Field<'_>, field: Field<'_>, texts: Vec<&str>, stored: &[&str], indexed: bool) {
    if kind(service.value) != "LoadBalancer" {
        field.forbidden(BALANCED_ONLY);
    }
    let trimmed: Vec<Value> = texts.iter().map(|text| text.trim().into()).collect();
    if !field.version().has(BLOCKS_WORDED) {
        let known = |text: &Value| addresses::Block::sloppy(text.text("")).is_some();
        if !trimmed.iter().all(known) {
            let shown = if indexed { format!("[{}]", texts.join(" ")) } else { texts.join(",") };
            let example = "For example, 10.240.0.0/24,10.250.0.0/24 ";
            field.invalid_as(shown, format_args!("must be a list of IP ranges. {example}"));
        }
        return;
    }
    let list = Value::from(trimmed);
    let list = Field { value: &list, ..field };
    for block in list.items("") {
        if !indexed && block.text("").is_empty() {
            continue;
        }
        addresses::legacy_block(if indexed { block } else { Field { path: field.path, ..block } }, stored);
    }
}

/// What a load balancer alone may say (`allocateLoadBalancerNodePorts`, `loadBalancerClass`).
fn balancer(service: Field<'_>) {
    let (allocate, class) =
        (service.child("spec.allocateLoadBalancerNodePorts"), service.child("spec.loadBalancerClass"));
    match (kind(service.value) == "LoadBalancer", allocate.is_null()) {
        (false, false) => allocate.forbidden(BALANCED_ONLY),
        (true, true) if service.version().has(OPTIONAL_NODE_PORTS) => {
            service.child("allocateLoadBalancerNodePorts").required("");
        }
        _ => {}
    }
    match kind(service.value) {
        _ if class.is_null() => {}
        "LoadBalancer" => class.invalid_each(qualified_name(class.text(""), class.version())),
        _ => class.forbidden(BALANCED_ONLY),
    }
}

/// How traffic from outside is led, and on which port a balancer asks for a node's health.
fn outside(service: Field<'_>) {
    let policy = service.child("spec.externalTrafficPolicy");
    if !service.version().has(TRAFFIC_FIELDS_CHECKED_EARLY) {
        if !matches!(policy.text(""), "" | "Cluster" | "Local") {
            policy.invalid("ExternalTrafficPolicy must be empty, Cluster or Local");
        }
        let health = service.child("spec.healthCheckNodePort");
        if health.number("").is_some_and(|port| port < 0) {
            health.invalid("HealthCheckNodePort must be not less than 0");
        }
        return;
    }
    if is_reached_from_outside(service.value, service.version()) {
        policy.one_of(&POLICIES);
    } else if !policy.text("").is_empty() {
        policy.invalid(match service.version().has(EXTERNAL_IPS_ARE_ACCESS) {
            true => "may only be set for externally-accessible services",
            false => "may only be set when `type` is 'NodePort' or 'LoadBalancer'",
        });
    }
    let health = service.child("spec.healthCheckNodePort");
    match (needs_health_check(service.value), health.number("").unwrap_or_default()) {
        (true, 0) => health.required(""),
        (true, _) => ports::number(health),
        (false, 0) => {}
        (false, _) => health
            .invalid("may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"),
    }
}

/// What earlier releases look at after everything has an address (`ValidateServiceExternalTrafficFieldsCombination`).
pub(super) fn outside_late(service: Field<'_>) {
    let (policy, health) =
        (service.child("spec.externalTrafficPolicy"), service.child("spec.healthCheckNodePort"));
    if !policy.text("").is_empty() && !is_reached_from_outside(service.value, service.version()) {
        policy.invalid("ExternalTrafficPolicy can only be set on NodePort and LoadBalancer service");
    }
    if !needs_health_check(service.value) && health.number("").unwrap_or_default() != 0 {
        health.invalid(
            "HealthCheckNodePort can only be set on LoadBalancer service with ExternalTrafficPolicy=Local",
        );
    }
}

/// How traffic is led inside of the cluster.
fn inside(service: Field<'_>) {
    let policy = service.child("spec.internalTrafficPolicy");
    let has_inside = matches!(kind(service.value), "ClusterIP" | "NodePort" | "LoadBalancer");
    if policy.is_null() && has_inside && service.version().has(INTERNAL_TRAFFIC) {
        policy.required("");
    }
    policy.one_of_if_set(&POLICIES);
    let known = if service.version().has(SAME_TRAFFIC) { &DISTRIBUTIONS[..] } else { &DISTRIBUTIONS[..1] };
    service.child("spec.trafficDistribution").one_of_if_set(known);
}
