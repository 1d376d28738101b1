//! Pods (`pkg/apis/core/v1/defaults.go`, `pkg/registry/core/pod/strategy.go`, `pkg/apis/core/validation`).
//!
//! One file a topic. Templates of pods, in the workloads, share most of it: [`defaults::spec`], [`spec::validate`].
//!
//! # Differs from Kubernetes
//!
//! - Privileged containers are allowed (`--allow-privileged`).
//! - Sources of volumes that need a certain storage system are counted, but not looked into.
//! - Claims of dynamic resources, and what a node reports about them, aren't checked.

mod affinity;
pub(crate) mod annotations;
mod container;
mod containers;
pub(crate) mod defaults;
mod dns;
mod env;
mod go;
mod mounts;
pub(crate) mod options;
mod os;
mod prepare;
mod probes;
mod projected;
mod qos;
pub(crate) mod references;
mod resize;
mod resources;
mod row;
mod scheduling;
mod security_context;
mod skew;
pub(crate) mod spec;
mod status;
#[cfg(test)]
mod tests;
pub(crate) mod update;
mod volumes;
pub(crate) mod warnings;
mod windows;

use super::Kind;
use super::columns::Columns;
use super::selectable::Field;
use crate::api::Path;
use crate::api::differences::{HOST_NETWORK_SELECTED, LAST_RESTART_SHOWN};
use crate::api::field::Errors;
use crate::api::names::NameRule;
use crate::api::value::Dig;
use options::Options;
use serde_json::Value;

/// The row of pods.
pub(super) const KIND: Kind = Kind {
    name: NameRule::Subdomain,
    defaults: defaults::pod,
    prepare: prepare::prepare,
    validate: create,
    whole_update: false,
    validate_update: update::validate,
    warn: warnings::pod,
    columns: &[
        Columns::new("Name|Ready|Status|Restarts#|Age|IP*|Node*|Nominated Node*|Readiness Gates*", row::row)
            .until(LAST_RESTART_SHOWN),
        Columns::new("Name|Ready|Status|Restarts|Age|IP*|Node*|Nominated Node*|Readiness Gates*", row::row)
            .since(LAST_RESTART_SHOWN),
    ],
    selectable: &[
        Field::text("spec.nodeName"),
        Field::text("spec.host").at("spec.nodeName", ""),
        Field::text("spec.restartPolicy"),
        Field::text("spec.schedulerName"),
        Field::text("spec.serviceAccountName"),
        Field::text("spec.hostNetwork").zero("false").since(HOST_NETWORK_SELECTED),
        Field::text("status.phase"),
        Field::text("status.podIP"),
        Field::text("status.podIPs").at("status.podIP", ""),
        Field::text("status.nominatedNodeName"),
    ],
    returned: |_| true,
    ..Kind::plain("", "pods")
};

/// The lists of containers in a spec, in the order in which Kubernetes visits them to read them all.
const CONTAINER_LISTS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];

/// The items of a list, to change them.
pub(crate) fn items_mut<'a>(object: &'a mut Value, path: &str) -> impl Iterator<Item = &'a mut Value> {
    let list = object.at_mut(path).and_then(Value::as_array_mut);
    list.into_iter().flatten()
}

/// All containers of a spec, with the name of their list and their place in it.
fn all_containers(spec: &Value) -> impl Iterator<Item = (&'static str, usize, &Value)> {
    CONTAINER_LISTS
        .into_iter()
        .flat_map(move |list| spec.list(list).iter().enumerate().map(move |(i, c)| (list, i, c)))
}

/// Checks a new pod (`ValidatePodCreate`, metadata aside).
fn create(pod: &Value, errors: &mut Errors) {
    whole(pod, &Options::pod(None), errors);
    let (spec, path) = (pod.at("spec"), Path::new("spec"));
    if !spec.list("ephemeralContainers").is_empty() {
        errors.forbidden("spec.ephemeralContainers", "cannot be set on create");
    }
    if !spec.text("nodeName").is_empty() && !spec.list("schedulingGates").is_empty() {
        let detail = "cannot be set until all schedulingGates have been cleared";
        errors.forbidden("spec.nodeName", detail);
    }
    annotations::seccomp_matches(pod, &path, errors);
    annotations::app_armor_matches(pod, &path, errors);
}

/// What holds for every pod, new or changed (`validatePodMetadataAndSpec`).
fn whole(pod: &Value, options: &Options, errors: &mut Errors) {
    let spec = pod.at("spec");
    let path = Path::new("spec");
    let annotations = Path::new("metadata.annotations");
    annotations::validate(pod.at("metadata.annotations"), spec, &annotations, errors);
    spec::validate(spec, &path, options, errors);
    if spec.text("serviceAccountName").is_empty() {
        no_token_without_account(spec, &path, errors);
    }
    for list in ["containers", "initContainers"] {
        let path = path.child(list);
        for (i, container) in spec.list(list).iter().enumerate() {
            container::image_is_trimmed(container, &path.index(i), errors);
        }
    }
}

fn no_token_without_account(spec: &Value, path: &Path<'_>, errors: &mut Errors) {
    let volumes = path.child("volumes");
    for (i, volume) in spec.list("volumes").iter().enumerate() {
        for (j, source) in volume.list("projected.sources").iter().enumerate() {
            if source.has("serviceAccountToken") {
                let volume = volumes.index(i);
                let sources = volume.child("projected.sources");
                errors.forbidden(
                    sources.index(j).child("serviceAccountToken"),
                    "must not be specified when serviceAccountName is not set",
                );
            }
        }
    }
}
