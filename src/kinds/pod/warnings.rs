//! What a client is warned of when it writes a pod or a template (`pkg/api/pod/warnings.go`): the common part.

use super::lists::all_containers;
use super::skew;
use crate::api::differences::{
    EMPTY_SOURCES_WARNED_OF, NEGATIVE_GRACE_IS_ONE, PODS_WARNED_OF, PORTS_WARNED_OF,
};
use crate::api::field::quote;
use crate::api::{Dig, Errors, Quantity, Version, names};
use crate::kinds::When;
use crate::kinds::field::Field;
use serde_json::Value;
use std::collections::BTreeMap;

/// Warnings about a new pod; few people change one.
pub(crate) fn pod(pod: &Value, when: When<'_>, version: Version) -> Vec<String> {
    match when {
        When::Arrived => skew::deprecated(pod, version),
        When::Created => created(pod, version),
        When::Updated(_) => Vec::new(),
    }
}

fn created(pod: &Value, version: Version) -> Vec<String> {
    let mut warnings = Vec::new();
    let wrong = names::dns1123_label(pod.name(), version);
    if version.has(PODS_WARNED_OF) && !wrong.is_empty() {
        warnings.push(format!(
            "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; \
             a DNS label is recommended: [{}]",
            wrong.join(" ")
        ));
    }
    spec(Field::of(pod, &Errors::new(version)).child("spec"), &mut warnings);
    warnings
}

/// Warnings about the template of a workload, when it is valid.
pub(crate) fn template(workload: &Value, when: When<'_>, version: Version) -> Vec<String> {
    let mut warnings = Vec::new();
    if when != When::Arrived {
        spec_of_template(Field::of(workload, &Errors::new(version)).child("spec.template"), &mut warnings);
    }
    warnings
}

/// Warnings about a template wherever it stands.
pub(crate) fn spec_of_template(template: Field<'_>, warnings: &mut Vec<String>) {
    spec(template.child("spec"), warnings);
}

fn spec(spec: Field<'_>, warnings: &mut Vec<String>) {
    if !spec.version().has(PODS_WARNED_OF) {
        return;
    }
    pull_secrets(spec, warnings);
    for container in all_containers(&spec) {
        variables(container, warnings);
        fractions(container, warnings);
    }
    if spec.version().has(PORTS_WARNED_OF) {
        ports(spec, warnings);
    }
    if spec.version().has(EMPTY_SOURCES_WARNED_OF) {
        empty_sources(spec, warnings);
    }
    let grace = spec.child("terminationGracePeriodSeconds");
    if spec.version().has(NEGATIVE_GRACE_IS_ONE) && grace.number("").is_some_and(|seconds| seconds < 0) {
        let detail = "must be >= 0; negative values are invalid and will be treated as 1";
        warnings.push(format!("{}: {detail}", grace.path));
    }
}

fn empty_sources(spec: Field<'_>, warnings: &mut Vec<String>) {
    for volume in spec.list("volumes") {
        let empty = |source: &&Value| source.as_object().is_none_or(serde_json::Map::is_empty);
        for _ in volume.list("projected.sources").iter().filter(empty) {
            let name = quote(volume.text("name"));
            warnings.push(format!("volume {name} (Projected) has no sources provided"));
        }
    }
}

fn pull_secrets(spec: Field<'_>, warnings: &mut Vec<String>) {
    let mut seen = Vec::new();
    for secret in spec.items("imagePullSecrets") {
        let (at, name) = (secret.child("name").path, secret.text("name"));
        if name.is_empty() {
            warnings.push(format!("{at}: invalid empty name {}", quote(name)));
        } else if seen.contains(&name) {
            warnings.push(format!("{at}: duplicate name {}", quote(name)));
        }
        seen.push(name);
    }
}

fn variables(container: Field<'_>, warnings: &mut Vec<String>) {
    let mut seen = BTreeMap::new();
    for variable in container.items("env") {
        let (name, value) = (variable.text("name"), variable.text("value"));
        let used = format!("$({name})");
        if let Some(hidden) = seen.insert(name, value)
            && ![hidden, value].iter().any(|value| value.contains(&used))
        {
            warnings.push(format!(
                "{}: hides previous definition of {}, which may be dropped when using apply",
                variable.path,
                quote(name)
            ));
        }
    }
}

/// Bytes come whole.
fn fractions(container: Field<'_>, warnings: &mut Vec<String>) {
    for list in ["resources.requests", "resources.limits"] {
        let list = container.child(list);
        for amount in ["memory", "ephemeral-storage"].map(|name| list.entry(name)) {
            let text = amount.text("");
            if text.parse::<Quantity>().is_ok_and(|q| q.milli_value() % 1000 != 0) {
                warnings.push(format!(
                    "{}: fractional byte value {} is invalid, must be an integer",
                    amount.path,
                    quote(text)
                ));
            }
        }
    }
}

/// Ports that are named twice.
fn ports(spec: Field<'_>, warnings: &mut Vec<String>) {
    let mut seen: BTreeMap<String, Vec<(String, &Value)>> = BTreeMap::new();
    for container in all_containers(&spec) {
        let ports = container.value.list("ports");
        for (field, port) in container.items("ports").zip(ports) {
            let at = field.path.to_string();
            let key = format!("{}/{}", port.at("containerPort"), port.text("protocol"));
            let others = seen.entry(key).or_default();
            for (other, theirs) in others.iter() {
                if let Some(what) = clash(port, theirs) {
                    warnings.push(format!("{at}: {what} port definition with {other}"));
                }
            }
            others.push((at, port));
        }
    }
}

fn clash(one: &Value, other: &Value) -> Option<&'static str> {
    let [port, other_port] = [one, other].map(|port| port.at("hostPort").as_i64().unwrap_or_default());
    let [address, other_address] = [one, other].map(|port| port.text("hostIP"));
    if port == other_port && address == other_address {
        Some("duplicate")
    } else if port == 0 || other_port == 0 {
        Some("overlapping")
    } else if port == other_port && address.is_empty() != other_address.is_empty() {
        Some("dangerously ambiguous")
    } else {
        None
    }
}
