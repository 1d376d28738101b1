//! A value against its schema (`kube-openapi/pkg/validation/validate`, which came of `go-openapi/validate`).
//!
//! The order of the checks is the validator's: type, the schemas of `anyOf`, `oneOf`, `allOf` and `not`, text, format,
//! number, list, enum, object. Each that a value passes counts, for of several schemas none of which holds, the one with
//! the most is told of.

use super::formats;
use super::numbers::{self, GoNumber, Held};
use super::problem::{Breaks, Outcome, Problem};
use super::ratchet::Stored;
use crate::api::differences::{SCHEMA_INDEXES, SCHEMA_NUMBERS, SCHEMA_REASONS};
use crate::api::field::quote;
use crate::api::structural::{Additional, Structural};
use crate::api::value::Fields;
use crate::api::{Path, Version};
use crate::json::Value;

/// Checks values in the way of a release.
#[derive(Clone, Copy)]
pub(super) struct Checker {
    version: Version,
    /// Whether numbers are held to their format.
    holds_numbers: bool,
    /// Whether lists' items are told by their index, and an empty text is no null.
    indexes: bool,
}

impl Checker {
    pub(super) fn new(version: Version) -> Checker {
        let (holds_numbers, indexes) = (version.has(SCHEMA_NUMBERS), version.has(SCHEMA_INDEXES));
        Checker { version, holds_numbers, indexes }
    }

    /// Checks a value; what is as it is stored may be wrong.
    pub(super) fn value(
        self,
        value: &Value,
        schema: &Structural,
        stored: Option<Stored<'_>>,
        at: Path<'_>,
    ) -> Outcome {
        let mut outcome = self.against(value, schema, stored, at);
        if !outcome.is_valid() && stored.is_some_and(|stored| stored.is_as(value)) {
            outcome.problems.clear();
        }
        outcome
    }

    /// Checks a value against one schema.
    fn against(
        self,
        value: &Value,
        schema: &Structural,
        stored: Option<Stored<'_>>,
        at: Path<'_>,
    ) -> Outcome {
        let format = self.format(schema);
        let mut outcome = Outcome::default();
        if value.is_null() {
            outcome.merge(self.kind(value, schema, format, at));
            outcome.merge(enumerated(value, schema, at));
            return outcome;
        }
        let mut merge = |checked: Outcome| {
            outcome.merge(checked);
            outcome.matches += 1;
        };
        if has_type(schema) || !format.is_empty() {
            merge(self.kind(value, schema, format, at));
        }
        merge(self.combined(value, schema, stored, at));
        match value {
            Value::String(text) => {
                merge(self.text(text, schema, at));
                if let Some(valid) = formats::check(format, text, self.version) {
                    // The validator counts a format that is kept as nothing.
                    merge(match valid {
                        true => Outcome::default(),
                        false => {
                            let words = format!("must be of type {format}: {}", quote(text));
                            Outcome {
                                matches: 1,
                                ..Outcome::failed(Problem::new(
                                    at.to_string(),
                                    Breaks::Type,
                                    text.as_str(),
                                    &words,
                                ))
                            }
                        }
                    });
                }
            }
            Value::Number(number) => {
                let kind = if schema.int_or_string { "" } else { &schema.kind };
                let held = if self.holds_numbers { Held { kind, format } } else { Held::default() };
                merge(numbers::check(GoNumber::of(number), schema, held, at));
            }
            Value::Array(items) => merge(self.list(items, schema, stored, at)),
            Value::Null | Value::Bool(_) | Value::Object(_) => {}
        }
        merge(enumerated(value, schema, at));
        if let Value::Object(fields) = value {
            merge(self.object(fields, schema, stored, at));
        }
        outcome.matches += 1;
        outcome
    }

    /// The schema's format, if the release knows it for the type.
    fn format(self, schema: &Structural) -> &str {
        let format = schema.checks.format.as_str();
        let known = match schema.kind.as_str() {
            _ if schema.int_or_string => formats::is_known(format, self.version),
            "" | "string" => formats::is_known(format, self.version),
            "integer" => self.holds_numbers && matches!(format, "int32" | "int64"),
            "number" => self.holds_numbers && matches!(format, "float" | "double"),
            _ => false,
        };
        if known { format } else { "" }
    }

    /// Checks the type.
    fn kind(self, value: &Value, schema: &Structural, format: &str, at: Path<'_>) -> Outcome {
        let wrong = |expected: &str, found: &str| {
            let words = format!("must be of type {expected}: {}", quote(found));
            Outcome::failed(Problem::new(at.to_string(), Breaks::Type, found, &words))
        };
        let expected = if schema.int_or_string { "integer,string" } else { &schema.kind };
        let empty = !self.indexes && value.as_str() == Some("");
        if value.is_null() || empty {
            return match !has_type(schema) || schema.nullable {
                true => Outcome::passed(1),
                false => wrong(expected, "null"),
            };
        }
        let (kind, found_format) = kind_of(value);
        let whole = || value.as_number().map(GoNumber::of).is_some_and(GoNumber::is_whole);
        let fits = is_of(schema, kind)
            || (kind == "number" && is_of(schema, "integer") && whole())
            || (kind == "integer" && is_of(schema, "number"));
        let is_text = matches!(value, Value::String(_) | Value::Array(_));
        let numeric = is_of(schema, "number") || is_of(schema, "integer");
        match format {
            _ if fits => Outcome::passed(1),
            "" => wrong(expected, kind),
            format if !is_text && format != found_format => wrong(format, found_format),
            _ if is_text && !numeric => Outcome::passed(1),
            _ => wrong(expected, kind),
        }
    }

    /// Checks the schemas of `anyOf`, `oneOf`, `allOf` and `not`.
    fn combined(
        self,
        value: &Value,
        schema: &Structural,
        stored: Option<Stored<'_>>,
        at: Path<'_>,
    ) -> Outcome {
        let checks = &schema.checks;
        let mut outcome = Outcome::default();
        let against = |schema| self.against(value, schema, stored, at);
        let told = |what: &str| Problem::of_no_field(format!("{} {what}", quote(&at.to_string())));
        if !checks.any_of.is_empty() {
            let best = Best::of(checks.any_of.iter().map(against), 1);
            if best.valid == 0 {
                outcome.add(told("must validate at least one schema (anyOf)"));
            }
            outcome.merge(best.outcome);
        }
        if !checks.one_of.is_empty() {
            let best = Best::of(checks.one_of.iter().map(against), usize::MAX);
            match best.valid {
                0 => outcome.add(told("must validate one and only one schema (oneOf). Found none valid")),
                1 => {}
                valid => outcome.add(told(&format!(
                    "must validate one and only one schema (oneOf). Found {valid} valid alternatives"
                ))),
            }
            if best.valid < 2 {
                outcome.merge(best.outcome);
            }
        }
        if !checks.all_of.is_empty() {
            let mut valid = 0;
            for checked in checks.all_of.iter().map(against) {
                valid += usize::from(checked.is_valid());
                outcome.merge(checked);
            }
            if valid != checks.all_of.len() {
                let none = if valid == 0 { ". None validated" } else { "" };
                outcome.add(told(&format!("must validate all the schemas (allOf){none}")));
            }
        }
        if checks.not.as_deref().is_some_and(|not| against(not).is_valid()) {
            outcome.add(told("must not validate the schema (not)"));
        }
        outcome.matches += 1;
        outcome
    }

    /// Checks the length of a text, and its pattern: the first that fails.
    fn text(self, text: &str, schema: &Structural, at: Path<'_>) -> Outcome {
        let checks = &schema.checks;
        let length = text.chars().count() as u64;
        let (breaks, words) = match (checks.max_length, checks.min_length) {
            (Some(most), _) if length > most => {
                (Breaks::MaxLength(most), format!("should be at most {most} chars long"))
            }
            (_, Some(least)) if length < least => {
                (Breaks::Other, format!("should be at least {least} chars long"))
            }
            _ if !checks.pattern.matches(text) => {
                (Breaks::Other, format!("should match '{}'", checks.pattern.text()))
            }
            _ => return Outcome::default(),
        };
        Outcome::failed(Problem::new(at.to_string(), breaks, text, &words))
    }

    fn list(self, items: &[Value], schema: &Structural, stored: Option<Stored<'_>>, at: Path<'_>) -> Outcome {
        let checks = &schema.checks;
        let mut outcome = Outcome::passed(1);
        if let Some(schema) = &schema.items {
            for (index, item) in items.iter().enumerate() {
                let at = if self.indexes { at.item("", index) } else { at };
                let stored = stored.and_then(|stored| stored.item(item));
                outcome.merge(self.value(item, schema, stored, at));
            }
        }
        let count = items.len();
        if let Some(least) = checks.min_items.filter(|least| (count as u64) < *least) {
            let words = format!("should have at least {least} items");
            outcome.add(Problem::new(at.to_string(), Breaks::Other, count, &words));
        }
        if let Some(most) = checks.max_items.filter(|most| count as u64 > *most) {
            let words = format!("should have at most {most} items");
            outcome.add(Problem::new(at.to_string(), Breaks::MaxCount(count, most), count, &words));
        }
        outcome
    }

    fn object(
        self,
        fields: &Fields,
        schema: &Structural,
        stored: Option<Stored<'_>>,
        at: Path<'_>,
    ) -> Outcome {
        if let Some(problem) = self.count(fields.len(), schema, at) {
            return Outcome::failed(problem);
        }
        let mut outcome = Outcome::default();
        let field = |name: &str, value: &Value, schema: &Structural| {
            let stored = stored.and_then(|stored| stored.field(name));
            self.value(value, schema, stored, at.child(name))
        };
        if let Additional::Schema(schema_of_others) = &schema.additional {
            for (name, value) in
                fields.iter().filter(|(name, _)| !schema.properties.contains_key(name.as_str()))
            {
                outcome.merge(field(name, value, schema_of_others));
            }
        }
        for (name, schema) in &schema.properties {
            if let Some(value) = fields.get(name) {
                outcome.merge(field(name, value, schema));
            }
        }
        for name in schema.checks.required.iter().filter(|name| !fields.contains_key(name.as_str())) {
            let at = at.child(name).to_string();
            outcome.add(Problem::new(at, Breaks::Required, Value::Null, "is required"));
        }
        outcome
    }

    /// Checks how many fields there are.
    fn count(self, count: usize, schema: &Structural, at: Path<'_>) -> Option<Problem> {
        let too = |limit: u64, breaks: Breaks, words: &str| {
            // Older releases show the limit as if it were the value.
            let shown = if self.version.has(SCHEMA_REASONS) { count as u64 } else { limit };
            Problem::new(at.to_string(), breaks, shown, &format!("should have {words} {limit} properties"))
        };
        let checks = &schema.checks;
        if let Some(least) = checks.min_properties.filter(|least| (count as u64) < *least) {
            return Some(too(least, Breaks::Other, "at least"));
        }
        let most = checks.max_properties.filter(|most| count as u64 > *most)?;
        Some(too(most, Breaks::MaxCount(count, most), "at most"))
    }
}

/// How many of several schemas hold, and the outcome that is told: the first that holds, or the one with the most matches.
struct Best {
    valid: usize,
    outcome: Outcome,
}

impl Best {
    /// The best of outcomes, of which no more are looked at after `enough` valid ones.
    fn of(outcomes: impl Iterator<Item = Outcome>, enough: usize) -> Best {
        let (mut valid, mut best) = (0, None::<Outcome>);
        for outcome in outcomes {
            let better = match &best {
                None => true,
                Some(_) if outcome.is_valid() => valid == 0,
                Some(best) => valid == 0 && outcome.matches > best.matches,
            };
            valid += usize::from(outcome.is_valid());
            if better {
                best = Some(outcome);
            }
            if valid == enough {
                break;
            }
        }
        Best { valid, outcome: best.unwrap_or_default() }
    }
}

/// Whether a schema tells a type.
fn has_type(schema: &Structural) -> bool {
    schema.int_or_string || !schema.kind.is_empty()
}

/// Whether a type is one of the schema's.
fn is_of(schema: &Structural, kind: &str) -> bool {
    match schema.int_or_string {
        true => matches!(kind, "integer" | "string"),
        false => schema.kind == kind,
    }
}

/// The type of a value, and the format that Go's type of it has.
fn kind_of(value: &Value) -> (&'static str, &'static str) {
    match value {
        Value::Null => ("null", ""),
        Value::Bool(_) => ("boolean", ""),
        Value::String(_) => ("string", ""),
        Value::Array(_) => ("array", ""),
        Value::Object(_) => ("object", ""),
        Value::Number(number) => match GoNumber::of(number) {
            GoNumber::Int(_) => ("integer", "int64"),
            GoNumber::Float(_) => ("number", "float64"),
        },
    }
}

/// Checks that a value is one of the allowed ones.
fn enumerated(value: &Value, schema: &Structural, at: Path<'_>) -> Outcome {
    let values = &schema.checks.values;
    if values.is_empty() || values.iter().any(|allowed| is_value(value, allowed)) {
        return Outcome::default();
    }
    Outcome::failed(Problem::new(
        at.to_string(),
        Breaks::Enum(values.clone()),
        value.clone(),
        "should be one of the enum",
    ))
}

/// Whether a value is an allowed one, in whose Go type it is compared; null is none.
fn is_value(value: &Value, allowed: &Value) -> bool {
    match (value, allowed) {
        (Value::Null, _) => false,
        (Value::Number(value), Value::Number(allowed)) => {
            match (GoNumber::of(value), GoNumber::of(allowed)) {
                (GoNumber::Int(value), GoNumber::Int(allowed)) => value == allowed,
                (GoNumber::Float(value), GoNumber::Int(allowed)) => value as i64 == allowed,
                (GoNumber::Int(value), GoNumber::Float(allowed)) => value as f64 == allowed,
                (GoNumber::Float(value), GoNumber::Float(allowed)) => value == allowed,
            }
        }
        (value, allowed) => value == allowed,
    }
}
