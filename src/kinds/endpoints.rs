//! Endpoints (`pkg/apis/core/v1/defaults.go`, `pkg/apis/core/validation`).

use super::columns::{AGE, NAME, Print, number, with};
use super::field::Field;
use super::parts::{addresses, ports};
use super::pod::items_mut;
use super::{Kind, When};
use crate::api::Version;
use crate::api::names::{dns1123_label, dns1123_subdomain};
use crate::api::value::Dig;
use crate::json::Value;

const LISTS: [&str; 2] = ["addresses", "notReadyAddresses"];

/// The row of endpoints.
pub(super) const KIND: Kind = Kind {
    defaults: |endpoints, _| {
        for subset in items_mut(endpoints, "subsets") {
            items_mut(subset, "ports").for_each(|port| port.set_default("protocol", "TCP"));
        }
    },
    prepare: |_, _, _, _| {},
    validate: |endpoints| endpoints.items("subsets").for_each(validate_subset),
    // Old addresses may stay as they are.
    validate_update: |new, old, _| {
        if new.value.at("subsets") != old.at("subsets") {
            new.items("subsets").for_each(validate_subset);
        }
    },
    warn,
    columns: &[NAME, with("Endpoints", addresses), AGE],
    created_by_update: |_, _| true,
    ..Kind::plain("", "endpoints")
};

fn validate_subset(subset: Field<'_>) {
    if LISTS.iter().all(|list| subset.list(list).is_empty()) {
        subset.required("must specify `addresses` or `notReadyAddresses`");
    }
    for list in LISTS {
        subset.items(list).for_each(validate_address);
    }
    let several = subset.list("ports").len() > 1;
    for port in subset.items("ports") {
        ports::label(port.child("name"), several);
        ports::number(port.child("port"));
        port.child("protocol").one_of(&ports::PROTOCOLS);
        ports::app_protocol(port.child("appProtocol"));
    }
}

fn validate_address(address: Field<'_>) {
    let (ip, hostname, node) = (address.string("ip"), address.child("hostname"), address.child("nodeName"));
    addresses::legacy(ip, &[]);
    hostname.named_if_set(|name| dns1123_label(name, address.version()));
    if !node.is_null() {
        node.invalid_each(dns1123_subdomain(node.text("")));
    }
    addresses::not_special(ip);
}

fn warn(endpoints: &Value, when: When<'_>, version: Version) -> Vec<String> {
    let mut warnings = Vec::new();
    for (i, subset) in endpoints.list("subsets").iter().enumerate().filter(|_| when != When::Arrived) {
        for list in LISTS {
            for (j, address) in subset.list(list).iter().enumerate() {
                let path = format!("subsets[{i}].{list}[{j}].ip");
                warnings.extend(addresses::warn(path, address.text("ip"), version));
            }
        }
    }
    warnings
}

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
