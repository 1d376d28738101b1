//! Services (`pkg/apis/core/v1/defaults.go`, `pkg/registry/core/service`, `pkg/apis/core/validation`).
//!
//! Differs from Kubernetes: nobody allocates addresses and node ports. What is given stays, what is stored is kept.

use super::Kind;
use super::Moment;
use super::columns::{Columns, Print, age, count, joined, labels, or};
use super::parts::meta;
use super::parts::strategy::{keep, spec_and_status};
use super::selectable::Field;
use crate::api::differences::{
    EXTERNAL_IPS_DEPRECATED, INTERNAL_TRAFFIC, OPTIONAL_NODE_PORTS, SERVICES_RETURNED, SERVICES_SELECTED,
};
use crate::api::field::{Errors, go_strings};
use crate::api::names::NameRule;
use crate::api::names::{dns1123_label, dns1123_subdomain, port_name, port_number};
use crate::api::value::Dig;
use crate::api::version::Version;
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
    warn: |service, moment, version| {
        let told = !service.list("spec.externalIPs").is_empty()
            && moment != Moment::Arrived
            && version.has(EXTERNAL_IPS_DEPRECATED);
        let text = "spec.externalIPs is deprecated and may no longer be implemented in some clusters";
        told.then(|| text.to_owned()).into_iter().collect()
    },
    columns: &[Columns::new("Name|Type|Cluster-IP|External-IP|Port(s)|Age|Selector*", row)],
    selectable: &[
        Field::text("spec.clusterIP").since(SERVICES_SELECTED),
        Field::text("spec.type").since(SERVICES_SELECTED),
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

fn headless(service: &Value) -> bool {
    service.text("spec.clusterIP") == "None"
}

fn validate(service: &Value, errors: &mut Errors) {
    let kind = service.text("spec.type");
    let ports = service.list("spec.ports");
    if ports.is_empty() && !headless(service) && kind != "ExternalName" {
        errors.required("spec.ports", "");
    }
    match kind {
        "LoadBalancer" | "NodePort" if headless(service) => {
            let detail = format!("may not be set to 'None' for {kind} services");
            errors.invalid("spec.clusterIPs[0]", "None", detail);
        }
        "ExternalName" => {
            if !service.text("spec.clusterIP").is_empty() {
                errors.forbidden("spec.clusterIPs", "may not be set for ExternalName services");
            }
            match service.text("spec.externalName").trim_end_matches('.') {
                "" => errors.required("spec.externalName", ""),
                name => errors.invalid_each("spec.externalName", name, dns1123_subdomain(name)),
            }
        }
        _ => {}
    }
    for i in 0..ports.len() {
        validate_port(ports, i, errors);
    }
    meta::label_map(service.at("spec.selector"), "spec.selector", errors);
    enumerated(service, "spec.sessionAffinity", &AFFINITIES, errors);
    enumerated(service, "spec.type", &TYPES, errors);
    for (i, port) in ports.iter().enumerate() {
        let same = |other: &Value| ["port", "protocol"].iter().all(|key| other.at(key) == port.at(key));
        if ports.iter().take(i).any(same) {
            let number = port.at("port");
            let protocol = port.text("protocol");
            errors.duplicate_go(
                format_args!("spec.ports[{i}]"),
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

fn enumerated(service: &Value, path: &str, allowed: &[&str], errors: &mut Errors) {
    match service.text(path) {
        "" => errors.required(path, ""),
        word if allowed.contains(&word) => {}
        word => errors.not_supported(path, word, allowed),
    }
}

fn validate_port(ports: &[Value], i: usize, errors: &mut Errors) {
    let Some(port) = ports.get(i) else { return };
    let path = format!("spec.ports[{i}]");
    let name = port.text("name");
    if name.is_empty() {
        if ports.len() > 1 {
            errors.required(format_args!("{path}.name"), "");
        }
    } else {
        let wrong = dns1123_label(name, errors.version());
        errors.invalid_each(format_args!("{path}.name"), name, wrong);
        if ports.iter().take(i).any(|other| other.text("name") == name) {
            errors.duplicate(format_args!("{path}.name"), name);
        }
    }
    let number = port.at("port").as_i64().unwrap_or_default();
    for wrong in port_number(number) {
        errors.invalid(format_args!("{path}.port"), number, wrong);
    }
    enumerated(port, "protocol", &PROTOCOLS, errors);
    match port.at("targetPort") {
        Value::String(name) => {
            errors.invalid_each(format_args!("{path}.targetPort"), name, port_name(name));
        }
        target => {
            let number = target.as_i64().unwrap_or_default();
            for wrong in port_number(number) {
                errors.invalid(format_args!("{path}.targetPort"), number, wrong);
            }
        }
    }
}

/// A service's address is for ever, once it has one.
fn validate_update(new: &Value, old: &Value, _: &str, errors: &mut Errors) {
    let external = |service: &Value| service.text("spec.type") == "ExternalName";
    let path = "spec.clusterIP";
    let had = old.text(path);
    if external(old) || external(new) || had.is_empty() || new.text(path) == had {
        return;
    }
    let addresses = match new.list("spec.clusterIPs") {
        [] => vec![new.text(path)],
        list => list.iter().filter_map(Value::as_str).collect(),
    };
    errors.invalid_go(
        "spec.clusterIPs[0]",
        go_strings(addresses.iter().copied()),
        Value::from(addresses.clone()),
        "may not change once set",
    );
}

fn row(object: &Value, print: Print) -> Vec<Value> {
    let kind = match object.text("spec.type") {
        "" => "ClusterIP",
        kind => kind,
    };
    let addresses = object.list("spec.externalIPs").iter().filter_map(Value::as_str);
    let balanced =
        object.list("status.loadBalancer.ingress").iter().map(|ingress| match ingress.text("ip") {
            "" => ingress.text("hostname"),
            ip => ip,
        });
    let external = match kind {
        "ExternalName" => object.text("spec.externalName").to_owned(),
        "LoadBalancer" => joined(&balanced.chain(addresses).collect::<Vec<_>>(), "<pending>"),
        _ => joined(&addresses.collect::<Vec<_>>(), "<none>"),
    };
    let ports: Vec<String> = object
        .list("spec.ports")
        .iter()
        .map(|port| match (count(port, "port"), count(port, "nodePort"), port.text("protocol")) {
            (number, 0, protocol) => format!("{number}/{protocol}"),
            (number, node, protocol) => format!("{number}:{node}/{protocol}"),
        })
        .collect();
    let ports: Vec<&str> = ports.iter().map(String::as_str).collect();
    vec![
        object.name().into(),
        kind.into(),
        or(object, "spec.clusterIP", "<none>"),
        external.into(),
        joined(&ports, "<none>").into(),
        age(object, print),
        labels(object.at("spec.selector")).into(),
    ]
}
