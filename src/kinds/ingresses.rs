//! Ingresses.

use super::Kind;
use super::columns::{Columns, Print, age, or};
use super::parts::strategy::spec_with_generation;
use crate::api::Dig;
use serde_json::Value;

/// The row of ingresses.
pub(super) const KIND: Kind = Kind {
    prepare: spec_with_generation,
    columns: &[Columns::new("Name|Class|Hosts|Address|Ports|Age", row)],
    ..Kind::plain("networking.k8s.io", "ingresses")
};

/// Ingresses as they were served at first.
pub(super) const EARLIER: Kind = Kind {
    columns: &[Columns::new("Name|Class|Hosts|Address|Ports|Age", row)],
    ..Kind::plain("extensions", "ingresses")
};

fn row(object: &Value, print: Print) -> Vec<Value> {
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
