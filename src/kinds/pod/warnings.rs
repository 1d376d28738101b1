//! What a client is warned of when it writes a pod or a template (`pkg/api/pod/warnings.go`): the common part.

use super::all_containers;
use super::skew;
use crate::api::Path;
use crate::api::differences::{PODS_WARNED_OF, PORTS_WARNED_OF};
use crate::api::field::quote;
use crate::api::names;
use crate::api::quantity::Quantity;
use crate::api::value::Dig;
use crate::api::version::Version;
use crate::kinds::Moment;
use serde_json::Value;
use std::collections::BTreeMap;

/// Warnings about a new pod; few people change one.
pub(crate) fn pod(pod: &Value, moment: Moment, version: Version) -> Vec<String> {
    match moment {
        Moment::Arrived => skew::deprecated(pod, version),
        Moment::Created => created(pod, version),
        Moment::Updated => Vec::new(),
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
    spec(pod.at("spec"), &Path::new("spec"), version, &mut warnings);
    warnings
}

/// Warnings about the template of a workload, when it is valid.
pub(crate) fn template(workload: &Value, moment: Moment, version: Version) -> Vec<String> {
    let mut warnings = Vec::new();
    if moment != Moment::Arrived {
        let path = Path::new("spec.template.spec");
        spec(workload.at("spec.template.spec"), &path, version, &mut warnings);
    }
    warnings
}

fn spec(spec: &Value, path: &Path<'_>, version: Version, warnings: &mut Vec<String>) {
    if !version.has(PODS_WARNED_OF) {
        return;
    }
    pull_secrets(spec, path, warnings);
    for (list, i, container) in all_containers(spec) {
        let list = path.child(list);
        variables(container, &list.index(i), warnings);
        fractions(container, &list.index(i), warnings);
    }
    if version.has(PORTS_WARNED_OF) {
        ports(spec, path, warnings);
    }
    let grace = spec.at("terminationGracePeriodSeconds").as_i64();
    if grace.is_some_and(|seconds| seconds < 0) {
        warnings.push(format!(
            "{}: must be >= 0; negative values are invalid and will be treated as 1",
            path.child("terminationGracePeriodSeconds")
        ));
    }
}

fn pull_secrets(spec: &Value, path: &Path<'_>, warnings: &mut Vec<String>) {
    let path = path.child("imagePullSecrets");
    let mut seen = Vec::new();
    for (i, secret) in spec.list("imagePullSecrets").iter().enumerate() {
        let one = path.index(i);
        let (at, name) = (one.child("name"), secret.text("name"));
        if name.is_empty() {
            warnings.push(format!("{at}: invalid empty name {}", quote(name)));
        } else if seen.contains(&name) {
            warnings.push(format!("{at}: duplicate name {}", quote(name)));
        }
        seen.push(name);
    }
}

fn variables(container: &Value, path: &Path<'_>, warnings: &mut Vec<String>) {
    let path = path.child("env");
    let mut seen = BTreeMap::new();
    for (i, variable) in container.list("env").iter().enumerate() {
        let name = variable.text("name");
        if let Some(value) = seen.insert(name, variable.at("value"))
            && value.as_str().is_none_or(|v| !v.contains(&format!("$({name})")))
            && !variable.text("value").contains(&format!("$({name})"))
        {
            warnings.push(format!(
                "{}: hides previous definition of {}, which may be dropped when using apply",
                path.index(i),
                quote(name)
            ));
        }
    }
}

/// Bytes come whole.
fn fractions(container: &Value, path: &Path<'_>, warnings: &mut Vec<String>) {
    let resources = path.child("resources");
    for list in ["requests", "limits"] {
        for name in ["memory", "ephemeral-storage"] {
            let text = container.at("resources").at(list).entry("", name).unwrap_or_default();
            let fraction = text.parse::<Quantity>().is_ok_and(|q| q.milli_value() % 1000 != 0);
            if fraction {
                let list = resources.child(list);
                warnings.push(format!(
                    "{}: fractional byte value {} is invalid, must be an integer",
                    list.key(name),
                    quote(text)
                ));
            }
        }
    }
}

/// Ports that are named twice.
fn ports(spec: &Value, path: &Path<'_>, warnings: &mut Vec<String>) {
    let mut seen: BTreeMap<String, Vec<(String, &Value)>> = BTreeMap::new();
    for (list, i, container) in all_containers(spec) {
        let list = path.child(list);
        let container_path = list.index(i);
        let ports = container_path.child("ports");
        for (j, port) in container.list("ports").iter().enumerate() {
            let at = ports.index(j).to_string();
            let others =
                seen.entry(format!("{}/{}", port.at("containerPort"), port.text("protocol"))).or_default();
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
    let port = |p: &Value| p.at("hostPort").as_i64().unwrap_or_default();
    let address = |p: &Value| p.text("hostIP").to_owned();
    let (ports, addresses) = ((port(one), port(other)), (address(one), address(other)));
    if ports.0 == ports.1 && addresses.0 == addresses.1 {
        Some("duplicate")
    } else if ports.0 == 0 || ports.1 == 0 {
        Some("overlapping")
    } else if ports.0 == ports.1 && addresses.0.is_empty() != addresses.1.is_empty() {
        Some("dangerously ambiguous")
    } else {
        None
    }
}
