//! Endpoints (`pkg/apis/core/v1/defaults.go`, `pkg/apis/core/validation`): presence of addresses only.

use super::Kind;
use super::columns::{AGE, NAME, Print, number, with};
use crate::api::value::Dig;
use serde_json::Value;

/// The row of endpoints.
pub(super) const KIND: Kind = Kind {
    defaults: |endpoints, _| {
        let subsets = endpoints.at_mut("subsets").and_then(Value::as_array_mut);
        for subset in subsets.into_iter().flatten() {
            let ports = subset.at_mut("ports").and_then(Value::as_array_mut);
            for port in ports.into_iter().flatten() {
                port.set_default("protocol", "TCP");
            }
        }
    },
    prepare: |_, _, _, _| {},
    validate: |endpoints| {
        for subset in endpoints.items("subsets") {
            if subset.list("addresses").is_empty() && subset.list("notReadyAddresses").is_empty() {
                subset.required("must specify `addresses` or `notReadyAddresses`");
            }
        }
    },
    whole_update: true,
    columns: &[NAME, with("Endpoints", addresses), AGE],
    created_by_update: true,
    ..Kind::plain("", "endpoints")
};

fn addresses(object: &Value, _: Print) -> Value {
    let mut all = Vec::new();
    for subset in object.list("subsets") {
        let addresses = subset.list("addresses").iter().map(|address| address.text("ip"));
        match subset.list("ports") {
            [] => all.extend(addresses.map(str::to_owned)),
            ports => {
                for port in ports {
                    let number = number(port, "port");
                    all.extend(addresses.clone().map(|address| format!("{address}:{number}")));
                }
            }
        }
    }
    match (all.len(), all.len().saturating_sub(3)) {
        (0, _) => "<none>".into(),
        (_, 0) => all.join(",").into(),
        (_, more) => format!("{} + {more} more...", all[..3].join(",")).into(),
    }
}
