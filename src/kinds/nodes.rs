//! Nodes (`pkg/registry/core/node/strategy.go`, `pkg/apis/core/validation`).

use super::columns::{AGE, NAME, Print, condition, joined, or, text, with};
use super::field::Field;
use super::parts::addresses::{self, Block};
use super::parts::quantities::nonnegative;
use super::parts::strategy::keep;
use super::selectable::Selectable;
use super::{Kind, When};
use crate::api::differences::{
    DUAL_STACK, EXTERNAL_IDS_WARNED_OF, NODE_BLOCKS_WORDED, NODE_CHANGES_BY_FIELD,
};
use crate::api::field::{go_strings, quote};
use crate::api::names::{label_value, qualified_name};
use crate::api::{Dig, Version, internal};
use crate::json::{Text, Value, json};
use std::collections::BTreeSet;
use std::net::IpAddr;

const EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/// The row of nodes: a kubelet brings its status along when it registers.
pub(super) const KIND: Kind = Kind {
    prepare: |node, old, subresource, version| match (old, subresource) {
        (Some(old), "status") => keep(node, old, "spec"),
        (Some(old), _) => keep(node, old, "status"),
        // Before there were two families, the first block alone counted.
        (None, _) if !version.has(DUAL_STACK) && node.list("spec.podCIDRs").len() > 1 => {
            let first = node.at("spec.podCIDRs.0").clone();
            node.set("spec.podCIDRs", vec![first]);
        }
        (None, _) => {}
    },
    defaults: set_defaults,
    warn: |node, when, version| match when {
        When::Created | When::Updated(_)
            if !node.text("spec.externalID").is_empty() && version.has(EXTERNAL_IDS_WARNED_OF) =>
        {
            vec!["spec.externalID: this field is deprecated, and is unused by Kubernetes".to_owned()]
        }
        _ => Vec::new(),
    },
    validate,
    whole_update: true,
    validate_update: |new, old, subresource| {
        addresses(new.child("status.addresses"));
        features(new.child("status.declaredFeatures"));
        for list in ["status.capacity", "status.allocatable"] {
            for (name, entry) in new.entries(list) {
                let place = new.child(list);
                nonnegative(place.told_as(name, entry.value));
            }
        }
        let mut fixed = false;
        for (path, word) in [("spec.podCIDRs", "podCIDR"), ("spec.providerID", "providerID")] {
            let stored = old.at(path);
            if !stored.is_null() && stored != "" && new.value.at(path) != stored {
                let detail = format!("node updates may not change {word} except from \"\" to valid");
                new.child(path).forbidden(detail);
                fixed = true;
            }
        }
        if fixed && !new.version().has(NODE_CHANGES_BY_FIELD) {
            let detail = "node updates may only change labels, taints, or capacity (or configSource, if the \
                          DynamicKubeletConfig feature gate is enabled)";
            new.errors.forbidden("[]", detail);
        }
        // The object itself is looked at twice, a status once.
        if subresource.is_empty() {
            validate(new);
        }
    },
    columns: &[
        NAME,
        with("Status", status),
        with("Roles", roles),
        AGE,
        text("Version", "status.nodeInfo.kubeletVersion"),
        with("Internal-IP", |node, _| address(node, "InternalIP")).wide(),
        with("External-IP", |node, _| address(node, "ExternalIP")).wide(),
        or("OS-Image", "status.nodeInfo.osImage", "<unknown>").wide(),
        or("Kernel-Version", "status.nodeInfo.kernelVersion", "<unknown>").wide(),
        or("Container-Runtime", "status.nodeInfo.containerRuntimeVersion", "<unknown>").wide(),
    ],
    selectable: &[Selectable::text("spec.unschedulable").zero("false")],
    ..Kind::plain("", "nodes")
};

/// An address may be there once.
fn addresses(list: Field<'_>) {
    let mut seen = Vec::new();
    for address in list.items("") {
        if seen.contains(&address.value) {
            let shown = internal::shown("core.NodeAddress", address.value, address.version());
            let (go, json) = shown.unwrap_or_default();
            address.errors.duplicate_go(address.path, go, json, "");
        }
        seen.push(address.value);
    }
}

/// What a node says that it can do: sorted, each once, in words like `MyFeature/mySubFeature`.
fn features(list: Field<'_>) {
    let segment = |text: &str, first: fn(&char) -> bool| {
        text.chars().next().is_some_and(|c| first(&c)) && text.chars().all(|c| c.is_ascii_alphanumeric())
    };
    let mut before = "";
    for feature in list.items("") {
        let text = feature.value.as_str().unwrap_or_default();
        let mut parts = text.split('/');
        let named = parts.next().is_some_and(|part| segment(part, char::is_ascii_uppercase))
            && parts.all(|part| segment(part, char::is_ascii_alphabetic));
        if !named {
            feature.invalid(format_args!(
                "invalid feature name {}: must start with an UpperCamelCase segment, with subsequent segments separated \
                 by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes",
                quote(text)
            ));
        }
        if text < before {
            feature.invalid("list must be sorted alphabetically");
        } else if text == before {
            feature.duplicate();
        }
        before = feature.value.as_str().unwrap_or_default();
    }
}

/// The blocks of addresses of a node's pods: no more than one of a family.
fn blocks(list: Field<'_>) {
    if !list.version().has(NODE_BLOCKS_WORDED) {
        return old_blocks(list);
    }
    let found: Vec<Option<IpAddr>> = list
        .items("")
        .map(|block| Some(addresses::plain(addresses::legacy_block(block, &[])?.address)))
        .collect();
    let families = |four: bool| found.iter().flatten().filter(|ip| ip.is_ipv4() == four).count();
    let bad = found.iter().any(Option::is_none);
    if !bad && found.len() > 1 && (found.len() > 2 || families(true) != 1 || families(false) != 1) {
        list.invalid("may specify no more than one CIDR for each IP family");
    }
}

/// Once a wrong block was told of with all of them.
fn old_blocks(list: Field<'_>) {
    for block in list.items("").filter(|block| Block::sloppy(block.text("")).is_none()) {
        let all = go_strings(list.value.texts(""));
        block.invalid_go(all, list.value, "must be valid CIDR");
    }
    let families: Vec<bool> =
        list.items("").filter_map(|block| Some(Block::sloppy(block.text(""))?.address.is_ipv4())).collect();
    let several = families.len() == list.list("").len();
    let alike = matches!(families.as_slice(), [one, other] if one == other) || families.len() > 2;
    if several && alike {
        list.invalid("may specify no more than one CIDR for each IP family");
    }
}

/// Old clients know one block, newer ones several: the first of them is that one (`Convert_v1_NodeSpec_To_core_NodeSpec`).
fn one_block(node: &mut Value) {
    let Some(spec) = node.at_mut("spec").filter(|spec| spec.is_object()) else { return };
    let first = spec.list("podCIDRs").first().cloned().unwrap_or_default();
    let one = spec.at("podCIDR").clone();
    match (one.as_str().unwrap_or_default(), first.as_str().unwrap_or_default()) {
        ("", "") => {}
        ("", _) => spec.set("podCIDR", first),
        (one, first) if one != first => {
            let one = one.to_owned();
            spec.set("podCIDRs", vec![one]);
        }
        _ => {}
    }
}

/// What there is to hand out is all there is, unless a node says otherwise.
fn set_defaults(node: &mut Value, _: Version) {
    one_block(node);
    let capacity = node.at("status.capacity").clone();
    if !capacity.is_null() {
        node.set_default("status.allocatable", capacity);
    }
}

/// The path of taints in messages is `metadata.taints`, wherever they really are.
fn validate(node: Field<'_>) {
    validate_taints(node);
    blocks(node.child("spec.podCIDRs"));
}

fn validate_taints(node: Field<'_>) {
    let list = node.list("spec.taints");
    let taints = node.told_as("metadata.taints", node.value.at("spec.taints"));
    for (i, taint) in taints.items("").enumerate() {
        let (key, value) = (taint.child("key"), taint.child("value"));
        key.invalid_each(qualified_name(key.text(""), key.version()));
        let wrong = label_value(value.text(""), value.version());
        if !wrong.is_empty() {
            value.invalid(wrong.join(";"));
        }
        taint.child("effect").one_of(&EFFECTS);
        let same = |other: &Value| ["key", "effect"].iter().all(|key| other.text(key) == taint.text(key));
        if list.iter().take(i).any(same) {
            duplicate_taint(taint);
        }
    }
}

fn duplicate_taint(taint: Field<'_>) {
    let fields = [("Key", "key"), ("Value", "value"), ("Effect", "effect")];
    let go: Vec<String> =
        fields.iter().map(|(name, key)| format!("{name}:{}", quote(taint.text(key)))).collect();
    let json = fields.map(|(name, key)| format!("{}:{}", quote(name), quote(taint.text(key))));
    taint.errors.duplicate_go(
        taint.path,
        format_args!("core.Taint{{{}, TimeAdded:<nil>}}", go.join(", ")),
        format_args!("{{{},\"TimeAdded\":{}}}", json.join(","), json!(null)),
        "taints must be unique by key and effect pair",
    );
}

fn status(node: &Value, _: Print) -> Value {
    let ready = match condition(node, "status.conditions", "Ready") {
        Some("True") => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    };
    let closed = if node.flag("spec.unschedulable") { ",SchedulingDisabled" } else { "" };
    format!("{ready}{closed}").into()
}

fn roles(node: &Value, _: Print) -> Value {
    let labels = node.entries("metadata.labels");
    let role = |(key, value): (&Text, &Value)| match key.strip_prefix("node-role.kubernetes.io/") {
        Some(role) => Some(role.to_owned()),
        None if key == "kubernetes.io/role" => value.as_str().map(str::to_owned),
        None => None,
    };
    let roles: BTreeSet<String> = labels.filter_map(role).filter(|role| !role.is_empty()).collect();
    joined(roles, "<none>")
}

fn address(node: &Value, kind: &str) -> Value {
    let found = node.list("status.addresses").iter().find(|address| address.text("type") == kind);
    found.map_or("<none>", |address| address.text("address")).into()
}
