//! Endpoint slices (`pkg/apis/discovery`): the type of their addresses only.

use super::Kind;
use super::columns::{AGE, NAME, Print, joined, text, with};
use super::parts::strategy::count_changes;
use crate::api::value::Dig;
use serde_json::Value;

const TYPES: [&str; 3] = ["FQDN", "IPv4", "IPv6"];

/// The row of endpoint slices.
pub(super) const KIND: Kind = Kind {
    defaults: |slice, _| {
        let ports = slice.at_mut("ports").and_then(Value::as_array_mut);
        for port in ports.into_iter().flatten() {
            port.set_default("name", "");
            port.set_default("protocol", "TCP");
        }
    },
    prepare: |slice, old, _, _| {
        let paths = ["metadata.labels", "addressType", "endpoints", "ports"];
        count_changes(slice, old, &paths);
    },
    validate: |slice| slice.child("addressType").one_of(&TYPES),
    whole_update: true,
    validate_update: |new, old, _| new.child("addressType").immutable(old.at("addressType")),
    columns: &[
        NAME,
        text("AddressType", "addressType"),
        with("Ports", ports),
        with("Endpoints", addresses),
        AGE,
    ],
    ..Kind::plain("discovery.k8s.io", "endpointslices")
};

fn ports(object: &Value, _: Print) -> Value {
    let number = |port: &Value| port.at("port").as_i64().map_or("*".to_owned(), |number| number.to_string());
    joined(object.list("ports").iter().map(number), "<unset>")
}

fn addresses(object: &Value, _: Print) -> Value {
    let all = object.list("endpoints").iter().flat_map(|endpoint| endpoint.list("addresses"));
    joined(all.filter_map(Value::as_str), "<unset>")
}
