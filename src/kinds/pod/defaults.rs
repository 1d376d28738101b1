//! What a pod's spec is given where it says nothing (`SetDefaults_*` of `pkg/apis/core/v1/defaults.go`).
//!
//! [`spec`] is for every pod template, [`pod`] for pods on top of it.

use super::aggregate;
use super::lists::{CONTAINER_LISTS, items_mut};
use crate::api::differences::{
    GRPC_PROBES, HOST_PORTS_IN_PODS_ONLY, IMAGE_VOLUMES, NEGATIVE_GRACE_IS_ONE, POD_LEVEL_RESOURCES,
};
use crate::api::{Dig, Version};
use crate::json::{Value, json};

/// Defaults of a pod.
pub(crate) fn pod(pod: &mut Value, version: Version) {
    spec(pod.make("spec"), version);
    let Some(spec) = pod.at_mut("spec") else { return };
    for list in ["containers", "initContainers"] {
        items_mut(spec, list).for_each(requests_from_limits);
    }
    if version.has(POD_LEVEL_RESOURCES) {
        whole_resources(spec);
    }
    spec.set_default("enableServiceLinks", true);
    host_ports(spec);
    let grace = spec.at("terminationGracePeriodSeconds").as_i64();
    if version.has(NEGATIVE_GRACE_IS_ONE) && grace.is_some_and(|seconds| seconds < 0) {
        spec.set("terminationGracePeriodSeconds", 1);
    }
}

/// Defaults of a pod's spec, be it in a pod or in a template.
pub(crate) fn spec(spec: &mut Value, version: Version) {
    items_mut(spec, "volumes").for_each(|v| volume(v, version));
    for list in CONTAINER_LISTS {
        items_mut(spec, list).for_each(|c| container(c, version));
    }
    for (key, value) in [
        ("dnsPolicy", json!("ClusterFirst")),
        ("restartPolicy", json!("Always")),
        ("schedulerName", json!("default-scheduler")),
    ] {
        set_empty(spec, key, value);
    }
    if !version.has(HOST_PORTS_IN_PODS_ONLY) {
        host_ports(spec);
    }
    spec.set_default("securityContext", json!({}));
    spec.set_default("terminationGracePeriodSeconds", 30);
    sync_service_account(spec);
}

/// Makes the old name of `serviceAccountName` say the same.
pub(crate) fn sync_service_account(spec: &mut Value) {
    let name = match spec.text("serviceAccountName") {
        "" => spec.text("serviceAccount"),
        name => name,
    };
    match name.to_owned() {
        name if name.is_empty() => {
            for key in ["serviceAccountName", "serviceAccount"] {
                if spec.at(key).is_string() {
                    spec.take_out(key);
                }
            }
        }
        name => {
            spec.set("serviceAccountName", name.clone());
            spec.set("serviceAccount", name);
        }
    }
}

/// Sets what is absent, empty or zero.
fn set_empty(object: &mut Value, path: &str, value: Value) {
    let there = object.at(path);
    if there.is_null() || there.as_str() == Some("") || there.as_i64() == Some(0) {
        object.set(path, value);
    }
}

fn requests_from_limits(container: &mut Value) {
    let limits = container.at("resources.limits").clone();
    let Value::Object(limits) = limits else { return };
    let requests = container.make("resources.requests");
    if !requests.is_object() {
        *requests = json!({});
    }
    for (name, limit) in limits {
        if requests.get(&name).is_none() {
            requests[name.as_str()] = limit;
        }
    }
}

/// A pod that asks for resources as a whole asks for what its containers ask for together, and else for its limits; its
/// limit of huge pages is its containers' (`setDefaultPodRequests`, `defaultHugePagePodLimits`).
fn whole_resources(spec: &mut Value) {
    if !["requests", "limits"].iter().any(|list| spec.at("resources").has(list)) {
        return;
    }
    let huge = |name: &str| name.starts_with("hugepages-");
    let limits = aggregate::of_containers(spec, "limits");
    let limits: Vec<_> = limits.into_iter().filter(|(name, _)| huge(name)).collect();
    fill_resources(
        spec,
        "limits",
        limits.iter().map(|(name, amount)| (name.as_str(), amount.to_string().into())),
    );
    let asked = aggregate::of_containers(spec, "requests");
    let asked: Vec<_> =
        asked.into_iter().filter(|(name, _)| !huge(name) && aggregate::is_of_pods(name)).collect();
    fill_resources(
        spec,
        "requests",
        asked.iter().map(|(name, amount)| (name.as_str(), amount.to_string().into())),
    );
    let limits = spec.at("resources.limits").clone();
    let limits = limits.entries("").filter(|(name, _)| aggregate::is_of_pods(name));
    fill_resources(spec, "requests", limits.map(|(name, amount)| (name.as_str(), amount.clone())));
}

fn fill_resources<'a>(spec: &mut Value, list: &str, amounts: impl Iterator<Item = (&'a str, Value)>) {
    for (name, amount) in amounts {
        let place = spec.make(&format!("resources.{list}"));
        if place.get(name).is_none() {
            place[name] = amount;
        }
    }
}

/// On the host's network a container's port is the host's.
fn host_ports(spec: &mut Value) {
    if !spec.flag("hostNetwork") {
        return;
    }
    for list in ["containers", "initContainers"] {
        for container in items_mut(spec, list) {
            for port in items_mut(container, "ports") {
                let number = port.at("containerPort").clone();
                if !number.is_null() {
                    set_empty(port, "hostPort", number);
                }
            }
        }
    }
}

/// Whether an image is the latest of its name: by that tag, or by having neither tag nor digest.
fn is_latest(image: &str) -> bool {
    let (name, digest) = match image.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (image, None),
    };
    let last = name.rsplit('/').next().unwrap_or_default();
    match (last.split_once(':'), digest) {
        (Some((_, tag)), _) => tag == "latest",
        (None, None) => true,
        (None, Some(_)) => false,
    }
}

fn pull_policy(image: &str) -> Value {
    if is_latest(image) { json!("Always") } else { json!("IfNotPresent") }
}

fn container(container: &mut Value, version: Version) {
    let policy = pull_policy(container.text("image"));
    set_empty(container, "imagePullPolicy", policy);
    set_empty(container, "terminationMessagePath", json!("/dev/termination-log"));
    set_empty(container, "terminationMessagePolicy", json!("File"));
    items_mut(container, "ports").for_each(|port| set_empty(port, "protocol", json!("TCP")));
    for variable in items_mut(container, "env") {
        field_ref(variable, "valueFrom.fieldRef");
        resource_field_ref(variable, "valueFrom.resourceFieldRef");
        if variable.has("valueFrom.fileKeyRef") {
            variable.set_default("valueFrom.fileKeyRef.optional", false);
        }
    }
    for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if let Some(there) = container.at_mut(name).filter(|p| p.is_object()) {
            probe(there, version);
        }
    }
    for hook in ["lifecycle.postStart", "lifecycle.preStop"] {
        if let Some(there) = container.at_mut(hook) {
            http_get(there);
        }
    }
}

fn probe(probe: &mut Value, version: Version) {
    for (key, number) in
        [("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3)]
    {
        set_empty(probe, key, number.into());
    }
    http_get(probe);
    if version.has(GRPC_PROBES) && probe.has("grpc") {
        probe.set_default("grpc.service", "");
    }
}

fn http_get(handler: &mut Value) {
    if handler.has("httpGet") {
        set_empty(handler, "httpGet.path", json!("/"));
        set_empty(handler, "httpGet.scheme", json!("HTTP"));
    }
}

fn field_ref(object: &mut Value, path: &str) {
    if let Some(field) = object.at_mut(path).filter(|f| f.is_object()) {
        set_empty(field, "apiVersion", json!("v1"));
    }
}

/// An amount is no pointer: it is written even when nobody gave it.
fn resource_field_ref(object: &mut Value, path: &str) {
    if let Some(field) = object.at_mut(path).filter(|f| f.is_object()) {
        field.set_default("divisor", "0");
    }
}

/// Fields of volume sources and what they are when absent.
const SOURCES: &[(&str, &[(&str, &str)])] = &[
    ("iscsi", &[("iscsiInterface", "default")]),
    ("rbd", &[("pool", "rbd"), ("user", "admin"), ("keyring", "/etc/ceph/keyring")]),
    ("azureDisk", &[("cachingMode", "ReadWrite"), ("kind", "Shared"), ("fsType", "ext4")]),
    ("scaleIO", &[("storageMode", "ThinProvisioned"), ("fsType", "xfs")]),
];

/// Sources whose files have a mode.
const WITH_MODE: [&str; 4] = ["secret", "configMap", "downwardAPI", "projected"];

/// Defaults of the sources that pods' volumes and persistent volumes have in common.
pub(crate) fn sources(volume: &mut Value) {
    if volume.has("hostPath") {
        volume.set_default("hostPath.type", "");
    }
    for (source, fields) in SOURCES {
        let Some(there) = volume.at_mut(source).filter(|s| s.is_object()) else {
            continue;
        };
        for (key, value) in *fields {
            set_empty(there, key, json!(value));
        }
    }
    if volume.has("azureDisk") {
        volume.set_default("azureDisk.readOnly", false);
    }
}

fn volume(volume: &mut Value, version: Version) {
    let given = volume.entries("").filter(|(key, value)| *key != "name" && !value.is_null());
    if given.count() == 0 {
        volume.set("emptyDir", json!({}));
    }
    for source in WITH_MODE {
        if volume.has(source) {
            volume.set_default(&format!("{source}.defaultMode"), 0o644);
        }
    }
    sources(volume);
    if volume.has("ephemeral.volumeClaimTemplate") {
        volume.set_default("ephemeral.volumeClaimTemplate.spec.volumeMode", "Filesystem");
    }
    if version.has(IMAGE_VOLUMES) && volume.has("image") {
        let policy = pull_policy(volume.text("image.reference"));
        set_empty(volume, "image.pullPolicy", policy);
    }
    files(volume, "downwardAPI.items");
    for source in items_mut(volume, "projected.sources") {
        if source.has("serviceAccountToken") {
            source.set_default("serviceAccountToken.expirationSeconds", 3600);
        }
        files(source, "downwardAPI.items");
    }
}

fn files(object: &mut Value, path: &str) {
    for file in items_mut(object, path) {
        field_ref(file, "fieldRef");
        resource_field_ref(file, "resourceFieldRef");
    }
}
