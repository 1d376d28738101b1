//! The rows of kinds outside core and apps.

use super::Print;
use super::cells::{age, count, human, joined, labels, or, text};
use crate::api::Dig;
use serde_json::{Value, json};

pub(super) fn binding(object: &Value, print: Print) -> Vec<Value> {
    let of = |kind: &str| -> Value {
        let subjects = object.list("subjects").iter().filter(|subject| subject.text("kind") == kind);
        let names = subjects.map(|subject| match kind {
            "ServiceAccount" => format!("{}/{}", subject.text("namespace"), subject.text("name")),
            _ => subject.text("name").to_owned(),
        });
        names.collect::<Vec<_>>().join(", ").into()
    };
    let role = format!("{}/{}", object.text("roleRef.kind"), object.text("roleRef.name"));
    vec![object.name().into(), role.into(), age(object, print), of("User"), of("Group"), of("ServiceAccount")]
}

pub(super) fn signing_request(object: &Value, print: Print) -> Vec<Value> {
    let is = |kind: &str| object.list("status.conditions").iter().any(|c| c.text("type") == kind);
    let mut condition = match (is("Denied"), is("Approved")) {
        (true, _) => "Denied",
        (false, true) => "Approved",
        (false, false) => "Pending",
    }
    .to_owned();
    if is("Failed") {
        condition += ",Failed";
    }
    if !object.text("status.certificate").is_empty() {
        condition += ",Issued";
    }
    let mut cells = vec![
        object.name().into(),
        age(object, print),
        or(object, "spec.signerName", "<none>"),
        text(object, "spec.username"),
    ];
    if print.version.at_least(22) {
        let asked = object.at("spec.expirationSeconds").as_i64();
        cells.push(asked.map_or("<none>".to_owned(), human).into());
    }
    cells.push(condition.into());
    cells
}

pub(super) fn lease(object: &Value, print: Print) -> Vec<Value> {
    vec![object.name().into(), text(object, "spec.holderIdentity"), age(object, print)]
}

pub(super) fn ingress(object: &Value, print: Print) -> Vec<Value> {
    let hosts: Vec<&str> = object
        .list("spec.rules")
        .iter()
        .map(|rule| rule.text("host"))
        .filter(|host| !host.is_empty())
        .collect();
    let shown = match hosts.len() {
        0 => "*".to_owned(),
        1..=3 => hosts.join(","),
        count => {
            format!("{} + {} more...", hosts.iter().take(3).copied().collect::<Vec<_>>().join(","), count - 3)
        }
    };
    let addresses: Vec<&str> = object
        .list("status.loadBalancer.ingress")
        .iter()
        .map(|ingress| match ingress.text("ip") {
            "" => ingress.text("hostname"),
            ip => ip,
        })
        .collect();
    let ports = if object.list("spec.tls").is_empty() { "80" } else { "80, 443" };
    vec![
        object.name().into(),
        or(object, "spec.ingressClassName", "<none>"),
        shown.into(),
        addresses.join(",").into(),
        ports.into(),
        age(object, print),
    ]
}

pub(super) fn ingress_class(object: &Value, print: Print) -> Vec<Value> {
    let of = object.at("spec.parameters");
    let parameters = match (of.is_null(), of.text("apiGroup")) {
        (true, _) => "<none>".to_owned(),
        (false, "") => format!("{}/{}", of.text("kind"), of.text("name")),
        (false, group) => format!("{}.{group}/{}", of.text("kind"), of.text("name")),
    };
    vec![object.name().into(), text(object, "spec.controller"), parameters.into(), age(object, print)]
}

pub(super) fn network_policy(object: &Value, print: Print) -> Vec<Value> {
    vec![object.name().into(), labels(object.at("spec.podSelector")).into(), age(object, print)]
}

pub(super) fn endpoint_slice(object: &Value, print: Print) -> Vec<Value> {
    let ports: Vec<String> = object
        .list("ports")
        .iter()
        .map(|port| port.at("port").as_i64().map_or("*".to_owned(), |number| number.to_string()))
        .collect();
    let ports: Vec<&str> = ports.iter().map(String::as_str).collect();
    let all: Vec<&str> = object
        .list("endpoints")
        .iter()
        .flat_map(|endpoint| endpoint.list("addresses"))
        .filter_map(Value::as_str)
        .collect();
    vec![
        object.name().into(),
        text(object, "addressType"),
        joined(&ports, "<unset>").into(),
        joined(&all, "<unset>").into(),
        age(object, print),
    ]
}

pub(super) fn priority_class(object: &Value, print: Print) -> Vec<Value> {
    let mut cells = vec![
        object.name().into(),
        json!(count(object, "value")),
        object.flag("globalDefault").into(),
        age(object, print),
    ];
    if print.version.at_least(32) {
        cells.push(or(object, "preemptionPolicy", "<none>"));
    }
    cells
}

pub(super) fn runtime_class(object: &Value, print: Print) -> Vec<Value> {
    vec![object.name().into(), text(object, "handler"), age(object, print)]
}

pub(super) fn storage_class(object: &Value, print: Print) -> Vec<Value> {
    let default = |key| object.annotation(key) == Some("true");
    let is_default = default("storageclass.kubernetes.io/is-default-class")
        || default("storageclass.beta.kubernetes.io/is-default-class");
    let name = if is_default { format!("{} (default)", object.name()) } else { object.name().to_owned() };
    vec![
        name.into(),
        text(object, "provisioner"),
        or(object, "reclaimPolicy", "Delete"),
        or(object, "volumeBindingMode", "Immediate"),
        object.flag("allowVolumeExpansion").into(),
        age(object, print),
    ]
}

pub(super) fn webhooks(object: &Value, print: Print) -> Vec<Value> {
    vec![object.name().into(), object.list("webhooks").len().into(), age(object, print)]
}

pub(super) fn policy(object: &Value, print: Print) -> Vec<Value> {
    let rules = object.list("spec.validations").len() + object.list("spec.mutations").len();
    let of = object.at("spec.paramKind");
    let kind = match of.is_null() {
        true => "<unset>".to_owned(),
        false => format!("{}/{}", of.text("apiVersion"), of.text("kind")),
    };
    vec![object.name().into(), rules.into(), kind.into(), age(object, print)]
}

pub(super) fn policy_binding(object: &Value, print: Print) -> Vec<Value> {
    let of = object.at("spec.paramRef");
    let of = match (of.is_null(), of.text("namespace"), of.text("name")) {
        (true, ..) => "<unset>".to_owned(),
        (false, "", "") => "*".to_owned(),
        (false, "", name) => name.to_owned(),
        (false, namespace, "") => format!("{namespace}/*"),
        (false, namespace, name) => format!("{namespace}/{name}"),
    };
    vec![object.name().into(), text(object, "spec.policyName"), of.into(), age(object, print)]
}

pub(super) fn api_service(object: &Value, print: Print) -> Vec<Value> {
    let of = object.at("spec.service");
    let service = match of.is_null() {
        true => "Local".to_owned(),
        false => format!("{}/{}", of.text("namespace"), of.text("name")),
    };
    let available = object.list("status.conditions").iter().find(|c| c.text("type") == "Available");
    let available = match available.map(|c| (c.text("status"), c.text("reason"))) {
        Some(("True", _)) => "True".to_owned(),
        Some((status, reason)) => format!("{status} ({reason})"),
        None => "Unknown".to_owned(),
    };
    vec![object.name().into(), service.into(), available.into(), age(object, print)]
}
