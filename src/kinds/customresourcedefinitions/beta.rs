//! Definitions of v1beta1 (`apis/apiextensions/v1beta1/{defaults,types}.go`, up to 1.21): what all versions share stands at
//! the top of the spec, unknown fields are kept unless it says otherwise, and a schema is nothing that must be.
//!
//! # Differs from Kubernetes
//!
//! That something stands at the top and in the versions as well, or alike in all versions, is no error; in the first case the
//! versions count.

use super::internal::{SHARED, internal};
use crate::api::Dig;
use crate::json::{Value, json};

/// Whether a definition speaks of v1beta1.
pub(super) fn is_beta(definition: &Value) -> bool {
    definition.text("apiVersion").ends_with("/v1beta1")
}

/// A definition of v1beta1 in the form of v1, in which all are stored.
pub(super) fn inbound(definition: &mut Value) {
    if !is_beta(definition) {
        return;
    }
    let Some(spec) = definition.at_mut("spec") else { return };
    default(spec);
    for (key, at_top) in SHARED {
        let Some(shared) = spec.take_out(at_top) else { continue };
        for version in spec.at_mut("versions").and_then(Value::as_array_mut).into_iter().flatten() {
            version.set_default(key, shared.clone());
        }
    }
    rename(spec, "JSONPath", "jsonPath");
    if let Some(conversion) = spec.at_mut("conversion") {
        for (key, path) in CONVERSION {
            if let Some(part) = conversion.take_out(key) {
                conversion.set(path, part);
            }
        }
    }
    // The first version has that name; another one is wrong, and stays to be told of.
    if spec.text("version") == spec.text("versions.0.name") {
        spec.take_out("version");
    }
    if !spec.flag("preserveUnknownFields") {
        spec.take_out("preserveUnknownFields");
    }
}

/// A stored definition in the form of v1beta1, where that is its version.
pub(super) fn outbound(definition: &mut Value) {
    if !is_beta(definition) {
        return;
    }
    *definition = internal(definition);
    if let Some(spec) = definition.at_mut("spec") {
        rename(spec, "jsonPath", "JSONPath");
        spec.set_default("preserveUnknownFields", false);
    }
}

/// What a conversion's webhook is called in v1beta1, and where it stands in v1.
const CONVERSION: [(&str, &str); 2] = [
    ("webhookClientConfig", "webhook.clientConfig"),
    ("conversionReviewVersions", "webhook.conversionReviewVersions"),
];

/// What v1beta1 has where nothing is said (`SetDefaults_CustomResourceDefinitionSpec`).
fn default(spec: &mut Value) {
    spec.set_default("scope", "Namespaced");
    if spec.list("versions").is_empty() && !spec.text("version").is_empty() {
        let name = spec.text("version").to_owned();
        spec.set("versions", json!([{"name": name, "storage": true, "served": true}]));
    }
    let conversion = spec.at("conversion");
    if conversion.text("strategy") == "Webhook" && conversion.list("conversionReviewVersions").is_empty() {
        spec.set("conversion.conversionReviewVersions", json!(["v1beta1"]));
    }
    if spec.has("conversion.webhookClientConfig.service") {
        spec.set_default("conversion.webhookClientConfig.service.port", 443);
    }
    spec.set_default("preserveUnknownFields", true);
}

/// Gives the paths of all printer columns another key.
fn rename(spec: &mut Value, from: &str, to: &str) {
    let of = |place: &mut Value| {
        for column in
            place.at_mut("additionalPrinterColumns").and_then(Value::as_array_mut).into_iter().flatten()
        {
            if let Some(path) = column.take_out(from) {
                column.set(to, path);
            }
        }
    };
    of(spec);
    spec.at_mut("versions").and_then(Value::as_array_mut).into_iter().flatten().for_each(of);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_of_old_is_stored_like_any_other_and_shown_as_it_came() {
        let sent = json!({"apiVersion": "apiextensions.k8s.io/v1beta1", "spec": {
            "group": "example.com", "version": "v1", "names": {"kind": "Widget"},
            "additionalPrinterColumns": [{"name": "Size", "type": "integer", "JSONPath": ".spec.size"}],
            "validation": {"openAPIV3Schema": {"type": "object"}},
            "conversion": {"strategy": "Webhook", "webhookClientConfig": {"service": {"name": "s"}}}}});
        let mut stored = sent.clone();
        inbound(&mut stored);
        assert_eq!(
            stored.at("spec"),
            &json!({"group": "example.com", "names": {"kind": "Widget"}, "scope": "Namespaced",
                "preserveUnknownFields": true,
                "versions": [{"name": "v1", "served": true, "storage": true,
                    "schema": {"openAPIV3Schema": {"type": "object"}},
                    "additionalPrinterColumns": [{"name": "Size", "type": "integer", "jsonPath": ".spec.size"}]}],
                "conversion": {"strategy": "Webhook", "webhook": {
                    "clientConfig": {"service": {"name": "s", "port": 443}}, "conversionReviewVersions": ["v1beta1"]}}})
        );
        let mut shown = stored;
        outbound(&mut shown);
        assert_eq!(shown.at("spec.validation"), sent.at("spec.validation"));
        assert_eq!(shown.at("spec.additionalPrinterColumns"), sent.at("spec.additionalPrinterColumns"));
        assert_eq!(shown.at("spec.versions"), &json!([{"name": "v1", "served": true, "storage": true}]));
        assert_eq!(shown.at("spec.version"), "v1");
        assert_eq!(shown.at("spec.conversion.conversionReviewVersions"), &json!(["v1beta1"]));
    }
}
