//! What a definition says, as a whole (`validateCustomResourceDefinitionSpec`).

use super::required::Required;
use super::{beta, columns, conversion, names, parts, schema, selectable, subresources, versions};
use crate::api::Dig;
use crate::api::differences::{PRESERVE_SPELLED_RIGHT, WORDS_WITHOUT_FIELD};
use crate::api::names::dns1123_subdomain;
use crate::json::Value;
use crate::kinds::field::Field;

/// Checks a spec.
pub(super) fn validate(spec: Field<'_>, required: &Required) {
    let mut required = required.clone();
    group(spec.child("group"));
    spec.string("scope").one_of(&["Cluster", "Namespaced"]);
    let preserves = spec.flag("preserveUnknownFields");
    required.structural |= !preserves;
    schemas_are_there(spec, &required, preserves);
    if parts::any(spec.value, &|schema| schema.has("default")) {
        required.structural = true;
        if preserves {
            let detail = "must be false in order to use defaults in the schema";
            spec.child("preserveUnknownFields").invalid_as(true, detail);
        }
    }
    required.structural |= parts::any(spec.value, &parts::has_extensions);
    versions::validate(spec, &required);
    let called = spec.child("names");
    names::required(called);
    names::validate(called);
    let status = parts::any_status(spec.value);
    schema::validate(spec.child("validation"), status, &required);
    subresources::validate(spec.child("subresources"));
    spec.items("additionalPrinterColumns").for_each(columns::validate);
    selectable::validate(spec, spec.value.at("validation"), "when validations.schema is included");
    let strategy = spec.child("conversion.strategy");
    if spec.has("conversion") && strategy.text("") != "None" && preserves {
        strategy.invalid_as(strategy.text(""), "must be None if spec.preserveUnknownFields is true");
    }
    conversion::validate(spec.child("conversion"), &required);
}

fn group(group: Field<'_>) {
    let name = group.text("");
    let wrong = dns1123_subdomain(name);
    if name.is_empty() {
        group.required("");
    } else if !wrong.is_empty() {
        group.invalid(wrong.join(","));
    } else if !name.contains('.') {
        group.invalid("should be a domain with at least one dot");
    }
}

/// Each version has a schema, by itself or the one that all share.
fn schemas_are_there(spec: Field<'_>, required: &Required, preserves: bool) {
    if spec.has("validation.openAPIV3Schema") {
        return;
    }
    for version in spec.items("versions").filter(|version| !version.has("schema.openAPIV3Schema")) {
        let place = version.child("schema.openAPIV3Schema");
        if required.schema {
            let words = !spec.version().has(WORDS_WITHOUT_FIELD);
            place.required(if words { "schemas are required" } else { "" });
        } else if !preserves && version.flag("served") {
            place.required("because otherwise all fields are pruned");
        }
    }
}

/// What an update may not change.
pub(super) fn immutable(spec: Field<'_>, old: &Value, established: bool) {
    let once_established = ["scope", "names.kind"].into_iter().filter(|_| established);
    for path in once_established.chain(["group", "names.plural"]) {
        spec.child(path).immutable(old.at(path));
    }
}

/// Unknown fields are kept by a schema; the old switch is v1beta1's, and stays where it is on.
pub(super) fn preserved(definition: Field<'_>, old: Option<&Value>) {
    let path = "spec.preserveUnknownFields";
    let was_on = old.is_some_and(|old| old.flag(path));
    if !definition.flag(path) || was_on || beta::is_beta(definition.value) {
        return;
    }
    let extension = match definition.version().has(PRESERVE_SPELLED_RIGHT) {
        true => "x-kubernetes-preserve-unknown-fields",
        false => "x-preserve-unknown-fields",
    };
    let field = definition.child(path);
    field.invalid(format_args!(
        "cannot set to true, set {extension} to true in spec.versions[*].schema instead"
    ));
}
