//! Nodes (`pkg/registry/core/node/strategy.go`, `pkg/apis/core/validation`).

use super::Kind;
use super::columns::{Columns, Print, age, joined, or, text};
use super::field::Field;
use super::parts::strategy::keep;
use super::selectable::Selectable;
use crate::api::field::quote;
use crate::api::names::{label_value, qualified_name};
use crate::api::value::Dig;
use serde_json::{Value, json};

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
    columns: &[Columns::new(
        "Name|Status|Roles|Age|Version|Internal-IP*|External-IP*|OS-Image*|Kernel-Version*|Container-Runtime*",
        row,
    )],
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

fn row(object: &Value, print: Print) -> Vec<Value> {
    let ready = object.list("status.conditions").iter().find(|c| c.text("type") == "Ready");
    let mut status = match ready.map(|c| c.text("status")) {
        Some("True") => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    }
    .to_owned();
    if object.flag("spec.unschedulable") {
        status += ",SchedulingDisabled";
    }
    let mut roles: Vec<&str> = object
        .entries("metadata.labels")
        .filter_map(|(key, value)| match key.strip_prefix("node-role.kubernetes.io/") {
            Some(role) => Some(role),
            None if key == "kubernetes.io/role" => value.as_str(),
            None => None,
        })
        .filter(|role| !role.is_empty())
        .collect();
    roles.sort_unstable();
    roles.dedup();
    let address = |kind: &str| {
        let found = object.list("status.addresses").iter().find(|a| a.text("type") == kind);
        Value::from(found.map_or("<none>", |a| a.text("address")))
    };
    vec![
        object.name().into(),
        status.into(),
        joined(&roles, "<none>").into(),
        age(object, print),
        text(object, "status.nodeInfo.kubeletVersion"),
        address("InternalIP"),
        address("ExternalIP"),
        or(object, "status.nodeInfo.osImage", "<unknown>"),
        or(object, "status.nodeInfo.kernelVersion", "<unknown>"),
        or(object, "status.nodeInfo.containerRuntimeVersion", "<unknown>"),
    ]
}
