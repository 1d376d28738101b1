//! Services (`pkg/apis/core/v1/defaults.go`, `pkg/registry/core/service`, `pkg/apis/core/validation`).

pub(crate) mod allocate;
mod cluster_ips;
mod defaults;
mod kinds;
mod node_ports;
mod patch;
mod prepare;
mod update;
mod validate;
mod warnings;

use super::Kind;
use super::columns::{AGE, NAME, Print, SELECTOR, joined, number, or, with};
use super::ingresses::balancers;
use super::selectable::Selectable;
use crate::api::Dig;
use crate::api::differences::{SERVICES_MADE_BY_UPDATE, SERVICES_RETURNED, SERVICES_SELECTED};
use crate::api::names::NameRule;
use crate::json::Value;

/// The row of services.
pub(super) const KIND: Kind = Kind {
    name: NameRule::Service,
    defaults: defaults::fill,
    prepare: prepare::prepare,
    validate: |service| validate::whole(service, None),
    validate_update: update::validate,
    warn: warnings::warn,
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
    created_by_update: |part, version| part == "status" || version.has(SERVICES_MADE_BY_UPDATE),
    returned: |version| version.has(SERVICES_RETURNED),
    ..Kind::plain("", "services")
};

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
