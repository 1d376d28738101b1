//! What the registry does to a pod before it is checked (`pkg/registry/core/pod/strategy.go`).

use super::lists::{CONTAINER_LISTS, containers, items_mut};
use super::{defaults, qos, skew};
use crate::api::differences::{
    LABEL_KEYS_IN_AFFINITY, LABEL_KEYS_IN_SPREADING, POD_GENERATION, POD_LEVEL_RESIZE, PROC_MOUNT,
};
use crate::api::{Dig, Version};
use crate::json::{Value, json};
use crate::kinds::parts::strategy::{count_changes, keep};

/// Prepares a new pod, or an update of the pod or of one of its subresources.
pub(super) fn prepare(pod: &mut Value, old: Option<&Value>, subresource: &str, version: Version) {
    if let Some(spec) = pod.at_mut("spec") {
        // Admission may have written the new name alone.
        defaults::sync_service_account(spec);
    }
    match (old, subresource) {
        (None, _) => create(pod, version),
        (Some(old), "status") => update_status(pod, old),
        (Some(old), "ephemeralcontainers") => {
            let containers = pod.take_out("spec.ephemeralContainers");
            only_managers(pod, old);
            keep(pod, old, "spec");
            keep(pod, old, "status");
            if let Some(containers) = containers {
                pod.set("spec.ephemeralContainers", containers);
            } else if let Some(spec) = pod.at_mut("spec") {
                spec.take_out("ephemeralContainers");
            }
        }
        (Some(old), "resize") => update_resources(pod, old, version),
        (Some(old), _) => keep(pod, old, "status"),
    }
    if !version.has(PROC_MOUNT) {
        default_proc_mount(pod, old);
    }
    if version.has(POD_GENERATION) && subresource != "status" {
        count_changes(pod, old, &["spec"]);
    }
}

fn create(pod: &mut Value, version: Version) {
    let class = qos::class(pod.at("spec"), version);
    pod.set("status", json!({"phase": "Pending", "qosClass": class}));
    if !pod.list("spec.schedulingGates").is_empty() {
        let now = pod.at("metadata.creationTimestamp").clone();
        let condition = json!({
            "type": "PodScheduled",
            "status": "False",
            "reason": "SchedulingGated",
            "message": "Scheduling is blocked due to non-empty scheduling gates",
            "lastProbeTime": null,
            "lastTransitionTime": now,
        });
        pod.set("status.conditions", json!([condition]));
    }
    if version.has(LABEL_KEYS_IN_AFFINITY) {
        let labels = pod.at("metadata.labels").clone();
        if let Some(spec) = pod.at_mut("spec") {
            select_by_label_keys(spec, &labels, version);
        }
    }
    skew::seccomp(pod, version);
    skew::app_armor(pod, version);
}

fn update_status(pod: &mut Value, old: &Value) {
    keep(pod, old, "spec");
    keep(pod, old, "metadata.ownerReferences");
    // It is taken out, and then repaired as of any update (`rest.BeforeUpdate`).
    keep(pod, old, "metadata.deletionTimestamp");
    if pod.text("status.qosClass").is_empty() {
        keep(pod, old, "status.qosClass");
    }
}

/// Of an update of resources, nothing else counts; containers that don't fit are left for validation to refuse.
fn update_resources(pod: &mut Value, old: &Value, version: Version) {
    let lists = ["spec.containers", "spec.initContainers"];
    let names = |pod: &Value, list: &str| -> Vec<String> {
        pod.list(list).iter().map(|c| c.text("name").to_owned()).collect()
    };
    if lists.iter().any(|list| names(pod, list) != names(old, list)) {
        return;
    }
    let asked = pod.at("spec").clone();
    only_managers(pod, old);
    keep(pod, old, "spec");
    keep(pod, old, "status");
    if asked.has("resources") && version.has(POD_LEVEL_RESIZE) {
        pod.set("spec.resources", asked.at("resources").clone());
    }
    for list in lists {
        let asked = asked.list(list.trim_start_matches("spec."));
        for (container, asked) in items_mut(pod, list).zip(asked) {
            for key in ["resources", "resizePolicy"] {
                keep(container, asked, key);
            }
        }
    }
}

/// Of the metadata nothing changes but who manages what.
fn only_managers(pod: &mut Value, old: &Value) {
    let kept = ["metadata.managedFields", "metadata.resourceVersion"].map(|path| (path, pod.take_out(path)));
    keep(pod, old, "metadata");
    for (path, value) in kept {
        match value {
            Some(value) => pod.set(path, value),
            None => drop(pod.take_out(path)),
        }
    }
}

/// What isn't there yet is not refused, but taken for the default.
fn default_proc_mount(pod: &mut Value, old: Option<&Value>) {
    let in_use = old.is_some_and(|pod| {
        containers(pod.at("spec")).any(|c| c.text("securityContext.procMount") == "Unmasked")
    });
    if in_use {
        return;
    }
    for list in CONTAINER_LISTS {
        for container in items_mut(pod, &format!("spec.{list}")) {
            if container.has("securityContext.procMount") {
                container.set("securityContext.procMount", "Default");
            }
        }
    }
}

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

/// Writes label keys out as selectors of the pod's own labels.
fn select_by_label_keys(spec: &mut Value, labels: &Value, version: Version) {
    for kind in ["podAffinity", "podAntiAffinity"] {
        for term in items_mut(spec, &format!("affinity.{kind}.{PREFERRED}")) {
            if let Some(term) = term.at_mut("podAffinityTerm") {
                add_selectors(term, labels);
            }
        }
        for term in items_mut(spec, &format!("affinity.{kind}.{REQUIRED}")) {
            add_selectors(term, labels);
        }
    }
    if version.has(LABEL_KEYS_IN_SPREADING) {
        items_mut(spec, "topologySpreadConstraints").for_each(|c| add_selectors(c, labels));
    }
}

fn add_selectors(term: &mut Value, labels: &Value) {
    if !term.has("labelSelector") {
        return;
    }
    let mut added = Vec::new();
    for (keys, operator) in [("matchLabelKeys", "In"), ("mismatchLabelKeys", "NotIn")] {
        for key in term.list(keys).iter().filter_map(Value::as_str) {
            if let Some(value) = labels.entry("", key) {
                added.push(json!({"key": key, "operator": operator, "values": [value]}));
            }
        }
    }
    if added.is_empty() {
        return;
    }
    let there = term.make("labelSelector.matchExpressions");
    match there.as_array_mut() {
        Some(list) => list.extend(added),
        None => *there = added.into(),
    }
}
