//! Structural schemas: what a definition of custom resources says of its objects (`openAPIV3Schema`).
//!
//! After `apiextensions-apiserver/pkg/apiserver/schema` (`Structural`, `Generic`, `Extensions`, `ValueValidation`). A
//! definition was validated before it is served, so reading one ([`Structural::of`]) can't fail: what has the wrong shape
//! is as if it were absent.
//!
//! # Differs from Kubernetes
//!
//! A nested value validation (below `allOf`, `anyOf`, `oneOf`, `not`) is a [`Structural`], too: a type of its own says
//! only which of these fields it can't have.

mod default;
mod metadata;
mod pattern;
mod prune;

pub(crate) use default::default;
pub(crate) use pattern::Pattern;
pub(crate) use prune::prune;

use super::{Dig, Version};
use crate::json::{Number, Value};
use std::collections::BTreeMap;

/// A schema, or a part of one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Structural {
    /// The type (`object`, `array`, `string`, `integer`, `number`, `boolean`); empty for any.
    pub kind: String,
    /// A short text for people.
    pub title: String,
    /// A text for people.
    pub description: String,
    /// What stands there when nothing was given.
    pub default: Option<Value>,
    /// Whether null is a value.
    pub nullable: bool,
    /// The fields of an object that are told by name.
    pub properties: BTreeMap<String, Structural>,
    /// The other fields of an object.
    pub additional: Additional,
    /// The items of a list.
    pub items: Option<Box<Structural>>,
    /// Whether fields that the schema doesn't tell stay (`x-kubernetes-preserve-unknown-fields`).
    pub preserves: bool,
    /// Whether it is an object with `apiVersion`, `kind` and `metadata` (`x-kubernetes-embedded-resource`).
    pub embedded: bool,
    /// Whether it is an integer or a text (`x-kubernetes-int-or-string`).
    pub int_or_string: bool,
    /// How an apply merges a list, and what may stand in it twice (`x-kubernetes-list-type`).
    pub list: ListType,
    /// The fields that tell the items of a list of type `map` apart (`x-kubernetes-list-map-keys`).
    pub map_keys: Vec<String>,
    /// Whether an apply takes an object as a whole (`x-kubernetes-map-type: atomic`).
    pub atomic_map: bool,
    /// What must hold of a value (`x-kubernetes-validations`).
    pub rules: Vec<Rule>,
    /// What is checked of a value.
    pub checks: Checks,
}

/// The fields of an object that its properties don't tell (`additionalProperties`).
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Additional {
    /// Nothing is said of them: they are unknown fields.
    #[default]
    Untold,
    /// They are all allowed, or forbidden.
    Any(bool),
    /// They have this schema: the object is a map.
    Schema(Box<Structural>),
}

/// How a list's items relate (`x-kubernetes-list-type`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ListType {
    /// It is taken as a whole; the same as nothing said.
    #[default]
    Atomic,
    /// No two items are equal.
    Set,
    /// No two items have the same keys.
    Map,
}

/// A rule in CEL (`x-kubernetes-validations`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rule {
    /// The expression.
    pub rule: String,
    /// What is told when it doesn't hold.
    pub message: String,
    /// An expression for what is told.
    pub message_expression: String,
    /// The reason of the cause; empty for `FieldValueInvalid`.
    pub reason: String,
    /// The field that the error is about, below the one with the rule (`.spec.x`).
    pub field_path: String,
    /// Whether a rule that speaks of `oldSelf` holds without one, too (`optionalOldSelf`).
    pub optional_old_self: Option<bool>,
}

/// What JSON Schema checks of a value (`ValueValidation`).
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Checks {
    /// The format of a text or number; an unknown one says nothing.
    pub format: String,
    /// The least number.
    pub minimum: Option<Number>,
    /// Whether the least number itself is too small.
    pub exclusive_minimum: bool,
    /// The greatest number.
    pub maximum: Option<Number>,
    /// Whether the greatest number itself is too great.
    pub exclusive_maximum: bool,
    /// What the number is a multiple of.
    pub multiple_of: Option<Number>,
    /// The least count of characters.
    pub min_length: Option<u64>,
    /// The greatest count of characters.
    pub max_length: Option<u64>,
    /// The regular expression that a text matches; empty for none.
    pub pattern: Pattern,
    /// The least count of items.
    pub min_items: Option<u64>,
    /// The greatest count of items.
    pub max_items: Option<u64>,
    /// Whether no two items are equal.
    pub unique_items: bool,
    /// The least count of fields.
    pub min_properties: Option<u64>,
    /// The greatest count of fields.
    pub max_properties: Option<u64>,
    /// The fields that must be there, in the order in which they were given.
    pub required: Vec<String>,
    /// The values that are allowed; empty for all.
    pub values: Vec<Value>,
    /// All of these hold.
    pub all_of: Vec<Structural>,
    /// One of these holds at least.
    pub any_of: Vec<Structural>,
    /// One of these holds, and no other.
    pub one_of: Vec<Structural>,
    /// This doesn't hold.
    pub not: Option<Box<Structural>>,
}

impl Structural {
    /// Whether neither it nor a part of it says what JSON Schema has no word for.
    pub(crate) fn is_plain(&self) -> bool {
        let extended = self.preserves || self.embedded || self.int_or_string || self.atomic_map;
        let additional = match &self.additional {
            Additional::Schema(schema) => Some(&**schema),
            Additional::Untold | Additional::Any(_) => None,
        };
        let mut parts = self.properties.values().chain(self.items.as_deref()).chain(additional);
        !extended && self.list == ListType::Atomic && parts.all(Structural::is_plain)
    }

    /// A schema of objects of which nothing is told, and that keep all that they have.
    pub(crate) fn open() -> Structural {
        Structural { kind: "object".to_owned(), preserves: true, ..Structural::default() }
    }

    /// Reads a valid `openAPIV3Schema`.
    pub(crate) fn of(schema: &Value) -> Structural {
        let properties =
            schema.entries("properties").map(|(name, schema)| (name.clone(), Structural::of(schema)));
        Structural {
            kind: text(schema, "type"),
            title: text(schema, "title"),
            description: text(schema, "description"),
            default: Some(schema.at("default")).filter(|default| !default.is_null()).cloned(),
            nullable: schema.flag("nullable"),
            properties: properties.map(|(name, below)| (name.into(), below)).collect(),
            additional: Additional::of(schema.at("additionalProperties")),
            items: schema.has("items").then(|| Box::new(Structural::of(schema.at("items")))),
            preserves: schema.flag("x-kubernetes-preserve-unknown-fields"),
            embedded: schema.flag("x-kubernetes-embedded-resource"),
            int_or_string: schema.flag("x-kubernetes-int-or-string"),
            list: ListType::of(schema.text("x-kubernetes-list-type")),
            map_keys: texts(schema, "x-kubernetes-list-map-keys"),
            atomic_map: schema.text("x-kubernetes-map-type") == "atomic",
            rules: schema.list("x-kubernetes-validations").iter().map(Rule::of).collect(),
            checks: Checks::of(schema),
        }
    }

    /// The schema of a field: a property, or what the object says of all others.
    pub(crate) fn field(&self, name: &str) -> Option<&Structural> {
        self.properties.get(name).or(match &self.additional {
            Additional::Schema(schema) => Some(schema),
            Additional::Untold | Additional::Any(_) => None,
        })
    }
}

impl Additional {
    fn of(value: &Value) -> Additional {
        match value {
            Value::Bool(allowed) => Additional::Any(*allowed),
            Value::Object(_) => Additional::Schema(Box::new(Structural::of(value))),
            Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) => Additional::Untold,
        }
    }
}

impl ListType {
    fn of(name: &str) -> ListType {
        match name {
            "set" => ListType::Set,
            "map" => ListType::Map,
            _ => ListType::Atomic,
        }
    }
}

impl Rule {
    fn of(rule: &Value) -> Rule {
        Rule {
            rule: text(rule, "rule"),
            message: text(rule, "message"),
            message_expression: text(rule, "messageExpression"),
            reason: text(rule, "reason"),
            field_path: text(rule, "fieldPath"),
            optional_old_self: rule.at("optionalOldSelf").as_bool(),
        }
    }
}

impl Checks {
    fn of(schema: &Value) -> Checks {
        let count = |name| schema.at(name).as_u64();
        let number = |name| schema.at(name).as_number().cloned();
        let all = |name| schema.list(name).iter().map(Structural::of).collect();
        Checks {
            format: text(schema, "format"),
            minimum: number("minimum"),
            exclusive_minimum: schema.flag("exclusiveMinimum"),
            maximum: number("maximum"),
            exclusive_maximum: schema.flag("exclusiveMaximum"),
            multiple_of: number("multipleOf"),
            min_length: count("minLength"),
            max_length: count("maxLength"),
            pattern: Pattern::new(schema.text("pattern")),
            min_items: count("minItems"),
            max_items: count("maxItems"),
            unique_items: schema.flag("uniqueItems"),
            min_properties: count("minProperties"),
            max_properties: count("maxProperties"),
            required: texts(schema, "required"),
            values: schema.list("enum").to_vec(),
            all_of: all("allOf"),
            any_of: all("anyOf"),
            one_of: all("oneOf"),
            not: schema.has("not").then(|| Box::new(Structural::of(schema.at("not")))),
        }
    }
}

/// Gives metadata the form of its type: with it the fields that the type doesn't have, or the decoder's error.
pub(crate) type Metadata = fn(Value, Version) -> Result<(Value, Vec<String>), String>;

/// Gives an object that was read the form that its schema tells: metadata of its type, and nothing that isn't told or is
/// null without leave. The unknown fields in the order in which they are told of, or what can't be read
/// (`unstructuredSchemaCoercer`). Defaults come afterwards ([`default`]).
pub(crate) fn coerce(
    object: &mut Value,
    schema: Option<&Structural>,
    version: Version,
    typed: Metadata,
) -> Result<Vec<String>, String> {
    let mut unknown = Vec::new();
    if let Some(metadata) = object.get_mut("metadata") {
        let (read, strange) = typed(metadata.clone(), version)?;
        *metadata = read;
        unknown.extend(strange.into_iter().map(|name| format!("metadata.{name}")));
    }
    unknown.extend(prune::prune(object, schema));
    if let Some(schema) = schema {
        // The object's own metadata is no part of what its schema says.
        let metadata = object.as_object_mut().and_then(|fields| fields.remove("metadata"));
        prune::prune_nulls(object, schema);
        unknown.extend(metadata::coerce(object, schema, version, typed)?);
        if let (Some(fields), Some(metadata)) = (object.as_object_mut(), metadata) {
            fields.insert("metadata".to_owned(), metadata);
        }
    }
    Ok(unknown)
}

fn text(value: &Value, name: &str) -> String {
    value.text(name).to_owned()
}

fn texts(value: &Value, name: &str) -> Vec<String> {
    value.texts(name).into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;

    #[test]
    fn a_schema_is_read_whole() {
        let schema = Structural::of(&json!({
            "type": "object",
            "required": ["spec", "kind"],
            "properties": {
                "spec": {
                    "type": "object",
                    "x-kubernetes-preserve-unknown-fields": true,
                    "x-kubernetes-validations": [{"rule": "self.a > 0", "message": "no", "optionalOldSelf": true}],
                    "additionalProperties": {"type": "integer", "minimum": 1, "exclusiveMinimum": true},
                },
                "list": {
                    "type": "array",
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["name", "port"],
                    "items": {"type": "string", "default": "a", "enum": ["a", null], "nullable": true},
                },
                "port": {"x-kubernetes-int-or-string": true, "not": {"enum": [0]}, "anyOf": [{"type": "integer"}]},
            },
        }));
        assert_eq!(schema.checks.required, ["spec", "kind"]);
        let spec = &schema.properties["spec"];
        assert!(spec.preserves);
        assert_eq!(
            (spec.rules[0].rule.as_str(), spec.rules[0].optional_old_self),
            ("self.a > 0", Some(true))
        );
        let any = &spec.field("whatever").unwrap().checks;
        assert_eq!((any.minimum.as_ref().and_then(Number::as_i64), any.exclusive_minimum), (Some(1), true));
        let list = &schema.properties["list"];
        assert_eq!((list.list, list.map_keys.len()), (ListType::Map, 2));
        let items = list.items.as_ref().unwrap();
        assert_eq!((&items.default, items.nullable), (&Some(json!("a")), true));
        assert_eq!(items.checks.values, [json!("a"), Value::Null]);
        let port = &schema.properties["port"];
        assert!(port.int_or_string);
        assert_eq!(port.checks.not.as_ref().unwrap().checks.values, [json!(0)]);
        assert_eq!(port.checks.any_of[0].kind, "integer");
        assert_eq!(schema.field("other"), None);
    }
}
