//! Services (`pkg/apis/core/v1/defaults.go`, `pkg/registry/core/service`, `pkg/apis/core/validation`).
//!
//! Differs from Kubernetes: nobody allocates addresses and node ports. What is given stays, what is stored is kept.

use super::Kind;
use super::When;
use super::columns::{AGE, NAME, Print, SELECTOR, joined, number, or, with};
use super::field::Field;
use super::ingresses::balancers;
use super::parts::meta;
use super::parts::strategy::{keep, spec_and_status};
use super::selectable::Selectable;
use crate::api::differences::{
    EXTERNAL_IPS_DEPRECATED, INTERNAL_TRAFFIC, OPTIONAL_NODE_PORTS, SERVICES_RETURNED, SERVICES_SELECTED,
};
use crate::api::field::go_strings;
use crate::api::names::{NameRule, dns1123_label, dns1123_subdomain, port_name, port_number};
use crate::api::{Dig, Version};
use serde_json::Value;

const TYPES: [&str; 4] = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const PROTOCOLS: [&str; 3] = ["SCTP", "TCP", "UDP"];
const AFFINITIES: [&str; 2] = ["ClientIP", "None"];

/// The row of services.
pub(super) const KIND: Kind = Kind {
    name: NameRule::Label1035,
    defaults,
    prepare,
    validate,
    whole_update: true,
    validate_update,
    warn: |service, when, version| {
        let told = !service.list("spec.externalIPs").is_empty()
            && when != When::Arrived
            && version.has(EXTERNAL_IPS_DEPRECATED);
        let text = "spec.externalIPs is deprecated and may no longer be implemented in some clusters";
        told.then(|| text.to_owned()).into_iter().collect()
    },
    columns: &[
        NAME,
        or("Type", "spec.type", "ClusterIP"),
        or("Cluster-IP", "spec.clusterIP", "<none>"),
        with("External-IP", external),
        with("Port(s)", ports),
        AGE,
        SELECTOR,
    ],
    selectable: &[
        Selectable::text("spec.clusterIP").since(SERVICES_SELECTED),
        Selectable::text("spec.type").since(SERVICES_SELECTED),
    ],
    created_by_update: true,
    returned: |version| version.has(SERVICES_RETURNED),
    ..Kind::plain("", "services")
};

fn defaults(service: &mut Value, version: Version) {
    service.set_default("spec.sessionAffinity", "None");
    if service.text("spec.sessionAffinity") == "ClientIP" {
        service.set_default("spec.sessionAffinityConfig.clientIP.timeoutSeconds", 10800);
    }
    service.set_default("spec.type", "ClusterIP");
    let ports = service.at_mut("spec.ports").and_then(Value::as_array_mut);
    for port in ports.into_iter().flatten() {
        port.set_default("protocol", "TCP");
        if matches!(port.at("targetPort"), Value::Null)
            || *port.at("targetPort") == 0
            || *port.at("targetPort") == ""
        {
            let number = port.at("port").clone();
            port.set("targetPort", number);
        }
    }
    let kind = service.text("spec.type").to_owned();
    let outside = matches!(kind.as_str(), "NodePort" | "LoadBalancer");
    if outside {
        service.set_default("spec.externalTrafficPolicy", "Cluster");
    }
    if version.has(INTERNAL_TRAFFIC) && (outside || kind == "ClusterIP") {
        service.set_default("spec.internalTrafficPolicy", "Cluster");
    }
    if version.has(OPTIONAL_NODE_PORTS) && kind == "LoadBalancer" {
        service.set_default("spec.allocateLoadBalancerNodePorts", true);
    }
}

/// An update that doesn't mention what was allocated keeps it.
fn prepare(service: &mut Value, old: Option<&Value>, subresource: &str, version: Version) {
    spec_and_status(service, old, subresource, version);
    let external = |service: &Value| service.text("spec.type") == "ExternalName";
    let Some(old) = old.filter(|old| !external(old) && !external(service)) else {
        return;
    };
    for key in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
        let path = format!("spec.{key}");
        if !service.has(&path) && old.has(&path) {
            keep(service, old, &path);
        }
    }
}

fn validate(service: Field<'_>) {
    let kind = service.text("spec.type");
    let ports = service.child("spec.ports");
    let headless = service.text("spec.clusterIP") == "None";
    if ports.list("").is_empty() && !headless && kind != "ExternalName" {
        ports.required("");
    }
    match kind {
        "LoadBalancer" | "NodePort" if headless => {
            let detail = format!("may not be set to 'None' for {kind} services");
            service.child("spec.clusterIPs[0]").invalid_as("None", detail);
        }
        "ExternalName" => {
            if !service.text("spec.clusterIP").is_empty() {
                service.child("spec.clusterIPs").forbidden("may not be set for ExternalName services");
            }
            let name = service.child("spec.externalName");
            match name.text("").trim_end_matches('.') {
                "" => name.required(""),
                text => name.errors.invalid_each(name.path, text, dns1123_subdomain(text)),
            }
        }
        _ => {}
    }
    let mut seen = Vec::new();
    for port in ports.items("") {
        validate_port(port, ports.list("").len() > 1, &mut seen);
    }
    meta::labels(service.child("spec.selector"));
    service.child("spec.sessionAffinity").one_of(&AFFINITIES);
    service.child("spec.type").one_of(&TYPES);
    for (i, port) in ports.items("").enumerate() {
        let same = |other: &Value| ["port", "protocol"].iter().all(|key| other.at(key) == port.value.at(key));
        if ports.list("").iter().take(i).any(same) {
            let (number, protocol) = (port.value.at("port"), port.text("protocol"));
            port.errors.duplicate_go(
                port.path,
            format_args!(
                "core.ServicePort{{Name:\"\", Protocol:\"{protocol}\", AppProtocol:(*string)(nil), Port:{number}, \
                 TargetPort:intstr.IntOrString{{Type:0, IntVal:0, StrVal:\"\"}}, NodePort:0}}"
            ),
            format_args!(
                "{{\"Name\":\"\",\"Protocol\":\"{protocol}\",\"AppProtocol\":null,\"Port\":{number},\
                 \"TargetPort\":0,\"NodePort\":0}}"
            ),
            "",
            );
        }
    }
}

fn validate_port<'a>(port: Field<'a>, named: bool, seen: &mut Vec<&'a str>) {
    let (field, name) = (port.child("name"), port.text("name"));
    if !name.is_empty() {
        field.invalid_each(dns1123_label(name, field.version()));
        if seen.contains(&name) {
            field.duplicate();
        }
    } else if named {
        field.required("");
    }
    seen.push(name);
    let number = |field: Field<'_>| {
        let number = field.number("").unwrap_or_default();
        port_number(number).iter().for_each(|wrong| field.invalid_as(number, wrong));
    };
    number(port.child("port"));
    port.child("protocol").one_of(&PROTOCOLS);
    let target = port.child("targetPort");
    match target.value {
        Value::String(name) => target.invalid_each(port_name(name)),
        _ => number(target),
    }
}

/// A service's address is for ever, once it has one.
fn validate_update(new: Field<'_>, old: &Value, _: &str) {
    let external = |service: &Value| service.text("spec.type") == "ExternalName";
    let (address, had) = (new.text("spec.clusterIP"), old.text("spec.clusterIP"));
    if external(old) || external(new.value) || had.is_empty() || address == had {
        return;
    }
    let addresses = match new.list("spec.clusterIPs") {
        [] => vec![address],
        list => list.iter().filter_map(Value::as_str).collect(),
    };
    let go = go_strings(addresses.iter().copied());
    new.child("spec.clusterIPs[0]").invalid_go(go, Value::from(addresses), "may not change once set");
}

fn external(service: &Value, _: Print) -> Value {
    let addresses = service.list("spec.externalIPs").iter().filter_map(Value::as_str);
    match service.text("spec.type") {
        "ExternalName" => service.text("spec.externalName").into(),
        "LoadBalancer" => joined(balancers(service).chain(addresses), "<pending>"),
        _ => joined(addresses, "<none>"),
    }
}

fn ports(service: &Value, _: Print) -> Value {
    let shown = |port: &Value| match (number(port, "port"), number(port, "nodePort"), port.text("protocol")) {
        (number, 0, protocol) => format!("{number}/{protocol}"),
        (number, node, protocol) => format!("{number}:{node}/{protocol}"),
    };
    joined(service.list("spec.ports").iter().map(shown), "<none>")
}
