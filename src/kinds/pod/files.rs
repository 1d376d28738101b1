//! Paths, and the files that volumes make of keys and fields.

use super::env;
use super::steps::no_backsteps;
use crate::kinds::field::Field;

/// Checks a path that must lead downwards.
pub(super) fn descending(path: Field<'_>) {
    if path.text("").starts_with('/') {
        path.invalid("must be a relative path");
    }
    if !no_backsteps(path.text("")) {
        path.invalid("must not contain '..'");
    }
}

/// Checks a path inside a volume; names that begin with two dots are the kubelet's.
pub(super) fn local_path(path: Field<'_>) {
    descending(path);
    if path.text("").starts_with("..") && !path.text("").starts_with("../") {
        path.invalid("must not start with '..'");
    }
}

/// Checks what may be done with a file.
pub(super) fn validate_mode(mode: Field<'_>) {
    if mode.number("").is_some_and(|mode| !(0..=0o777).contains(&mode)) {
        mode.invalid("must be a number between 0 and 0777 (octal), both inclusive");
    }
}

/// Checks the keys that become files.
pub(super) fn validate_keys(items: Field<'_>) {
    for item in items.items("") {
        item.child("key").filled();
        item.child("path").filled();
        local_path(item.child("path"));
        validate_mode(item.child("mode"));
    }
}

/// Checks a file that shows a field of the pod.
pub(super) fn validate_file(file: Field<'_>) {
    file.child("path").filled();
    local_path(file.child("path"));
    match (file.child("fieldRef"), file.child("resourceFieldRef")) {
        (field, resource) if field.is_null() && resource.is_null() => {
            file.required("one of fieldRef and resourceFieldRef is required");
        }
        (field, resource) if field.is_null() => env::resource_field_ref(resource, true),
        (field, resource) => {
            env::field_ref(field, &env::FILE_FIELDS);
            if !resource.is_null() {
                let detail = "fieldRef and resourceFieldRef can not be specified simultaneously";
                file.invalid_as("resource", detail);
            }
        }
    }
    validate_mode(file.child("mode"));
}
