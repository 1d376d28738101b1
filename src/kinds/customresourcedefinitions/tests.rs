//! What real servers said about definitions.

use crate::api::{Dig, Version};
use crate::json::{Value, json};
use crate::kinds::{Strategy, When, named};

const NEW: Version = Version::minor(36);

/// A definition whose field `spec.a` has a schema.
fn with_field(schema: Value) -> Value {
    with_schema(
        json!({"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": schema}}}}),
    )
}

fn with_schema(schema: Value) -> Value {
    json!({
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.g.example.com"},
        "spec": {
            "group": "g.example.com",
            "scope": "Namespaced",
            "names": {"plural": "widgets", "kind": "Widget"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": schema}}],
        },
    })
}

fn created(mut definition: Value, version: Version) -> (Value, Vec<String>) {
    let kind = named("apiextensions.k8s.io", "customresourcedefinitions");
    kind.fill(&mut definition, version);
    kind.prepare(&mut definition, None, "", version);
    let errors = kind.errors_of_create(&definition, version).list();
    let errors = errors.into_iter().map(|error| format!("{}: {}", error.field, error.message)).collect();
    (definition, errors)
}

fn updated(old: &Value, mut new: Value) -> (Value, Vec<String>) {
    let kind = named("apiextensions.k8s.io", "customresourcedefinitions");
    new.set("metadata.resourceVersion", "1");
    kind.fill(&mut new, NEW);
    kind.prepare(&mut new, Some(old), "", NEW);
    let errors = kind.errors_of_update(&new, old, "", NEW).list();
    (new, errors.into_iter().map(|error| format!("{}: {}", error.field, error.message)).collect())
}

#[test]
fn a_definition_is_filled_and_its_status_begins() {
    let mut given = with_field(json!({"type": "string"}));
    given.set("status", json!({"storedVersions": ["v7"], "acceptedNames": {"plural": "x", "kind": "X"}}));
    let (definition, errors) = created(given, NEW);
    assert!(errors.is_empty(), "{errors:?}");
    let names =
        json!({"plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"});
    assert_eq!(definition.at("spec.names"), &names);
    assert_eq!(definition.at("spec.conversion"), &json!({"strategy": "None"}));
    assert_eq!(definition.number("metadata.generation"), 1);
    let status =
        json!({"conditions": null, "acceptedNames": {"plural": "", "kind": ""}, "storedVersions": ["v1"]});
    assert_eq!(definition.at("status"), &status);
}

#[test]
fn fields_are_refused_in_the_words_of_the_release() {
    let structural = "must be empty to be structural";
    for (minor, schema, expected) in [
        (36, json!({}), vec!["type: Required value: must not be empty for specified object fields".to_owned()]),
        (36, json!({"type": "array"}), vec!["items: Required value: must be specified".to_owned()]),
        (36, json!({"type": "string", "not": {"type": "string", "title": "t"}}),
            vec![format!("not.title: Forbidden: {structural}"), format!("not.type: Forbidden: {structural}")]),
        (36, json!({"x-kubernetes-int-or-string": true, "anyOf": [{"type": "integer"}, {"type": "string"}]}), vec![]),
        (36, json!({"x-kubernetes-int-or-string": true, "allOf": [
            {"anyOf": [{"type": "integer"}, {"type": "string"}]}, {"minimum": 1}]}), vec![]),
        (36, json!({"x-kubernetes-int-or-string": true, "anyOf": [{"type": "string"}, {"type": "integer"}]}),
            vec![format!("anyOf[0].type: Forbidden: {structural}"), format!("anyOf[1].type: Forbidden: {structural}")]),
        (36, json!({"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["k"]}),
            vec!["items.type: Invalid value: \"string\": must be object if parent array's x-kubernetes-list-type is map".to_owned()]),
        (36, json!({"type": "array", "items": {"type": "object", "properties": {"k": {"type": "string"}}},
            "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["z"]}),
            vec!["x-kubernetes-list-map-keys: Invalid value: [\"z\"]: entries must all be names of item properties".to_owned()]),
        (33, json!({"type": "array", "items": {"type": "object", "properties": {"k": {"type": "string"}}},
            "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["z"]}),
            vec!["x-kubernetes-list-map-keys: Invalid value: []string{\"z\"}: entries must all be names of item properties".to_owned()]),
        (36, json!({"type": "string", "pattern": "["}),
            vec!["pattern: Invalid value: \"[\": must be a valid regular expression, but isn't: error parsing regexp: missing closing ]: `[`".to_owned()]),
        (36, json!({"type": "integer", "default": 9, "maximum": 5}),
            vec!["default: Invalid value: 9:  in body should be less than or equal to 5".to_owned()]),
        (36, json!({"type": "object", "properties": {"b": {"type": "string"}}, "default": {"kind": "x"}}),
            vec!["default: Invalid value: {\"kind\":\"x\"}: must not have unknown fields".to_owned()]),
        (36, json!({"type": "array", "items": {"type": "object", "properties": {"b": {"type": "string"}},
            "default": {"c": 1}}}),
            vec!["items.default: Invalid value: {\"c\":1}: must not have unknown fields".to_owned()]),
        (36, json!({"type": "string", "x-kubernetes-validations": [{"rule": " "}]}),
            vec!["x-kubernetes-validations[0].rule: Required value: rule is not specified".to_owned()]),
        (33, json!({"type": "string", "x-kubernetes-validations": [{"rule": "true", "fieldPath": ".x"}]}),
            vec!["x-kubernetes-validations[0].fieldPath: Invalid value: \".x\": fieldPath must be a valid path".to_owned()]),
    ] {
        let (_, errors) = created(with_field(schema.clone()), Version::minor(minor));
        let path = "spec.validation.openAPIV3Schema.properties[spec].properties[a].";
        let expected: Vec<String> = expected.iter().map(|error| format!("{path}{error}")).collect();
        assert_eq!(errors, expected, "1.{minor} {schema}");
    }
}

#[test]
fn what_an_update_leaves_may_stay_wrong() {
    let set_of_objects = json!({"type": "array", "items": {"type": "object", "properties": {}},
        "x-kubernetes-list-type": "set"});
    let mut old = with_field(set_of_objects.clone());
    assert_eq!(created(old.clone(), NEW).1.len(), 1);
    old = created(old, NEW).0;
    assert!(updated(&old, with_field(set_of_objects)).1.is_empty());
    let (_, errors) = updated(&old, with_field(json!({"type": "text"})));
    assert_eq!(errors.len(), 1, "{errors:?}");
}

#[test]
fn stored_versions_and_names_stay() {
    let (mut old, _) = created(with_field(json!({"type": "string"})), NEW);
    old.set("status.conditions", json!([{"type": "Established", "status": "True"}]));
    let mut new = old.clone();
    new.set("spec.versions.0.name", "v2");
    new.set("spec.scope", "Cluster");
    let (new, errors) = updated(&old, new);
    assert_eq!(new.at("status.storedVersions"), &json!(["v1", "v2"]));
    assert_eq!(new.number("metadata.generation"), 2);
    let fields: Vec<&str> = errors.iter().filter_map(|error| error.split(": ").next()).collect();
    assert_eq!(fields, ["spec.scope", "status.storedVersions[0]"]);
}

#[test]
fn the_authorities_of_an_established_webhook_stay_readable() {
    let hook = |bundle: &str| {
        let mut definition = with_field(json!({"type": "string"}));
        let client = json!({"url": "https://127.0.0.1:9/", "caBundle": bundle});
        let webhook = json!({"clientConfig": client, "conversionReviewVersions": ["v1"]});
        definition.set("spec.conversion", json!({"strategy": "Webhook", "webhook": webhook}));
        definition
    };
    let (mut old, errors) = created(hook(""), NEW);
    assert!(errors.is_empty() && created(hook("aGVsbG8="), NEW).1.is_empty());
    assert!(updated(&old, hook("aGVsbG8=")).1.is_empty());
    old.set("status.conditions", json!([{"type": "Established", "status": "True"}]));
    let expected = "spec.conversion.webhookClientConfig.caBundle: Invalid value: \"aGVsbG8=\": unable to load root \
                    certificates: unable to parse bytes as PEM block";
    assert_eq!(updated(&old, hook("aGVsbG8=")).1, [expected]);
}

#[test]
fn versions_are_shown_as_kubernetes_holds_them() {
    let mut given = with_field(json!({"type": "string"}));
    given.set("spec.versions.0.storage", false);
    for (minor, shown) in [
        (
            36,
            r#"[{"Name":"v1","Served":true,"Storage":false,"Deprecated":false,"DeprecationWarning":null,"Schema":null,"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null}]"#,
        ),
        (
            25,
            r#"[]apiextensions.CustomResourceDefinitionVersion{apiextensions.CustomResourceDefinitionVersion{Name:"v1", Served:true, Storage:false, Deprecated:false, DeprecationWarning:(*string)(nil), Schema:(*apiextensions.CustomResourceValidation)(nil), Subresources:(*apiextensions.CustomResourceSubresources)(nil), AdditionalPrinterColumns:[]apiextensions.CustomResourceColumnDefinition(nil)}}"#,
        ),
    ] {
        let (_, errors) = created(given.clone(), Version::minor(minor));
        let wanted = "must have exactly one version marked as storage version";
        assert_eq!(errors[0], format!("spec.versions: Invalid value: {shown}: {wanted}"));
    }
}

#[test]
fn new_unknown_formats_are_warned_of() {
    let kind = named("apiextensions.k8s.io", "customresourcedefinitions");
    let of = |format: &str| with_field(json!({"type": "string", "format": format}));
    let warned = |new: &Value, when| kind.warnings(new, when, NEW);
    assert_eq!(warned(&of("mystery"), When::Created), ["unrecognized format \"mystery\""]);
    assert!(warned(&of("date-time"), When::Created).is_empty());
    let old = of("mystery");
    assert!(warned(&of("mystery"), When::Updated(&old)).is_empty());
    assert!(kind.warnings(&of("mystery"), When::Created, Version::minor(33)).is_empty());
    let number = with_field(json!({"type": "integer", "format": "int32"}));
    assert!(warned(&number, When::Created).is_empty());
}

#[test]
fn hostile_schemas_are_told_of_and_nothing_worse() {
    let mut deep = json!({"type": "string"});
    for _ in 0..500 {
        deep = json!({"type": "object", "properties": {"a": deep}});
    }
    assert!(created(with_schema(deep), NEW).1.is_empty());
    let recursive = json!({"$ref": "#"});
    let (_, errors) = created(with_field(recursive), NEW);
    assert!(errors[0].ends_with("$ref: Forbidden: $ref is not supported"), "{errors:?}");
    let wide: crate::json::Map = (0..10_000).map(|i| (format!("f{i}"), json!({"type": "string"}))).collect();
    assert!(created(with_schema(json!({"type": "object", "properties": wide})), NEW).1.is_empty());
}
