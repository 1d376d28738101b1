//! Nodes (`pkg/registry/core/node/strategy.go`, `pkg/apis/core/validation`).

use super::Kind;
use super::columns::{Columns, Print, age, joined, or, text};
use super::parts::strategy::keep;
use super::selectable::Selectable;
use crate::api::field::{Errors, quote};
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
    validate_update: |new, old, subresource, errors| {
        let path = "spec.providerID";
        if !old.text(path).is_empty() && new.text(path) != old.text(path) {
            let detail = "node updates may not change providerID except from \"\" to valid";
            errors.forbidden(path, detail);
        }
        if !old.list("spec.podCIDRs").is_empty() && new.at("spec.podCIDRs") != old.at("spec.podCIDRs") {
            let detail = "node updates may not change podCIDR except from \"\" to valid";
            errors.forbidden("spec.podCIDRs", detail);
        }
        // The object itself is looked at twice, a status once.
        if subresource.is_empty() {
            validate(new, errors);
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
fn validate(node: &Value, errors: &Errors) {
    let taints = node.list("spec.taints");
    for (i, taint) in taints.iter().enumerate() {
        let path = format!("metadata.taints[{i}]");
        let (key, value, effect) = (taint.text("key"), taint.text("value"), taint.text("effect"));
        let wrong = qualified_name(key, errors.version());
        errors.invalid_each(format_args!("{path}.key"), key, wrong);
        let wrong = label_value(value, errors.version());
        if !wrong.is_empty() {
            errors.invalid(format_args!("{path}.value"), value, wrong.join(";"));
        }
        if effect.is_empty() {
            errors.required(format_args!("{path}.effect"), "");
        } else if !EFFECTS.contains(&effect) {
            errors.not_supported(format_args!("{path}.effect"), effect, &EFFECTS);
        }
        let same = |other: &Value| other.text("key") == key && other.text("effect") == effect;
        if taints.iter().take(i).any(same) {
            duplicate_taint(taint, &path, errors);
        }
    }
}

fn duplicate_taint(taint: &Value, path: &str, errors: &Errors) {
    let fields = [("Key", "key"), ("Value", "value"), ("Effect", "effect")];
    let go: Vec<String> =
        fields.iter().map(|(name, key)| format!("{name}:{}", quote(taint.text(key)))).collect();
    let json = fields.map(|(name, key)| format!("{}:{}", quote(name), quote(taint.text(key))));
    errors.duplicate_go(
        path,
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
