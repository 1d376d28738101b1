//! How a definition and its resource are called.

use crate::api::names::dns1035_label;
use crate::kinds::field::Field;

/// The object's name follows from the resource's.
pub(super) fn of_object(definition: Field<'_>) {
    let wanted = format!("{}.{}", definition.text("spec.names.plural"), definition.text("spec.group"));
    for path in ["metadata.generateName", "metadata.name"] {
        let name = definition.child(path);
        if !name.text("").is_empty() && name.text("") != wanted {
            name.invalid("must be spec.names.plural+\".\"+spec.group");
        }
    }
}

/// The names that a spec must give.
pub(super) fn required(names: Field<'_>) {
    for key in ["plural", "singular", "kind", "listKind"] {
        if names.text(key).is_empty() {
            names.child(key).required("");
        }
    }
}

/// Checks names, those of a spec and those that were accepted (`ValidateCustomResourceDefinitionNames`).
pub(super) fn validate(names: Field<'_>) {
    for key in ["plural", "singular"] {
        let name = names.child(key);
        if !name.text("").is_empty() {
            label(name);
        }
    }
    for key in ["kind", "listKind"] {
        let name = names.child(key);
        let wrong = dns1035_label(&name.text("").to_lowercase());
        if !name.text("").is_empty() && !wrong.is_empty() {
            let wrong = wrong.join(",");
            name.invalid(format_args!("may have mixed case, but should otherwise match: {wrong}"));
        }
    }
    names.items("shortNames").for_each(label);
    if !names.text("kind").is_empty() && names.text("kind") == names.text("listKind") {
        names.child("listKind").invalid("kind and listKind may not be the same");
    }
    names.items("categories").for_each(label);
}

/// A DNS label; all that is wrong with it is one error.
pub(super) fn label(name: Field<'_>) {
    let wrong = dns1035_label(name.text(""));
    if !wrong.is_empty() {
        name.invalid_as(name.text(""), wrong.join(","));
    }
}
