//! Service CIDRs: the addresses that services may have (`pkg/apis/networking/validation`).
//!
//! Differs from Kubernetes: no controller keeps one that is in use, and the server's own is not there.

use super::Kind;
use super::columns::{AGE, NAME, joined, with};
use super::field::Field;
use super::parts::addresses;
use crate::api::Dig;
use crate::api::field::go_strings;
use crate::json::Value;

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
    let texts = cidrs.value.texts("");
    match texts.as_slice() {
        [] => cidrs.required("at least one CIDR required"),
        [one, other] if !addresses::are_dual(one, other) => {
            let example = "i.e 192.168.0.0/24 and 2001:db8::/64";
            cidrs.invalid(format_args!("may specify no more than one IP for each IP family, {example}"));
        }
        [_] | [_, _] => cidrs.items("").for_each(addresses::canonical_block),
        _ => {
            let go = format!("networking.ServiceCIDRSpec{{CIDRs:{}}}", go_strings(texts));
            let json = format!("{{\"CIDRs\":{}}}", cidrs.value);
            cidrs.invalid_go(go, json, "may only hold up to 2 values");
        }
    }
}

/// A second family may be added; what is there stays.
fn validate_update(cidrs: Field<'_>, old: &[Value]) {
    let kept = || cidrs.items("").zip(old).for_each(|(cidr, old)| cidr.immutable(old));
    match (cidrs.list("").len(), old.len()) {
        (new, old) if new == old => kept(),
        (2, 1) => {
            kept();
            validate(cidrs);
        }
        _ => cidrs.invalid("field is immutable"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Version;
    use crate::json::json;
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
