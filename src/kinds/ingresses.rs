//! Ingresses.

use super::Kind;
use super::columns::{AGE, Column, NAME, Print, joined, or, with};
use super::parts::strategy::spec_with_generation;
use crate::api::Dig;
use serde_json::Value;

/// The row of ingresses.
pub(super) const KIND: Kind =
    Kind { prepare: spec_with_generation, columns: COLUMNS, ..Kind::plain("networking.k8s.io", "ingresses") };

/// Ingresses as they were served at first.
pub(super) const EARLIER: Kind = Kind { columns: COLUMNS, ..Kind::plain("extensions", "ingresses") };

const COLUMNS: &[Column] = &[
    NAME,
    or("Class", "spec.ingressClassName", "<none>"),
    with("Hosts", hosts),
    with("Address", addresses),
    with("Ports", |object, _| if object.list("spec.tls").is_empty() { "80" } else { "80, 443" }.into()),
    AGE,
];

fn hosts(object: &Value, _: Print) -> Value {
    let hosts = object.list("spec.rules").iter().map(|rule| rule.text("host"));
    let hosts: Vec<&str> = hosts.filter(|host| !host.is_empty()).collect();
    match hosts.as_slice() {
        [] => "*".into(),
        [a, b, c, more @ ..] if !more.is_empty() => format!("{a},{b},{c} + {} more...", more.len()).into(),
        few => few.join(",").into(),
    }
}

fn addresses(object: &Value, _: Print) -> Value {
    joined(balancers(object), "")
}

/// The addresses of load balancers, or their names.
pub(super) fn balancers(object: &Value) -> impl Iterator<Item = &str> {
    object.list("status.loadBalancer.ingress").iter().map(|ingress| match ingress.text("ip") {
        "" => ingress.text("hostname"),
        ip => ip,
    })
}
