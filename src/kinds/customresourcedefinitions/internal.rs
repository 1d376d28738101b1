//! The internal form of a definition (`apis/apiextensions/v1/conversion.go`).
//!
//! What all versions share moves from them to the top of the spec, and a conversion's webhook is spread over it.

use crate::api::Dig;
use crate::json::Value;

/// What moves from each version to the spec where all versions have the same: its names there and here.
pub(super) const SHARED: [(&str, &str); 4] = [
    ("schema", "validation"),
    ("subresources", "subresources"),
    ("additionalPrinterColumns", "additionalPrinterColumns"),
    ("selectableFields", "selectableFields"),
];

/// The internal form of a definition.
pub(crate) fn internal(definition: &Value) -> Value {
    let mut whole = definition.clone();
    share(&mut whole);
    if let Some(conversion) = whole.at_mut("spec.conversion") {
        let webhook = conversion.take_out("webhook").unwrap_or_default();
        for (key, path) in [
            ("webhookClientConfig", "clientConfig"),
            ("conversionReviewVersions", "conversionReviewVersions"),
        ] {
            if webhook.has(path) {
                conversion.set(key, webhook.at(path).clone());
            }
        }
    }
    whole
}

fn share(definition: &mut Value) {
    let Some((first, others)) = definition.list("spec.versions").split_first() else {
        return;
    };
    let name = first.at("name").clone();
    let same = |key| others.iter().all(|other| other.at(key) == first.at(key));
    let one_schema = same("schema");
    let shared: Vec<_> = SHARED
        .into_iter()
        .filter(|(key, _)| same(key) && (one_schema || *key != "selectableFields"))
        .map(|(key, to)| (key, to, first.at(key).clone()))
        .collect();
    definition.set_default("spec.version", name);
    for (key, to, value) in shared {
        for version in definition.at_mut("spec.versions").and_then(Value::as_array_mut).into_iter().flatten()
        {
            version.take_out(key);
        }
        if !value.is_null() {
            definition.set(&format!("spec.{to}"), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;

    #[test]
    fn what_all_versions_share_stands_at_the_top() {
        let version = |name: &str, kind: &str| {
            json!({"name": name, "schema": {"openAPIV3Schema": {"type": kind}}, "subresources": {"status": {}},
                "selectableFields": [{"jsonPath": ".a"}]})
        };
        let spec = |second: &str| {
            let versions = [version("v1", "object"), version("v2", second)];
            internal(&json!({"spec": {"versions": versions}})).at("spec").clone()
        };
        let one = spec("object");
        assert_eq!(one.at("validation.openAPIV3Schema.type"), "object");
        assert_eq!(one.at("selectableFields.0.jsonPath"), ".a");
        assert_eq!(one.at("versions"), &json!([{"name": "v1"}, {"name": "v2"}]));
        assert_eq!(one.at("version"), "v1");
        let two = spec("string");
        assert!(!two.has("validation") && !two.has("selectableFields"));
        assert_eq!(two.at("versions.1.schema.openAPIV3Schema.type"), "string");
        assert_eq!(two.at("subresources"), &json!({"status": {}}));
    }
}
