//! Service CIDRs: the addresses that services may have (`pkg/apis/networking/validation`,
//! `apimachinery/pkg/util/validation/ip.go`).
//!
//! Differs from Kubernetes: no controller keeps one that is in use, and the server's own is not there.

use super::Kind;
use super::columns::{AGE, NAME, joined, with};
use super::field::Field;
use crate::api::Dig;
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The row of service CIDRs.
pub(super) const KIND: Kind = Kind {
    validate: |service_cidr| validate(service_cidr.child("spec.cidrs")),
    validate_update: |new, old, _| validate_update(new.child("spec.cidrs"), old.list("spec.cidrs")),
    columns: &[
        NAME,
        with("CIDRs", |object, _| joined(object.list("spec.cidrs").iter().filter_map(Value::as_str), "")),
        AGE,
    ],
    ..Kind::plain("networking.k8s.io", "servicecidrs")
};

fn validate(cidrs: Field<'_>) {
    match cidrs.list("").len() {
        0 => cidrs.required("at least one CIDR required"),
        1 | 2 => {
            let families: Vec<_> = cidrs.items("").filter_map(cidr).map(|(ip, _)| ip.is_ipv4()).collect();
            if matches!(families.as_slice(), [one, other] if one == other) {
                let example = "i.e 192.168.0.0/24 and 2001:db8::/64";
                cidrs.invalid(format_args!("may specify no more than one IP for each IP family, {example}"));
            }
        }
        _ => cidrs.invalid_as(json!({"CIDRs": cidrs.value}), "may only hold up to 2 values"),
    }
}

/// A second family may be added; what is there stays.
fn validate_update(cidrs: Field<'_>, old: &[Value]) {
    match (cidrs.list("").len(), old.len()) {
        (new, old) if new < old || new > 2 => cidrs.invalid("field is immutable"),
        _ => {
            cidrs.items("").zip(old).for_each(|(cidr, old)| cidr.immutable(old));
            for added in cidrs.items("").skip(old.len()) {
                cidr(added);
            }
        }
    }
}

/// Checks a block of addresses, and gives it if it is one.
pub(super) fn cidr(field: Field<'_>) -> Option<(IpAddr, u8)> {
    let text = field.text("");
    let Some((address, prefix)) = sloppy(text) else {
        field.invalid("must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
        return None;
    };
    let exact = text.split_once('/').and_then(|(ip, bits)| Some((ip.parse::<IpAddr>().ok()?, bits)));
    match exact {
        Some((_, bits)) if bits.len() == 1 || !bits.starts_with('0') => {
            if is_mapped(address) {
                field.invalid("must not have an IPv4-mapped IPv6 address");
            } else if masked(address, prefix) != address {
                field.invalid("must not have bits set beyond the prefix length");
            }
        }
        _ => field.invalid("must not have leading 0s in IP or prefix length"),
    }
    Some((address, prefix))
}

/// An address and a length, as Go once read them: with zeros before the digits.
pub(super) fn sloppy(text: &str) -> Option<(IpAddr, u8)> {
    let (address, prefix) = text.split_once('/')?;
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse::<u8>().ok())?;
    let octets: Option<Vec<u8>> = address.split('.').map(digits).collect();
    let address = match octets.and_then(|octets| <[u8; 4]>::try_from(octets).ok()) {
        Some(octets) => IpAddr::from(octets),
        None => address.parse().ok()?,
    };
    let prefix = digits(prefix)?;
    (prefix <= if address.is_ipv4() { 32 } else { 128 }).then_some((address, prefix))
}

fn is_mapped(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(address) if address.to_ipv4_mapped().is_some())
}

/// The first address of the block in which an address is.
fn masked(address: IpAddr, prefix: u8) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or_default();
            Ipv4Addr::from_bits(address.to_bits() & mask).into()
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or_default();
            Ipv6Addr::from_bits(address.to_bits() & mask).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Version;
    use crate::kinds::Strategy;

    /// What a server of 1.36 said (record `kinds_invalid_network`).
    #[test]
    fn blocks_are_checked_in_the_servers_words() {
        let object = |cidrs: Value| json!({"metadata": {"name": "x", "resourceVersion": "1"}, "spec": {"cidrs": cidrs}});
        let version = Version::minor(36);
        for (cidrs, told) in [
            (json!(["10.8.0.0/24", "fd00::/112"]), ""),
            (Value::Null, "spec.cidrs: Required value: at least one CIDR required"),
            (
                json!(["x"]),
                "spec.cidrs[0]: Invalid value: \"x\": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)",
            ),
            (
                json!(["10.1.0.1/24"]),
                "spec.cidrs[0]: Invalid value: \"10.1.0.1/24\": must not have bits set beyond the prefix length",
            ),
            (
                json!(["010.1.0.0/24"]),
                "spec.cidrs[0]: Invalid value: \"010.1.0.0/24\": must not have leading 0s in IP or prefix length",
            ),
            (
                json!(["10.1.0.0/24", "10.2.0.0/24"]),
                "spec.cidrs: Invalid value: [\"10.1.0.0/24\",\"10.2.0.0/24\"]: may specify no more than one IP for each \
                 IP family, i.e 192.168.0.0/24 and 2001:db8::/64",
            ),
            (
                json!(["10.1.0.0/24", "fd00::/112", "fd01::/112"]),
                "spec.cidrs: Invalid value: {\"CIDRs\":[\"10.1.0.0/24\",\"fd00::/112\",\"fd01::/112\"]}: may only hold up to 2 \
                 values",
            ),
        ] {
            let errors = KIND.errors_of_create(&object(cidrs), version);
            assert_eq!(if errors.is_empty() { String::new() } else { errors.summary() }, told);
        }
        let (new, old) = (object(json!(["10.9.0.0/24"])), object(json!(["10.8.0.0/24"])));
        let told = KIND.errors_of_update(&new, &old, "", version).summary();
        assert_eq!(told, "spec.cidrs[0]: Invalid value: \"10.9.0.0/24\": field is immutable");
    }
}
