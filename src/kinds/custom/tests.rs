//! Objects against schemas, with the texts of real servers.

use super::{Rules, blocks_rules, validate_type};
use crate::api::structural::{self, Structural};
use crate::api::{Errors, Version, decode};
use crate::json::{Value, json};
use crate::kinds::field::Field;

/// The errors of an object that was written over what is stored.
fn errors(schema: &Value, stored: Option<&Value>, object: &Value, minor: u8) -> Vec<String> {
    let schema = Structural::of(schema);
    let errors = Errors::new(Version::minor(minor));
    let rules = Rules { schema: &schema, scale: &Value::Null, ratchets: minor >= 30 };
    rules.validate(Field::of(object, &errors), stored, "");
    errors.list().iter().map(|error| format!("{}: {}", error.field, error.message)).collect()
}

fn spec(properties: Value) -> Value {
    json!({"type": "object", "properties": {"spec": {"type": "object", "properties": properties}}})
}

/// The errors of a field of the spec.
fn errors_of(schema: Value, value: Value, minor: u8) -> Vec<String> {
    errors(&spec(json!({"a": schema})), None, &json!({"spec": {"a": value}}), minor)
}

#[test]
fn one_check_one_text() {
    for (schema, value, told) in [
        (
            json!({"type": "integer"}),
            json!("x"),
            r#"Invalid value: "string": spec.a in body must be of type integer: "string""#,
        ),
        (
            json!({"type": "string", "enum": ["x", 1, null]}),
            json!("z"),
            r#"Unsupported value: "z": supported values: "x", "1", "null""#,
        ),
        (
            json!({"type": "string", "pattern": "^[a-z]+$"}),
            json!("A"),
            r#"Invalid value: "A": spec.a in body should match '^[a-z]+$'"#,
        ),
        (
            json!({"type": "string", "minLength": 3}),
            json!("日本"),
            r#"Invalid value: "日本": spec.a in body should be at least 3 chars long"#,
        ),
        (
            json!({"type": "string", "maxLength": 3}),
            json!("日本語x"),
            "Too long: may not be more than 3 bytes",
        ),
        (
            json!({"type": "string", "format": "date"}),
            json!("x"),
            r#"Invalid value: "x": spec.a in body must be of type date: "x""#,
        ),
        (
            json!({"type": "integer", "minimum": 3, "exclusiveMinimum": true}),
            json!(3),
            "Invalid value: 3: spec.a in body should be greater than 3",
        ),
        (
            json!({"type": "number", "maximum": 1000000.0}),
            json!(2e6),
            "Invalid value: 2e+06: spec.a in body should be less than or equal to 1e+06",
        ),
        (
            json!({"type": "number", "multipleOf": 0.1}),
            json!(0.35),
            "Invalid value: 0.35: spec.a in body should be a multiple of 0.1",
        ),
        (
            json!({"type": "array", "minItems": 2}),
            json!([1]),
            "Invalid value: 1: spec.a in body should have at least 2 items",
        ),
        (json!({"type": "array", "maxItems": 1}), json!([1, 2]), "Too many: 2: must have at most 1 item"),
        (
            json!({"type": "object", "maxProperties": 1}),
            json!({"a": 1, "b": 2}),
            "Too many: 2: must have at most 1 item",
        ),
        (json!({"type": "array", "x-kubernetes-list-type": "set"}), json!([]), ""),
    ] {
        let told = if told.is_empty() { Vec::new() } else { vec![format!("spec.a: {told}")] };
        assert_eq!(errors_of(schema.clone(), value, 36), told, "{schema}");
    }
}

#[test]
fn numbers_are_held_to_formats_of_late() {
    let too_great = json!(2_147_483_648_u64);
    let schema = json!({"type": "integer", "format": "int32"});
    assert_eq!(errors_of(schema.clone(), too_great.clone(), 33), [""; 0]);
    let told =
        r#"<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.a"#;
    assert_eq!(errors_of(schema, too_great, 36), [told]);
    for whole in [json!(1.0), json!(1e2), json!(-5)] {
        assert_eq!(errors_of(json!({"type": "integer"}), whole, 36), [""; 0]);
    }
}

#[test]
fn of_several_schemas_the_nearest_is_told() {
    let cond = json!({
        "type": "object",
        "properties": {"kind": {"type": "string"}, "x": {"type": "string"}, "y": {"type": "string"}},
        "oneOf": [
            {"properties": {"kind": {"enum": ["x"]}}, "required": ["x"]},
            {"properties": {"kind": {"enum": ["y"]}}, "required": ["y"]},
        ],
    });
    let none = r#"<nil>: Invalid value: "": "spec.a" must validate one and only one schema (oneOf). Found none valid"#;
    assert_eq!(errors_of(cond.clone(), json!({"kind": "x", "x": "1"}), 36), [""; 0]);
    assert_eq!(
        errors_of(cond, json!({"kind": "y", "x": "1"}), 36),
        [none, r#"spec.a.kind: Unsupported value: "y": supported values: "x""#]
    );
    let all = json!({"type": "string", "allOf": [{"minLength": 2}, {"maxLength": 4}, {"pattern": "^a"}]});
    assert_eq!(
        errors_of(all, json!("b"), 36),
        [
            r#"spec.a: Invalid value: "b": spec.a in body should be at least 2 chars long"#,
            r#"spec.a: Invalid value: "b": spec.a in body should match '^a'"#,
            r#"<nil>: Invalid value: "": "spec.a" must validate all the schemas (allOf)"#,
        ]
    );
    let not = json!({"type": "string", "not": {"enum": ["bad"]}});
    let told = r#"<nil>: Invalid value: "": "spec.a" must not validate the schema (not)"#;
    assert_eq!(errors_of(not, json!("bad"), 36), [told]);
}

#[test]
fn lists_hold_nothing_twice() {
    let map = json!({
        "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"],
        "items": {"type": "object", "properties": {"k": {"type": "string"}}},
    });
    let items = json!([{"k": "a"}, {"k": "a"}, {"k": "a"}, {}, null]);
    let null = r#"spec.a[4]: Invalid value: "null": spec.a[4] in body must be of type object: "null""#;
    assert_eq!(
        errors_of(map.clone(), items.clone(), 36),
        [null, r#"spec.a[1]: Duplicate value: {"k":"a"}"#, "spec.a[4]: Duplicate value: {}"]
    );
    let old = r#"spec.a[1]: Duplicate value: map[string]interface {}{"k":"a"}"#;
    assert_eq!(errors_of(map.clone(), items.clone(), 33)[1], old);
    // An update is not told of what was there twice already.
    let object = json!({"spec": {"a": [{"k": "a"}, {"k": "a"}]}});
    assert_eq!(errors(&spec(json!({"a": map})), Some(&object), &object, 36), [""; 0]);
    let set = json!({"type": "array", "x-kubernetes-list-type": "set"});
    let told = [r#"spec.a[1]: Duplicate value: "a""#, r#"spec.a[3]: Duplicate value: "b""#];
    assert_eq!(errors_of(set, json!(["a", "a", "b", "b", "a"]), 36), told);
}

#[test]
fn what_stays_as_it_was_may_be_wrong() {
    let schema = spec(json!({
        "a": {"type": "string", "maxLength": 2},
        "list": {"type": "array", "items": {"type": "string", "maxLength": 2}},
        "map": {
            "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"],
            "items": {"type": "object", "properties": {"v": {"type": "string", "maxLength": 2}}},
        },
        "n": {"type": "integer"},
    }));
    let stored = json!({"spec": {
        "a": "long", "list": ["long", "x"], "map": [{"k": 1, "v": "long"}, {"k": 2, "v": "ok"}], "n": 1,
    }});
    let changed = |name: &str, value: Value| {
        let mut object = stored.clone();
        object["spec"][name] = value;
        object
    };
    for (object, told) in [
        (changed("n", json!(2)), ""),
        (changed("a", json!("longer")), "spec.a"),
        (changed("list", json!(["long", "y"])), "spec.list[0]"),
        (changed("map", json!([{"k": 2, "v": "ok"}, {"k": 1, "v": "long"}, {"k": 3}])), ""),
        (changed("map", json!([{"k": 1, "v": "lon"}])), "spec.map[0].v"),
    ] {
        let found = errors(&schema, Some(&stored), &object, 36);
        let told: Vec<String> =
            Some(told).into_iter().filter(|told| !told.is_empty()).map(|told| format!("{told}: ")).collect();
        assert_eq!(found.len(), told.len(), "{found:?}");
        assert!(found.iter().zip(&told).all(|(found, told)| found.starts_with(told)), "{found:?}");
        // Releases that don't ratchet are told of all that is wrong.
        assert!(errors(&schema, Some(&stored), &object, 29).len() > told.len());
    }
}

#[test]
fn embedded_resources_are_objects() {
    let schema = spec(json!({
        "a": {"type": "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true},
    }));
    let mut object = json!({"spec": {"a": {"metadata": {"labels": {"a": "b c"}, "zz": 1}, "other": {}}}});
    let unknown =
        structural::coerce(&mut object, Some(&Structural::of(&schema)), Version::NEWEST, decode::metadata);
    assert_eq!(unknown, Ok(vec!["spec.a.metadata.zz".to_owned()]));
    let told = errors(&schema, None, &object, 36);
    assert_eq!(
        told[..2],
        ["spec.a.apiVersion: Required value: ", "spec.a.kind: Required value: "]
            .map(|t| t.trim_end_matches(": "))
    );
    assert!(
        told[2].starts_with(r#"spec.a.metadata.labels: Invalid value: "b c": a valid label"#),
        "{told:?}"
    );
    let malformed = json!({"spec": {"a": {"apiVersion": "v1", "kind": "Pod", "metadata": {"labels": []}}}});
    let refused = structural::coerce(
        &mut malformed.clone(),
        Some(&Structural::of(&schema)),
        Version::minor(36),
        decode::metadata,
    );
    let why = r#"spec.a.metadata: Invalid value: {"labels":[]}: json: cannot unmarshal array into Go struct field ObjectMeta.labels of type map[string]string"#;
    assert_eq!(refused, Err(why.to_owned()));
}

#[test]
fn the_scale_paths_lead_to_counts() {
    let schema = Structural::of(&json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true}));
    let scale = json!({
        "specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas", "labelSelectorPath": ".status.selector",
    });
    for (object, subresource, told) in [
        (json!({}), "", ""),
        (
            json!({"spec": {"replicas": -1}}),
            "",
            ".spec.replicas: Invalid value: -1: should be a non-negative integer",
        ),
        (json!({"spec": {"replicas": -1}}), "status", ""),
        (
            json!({"spec": []}),
            "",
            ".spec.replicas: Invalid value: 0: .spec.replicas accessor error: [] is of the type []interface {}, expected map[string]interface{}",
        ),
        (
            json!({"status": {"selector": 1e10}}),
            "status",
            ".status.selector: Invalid value: \"\": .status.selector accessor error: 1e+10 is of the type float64, expected string",
        ),
    ] {
        let errors = Errors::new(Version::NEWEST);
        Rules { schema: &schema, scale: &scale, ratchets: true }.validate(
            Field::of(&object, &errors),
            None,
            subresource,
        );
        assert_eq!(
            errors.list().first().map(|e| format!("{}: {}", e.field, e.message)).unwrap_or_default(),
            told
        );
    }
}

#[test]
fn a_status_is_told_of_alone() {
    let schema = Structural::of(&json!({
        "type": "object",
        "properties": {"status": {"type": "object", "properties": {"phase": {"type": "string"}}}},
    }));
    let object = json!({"status": {"phase": 5}});
    for (minor, said) in [(25, "status.phase in body"), (33, "phase in body")] {
        let errors = Errors::new(Version::minor(minor));
        let rules = Rules { schema: &schema, scale: &Value::Null, ratchets: false };
        rules.validate(Field::of(&object, &errors), Some(&json!({})), "status");
        let told = format!(r#"Invalid value: "integer": {said} must be of type string: "integer""#);
        let list = errors.list();
        assert_eq!(
            list.iter().map(|e| (e.field.as_str(), &e.message)).collect::<Vec<_>>(),
            [("status.phase", &told)]
        );
        assert!(blocks_rules(&errors));
    }
}

#[test]
fn the_type_is_the_resources() {
    let errors = Errors::new(Version::NEWEST);
    let object = json!({"kind": "Other", "apiVersion": "g/v1"});
    assert!(!validate_type(Field::of(&object, &errors), "g/v1", "Widget"));
    assert_eq!(errors.list()[0].message, r#"Invalid value: "Other": must be Widget"#);
    assert!(!blocks_rules(&errors));
}
