//! What an update may change of a persistent volume (`ValidatePersistentVolumeUpdate`).

use super::validate::{self, SOURCES};
use crate::api::Dig;
use crate::api::field::go_json;
use crate::api::names::NameRule;
use crate::json::{Value, json};
use crate::kinds::field::Field;
use crate::kinds::parts::meta::{self, json_fields};
use crate::kinds::pod::update::difference;

const EXPAND_SECRET: &str = "csi.controllerExpandSecretRef";
const LABELS: &str = "field is immutable, except for updating from beta label to GA";

/// Labels of nodes that have a better name.
const RENAMED: [(&str, &str); 5] = [
    ("failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"),
    ("failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"),
    ("beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type"),
    ("beta.kubernetes.io/os", "kubernetes.io/os"),
    ("beta.kubernetes.io/arch", "kubernetes.io/arch"),
];

pub(super) fn validate(new: Field<'_>, old: &Value) {
    meta::whole(new, NameRule::Subdomain);
    validate::spec(new.child("spec"), false);
    let (now, had) = (source(new.value.at("spec"), old.at("spec")), source(old.at("spec"), old.at("spec")));
    if now != had {
        new.told_as("spec.persistentvolumesource", new.value).forbidden(format_args!(
            "spec.persistentvolumesource is immutable after creation\n{}",
            difference(&now, &had, new.version())
        ));
    }
    new.told_as("volumeMode", new.value.at("spec.volumeMode")).immutable(old.at("spec.volumeMode"));
    let affinity = new.told_as("nodeAffinity", new.value.at("spec.nodeAffinity"));
    if old.has("spec.nodeAffinity") {
        node_affinity(affinity, old.at("spec.nodeAffinity"));
    }
    let class = new.child("spec.volumeAttributesClassName");
    if class.is_null() && old.has("spec.volumeAttributesClassName") {
        class.forbidden("update from non-nil value to nil is forbidden");
    }
}

/// The source of a volume. A secret that is there for the first time counts as none.
fn source(spec: &Value, old: &Value) -> Value {
    let mut source = json!({});
    for (key, _) in SOURCES.iter().filter(|(key, _)| spec.has(key)) {
        source.set(key, spec.at(key).clone());
    }
    if old.has("csi") && !old.has(EXPAND_SECRET) {
        source.take_out(EXPAND_SECRET);
    }
    source
}

/// Where a volume is stays so, but for better names of labels.
fn node_affinity(affinity: Field<'_>, old: &Value) {
    if affinity.value == old {
        return;
    }
    let wrong = |detail: &str| affinity.invalid_go(go_json(affinity.value), shown(affinity.value), detail);
    let (now, had) = (affinity.list("required.nodeSelectorTerms"), old.list("required.nodeSelectorTerms"));
    if affinity.is_null() || now.len() != had.len() {
        return wrong("field is immutable");
    }
    for (now, had) in now.iter().zip(had) {
        let lists = ["matchExpressions", "matchFields"];
        if lists.iter().any(|list| now.list(list).len() != had.list(list).len()) {
            return wrong("field is immutable");
        }
        for list in lists {
            for (now, had) in now.list(list).iter().zip(had.list(list)) {
                let mut renamed = had.clone();
                if let Some((_, better)) = RENAMED.iter().find(|(label, _)| *label == had.text("key")) {
                    renamed.set("key", *better);
                }
                if now != had && *now != renamed {
                    wrong(LABELS);
                }
            }
        }
    }
}

/// A node affinity as JSON of Go's own types.
fn shown(affinity: &Value) -> String {
    let requirement = |requirement: &Value| {
        let [key, operator] = ["key", "operator"].map(|key| Value::from(requirement.text(key)));
        json_fields([("Key", key), ("Operator", operator), ("Values", requirement.at("values").clone())])
    };
    let requirements = |list: &Value| match list.as_array() {
        None => "null".to_owned(),
        Some(list) => format!("[{}]", list.iter().map(requirement).collect::<Vec<_>>().join(",")),
    };
    let terms = affinity.list("required.nodeSelectorTerms").iter().map(|term| {
        let [expressions, fields] =
            ["matchExpressions", "matchFields"].map(|list| requirements(term.at(list)));
        format!("{{\"MatchExpressions\":{expressions},\"MatchFields\":{fields}}}")
    });
    match affinity.is_null() {
        true => "null".to_owned(),
        false => {
            let terms: Vec<String> = terms.collect();
            format!("{{\"Required\":{{\"NodeSelectorTerms\":[{}]}}}}", terms.join(","))
        }
    }
}
