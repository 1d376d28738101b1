//! Rules of every object's metadata (`apimachinery/pkg/api/validation/objectmeta.go`).
//!
//! Differs from Kubernetes: managed fields aren't kept, so they aren't checked.

use crate::api::differences::EMPTY_OWNERS_WORDED;
use crate::api::field::{Errors, go_json, go_strings, quote};
use crate::api::names::{NameRule, dns1123_label, label_value, qualified_name};
use crate::api::value::Dig;
use serde_json::Value;

const ANNOTATIONS_BYTES_MAX: usize = 256 * 1024;

/// Checks metadata as a new object has it.
pub(crate) fn validate(object: &Value, rule: NameRule, errors: &mut Errors) {
    let version = errors.version();
    let (name, generate) = (object.name(), object.text("metadata.generateName"));
    if !generate.is_empty() {
        errors.invalid_each("metadata.generateName", generate, rule.check(generate, true, version));
    }
    if name.is_empty() {
        errors.required("metadata.name", "name or generateName is required");
    } else {
        errors.invalid_each("metadata.name", name, rule.check(name, false, version));
    }
    let namespace = object.namespace();
    if !namespace.is_empty() {
        errors.invalid_each("metadata.namespace", namespace, dns1123_label(namespace, version));
    }
    let generation = object.at("metadata.generation");
    if generation.as_i64().is_some_and(|n| n < 0) {
        errors.invalid("metadata.generation", generation, "must be greater than or equal to 0");
    }
    validate_lists(object, errors);
}

/// What is checked at creation and at each update.
fn validate_lists(object: &Value, errors: &mut Errors) {
    validate_labels(object, "metadata", errors);
    validate_annotations(object, "metadata.annotations", errors);
    validate_owners(object.list("metadata.ownerReferences"), errors);
    validate_finalizers(object, errors);
}

/// Checks the labels of the metadata at a dotted path (a template has its own).
pub(crate) fn validate_labels(object: &Value, metadata: &str, errors: &mut Errors) {
    let path = format!("{metadata}.labels");
    label_map(object.at(&path), &path, errors);
}

/// Checks a map of labels; the errors speak of `path`.
pub(crate) fn label_map(labels: &Value, path: &str, errors: &mut Errors) {
    let version = errors.version();
    for (key, value) in labels.entries("") {
        let value = value.as_str().unwrap_or_default();
        errors.invalid_each(path, key, qualified_name(key, version));
        errors.invalid_each(path, value, label_value(value, version));
    }
}

/// Checks the annotations at a dotted path.
pub(crate) fn validate_annotations(object: &Value, path: &str, errors: &mut Errors) {
    annotation_map(object.at(path), path, errors);
}

/// Checks a map of annotations; the errors speak of `path`.
pub(crate) fn annotation_map(annotations: &Value, path: &str, errors: &mut Errors) {
    let mut size = 0;
    for (key, value) in annotations.entries("") {
        size += key.len() + value.as_str().unwrap_or_default().len();
        errors.invalid_each(path, key, qualified_name(&key.to_lowercase(), errors.version()));
    }
    if size > ANNOTATIONS_BYTES_MAX {
        errors.too_long(path, ANNOTATIONS_BYTES_MAX);
    }
}

fn validate_owners(owners: &[Value], errors: &mut Errors) {
    let path = "metadata.ownerReferences";
    let mut controller = None;
    for owner in owners {
        let api_version = owner.text("apiVersion");
        let version = api_version.rsplit('/').next().unwrap_or_default();
        for (key, word, value) in [
            ("apiVersion", "version", version),
            ("kind", "kind", owner.text("kind")),
            ("name", "name", owner.text("name")),
            ("uid", "uid", owner.text("uid")),
        ] {
            if value.is_empty() {
                let detail = match errors.version().has(EMPTY_OWNERS_WORDED) {
                    true => "must not be empty".to_owned(),
                    false => format!("{word} must not be empty"),
                };
                errors.invalid(format_args!("{path}.{key}"), owner.text(key), detail);
            }
        }
        if api_version == "v1" && owner.text("kind") == "Event" {
            let detail = "/v1, Kind=Event is disallowed from being an owner";
            errors.invalid_go(path, go_owner(owner), json_owner(owner), detail);
        }
        if !owner.flag("controller") {
            continue;
        }
        let this = format!("{}/{}", owner.text("kind"), owner.text("name"));
        let Some(first) = &controller else {
            controller = Some(this);
            continue;
        };
        let detail = format!(
            "Only one reference can have Controller set to true. Found \"true\" in references for {first} and {this}"
        );
        let go: Vec<String> = owners.iter().map(go_owner).collect();
        let json: Vec<String> = owners.iter().map(json_owner).collect();
        errors.invalid_go(
            path,
            format_args!("[]v1.OwnerReference{{{}}}", go.join(", ")),
            format_args!("[{}]", json.join(",")),
            detail,
        );
    }
}

/// An owner reference in Go's syntax. Pointers are addresses there, by chance; here they are their types.
fn go_owner(owner: &Value) -> String {
    let pointer = |key| match owner.has(key) {
        true => "(*bool)(0xc000000000)",
        false => "(*bool)(nil)",
    };
    format!(
        "v1.OwnerReference{{APIVersion:{}, Kind:{}, Name:{}, UID:{}, Controller:{}, BlockOwnerDeletion:{}}}",
        quote(owner.text("apiVersion")),
        quote(owner.text("kind")),
        quote(owner.text("name")),
        quote(owner.text("uid")),
        pointer("controller"),
        pointer("blockOwnerDeletion"),
    )
}

/// An owner reference as JSON, its fields in the type's order.
fn json_owner(owner: &Value) -> String {
    let fields = ["apiVersion", "kind", "name", "uid"].map(|key| (key, Value::from(owner.text(key))));
    let optional = ["controller", "blockOwnerDeletion"].map(|key| (key, owner.at(key).clone()));
    json_fields(fields.into_iter().chain(optional.into_iter().filter(|(_, v)| !v.is_null())))
}

/// A JSON object with its fields in the given order.
pub(crate) fn json_fields<'a>(fields: impl IntoIterator<Item = (&'a str, Value)>) -> String {
    let fields: Vec<String> =
        fields.into_iter().map(|(key, value)| format!("\"{key}\":{}", go_json(&value))).collect();
    format!("{{{}}}", fields.join(","))
}

fn validate_finalizers(object: &Value, errors: &mut Errors) {
    let path = "metadata.finalizers";
    let (mut orphan, mut foreground) = (false, false);
    for finalizer in object.list(path) {
        let name = finalizer.as_str().unwrap_or_default();
        errors.invalid_each(path, name, qualified_name(name, errors.version()));
        orphan |= name == "orphan";
        foreground |= name == "foregroundDeletion";
    }
    if orphan && foreground {
        let detail = "finalizers orphan and foregroundDeletion cannot be both set";
        errors.invalid(path, object.at(path), detail);
    }
}

/// Checks the finalizers' domains, as most kinds (those of `pkg/apis/core/validation`) do.
pub(crate) fn validate_core_finalizers(object: &Value, path: &str, errors: &mut Errors) {
    for (i, finalizer) in object.list(path).iter().enumerate() {
        let name = finalizer.as_str().unwrap_or_default();
        if !name.contains('/') && !matches!(name, "kubernetes" | "orphan" | "foregroundDeletion") {
            let detail = "name is neither a standard finalizer name nor is it fully qualified";
            errors.invalid(format_args!("{path}[{i}]"), name, detail);
        }
    }
}

/// Checks what an update may do to metadata.
pub(crate) fn validate_update(new: &Value, old: &Value, errors: &mut Errors) {
    if old.has("metadata.deletionTimestamp") {
        no_new_finalizers(new, old, errors);
    }
    if new.text("metadata.resourceVersion").is_empty() {
        errors.invalid("metadata.resourceVersion", "", "must be specified for an update");
    }
    let generation = |object: &Value| object.at("metadata.generation").as_i64().unwrap_or_default();
    if generation(new) < generation(old) {
        errors.invalid("metadata.generation", generation(new), "must not be decremented");
    }
    for key in
        ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"]
    {
        immutable(new, old, &format!("metadata.{key}"), errors);
    }
    validate_labels(new, "metadata", errors);
    validate_annotations(new, "metadata.annotations", errors);
    validate_owners(new.list("metadata.ownerReferences"), errors);
}

fn no_new_finalizers(new: &Value, old: &Value, errors: &mut Errors) {
    let path = "metadata.finalizers";
    let had = old.list(path);
    let mut extra: Vec<&str> =
        new.list(path).iter().filter(|f| !had.contains(f)).filter_map(Value::as_str).collect();
    extra.sort_unstable();
    extra.dedup();
    if !extra.is_empty() {
        let detail = format!(
            "no new finalizers can be added if the object is being deleted, found new finalizers {}",
            go_strings(extra)
        );
        errors.forbidden(path, detail);
    }
}

/// A field that must stay as it is.
pub(crate) fn immutable(new: &Value, old: &Value, path: &str, errors: &mut Errors) {
    let empty = |value: &Value| value.is_null() || value.as_str() == Some("");
    let (to, from) = (new.at(path), old.at(path));
    if to != from && !(empty(to) && empty(from)) {
        errors.invalid(path, to, "field is immutable");
    }
}
