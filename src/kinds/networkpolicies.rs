//! Network policies (`pkg/apis/networking/v1/defaults.go`, `pkg/apis/networking/validation`).

use super::columns::{AGE, NAME, labels};
use super::field::Field;
use super::parts::addresses::{self, Block};
use super::parts::ports::number_or_name;
use super::parts::selector::validate as selector;
use super::parts::strategy::{keep, spec_with_generation};
use super::pod::items_mut;
use super::{Kind, When};
use crate::api::differences::{BLOCKS_WORDED, EXTENSIONS_FORGOTTEN, NO_POLICY_STATUS, POLICIES_HAVE_STATUS};
use crate::api::field::quote;
use crate::api::{Dig, Version};
use crate::json::{Value, json};

const DIRECTIONS: [&str; 2] = ["Ingress", "Egress"];
const PROTOCOLS: [&str; 3] = ["TCP", "UDP", "SCTP"];

/// The rules of a direction, and how they call the other side.
const RULES: [(&str, &str); 2] = [("spec.ingress", "from"), ("spec.egress", "to")];

/// The row of network policies.
pub(super) const KIND: Kind = Kind {
    defaults,
    prepare,
    validate: |policy| validate(policy, &[]),
    validate_update: |new, old, _| validate(new, &stored_blocks(old)),
    group_told: |version| (!version.has(EXTENSIONS_FORGOTTEN)).then_some("extensions"),
    warn: |policy, when, version| {
        if when == When::Arrived {
            return Vec::new();
        }
        let warn = |(path, text): (String, &str)| addresses::warn_block(path, text, version);
        blocks(policy).into_iter().flat_map(warn).collect()
    },
    columns: &[NAME, labels("Pod-Selector", "spec.podSelector"), AGE],
    ..Kind::plain("networking.k8s.io", "networkpolicies")
};

fn defaults(policy: &mut Value, _: Version) {
    for (rules, _) in RULES {
        for rule in items_mut(policy, rules) {
            items_mut(rule, "ports").for_each(|port| port.set_default("protocol", "TCP"));
        }
    }
    if policy.list("spec.policyTypes").is_empty() {
        let told = if policy.list("spec.egress").is_empty() { 1 } else { 2 };
        policy.set("spec.policyTypes", json!(DIRECTIONS[..told]));
    }
}

fn prepare(policy: &mut Value, old: Option<&Value>, subresource: &str, version: Version) {
    spec_with_generation(policy, old, subresource, version);
    if version.has(POLICIES_HAVE_STATUS) && !version.has(NO_POLICY_STATUS) {
        match old {
            None => policy.set("status", json!({})),
            Some(old) => keep(policy, old, "status"),
        }
    }
}

/// The blocks of a policy: what an update leaves of them isn't checked.
fn stored_blocks(policy: &Value) -> Vec<&str> {
    blocks(policy).into_iter().map(|(_, text)| text).collect()
}

/// The blocks of addresses of a policy, with their paths.
fn blocks(policy: &Value) -> Vec<(String, &str)> {
    let mut blocks = Vec::new();
    for (rules, peers) in RULES {
        for (i, rule) in policy.list(rules).iter().enumerate() {
            for (j, peer) in rule.list(peers).iter().enumerate() {
                let path = format!("{rules}[{i}].{peers}[{j}].ipBlock");
                if let Some(text) = peer.at("ipBlock.cidr").as_str() {
                    blocks.push((format!("{path}.cidr"), text));
                }
                let excepted = peer.texts("ipBlock.except").into_iter().enumerate();
                blocks.extend(excepted.map(|(k, text)| (format!("{path}.except[{k}]"), text)));
            }
        }
    }
    blocks
}

fn validate(policy: Field<'_>, stored: &[&str]) {
    selector(policy.child("spec.podSelector"));
    for (rules, peers) in RULES {
        for rule in policy.items(rules) {
            rule.items("ports").for_each(validate_port);
            rule.items(peers).for_each(|peer| validate_peer(peer, stored));
        }
    }
    let types = policy.child("spec.policyTypes");
    if types.list("").len() > DIRECTIONS.len() {
        let told: Vec<String> = types.value.texts("").into_iter().map(quote).collect();
        let go = format!("[]networking.PolicyType{{{}}}", told.join(", "));
        return types.invalid_go(go, types.value, "may not specify more than two policyTypes");
    }
    types.items("").for_each(|direction| direction.one_of_if_set(&DIRECTIONS));
}

fn validate_port(port: Field<'_>) {
    port.child("protocol").one_of_if_set(&PROTOCOLS);
    let (number, end) = (port.child("port"), port.child("endPort"));
    match (number.value, end.number("")) {
        (Value::Null, Some(_)) => end.invalid("may not be specified when `port` is not specified"),
        (Value::String(_), Some(_)) => end.invalid("may not be specified when `port` is non-numeric"),
        _ => {}
    }
    // What is shown is the port, not the end.
    let (first, last) = (number.number(""), end.number(""));
    if number.is_null() {
        return;
    }
    number_or_name(number);
    if let (Some(first), Some(last)) = (first, last) {
        if last < first {
            end.invalid_as(first, "must be greater than or equal to `port`");
        }
        end.between(1, 65535);
    }
}

fn validate_peer(peer: Field<'_>, stored: &[&str]) {
    let kinds = ["podSelector", "namespaceSelector", "ipBlock"];
    let given = peer.present(&kinds).count();
    selector(peer.child("podSelector"));
    selector(peer.child("namespaceSelector"));
    if peer.has("ipBlock") {
        validate_block(peer.child("ipBlock"), stored);
    }
    if given == 0 {
        peer.required("must specify a peer");
    } else if given > 1 && peer.has("ipBlock") {
        peer.forbidden("may not specify both ipBlock and another peer");
    }
}

fn validate_block(ip_block: Field<'_>, stored: &[&str]) {
    let cidr = ip_block.child("cidr");
    if cidr.text("").is_empty() {
        return cidr.required("");
    }
    let Some(block) = addresses::legacy_block(cidr, stored) else { return };
    for except in ip_block.items("except") {
        let Some(inner) = addresses::legacy_block(except, stored) else {
            match except.version().has(BLOCKS_WORDED) {
                true => continue,
                false => return,
            }
        };
        if !Block::is_more_than(block, inner) {
            except.invalid("must be a strict subset of `cidr`");
        }
    }
}
