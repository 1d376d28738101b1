//! The addresses of a service and their families (`ValidateServiceClusterIPsRelatedFields`).

use super::kinds::{NO_ADDRESS, is_external_name, is_headless};
use crate::api::Dig;
use crate::api::differences::ADDRESSES_QUOTE_FIELDS;
use crate::api::field::go_strings;
use crate::json::Value;
use crate::kinds::field::Field;
use crate::kinds::parts::addresses;

const FAMILIES: [&str; 2] = ["IPv4", "IPv6"];
const POLICIES: [&str; 3] = ["PreferDualStack", "RequireDualStack", "SingleStack"];

/// Tells of a service's addresses as a list, be it empty.
pub(super) fn wrong(field: Field<'_>, addresses: &Value, detail: &str) {
    let go = match addresses {
        Value::Array(_) => go_strings(addresses.texts("")),
        _ => "[]string(nil)".to_owned(),
    };
    field.invalid_go(go, addresses, detail);
}

/// Checks addresses and families; what the stored service has may stay.
pub(crate) fn validate(service: Field<'_>, old: Option<&Value>) {
    if is_external_name(service.value) {
        return;
    }
    let list = service.child("spec.clusterIPs");
    let (texts, single) = (list.value.texts(""), service.text("spec.clusterIP"));
    let quoted = service.version().has(ADDRESSES_QUOTE_FIELDS);
    match (single, texts.first()) {
        ("", None) => {}
        ("", Some(_)) if quoted => wrong(list, list.value, "must be empty when `clusterIP` is not specified"),
        ("", Some(_)) => wrong(list, list.value, "must be empty when clusterIP is empty"),
        (_, None) => list.required(""),
        (single, Some(first)) if single == *first => {}
        _ if quoted => wrong(list, list.value, "first value must match `clusterIP`"),
        _ => wrong(list, list.value, "element [0] must match clusterIP"),
    }
    let families = service.child("spec.ipFamilies");
    for (i, family) in families.items("").enumerate() {
        family.one_of_if_set(&FAMILIES);
        if families.list("").iter().take(i).any(|other| other == family.value) {
            family.duplicate();
        }
    }
    service.child("spec.ipFamilyPolicy").one_of_if_set(&POLICIES);
    let stored = old.map(|old| old.texts("spec.clusterIPs")).unwrap_or_default();
    let before = list.errors.len();
    for (i, address) in list.items("").enumerate() {
        if i == 0 && address.text("") == NO_ADDRESS {
            if texts.len() > 1 {
                wrong(list, list.value, "'None' must be the first and only value");
            }
            continue;
        }
        addresses::legacy(address, &stored);
    }
    let invalid = list.errors.len() > before;
    if texts.len() > 2 {
        wrong(list, list.value, "may only hold up to 2 values");
    }
    if invalid {
        return;
    }
    let six = texts.iter().filter(|text| addresses::is_ipv6(text)).count();
    if texts.len() > 1 && (six > 1 || texts.len() - six > 1) {
        wrong(list, list.value, "may specify no more than one IP for each IP family");
    }
    if is_headless(service.value) {
        return;
    }
    for (i, (address, family)) in list.items("").zip(families.value.texts("")).enumerate() {
        if addresses::is_ipv6(address.text("")) != (family == "IPv6") {
            address.invalid(format_args!("expected an {family} value as indicated by `ipFamilies[{i}]`"));
        }
    }
}
