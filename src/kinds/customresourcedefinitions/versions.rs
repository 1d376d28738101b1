//! The versions of a definition: their names, and what each says by itself.

use super::names::label;
use super::required::Required;
use super::{columns, go, schema, selectable, subresources};
use crate::api::Dig;
use crate::json::Value;
use crate::kinds::field::Field;

const WARNING_MAX: usize = 256;

/// Checks the versions of a spec.
pub(super) fn validate(spec: Field<'_>, required: &Required) {
    let mut seen = Vec::new();
    for version in spec.items("versions") {
        seen.push(version.text("name"));
        label(version.child("name"));
        validate_one(spec, version, required);
    }
    let versions = spec.child("versions");
    let wrong = |detail: &str| {
        let (go, json) = go::versions(versions.value, spec.version());
        versions.invalid_go(go, json, detail);
    };
    let names = seen.len();
    seen.sort_unstable();
    seen.dedup();
    if seen.len() < names {
        wrong("must contain unique version names");
    }
    if spec.items("versions").filter(|version| version.flag("storage")).count() != 1 {
        wrong("must have exactly one version marked as storage version");
    }
    let version = spec.child("version");
    if !version.text("").is_empty() {
        label(version);
        if spec.has("versions") && version.text("") != spec.text("versions.0.name") {
            version.invalid("must match the first version in spec.versions");
        }
    }
}

fn validate_one(spec: Field<'_>, version: Field<'_>, required: &Required) {
    deprecation_warning(version);
    let per_version = spec.items("versions").any(|version| version.has("subresources"));
    let subresources: &Value = if per_version { version.value } else { spec.value };
    let status = subresources.has("subresources.status");
    schema::validate(version.child("schema"), status, required);
    subresources::validate(version.child("subresources"));
    version.items("additionalPrinterColumns").for_each(columns::validate);
    let words = "when version.schema.openAPIV3Schema is not included";
    selectable::validate(version, version.value.at("schema"), words);
}

fn deprecation_warning(version: Field<'_>) {
    let warning = version.child("deprecationWarning");
    if warning.is_null() {
        return;
    }
    if !version.flag("deprecated") {
        return warning.invalid("can only be set for deprecated versions");
    }
    let text = warning.text("");
    if text.len() > WARNING_MAX {
        warning.invalid(format_args!("must be <= {WARNING_MAX} characters long"));
    }
    if text.is_empty() {
        warning.invalid("must not be an empty string");
    }
    if let Some((at, _)) = text.char_indices().find(|(_, c)| !is_print(*c)) {
        warning.invalid(format_args!(
            "must only contain printable UTF-8 characters; non-printable character found at index {at}"
        ));
    }
}

/// Whether a character shows on paper (`unicode.IsPrint`): of all spaces only the plain one does.
fn is_print(c: char) -> bool {
    c == ' ' || !(c.is_control() || c.is_whitespace())
}
