//! Storage classes (`pkg/apis/storage/v1/defaults.go`, `pkg/apis/storage/validation`).

use super::Kind;
use super::columns::{AGE, Print, or, text, with};
use super::field::Field;
use super::parts::storage;
use crate::api::Dig;
use crate::api::differences::CLASSES_ARE_DECLARED;
use crate::api::names::qualified_name;
use crate::json::Value;

const POLICIES: [&str; 2] = ["Delete", "Retain"];
const BINDINGS: [&str; 2] = ["Immediate", "WaitForFirstConsumer"];

/// The row of storage classes.
pub(super) const KIND: Kind = Kind {
    defaults: |class, _| {
        class.set_default("reclaimPolicy", "Delete");
        class.set_default("volumeBindingMode", "Immediate");
    },
    prepare: |_, _, _, _| {},
    validate,
    validate_update: |new, old, _| {
        validate(new);
        validate_update(new, old);
    },
    columns: &[
        with("Name", name),
        text("Provisioner", "provisioner"),
        or("ReclaimPolicy", "reclaimPolicy", "Delete"),
        or("VolumeBindingMode", "volumeBindingMode", "Immediate"),
        with("AllowVolumeExpansion", |class, _| class.flag("allowVolumeExpansion").into()),
        AGE,
    ],
    returned: |_| true,
    ..Kind::plain("storage.k8s.io", "storageclasses")
};

fn validate(class: Field<'_>) {
    storage::provisioner(class.child("provisioner"));
    storage::parameters(class.child("parameters"), true);
    if !class.text("reclaimPolicy").is_empty() {
        class.child("reclaimPolicy").one_of_if_set(&POLICIES);
    }
    let binding = class.child("volumeBindingMode");
    if binding.is_null() {
        binding.required("");
    }
    binding.one_of_if_set(&BINDINGS);
    let terms = class.child("allowedTopologies");
    for (i, term) in terms.items("").enumerate() {
        validate_term(term);
        if terms.list("").iter().take(i).any(|other| same_term(other, term.value)) {
            term.errors.duplicate(term.child("matchLabelExpressions").path, "");
        }
    }
}

fn validate_term(term: Field<'_>) {
    let list = term.child("matchLabelExpressions");
    for (i, requirement) in list.items("").enumerate() {
        let (key, values) = (requirement.string("key"), requirement.child("values"));
        values.filled();
        for (j, value) in values.items("").enumerate() {
            if values.list("").iter().take(j).any(|other| other == value.value) {
                value.duplicate();
            }
        }
        key.invalid_each(qualified_name(key.text(""), key.version()));
        if list.list("").iter().take(i).any(|other| other.text("key") == key.text("")) {
            key.duplicate();
        }
    }
}

/// Whether two terms want the same, in whatever order.
fn same_term(one: &Value, other: &Value) -> bool {
    let wanted = |term: &Value| {
        let mut wanted: Vec<(String, Vec<String>)> = term
            .list("matchLabelExpressions")
            .iter()
            .map(|e| {
                let mut values: Vec<String> = e.texts("values").into_iter().map(str::to_owned).collect();
                values.sort();
                (e.text("key").to_owned(), values)
            })
            .collect();
        wanted.sort();
        wanted
    };
    wanted(one) == wanted(other)
}

/// A class stays what it is.
fn validate_update(new: Field<'_>, old: &Value) {
    for key in ["parameters", "provisioner", "reclaimPolicy"] {
        let field = new.child(key);
        if field.version().has(CLASSES_ARE_DECLARED) {
            field.immutable(old.at(key));
        } else if field.value != old.at(key) {
            field.forbidden(format_args!("updates to {key} are forbidden."));
        }
    }
    new.child("volumeBindingMode").immutable(old.at("volumeBindingMode"));
}

fn name(class: &Value, _: Print) -> Value {
    let default = |key| class.annotation(key) == Some("true");
    match default("storageclass.kubernetes.io/is-default-class")
        || default("storageclass.beta.kubernetes.io/is-default-class")
    {
        true => format!("{} (default)", class.name()).into(),
        false => class.name().into(),
    }
}
