//! One container, of whatever kind (`validateContainerCommon`).

use super::env;
use super::mounts;
use super::resources;
use super::security_context;
use super::spec::Around;
use crate::api::Path;
use crate::api::field::Errors;
use crate::api::names;
use crate::api::value::Dig;
use crate::kinds::parts::checks::one_of;
use serde_json::Value;
use std::collections::BTreeSet;

/// Checks what all containers share.
pub(super) fn validate(container: &Value, around: &Around<'_>, path: &Path<'_>, errors: &Errors) {
    validate_name(container, path, errors);
    validate_image(container, path, errors);
    validate_rest(container, around, path, errors);
}

/// Checks the name.
pub(super) fn validate_name(container: &Value, path: &Path<'_>, errors: &Errors) {
    match container.text("name") {
        "" => errors.required(path.child("name"), ""),
        name => errors.invalid_each(path.child("name"), name, names::dns1123_label(name, errors.version())),
    }
}

/// Checks that there is an image.
pub(super) fn validate_image(container: &Value, path: &Path<'_>, errors: &Errors) {
    if container.text("image").is_empty() {
        errors.required(path.child("image"), "");
    }
}

/// Checks that the image has no space around it; templates may.
pub(super) fn image_is_trimmed(container: &Value, path: &Path<'_>, errors: &Errors) {
    let image = container.text("image");
    if image.trim().len() != image.len() {
        let detail = "must not have leading or trailing whitespace";
        errors.invalid(path.child("image"), image, detail);
    }
}

/// Checks the rest.
pub(super) fn validate_rest(container: &Value, around: &Around<'_>, path: &Path<'_>, errors: &Errors) {
    let policies = ["File", "FallbackToLogsOnError"];
    one_of(container, path, "terminationMessagePolicy", &policies, errors);
    validate_ports(container.list("ports"), &path.child("ports"), errors);
    env::validate(container, path, errors);
    mounts::validate(container, around, path, errors);
    let policies = ["Always", "IfNotPresent", "Never"];
    one_of(container, path, "imagePullPolicy", &policies, errors);
    resources::validate(container.at("resources"), &path.child("resources"), errors);
    resources::validate_resize_policy(container, around.spec, &path.child("resizePolicy"), errors);
    let context = path.child("securityContext");
    security_context::validate(container.at("securityContext"), around.host_users(), &context, errors);
}

fn validate_ports(ports: &[Value], path: &Path<'_>, errors: &Errors) {
    let mut seen = BTreeSet::new();
    for (i, port) in ports.iter().enumerate() {
        let path = path.index(i);
        let name = port.text("name");
        if !name.is_empty() {
            let wrong = names::port_name(name);
            if wrong.is_empty() && !seen.insert(name) {
                errors.duplicate(path.child("name"), name);
            }
            errors.invalid_each(path.child("name"), name, wrong);
        }
        for key in ["containerPort", "hostPort"] {
            let number = port.at(key).as_i64().unwrap_or_default();
            match (number, key) {
                (0, "containerPort") => errors.required(path.child(key), ""),
                (0, _) => {}
                _ => {
                    for text in names::port_number(number) {
                        errors.invalid(path.child(key), number, text);
                    }
                }
            }
        }
        one_of(port, &path, "protocol", &["SCTP", "TCP", "UDP"], errors);
    }
}
