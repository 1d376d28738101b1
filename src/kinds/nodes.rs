//! Nodes (`pkg/registry/core/node/strategy.go`, `pkg/apis/core/validation`).

use super::Kind;
use super::columns::{AGE, NAME, Print, condition, joined, or, text, with};
use super::field::Field;
use super::parts::strategy::keep;
use super::selectable::Selectable;
use crate::api::Dig;
use crate::api::field::quote;
use crate::api::names::{label_value, qualified_name};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/// The row of nodes: a kubelet brings its status along when it registers.
pub(super) const KIND: Kind = Kind {
    prepare: |node, old, subresource, _| match (old, subresource) {
        (Some(old), "status") => keep(node, old, "spec"),
        (Some(old), _) => keep(node, old, "status"),
        (None, _) => {}
    },
    validate,
    whole_update: true,
    validate_update: |new, old, subresource| {
        let path = "spec.providerID";
        if !old.text(path).is_empty() && new.text(path) != old.text(path) {
            let detail = "node updates may not change providerID except from \"\" to valid";
            new.child(path).forbidden(detail);
        }
        let path = "spec.podCIDRs";
        if !old.list(path).is_empty() && new.value.at(path) != old.at(path) {
            let detail = "node updates may not change podCIDR except from \"\" to valid";
            new.child(path).forbidden(detail);
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

/// The path of taints in messages is `metadata.taints`, wherever they really are.
fn validate(node: Field<'_>) {
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
    let role = |(key, value): (&'_ String, &'_ Value)| match key.strip_prefix("node-role.kubernetes.io/") {
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
