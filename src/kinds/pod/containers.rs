//! The lists of containers: what makes each kind of them special (`validateContainers`, `validateInitContainers`,
//! `validateEphemeralContainers`).

use super::around::Around;
use super::{container, go, probes, restarts};
use crate::api::Dig;
use crate::api::differences::{CHECKED_BY_KIND, RESTART_RULES, SIDECARS};
use crate::json::Value;
use crate::kinds::field::Field;
use std::collections::BTreeSet;
use std::iter;

/// What only a container that goes on running may have.
const RUNNING_ONLY: [&str; 4] = ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"];
/// What an ephemeral container may not have, in the order of the type's fields.
const NOT_EPHEMERAL: [&str; 9] = [
    "ports",
    "resources",
    "resizePolicy",
    "restartPolicy",
    "restartPolicyRules",
    "livenessProbe",
    "readinessProbe",
    "startupProbe",
    "lifecycle",
];

/// Checks all containers of a spec.
pub(super) fn validate(around: &Around<'_>) {
    let containers = around.spec.child("containers");
    if containers.list("").is_empty() {
        containers.required("");
    }
    regular(containers, around);
    host_port_conflicts(containers.items(""));
    let init = around.spec.child("initContainers");
    match init.version().has(CHECKED_BY_KIND) {
        true => init_containers(init, around),
        false => old_init_containers(init, around),
    }
    ephemeral(around);
}

fn names(list: &[Value]) -> BTreeSet<&str> {
    list.iter().map(|c| c.text("name")).collect()
}

fn regular(list: Field<'_>, around: &Around<'_>) {
    let version = list.version();
    let mut seen = BTreeSet::new();
    for container in list.items("") {
        let mut unique = || {
            if !seen.insert(container.text("name")) {
                container.string("name").duplicate();
            }
        };
        if version.has(CHECKED_BY_KIND) {
            container::validate(container, around);
            unique();
            probes::validate_all(container, around.spec.value);
        } else {
            container::validate_name(container);
            unique();
            container.child("image").filled();
            probes::validate_all(container, around.spec.value);
            container::validate_rest(container, around);
        }
        let restart = container.child("restartPolicy");
        if version.has(RESTART_RULES) {
            restarts::validate(container);
        } else if !restart.is_null() {
            restart.forbidden("may not be set for non-init containers");
        }
    }
}

/// Checks that no two containers want the same port of the host.
fn host_port_conflicts<'a>(containers: impl Iterator<Item = Field<'a>>) {
    let mut seen = BTreeSet::new();
    for container in containers {
        for port in container.items("ports") {
            let number = port.number("hostPort").unwrap_or_default();
            let this = format!("{}/{}/{number}", port.text("protocol"), port.text("hostIP"));
            if number != 0 && !seen.insert(this.clone()) {
                port.told_as("hostPort", &this.into()).duplicate();
            }
        }
    }
}

/// Checks the host's ports of one init container; whichever it is, errors speak of the first.
fn host_port_conflicts_within(init: Field<'_>, container: &Value) {
    let told = Field { path: init.path.item("", 0), value: container, ..init };
    host_port_conflicts(iter::once(told));
}

fn init_containers(list: Field<'_>, around: &Around<'_>) {
    let (spec, version) = (around.spec.value, list.version());
    let mut seen = names(spec.list("containers"));
    for container in list.items("") {
        container::validate(container, around);
        match version.has(RESTART_RULES) {
            true => restarts::validate(container),
            false => container.child("restartPolicy").one_of_if_set(&["Always"]),
        }
        unique(container, &mut seen);
        host_port_conflicts_within(list, container.value);
        if container.text("restartPolicy") == "Always" {
            probes::validate_all(container, spec);
            continue;
        }
        for (_, field) in container.present(&RUNNING_ONLY) {
            field.forbidden(match version.has(SIDECARS) {
                true => "may not be set for init containers without restartPolicy=Always",
                false => "may not be set for init containers",
            });
        }
    }
}

fn old_init_containers(list: Field<'_>, around: &Around<'_>) {
    regular(list, around);
    for container in list.list("") {
        host_port_conflicts_within(list, container);
    }
    let mut seen = names(around.spec.list("containers"));
    for container in list.items("") {
        unique(container, &mut seen);
        for (_, field) in container.present(&RUNNING_ONLY) {
            field.invalid("must not be set for init containers");
        }
    }
}

/// Checks that an init container's name isn't taken; no name takes nothing.
fn unique<'a>(container: Field<'a>, seen: &mut BTreeSet<&'a str>) {
    let name = container.text("name");
    if seen.contains(name) {
        container.string("name").duplicate();
    } else if !name.is_empty() {
        seen.insert(name);
    }
}

fn ephemeral(around: &Around<'_>) {
    let spec = around.spec;
    let mut others = names(spec.list("containers"));
    others.extend(names(spec.list("initContainers")));
    let mut seen = others.clone();
    let detail = "cannot be set for an Ephemeral Container";
    for container in spec.items("ephemeralContainers") {
        container::validate(container, around);
        container::image_is_trimmed(container);
        if !seen.insert(container.text("name")) {
            container.string("name").duplicate();
        }
        let target = container.child("targetContainerName");
        if !target.text("").is_empty() && !others.contains(target.text("")) {
            target.not_found();
        }
        for (_, field) in container.present(&NOT_EPHEMERAL).filter(|(_, field)| !go::is_zero(field.value)) {
            field.forbidden(detail);
        }
        for mount in container.items("volumeMounts") {
            for key in ["subPath", "subPathExpr"].into_iter().filter(|key| !mount.text(key).is_empty()) {
                mount.child(key).forbidden(detail);
            }
        }
    }
}
