//! The lists of containers: what makes each kind of them special (`validateContainers`, `validateInitContainers`,
//! `validateEphemeralContainers`).

use super::container;
use super::go;
use super::probes;
use super::spec::Around;
use crate::api::Path;
use crate::api::differences::{CHECKED_BY_KIND, RESTART_RULES, SIDECARS};
use crate::api::field::Errors;
use crate::api::value::Dig;
use serde_json::Value;
use std::collections::BTreeSet;

/// Checks all containers of a spec.
pub(super) fn validate(around: &Around<'_>, path: &Path<'_>, errors: &mut Errors) {
    let spec = around.spec;
    let containers = path.child("containers");
    match spec.list("containers") {
        [] => errors.required(containers, ""),
        list => {
            regular(list, around, &containers, errors);
            host_port_conflicts(list, &containers, errors);
        }
    }
    let init = path.child("initContainers");
    match errors.version().has(CHECKED_BY_KIND) {
        true => init_containers(around, &init, errors),
        false => old_init_containers(around, &init, errors),
    }
    ephemeral(around, &path.child("ephemeralContainers"), errors);
}

fn names(list: &[Value]) -> BTreeSet<&str> {
    list.iter().map(|c| c.text("name")).collect()
}

fn regular(list: &[Value], around: &Around<'_>, path: &Path<'_>, errors: &mut Errors) {
    let by_kind = errors.version().has(CHECKED_BY_KIND);
    let mut seen = BTreeSet::new();
    for (i, one) in list.iter().enumerate() {
        let path = path.index(i);
        let mut unique = |errors: &mut Errors| {
            if !seen.insert(one.text("name")) {
                errors.duplicate(path.child("name"), one.text("name"));
            }
        };
        if by_kind {
            container::validate(one, around, &path, errors);
            unique(errors);
            probes::validate_all(one, around.spec, &path, errors);
        } else {
            container::validate_name(one, &path, errors);
            unique(errors);
            container::validate_image(one, &path, errors);
            probes::validate_all(one, around.spec, &path, errors);
            container::validate_rest(one, around, &path, errors);
        }
        if one.has("restartPolicy") {
            match errors.version().has(RESTART_RULES) {
                true => restart_policy(one, &path, errors),
                false => {
                    errors.forbidden(path.child("restartPolicy"), "may not be set for non-init containers")
                }
            }
        }
    }
}

fn restart_policy(container: &Value, path: &Path<'_>, errors: &mut Errors) {
    let policy = container.text("restartPolicy");
    let allowed: &[&str] = match errors.version().has(RESTART_RULES) {
        true => &["Always", "Never", "OnFailure"],
        false => &["Always"],
    };
    if !allowed.contains(&policy) {
        errors.not_supported(path.child("restartPolicy"), policy, allowed);
    }
}

/// Checks that no two containers want the same port of the host.
fn host_port_conflicts(list: &[Value], path: &Path<'_>, errors: &mut Errors) {
    let mut seen = BTreeSet::new();
    for (i, one) in list.iter().enumerate() {
        let path = path.index(i);
        let ports = path.child("ports");
        for (j, port) in one.list("ports").iter().enumerate() {
            let number = port.at("hostPort").as_i64().unwrap_or_default();
            let this = format!("{}/{}/{number}", port.text("protocol"), port.text("hostIP"));
            if number != 0 && !seen.insert(this.clone()) {
                errors.duplicate(ports.index(j).child("hostPort"), this);
            }
        }
    }
}

/// What only a container that goes on running may have.
const RUNNING_ONLY: [&str; 4] = ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"];

fn init_containers(around: &Around<'_>, path: &Path<'_>, errors: &mut Errors) {
    let spec = around.spec;
    let mut seen = names(spec.list("containers"));
    for (i, one) in spec.list("initContainers").iter().enumerate() {
        let at = path.index(i);
        container::validate(one, around, &at, errors);
        let always = one.text("restartPolicy") == "Always";
        if one.has("restartPolicy") {
            restart_policy(one, &at, errors);
        }
        let name = one.text("name");
        if seen.contains(name) {
            errors.duplicate(at.child("name"), name);
        } else if !name.is_empty() {
            seen.insert(name);
        }
        host_port_conflicts(std::slice::from_ref(one), path, errors);
        if always {
            probes::validate_all(one, spec, &at, errors);
            continue;
        }
        for key in RUNNING_ONLY.into_iter().filter(|key| one.has(key)) {
            match errors.version().has(SIDECARS) {
                true => {
                    let detail = "may not be set for init containers without restartPolicy=Always";
                    errors.forbidden(at.child(key), detail);
                }
                false => errors.forbidden(at.child(key), "may not be set for init containers"),
            }
        }
    }
}

fn old_init_containers(around: &Around<'_>, path: &Path<'_>, errors: &mut Errors) {
    let spec = around.spec;
    let list = spec.list("initContainers");
    regular(list, around, path, errors);
    for one in list {
        host_port_conflicts(std::slice::from_ref(one), path, errors);
    }
    let mut seen = names(spec.list("containers"));
    for (i, one) in list.iter().enumerate() {
        let at = path.index(i);
        let name = one.text("name");
        if seen.contains(name) {
            errors.duplicate(at.child("name"), name);
        }
        if !name.is_empty() {
            seen.insert(name);
        }
        for key in RUNNING_ONLY.into_iter().filter(|key| one.has(key)) {
            errors.invalid(at.child(key), one.at(key), "must not be set for init containers");
        }
    }
}

/// What an ephemeral container may not have, in the order of the type's fields.
const NOT_EPHEMERAL: [&str; 6] =
    ["ports", "resources", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"];

fn ephemeral(around: &Around<'_>, path: &Path<'_>, errors: &mut Errors) {
    let spec = around.spec;
    let mut others = names(spec.list("containers"));
    others.extend(names(spec.list("initContainers")));
    let mut seen = others.clone();
    for (i, one) in spec.list("ephemeralContainers").iter().enumerate() {
        let path = path.index(i);
        container::validate(one, around, &path, errors);
        container::image_is_trimmed(one, &path, errors);
        if !seen.insert(one.text("name")) {
            errors.duplicate(path.child("name"), one.text("name"));
        }
        let target = one.text("targetContainerName");
        if !target.is_empty() && !others.contains(target) {
            errors.not_found(path.child("targetContainerName"), target);
        }
        let detail = "cannot be set for an Ephemeral Container";
        for key in NOT_EPHEMERAL.into_iter().filter(|key| !go::is_zero(one.at(key))) {
            errors.forbidden(path.child(key), detail);
        }
        let mounts = path.child("volumeMounts");
        for (j, mount) in one.list("volumeMounts").iter().enumerate() {
            for key in ["subPath", "subPathExpr"] {
                if !mount.text(key).is_empty() {
                    errors.forbidden(mounts.index(j).child(key), detail);
                }
            }
        }
    }
}
