//! Objects and definitions, held against rules.

use super::{Validator, definition};
use crate::api::structural::Structural;
use crate::api::{Errors, Version};
use crate::json::{Value, json};

/// What the rules of a schema say of an object that takes the place of another: errors, then warnings.
fn told(schema: &Value, object: &Value, old: Option<&Value>) -> Vec<String> {
    let schema = Structural::of(schema);
    let rules = Validator::new(&schema, Version::NEWEST).expect("the schema has rules");
    let verdict = rules.check(object, old, &schema, true, Version::NEWEST);
    let errors = verdict.errors.into_iter().map(|error| format!("{}: {}", error.field, error.message));
    errors.chain(verdict.warnings.into_iter().map(|text| format!("warning: {text}"))).collect()
}

/// A schema whose objects have a field with rules.
fn with(field: Value) -> Value {
    json!({"type": "object", "properties": {"f": field}})
}

fn rules(list: &[&str]) -> Value {
    list.iter().map(|rule| json!({"rule": rule, "message": rule})).collect()
}

#[test]
fn lists_compare_by_their_type() {
    for (kind, keys, old, new, same) in [
        ("atomic", json!([]), json!(["a", "b"]), json!(["b", "a"]), false),
        ("set", json!([]), json!(["a", "b"]), json!(["b", "a"]), true),
        ("set", json!([]), json!(["a", "b"]), json!(["b", "c"]), false),
        (
            "map",
            json!(["k-1"]),
            json!([{"k-1": "a", "v": "1"}, {"k-1": "b"}]),
            json!([{"k-1": "b"}, {"k-1": "a", "v": "1"}]),
            true,
        ),
        ("map", json!(["k-1"]), json!([{"k-1": "a", "v": "1"}]), json!([{"k-1": "a", "v": "2"}]), false),
    ] {
        let text = json!({"type": "string"});
        let items = match kind {
            "map" => json!({"type": "object", "properties": {"k-1": text, "v": text}}),
            _ => text,
        };
        let schema = with(json!({
            "type": "array", "items": items, "x-kubernetes-list-type": kind, "x-kubernetes-list-map-keys": keys,
            "x-kubernetes-validations": rules(&["self == oldSelf"]),
        }));
        let told = told(&schema, &json!({"f": new}), Some(&json!({"f": old})));
        assert_eq!(told.is_empty(), same, "{kind}: {told:?}");
    }
    let schema = with(json!({
        "type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set",
        "x-kubernetes-validations": rules(&["(self + ['a', 'b']).size() == 2"]),
    }));
    assert!(told(&schema, &json!({"f": ["b"]}), None).is_empty());
}

#[test]
fn what_is_too_dear_ends_all() {
    let text = |length: usize| json!({"f": "a".repeat(length)});
    let schema = |count: usize| {
        with(
            json!({"type": "string", "x-kubernetes-validations": rules(&vec!["self.contains(self)"; count])}),
        )
    };
    assert!(told(&schema(2), &text(9_000), None).is_empty());
    let call = "f: Invalid value: \"string\": 'operation cancelled: actual cost limit exceeded': no further validation \
                rules will be run due to call cost exceeds limit for rule: self.contains(self)";
    assert_eq!(told(&schema(2), &text(10_100), None), [call]);
    let whole = "f: Invalid value: \"string\": validation failed due to running out of cost budget, no further \
                 validation rules will be run";
    assert!(told(&schema(12), &text(9_000), None).is_empty());
    assert_eq!(told(&schema(14), &text(9_000), None), [whole]);
}

#[test]
fn values_are_of_the_type_that_the_schema_says() {
    let text = |format: &str, rule: &str| {
        with(json!({"type": "string", "format": format, "x-kubernetes-validations": rules(&[rule])}))
    };
    for (schema, value, want) in [
        (text("date", "self == timestamp('2020-02-01T00:00:00Z')"), json!("2020-02-01"), None),
        (text("duration", "self.getMinutes() == 90"), json!("1h30m"), None),
        (text("byte", "self == b'hi'"), json!("aGk="), None),
        (text("nothing", "self == 'x'"), json!("y"), Some("f: Invalid value: \"y\": self == 'x'")),
        (
            with(json!({"type": "number", "x-kubernetes-validations": rules(&["self / 2.0 == 0.5"])})),
            json!(1),
            None,
        ),
        (
            with(json!({
                "x-kubernetes-int-or-string": true,
                "x-kubernetes-validations": rules(&["self + 1 == 2"]),
            })),
            json!("a"),
            Some(
                "f: Invalid value: \"\": 'no such overload': call arguments did not match a supported operator, \
                 function or macro signature for rule: self + 1 == 2",
            ),
        ),
    ] {
        let told = told(&schema, &json!({"f": value}), None);
        assert_eq!(told.first().map(String::as_str), want, "{schema}");
    }
}

#[test]
fn what_an_update_leaves_as_it_was_is_warned_of() {
    let schema = with(json!({
        "type": "array", "maxItems": 3, "x-kubernetes-list-type": "atomic",
        "items": {"type": "string", "x-kubernetes-validations": rules(&["self != 'bad'"])},
    }));
    let object = |list: Value, other: &str| json!({"f": list, "apiVersion": other});
    let old = object(json!(["bad"]), "a");
    let same = told(&schema, &object(json!(["bad"]), "b"), Some(&old));
    assert_eq!(same, ["warning: f[0]: Invalid value: \"bad\": self != 'bad'"]);
    let grown = told(&schema, &object(json!(["bad", "good"]), "a"), Some(&old));
    assert_eq!(grown, ["f[0]: Invalid value: \"bad\": self != 'bad'"]);
}

#[test]
fn reserved_words_are_fields() {
    let schema = with(json!({
        "type": "object", "properties": {"namespace": {"type": "string"}, "a-b": {"type": "string"}},
        "x-kubernetes-validations": rules(&[
            "self.namespace == 'x' && has(self.namespace)",
            "self.__namespace__ == 'x' && !has(self.a__dash__b)",
        ]),
    }));
    let object = json!({"f": {"namespace": "x"}});
    assert!(told(&schema, &object, None).is_empty());
}

/// What is wrong with the rules of a definition.
fn wrong(schema: &Value, old: Option<&Value>) -> Vec<String> {
    let definition = |schema: &Value| {
        let version = json!({"name": "v1", "schema": {"openAPIV3Schema": schema}});
        json!({"spec": {"versions": [version]}})
    };
    let old = old.map(definition);
    let errors: Errors = definition::errors(&definition(schema), old.as_ref(), &[], Version::NEWEST);
    errors.list().into_iter().map(|error| format!("{}: {}", error.field, error.message)).collect()
}

#[test]
fn rules_of_what_expressions_do_not_know_cannot_be_compiled() {
    let schema = with(json!({
        "type": "array", "items": {"x-kubernetes-preserve-unknown-fields": true},
        "x-kubernetes-validations": rules(&["true"]),
    }));
    let want = "spec.validation.openAPIV3Schema.properties[f].x-kubernetes-validations: Internal error: internal \
                error: failed to construct type information for x-kubernetes-validations rules: unable to convert \
                structural schema to CEL declarations";
    assert_eq!(wrong(&schema, None), [want]);
}

#[test]
fn a_schema_that_stays_may_cost_what_it_did() {
    let schema = with(json!({
        "type": "array", "maxItems": 2000, "items": {"type": "integer"},
        "x-kubernetes-validations": rules(&["self.all(x, self.all(y, x + y > 0))"]),
    }));
    assert_eq!(wrong(&schema, None).len(), 1);
    assert!(wrong(&schema, Some(&schema)).is_empty());
}

#[test]
fn errors_stand_where_the_server_looks() {
    let fields = [
        "metadata.name",
        "spec.group",
        "spec.versions[0].schema.openAPIV3Schema",
        "spec.versions[0].subresources",
        "spec.versions[1].schema.openAPIV3Schema",
        "spec.names.kind",
        "spec.validation.openAPIV3Schema",
        "spec.conversion",
        "status.conditions",
    ];
    assert!(fields.is_sorted_by_key(|field| definition::rank(field)));
}

#[test]
fn defaults_are_held_against_rules() {
    let limits = json!({
        "type": "object", "default": {}, "properties": {"min": {"type": "integer"}, "max": {"type": "integer"}},
        "x-kubernetes-validations": rules(&["self.min <= self.max"]),
    });
    let want = "spec.validation.openAPIV3Schema.properties[f].default: Invalid value: \"object\": no such key: min \
                evaluating rule: self.min <= self.max";
    assert_eq!(wrong(&with(limits), None), [want]);
}
