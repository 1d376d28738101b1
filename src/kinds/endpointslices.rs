//! Endpoint slices (`pkg/apis/discovery/v1/defaults.go`, `pkg/apis/discovery/validation`).

use super::columns::{AGE, NAME, Print, joined, text, with};
use super::field::Field;
use super::parts::strategy::count_changes;
use super::parts::{addresses, meta, ports};
use super::pod::items_mut;
use super::{Kind, When};
use crate::api::Version;
use crate::api::differences::{
    ADDRESSES_WARNED_OF, BLOCKS_WORDED, SLICES_CHECKED_WHEN_CHANGED, STRICT_ADDRESSES,
};
use crate::api::names::{NameRule, dns1123_label, dns1123_subdomain, label_value};
use crate::api::value::Dig;
use crate::json::Value;

const TYPES: [&str; 3] = ["FQDN", "IPv4", "IPv6"];
const ENDPOINTS_MAX: usize = 1000;
const ADDRESSES_MAX: usize = 100;
const PORTS_MAX: usize = 20_000;
const TOPOLOGY_MAX: usize = 16;
const HINTS_MAX: usize = 8;

/// The row of endpoint slices.
pub(super) const KIND: Kind = Kind {
    defaults: |slice, _| {
        for port in items_mut(slice, "ports") {
            port.set_default("name", "");
            port.set_default("protocol", "TCP");
        }
    },
    prepare: |slice, old, _, _| {
        let paths = ["metadata.labels", "addressType", "endpoints", "ports"];
        count_changes(slice, old, &paths);
    },
    validate: |slice| validate(slice, true),
    validate_update: |new, old, _| {
        meta::whole(new, NameRule::Subdomain);
        let kept = new.value.at("endpoints") == old.at("endpoints");
        validate(new, !(kept && new.version().has(SLICES_CHECKED_WHEN_CHANGED)));
        new.child("addressType").immutable(old.at("addressType"));
    },
    warn,
    columns: &[
        NAME,
        text("AddressType", "addressType"),
        with("Ports", ports),
        with("Endpoints", addresses),
        AGE,
    ],
    ..Kind::plain("discovery.k8s.io", "endpointslices")
};

fn validate(slice: Field<'_>, with_endpoints: bool) {
    slice.child("addressType").one_of(&TYPES);
    let endpoints = || {
        if with_endpoints {
            validate_endpoints(slice.child("endpoints"), slice.text("addressType"));
        }
    };
    match slice.version().has(SLICES_CHECKED_WHEN_CHANGED) {
        true => {
            validate_ports(slice.child("ports"));
            endpoints();
        }
        false => {
            endpoints();
            validate_ports(slice.child("ports"));
        }
    }
}

/// Whether a list has no more items than it may have; if not, this is told.
fn is_short(list: Field<'_>, most: usize) -> bool {
    let found = list.list("").len();
    if found > most {
        list.errors.too_many(list.path, found, most);
    }
    found <= most
}

fn validate_ports(list: Field<'_>) {
    if !is_short(list, PORTS_MAX) {
        return;
    }
    for (i, port) in list.items("").enumerate() {
        let name = port.string("name");
        ports::label(name, false);
        if list.list("").iter().take(i).any(|other| other.text("name") == name.text("")) {
            name.duplicate();
        }
        port.child("protocol").one_of(&ports::PROTOCOLS);
        ports::app_protocol(port.child("appProtocol"));
    }
}

fn validate_endpoints(endpoints: Field<'_>, kind: &str) {
    if !is_short(endpoints, ENDPOINTS_MAX) {
        return;
    }
    for endpoint in endpoints.items("") {
        let list = endpoint.child("addresses");
        if list.list("").is_empty() {
            list.required("must contain at least 1 address");
        }
        is_short(list, ADDRESSES_MAX);
        list.items("").for_each(|address| validate_address(address, list, kind));
        let (node, topology) = (endpoint.child("nodeName"), endpoint.child("deprecatedTopology"));
        if !node.is_null() {
            node.invalid_each(dns1123_subdomain(node.text("")));
        }
        if topology.value.entries("").count() > TOPOLOGY_MAX {
            topology.errors.too_many(topology.path, topology.value.entries("").count(), TOPOLOGY_MAX);
        }
        meta::labels(topology);
        let hostname = endpoint.child("hostname");
        if !hostname.is_null() {
            hostname.invalid_each(dns1123_label(hostname.text(""), hostname.version()));
        }
        validate_hints(endpoint.child("hints"));
    }
}

fn validate_address(address: Field<'_>, list: Field<'_>, kind: &str) {
    match kind {
        "FQDN" => validate_domain(address),
        "IPv4" | "IPv6" if !address.version().has(BLOCKS_WORDED) => {
            let text = address.text("");
            let is_of_kind =
                addresses::sloppy(text).is_some() && addresses::is_ipv6(text) == (kind == "IPv6");
            if !is_of_kind {
                address.invalid(format_args!("must be a valid {kind} address"));
            }
            addresses::not_special(address);
        }
        "IPv4" | "IPv6" => {
            let checked = match address.version().has(STRICT_ADDRESSES) {
                true => addresses::canonical(address),
                false => addresses::legacy(address, &[]),
            };
            let Some(ip) = checked.map(addresses::plain) else { return };
            if ip.is_ipv6() != (kind == "IPv6") {
                list.invalid_as(address.text(""), format_args!("must be an {kind} address"));
            }
            addresses::not_special(address);
        }
        _ => {}
    }
}

/// Checks a fully qualified name (`IsFullyQualifiedDomainName`).
fn validate_domain(domain: Field<'_>) {
    let text = domain.text("");
    if text.is_empty() {
        return domain.required("");
    }
    let name = text.strip_suffix('.').unwrap_or(text);
    let wrong = dns1123_subdomain(name);
    if !wrong.is_empty() {
        return domain.invalid_as(name, wrong.join(","));
    }
    if !name.contains('.') {
        return domain.invalid_as(name, "should be a domain with at least two segments separated by dots");
    }
    for label in name.split('.') {
        let wrong = dns1123_label(label, domain.version());
        if !wrong.is_empty() {
            domain.invalid_as(label, wrong.join(","));
        }
    }
}

fn validate_hints(hints: Field<'_>) {
    for (key, is_zone) in [("forZones", true), ("forNodes", false)] {
        let list = hints.child(key);
        if !is_short(list, HINTS_MAX) {
            return;
        }
        for (i, hint) in list.items("").enumerate() {
            let name = hint.string("name");
            if list.list("").iter().take(i).any(|other| other.text("name") == name.text("")) {
                name.duplicate();
            }
            name.invalid_each(match is_zone {
                true => label_value(name.text(""), name.version()),
                false => dns1123_subdomain(name.text("")),
            });
        }
    }
}

fn warn(slice: &Value, when: When<'_>, version: Version) -> Vec<String> {
    if when == When::Arrived || !version.has(ADDRESSES_WARNED_OF) {
        return Vec::new();
    }
    if slice.text("addressType") == "FQDN" {
        return vec!["spec.addressType: FQDN endpoints are deprecated".to_owned()];
    }
    let mut warnings = Vec::new();
    for (i, endpoint) in slice.list("endpoints").iter().enumerate() {
        for (j, address) in endpoint.texts("addresses").into_iter().enumerate() {
            let path = format!("spec.endpoints[{i}].addresses[{j}]");
            warnings.extend(addresses::warn(path, address, version));
        }
    }
    warnings
}

fn ports(object: &Value, _: Print) -> Value {
    let number = |port: &Value| port.at("port").as_i64().map_or("*".to_owned(), |number| number.to_string());
    joined(object.list("ports").iter().map(number), "<unset>")
}

fn addresses(object: &Value, _: Print) -> Value {
    let all = object.list("endpoints").iter().flat_map(|endpoint| endpoint.list("addresses"));
    joined(all.filter_map(Value::as_str), "<unset>")
}
