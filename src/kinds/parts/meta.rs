//! Rules of every object's metadata (`apimachinery/pkg/api/validation/objectmeta.go`).
//!
//! Differs from Kubernetes: managed fields aren't kept, so they aren't checked.

use crate::api::Dig;
use crate::api::differences::EMPTY_OWNERS_WORDED;
use crate::api::field::{go_json, go_strings, quote};
use crate::api::names::{NameRule, dns1123_label, label_value, qualified_name};
use crate::json::Value;
use crate::kinds::field::Field;

const ANNOTATIONS_BYTES_MAX: usize = 256 * 1024;

/// Checks the metadata of a new object.
pub(crate) fn validate(object: Field<'_>, rule: NameRule) {
    let version = object.version();
    let generate = object.child("metadata.generateName");
    if !generate.text("").is_empty() {
        generate.invalid_each(rule.check(generate.text(""), true, version));
    }
    let name = object.child("metadata.name");
    match name.text("") {
        "" => name.required("name or generateName is required"),
        text => name.invalid_each(rule.check(text, false, version)),
    }
    let namespace = object.child("metadata.namespace");
    if !namespace.text("").is_empty() {
        namespace.invalid_each(dns1123_label(namespace.text(""), version));
    }
    object.child("metadata.generation").nonnegative();
    labels(object.child("metadata.labels"));
    annotations(object.child("metadata.annotations"));
    owners(object.child("metadata.ownerReferences"));
    finalizers(object.child("metadata.finalizers"));
}

/// Checks the metadata of a kind that checks it wholly at an update, too.
pub(crate) fn whole(object: Field<'_>, rule: NameRule) {
    validate(object, rule);
    object.items("metadata.finalizers").for_each(core_finalizer);
}

/// What an object has that a template may not give.
const NOT_OF_TEMPLATES: [&str; 13] = [
    "name",
    "generateName",
    "namespace",
    "selfLink",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "ownerReferences",
    "finalizers",
    "managedFields",
];

/// Checks the metadata of a template: labels and annotations, and nothing else (`ValidateTemplateObjectMeta`).
pub(crate) fn of_template(metadata: Field<'_>) {
    annotations(metadata.child("annotations"));
    labels(metadata.child("labels"));
    for (_, field) in metadata.present(&NOT_OF_TEMPLATES) {
        field.forbidden("cannot be set");
    }
}

/// Checks a map of labels.
pub(crate) fn labels(map: Field<'_>) {
    for (key, value) in map.value.entries("") {
        let value = value.as_str().unwrap_or_default();
        map.errors.invalid_each(map.path, key, qualified_name(key, map.version()));
        map.errors.invalid_each(map.path, value, label_value(value, map.version()));
    }
}

/// Checks a map of annotations.
pub(crate) fn annotations(map: Field<'_>) {
    let mut size = 0;
    for (key, value) in map.value.entries("") {
        size += key.len() + value.as_str().unwrap_or_default().len();
        map.errors.invalid_each(map.path, key, qualified_name(&key.to_lowercase(), map.version()));
    }
    if size > ANNOTATIONS_BYTES_MAX {
        map.errors.too_long(map.path, ANNOTATIONS_BYTES_MAX);
    }
}

fn owners(references: Field<'_>) {
    let mut controller = None;
    for owner in references.list("") {
        let api_version = owner.text("apiVersion");
        let version = api_version.rsplit('/').next().unwrap_or_default();
        for (key, word, value) in [
            ("apiVersion", "version", version),
            ("kind", "kind", owner.text("kind")),
            ("name", "name", owner.text("name")),
            ("uid", "uid", owner.text("uid")),
        ] {
            if value.is_empty() {
                let detail = match references.version().has(EMPTY_OWNERS_WORDED) {
                    true => "must not be empty".to_owned(),
                    false => format!("{word} must not be empty"),
                };
                references.child(key).invalid_as(owner.text(key), detail);
            }
        }
        if api_version == "v1" && owner.text("kind") == "Event" {
            let detail = "/v1, Kind=Event is disallowed from being an owner";
            references.invalid_go(go_owner(owner), json_owner(owner), detail);
        }
        if !owner.flag("controller") {
            continue;
        }
        let this = format!("{}/{}", owner.text("kind"), owner.text("name"));
        let Some(first) = &controller else {
            controller = Some(this);
            continue;
        };
        let go: Vec<String> = references.list("").iter().map(go_owner).collect();
        let json: Vec<String> = references.list("").iter().map(json_owner).collect();
        references.invalid_go(
            format_args!("[]v1.OwnerReference{{{}}}", go.join(", ")),
            format_args!("[{}]", json.join(",")),
            format_args!(
                "Only one reference can have Controller set to true. Found \"true\" in references for {first} and {this}"
            ),
        );
    }
}

/// An owner reference in Go's syntax. Pointers are addresses there, by chance; here they are their types.
fn go_owner(owner: &Value) -> String {
    let pointer = |key| if owner.has(key) { "(*bool)(0xc000000000)" } else { "(*bool)(nil)" };
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

fn finalizers(list: Field<'_>) {
    let (mut orphan, mut foreground) = (false, false);
    for finalizer in list.list("") {
        let name = finalizer.as_str().unwrap_or_default();
        list.errors.invalid_each(list.path, name, qualified_name(name, list.version()));
        orphan |= name == "orphan";
        foreground |= name == "foregroundDeletion";
    }
    if orphan && foreground {
        list.invalid("finalizers orphan and foregroundDeletion cannot be both set");
    }
}

/// Checks a finalizer's domain, as most kinds (those of `pkg/apis/core/validation`) do.
pub(crate) fn core_finalizer(finalizer: Field<'_>) {
    let name = finalizer.text("");
    if !name.contains('/') && !is_standard_finalizer(name) {
        finalizer.invalid("name is neither a standard finalizer name nor is it fully qualified");
    }
}

/// Whether a finalizer is one of Kubernetes' own, which have no domain.
pub(crate) fn is_standard_finalizer(name: &str) -> bool {
    matches!(name, "kubernetes" | "orphan" | "foregroundDeletion")
}

/// Checks what an update may do to metadata.
pub(crate) fn validate_update(new: Field<'_>, old: &Value) {
    if old.has("metadata.deletionTimestamp") {
        no_new_finalizers(new.child("metadata.finalizers"), old.list("metadata.finalizers"));
    }
    if new.text("metadata.resourceVersion").is_empty() {
        new.child("metadata.resourceVersion").invalid_as("", "must be specified for an update");
    }
    let generation = new.number("metadata.generation").unwrap_or_default();
    if generation < old.at("metadata.generation").as_i64().unwrap_or_default() {
        new.child("metadata.generation").invalid_as(generation, "must not be decremented");
    }
    for path in [
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "metadata.creationTimestamp",
        "metadata.deletionTimestamp",
        "metadata.deletionGracePeriodSeconds",
    ] {
        new.child(path).immutable(old.at(path));
    }
    labels(new.child("metadata.labels"));
    annotations(new.child("metadata.annotations"));
    owners(new.child("metadata.ownerReferences"));
}

fn no_new_finalizers(list: Field<'_>, had: &[Value]) {
    let new = list.list("").iter().filter(|finalizer| !had.contains(finalizer));
    let mut extra: Vec<&str> = new.filter_map(Value::as_str).collect();
    extra.sort_unstable();
    extra.dedup();
    if !extra.is_empty() {
        list.forbidden(format_args!(
            "no new finalizers can be added if the object is being deleted, found new finalizers {}",
            go_strings(extra)
        ));
    }
}
