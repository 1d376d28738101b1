//! Endpoints (`pkg/apis/core/v1/defaults.go`, `pkg/apis/core/validation`): presence of addresses only.

use super::Kind;
use super::columns::{Columns, Print, age, count};
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
    columns: &[Columns::new("Name|Endpoints|Age", row)],
    created_by_update: true,
    ..Kind::plain("", "endpoints")
};

fn row(object: &Value, print: Print) -> Vec<Value> {
    let mut all = Vec::new();
    for subset in object.list("subsets") {
        let addresses = subset.list("addresses").iter().map(|address| address.text("ip"));
        match subset.list("ports") {
            [] => all.extend(addresses.map(str::to_owned)),
            ports => {
                for port in ports {
                    let number = count(port, "port");
                    all.extend(addresses.clone().map(|address| format!("{address}:{number}")));
                }
            }
        }
    }
    let more = all.len().saturating_sub(3);
    all.truncate(3);
    let shown = match (all.is_empty(), more) {
        (true, _) => "<none>".to_owned(),
        (false, 0) => all.join(","),
        (false, more) => format!("{} + {more} more...", all.join(",")),
    };
    vec![object.name().into(), shown.into(), age(object, print)]
}
