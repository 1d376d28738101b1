//! One container, of whatever kind (`validateContainerCommon`).

use super::around::{Around, host_users};
use super::{env, mounts, resources, security_context};
use crate::api::names;
use crate::kinds::field::Field;
use std::collections::BTreeSet;

/// Checks what all containers share.
pub(super) fn validate(container: Field<'_>, around: &Around<'_>) {
    validate_name(container);
    container.child("image").filled();
    validate_rest(container, around);
}

/// Checks the name.
pub(super) fn validate_name(container: Field<'_>) {
    container.child("name").named(|name| names::dns1123_label(name, container.version()));
}

/// Checks that the image has no space around it; templates may.
pub(super) fn image_is_trimmed(container: Field<'_>) {
    let image = container.text("image");
    if image.trim().len() != image.len() {
        container.child("image").invalid("must not have leading or trailing whitespace");
    }
}

/// Checks all but name and image.
pub(super) fn validate_rest(container: Field<'_>, around: &Around<'_>) {
    container.child("terminationMessagePolicy").one_of(&["File", "FallbackToLogsOnError"]);
    validate_ports(container);
    env::validate(container);
    mounts::validate(container, around);
    container.child("imagePullPolicy").one_of(&["Always", "IfNotPresent", "Never"]);
    resources::validate(container.child("resources"), resources::of_container, around.spec.value);
    resources::validate_resize_policy(container.child("resizePolicy"), around.spec.value);
    security_context::validate(container.child("securityContext"), host_users(around.spec.value));
}

fn validate_ports(container: Field<'_>) {
    let mut seen = BTreeSet::new();
    for port in container.items("ports") {
        let name = port.child("name");
        if !name.text("").is_empty() {
            let wrong = names::port_name(name.text(""), name.version());
            if wrong.is_empty() && !seen.insert(port.text("name")) {
                name.duplicate();
            }
            name.invalid_each(wrong);
        }
        let [own, host] = ["containerPort", "hostPort"].map(|key| port.child(key));
        match own.number("") {
            None | Some(0) => own.required(""),
            Some(_) => own.between(1, 65535),
        }
        if host.number("") != Some(0) {
            host.between(1, 65535);
        }
        port.child("protocol").one_of(&["SCTP", "TCP", "UDP"]);
    }
}
