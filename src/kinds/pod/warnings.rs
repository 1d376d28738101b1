//! What a client is warned of when it writes a pod or a template (`pkg/api/pod/warnings.go`).
//!
//! # Differs from Kubernetes
//!
//! Paths of a projected volume that hide each other are not warned of.

use super::lists::all_containers;
use super::{deprecations, skew};
use crate::api::differences::{
    EMPTY_SOURCES_WARNED_OF, JOB_NAMES_WARNED_OF, NEGATIVE_GRACE_IS_ONE, NULL_SELECTORS_WARNED_OF,
    PODS_WARNED_OF, PORT_NAMES_WARNED_OF, PORTS_WARNED_OF,
};
use crate::api::field::quote;
use crate::api::{Dig, Errors, Quantity, Version, names};
use crate::json::Value;
use crate::kinds::When;
use crate::kinds::field::Field;
use std::collections::{BTreeMap, BTreeSet};

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
    whole(Field::of(pod, &Errors::new(version)), &mut warnings);
    warnings
}

/// A warning about the name of what makes pods that are called alike.
pub(crate) fn name_of_pods(object: &Value, version: Version) -> Option<String> {
    let wrong = names::dns1123_label(object.name(), version);
    let text = format!(
        "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is \
         recommended: [{}]",
        wrong.join(" ")
    );
    (version.has(JOB_NAMES_WARNED_OF) && !wrong.is_empty()).then_some(text)
}

/// Warnings about the template of a workload, when it is valid; not about one whose spec stays as it was.
pub(crate) fn template(workload: &Value, when: When<'_>, version: Version) -> Vec<String> {
    let mut warnings = Vec::new();
    if when.is_of_spec(workload) {
        spec_of_template(Field::of(workload, &Errors::new(version)).child("spec.template"), &mut warnings);
    }
    warnings
}

/// Warnings about a template wherever it stands.
pub(crate) fn spec_of_template(template: Field<'_>, warnings: &mut Vec<String>) {
    whole(template, warnings);
    deprecations::app_armor(template, warnings);
}

/// Warnings about a pod or a template (`warningsForPodSpecAndMeta`).
fn whole(pod: Field<'_>, warnings: &mut Vec<String>) {
    let (spec, version) = (pod.child("spec"), pod.version());
    if !version.has(PODS_WARNED_OF) {
        return;
    }
    deprecations::node_labels(spec, warnings);
    deprecations::annotations(pod, warnings);
    for volume in spec.items("volumes") {
        deprecations::volume(volume, warnings);
        let claim = volume.child("ephemeral.volumeClaimTemplate.spec.resources");
        for list in ["requests", "limits"] {
            whole_bytes(claim.child(list), &["storage"], warnings);
        }
    }
    if version.has(EMPTY_SOURCES_WARNED_OF) {
        empty_sources(spec, warnings);
    }
    host_aliases(spec, warnings);
    pull_secrets(spec, warnings);
    for list in ["requests", "limits"] {
        whole_bytes(spec.child("resources").child(list), &BYTES, warnings);
    }
    whole_bytes(spec.child("overhead"), &BYTES, warnings);
    deprecations::seccomp(pod, spec, skew::SECCOMP_POD, warnings);
    for container in all_containers(&spec) {
        let key = format!("{}{}", skew::SECCOMP_CONTAINER, container.text("name"));
        deprecations::seccomp(pod, container, &key, warnings);
        variables(container, warnings);
        for list in ["resources.requests", "resources.limits"] {
            whole_bytes(container.child(list), &BYTES, warnings);
        }
    }
    if version.has(PORTS_WARNED_OF) {
        ports(spec, warnings);
    }
    if version.has(PORT_NAMES_WARNED_OF) {
        port_names(spec, warnings);
    }
    let grace = spec.child("terminationGracePeriodSeconds");
    if spec.version().has(NEGATIVE_GRACE_IS_ONE) && grace.number("").is_some_and(|seconds| seconds < 0) {
        let detail = "must be >= 0; negative values are invalid and will be treated as 1";
        warnings.push(format!("{}: {detail}", grace.path));
    }
    if version.has(NULL_SELECTORS_WARNED_OF) {
        deprecations::null_selectors(spec, warnings);
    }
}

fn host_aliases(spec: Field<'_>, warnings: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    for alias in spec.items("hostAliases") {
        let address = alias.child("ip");
        if !seen.insert(alias.text("ip").to_owned()) {
            warnings.push(format!("{}: duplicate ip {}", address.path, quote(address.text(""))));
        }
    }
}

fn empty_sources(spec: Field<'_>, warnings: &mut Vec<String>) {
    for volume in spec.list("volumes") {
        let empty = |source: &&Value| source.as_object().is_none_or(crate::json::Map::is_empty);
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

/// What is counted in bytes.
const BYTES: [&str; 2] = ["memory", "ephemeral-storage"];

/// Bytes come whole.
fn whole_bytes(list: Field<'_>, names: &[&str], warnings: &mut Vec<String>) {
    for name in names {
        let amount = list.entry(name);
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

/// Of ports of one name, services and probes take the first.
fn port_names(spec: Field<'_>, warnings: &mut Vec<String>) {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    let running = spec.items("initContainers").filter(|init| init.text("restartPolicy") == "Always");
    for container in running.chain(spec.items("containers")) {
        for port in container.items("ports").filter(|port| !port.text("name").is_empty()) {
            let (at, name) = (port.path.to_string(), port.text("name").to_owned());
            match seen.get(&name) {
                Some(other) => warnings.push(format!(
                    "{at}: duplicate port name {} with {other}, services and probes that select ports by name will \
                     use {other}",
                    quote(&name)
                )),
                None => drop(seen.insert(name, at)),
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
            if !port.text("hostIP").is_empty() && port.number("hostPort") == 0 {
                warnings.push(format!(
                    "{at}: hostIP set without hostPort: {{Name:{} HostPort:0 ContainerPort:{} Protocol:{} HostIP:{}}}",
                    port.text("name"),
                    port.number("containerPort"),
                    port.text("protocol"),
                    port.text("hostIP")
                ));
            }
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
