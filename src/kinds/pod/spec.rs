//! A pod's spec, in a pod or in a template (`ValidatePodSpec`).

use super::affinity;
use super::containers;
use super::dns;
use super::options::Options;
use super::os;
use super::resources;
use super::scheduling;
use super::security_context;
use super::volumes;
use super::windows;
use crate::api::Path;
use crate::api::differences::{HOST_PORT_TOLD, POD_LEVEL_RESOURCES};
use crate::api::field::Errors;
use crate::api::names;
use crate::api::value::Dig;
use crate::kinds::parts::checks::one_of;
use crate::kinds::parts::selector;
use serde_json::Value;
use std::collections::BTreeMap;

/// What a container's checks look at beside the container.
pub(crate) struct Around<'a> {
    /// The spec.
    pub spec: &'a Value,
    /// The valid volumes by name.
    pub volumes: BTreeMap<&'a str, &'a Value>,
}

impl<'a> Around<'a> {
    const fn new(spec: &'a Value, volumes: BTreeMap<&'a str, &'a Value>) -> Around<'a> {
        Around { spec, volumes }
    }

    /// Whether the pod has the host's users.
    pub(crate) fn host_users(&self) -> bool {
        host_users(self.spec)
    }
}

/// Whether a pod has the host's users: unless it says no.
pub(crate) fn host_users(spec: &Value) -> bool {
    spec.at("hostUsers").as_bool().unwrap_or(true)
}

/// Checks a spec.
pub(crate) fn validate(spec: &Value, path: &Path<'_>, options: &Options, errors: &mut Errors) {
    if !spec.has("terminationGracePeriodSeconds") {
        errors.required(path.child("terminationGracePeriodSeconds"), "");
    }
    let volumes = volumes::validate(spec.list("volumes"), &path.child("volumes"), errors);
    containers::validate(&Around::new(spec, volumes), path, errors);
    if errors.version().has(POD_LEVEL_RESOURCES) {
        resources::validate_pod(spec, &path.child("resources"), errors);
    }
    if errors.version().has(HOST_PORT_TOLD) {
        security_context::host_ports_match(spec, path, options, errors);
    }
    one_of(spec, path, "restartPolicy", &["Always", "OnFailure", "Never"], errors);
    let policies = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
    one_of(spec, path, "dnsPolicy", &policies, errors);
    selector::validate_labels(spec.at("nodeSelector"), &path.child("nodeSelector"), errors);
    security_context::validate_pod(spec, path, options, errors);
    affinity::validate(spec.at("affinity"), &path.child("affinity"), errors);
    dns::validate(spec, &path.child("dnsConfig"), errors);
    scheduling::validate_gates(spec, path, errors);
    let spread = spec.list("topologySpreadConstraints");
    scheduling::validate_spread(spread, &path.child("topologySpreadConstraints"), errors);
    windows::validate_host_process(spec, path, errors);
    security_context::validate_host_users(spec, path, errors);
    validate_names(spec, path, errors);
    validate_rest(spec, path, errors);
    os::validate(spec, path, errors);
}

fn validate_names(spec: &Value, path: &Path<'_>, errors: &mut Errors) {
    for key in ["serviceAccountName", "nodeName"] {
        subdomain(spec, path, key, errors);
    }
    if let Some(seconds) = spec.at("activeDeadlineSeconds").as_i64()
        && !(1..=i64::from(i32::MAX)).contains(&seconds)
    {
        let detail = "must be between 1 and 2147483647, inclusive";
        errors.invalid(path.child("activeDeadlineSeconds"), seconds, detail);
    }
    for key in ["hostname", "subdomain"] {
        let name = spec.text(key);
        if !name.is_empty() {
            errors.invalid_each(path.child(key), name, names::dns1123_label(name, errors.version()));
        }
    }
}

fn subdomain(spec: &Value, path: &Path<'_>, key: &str, errors: &mut Errors) {
    let name = spec.text(key);
    if !name.is_empty() {
        errors.invalid_each(path.child(key), name, names::dns1123_subdomain(name));
    }
}

fn validate_rest(spec: &Value, path: &Path<'_>, errors: &mut Errors) {
    scheduling::validate_tolerations(spec.list("tolerations"), &path.child("tolerations"), errors);
    dns::validate_host_aliases(spec.list("hostAliases"), &path.child("hostAliases"), errors);
    subdomain(spec, path, "priorityClassName", errors);
    subdomain(spec, path, "runtimeClassName", errors);
    if spec.has("preemptionPolicy") {
        one_of(spec, path, "preemptionPolicy", &["PreemptLowerPriority", "Never"], errors);
    }
    if spec.has("overhead") {
        resources::validate_list(spec.at("overhead"), &path.child("overhead.limits"), errors);
    }
}
