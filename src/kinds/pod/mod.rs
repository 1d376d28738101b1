//! Pods (`pkg/apis/core/v1/defaults.go`, `pkg/registry/core/pod/strategy.go`, `pkg/apis/core/validation`).
//!
//! One file a topic. Templates of pods, in the workloads, share most of it: [`defaults::spec`], [`spec::validate`].
//!
//! # Differs from Kubernetes
//!
//! - Privileged containers are allowed (`--allow-privileged`).
//! - What a node reports about claims of dynamic resources isn't checked.

pub(crate) mod affinity;
pub(crate) mod aggregate;
pub(crate) mod annotations;
mod around;
mod claims;
mod container;
mod containers;
pub(crate) mod defaults;
mod deprecations;
mod dns;
mod env;
mod files;
mod go;
mod lists;
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
mod restarts;
mod row;
mod scheduling;
mod security_context;
mod skew;
pub(crate) mod spec;
mod status;
mod steps;
pub(super) mod template;
#[cfg(test)]
mod tests;
pub(crate) mod update;
mod validate;
mod volumes;
pub(crate) mod warnings;
mod windows;

pub(crate) use lists::items_mut;
pub(super) use resources::{
    is_extended, is_of_containers, is_standard, of_overhead, validate_list, wrong_name,
};
pub(super) use scheduling::validate_toleration;

use super::Kind;
use super::columns::{AGE, NAME, or, with};
use super::selectable::Selectable;
use crate::api::differences::{HOST_NETWORK_SELECTED, LAST_RESTART_SHOWN};
use crate::api::names::NameRule;

/// The row of pods.
pub(super) const KIND: Kind = Kind {
    name: NameRule::Subdomain,
    defaults: defaults::pod,
    prepare: prepare::prepare,
    validate: validate::create,
    whole_update: false,
    validate_update: validate::update,
    warn: warnings::pod,
    columns: &[
        NAME,
        with("Ready", |pod, _| row::ready(pod)),
        with("Status", |pod, _| row::status(pod)),
        with("Restarts", row::restarts).number().until(LAST_RESTART_SHOWN),
        with("Restarts", row::restarts).since(LAST_RESTART_SHOWN),
        AGE,
        or("IP", "status.podIP", "<none>").wide(),
        or("Node", "spec.nodeName", "<none>").wide(),
        or("Nominated Node", "status.nominatedNodeName", "<none>").wide(),
        with("Readiness Gates", |pod, _| row::gates(pod)).wide(),
    ],
    selectable: &[
        Selectable::text("spec.nodeName"),
        Selectable::text("spec.host").at("spec.nodeName", ""),
        Selectable::text("spec.restartPolicy"),
        Selectable::text("spec.schedulerName"),
        Selectable::text("spec.serviceAccountName"),
        Selectable::text("spec.hostNetwork").zero("false").since(HOST_NETWORK_SELECTED),
        Selectable::text("status.phase"),
        Selectable::text("status.podIP"),
        Selectable::text("status.podIPs").at("status.podIP", ""),
        Selectable::text("status.nominatedNodeName"),
    ],
    returned: |_| true,
    ..Kind::plain("", "pods")
};
