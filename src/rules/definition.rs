//! The rules of a definition of custom resources: whether they compile, and what they cost
//! (`ValidateCustomResourceDefinitionOpenAPISchema`).
//!
//! A part of a schema with an error of its own is left out, and so are those around it; a schema that isn't structural,
//! or a default of which breaks a rule, is left out as a whole.

use super::compile::compile;
use super::cost::{self, RULE_MAX, SCHEMA_MAX, Total};
use super::declare::declare;
use super::validator::{SELF, Validator};
use crate::api::field::FieldError;
use crate::api::structural::{Additional, ListType, Structural};
use crate::api::{Dig, Errors, Version};
use crate::json::Value;
use crate::kinds::customresourcedefinitions::{internal, rule_as_go};
use std::collections::BTreeSet;

/// The field with the rules.
const RULES: &str = "x-kubernetes-validations";

/// What is wrong with the rules of a definition, as the successor of what is stored, in which other errors were found.
pub(crate) fn errors(
    definition: &Value,
    old: Option<&Value>,
    found: &[FieldError],
    version: Version,
) -> Errors {
    let errors = Errors::new(version);
    let mut known = BTreeSet::new();
    if let Some(old) = old {
        expressions(old, &mut known);
    }
    let whole = internal(definition);
    let old = old.map(internal);
    for (path, schema) in schemas(&whole) {
        let structural = Structural::of(schema);
        let in_schema: Vec<&FieldError> =
            found.iter().filter(|error| error.field.starts_with(&path)).collect();
        if !has_rules(&structural) || in_schema.iter().any(|error| !error.field.contains(RULES)) {
            continue;
        }
        let wrong = defaults(&structural, true, &path, version);
        if !wrong.is_empty() {
            wrong.into_iter().for_each(|error| errors.add(error));
            continue;
        }
        let before = old.as_ref().and_then(|old| schemas(old).into_iter().find(|(other, _)| *other == path));
        let mut walk = Walk {
            version,
            known: &known,
            found: in_schema,
            is_unchanged: before.is_some_and(|(_, old)| old == schema),
            errors: &errors,
            total: Total::default(),
        };
        walk.part(
            Part { json: schema, schema: &structural, most: Some(1), uncorrelated: None, is_root: true },
            &path,
        );
        walk.total(&path);
    }
    errors
}

/// What rules say of the defaults in a schema (`defaulting.ValidateDefaults`).
fn defaults(schema: &Structural, is_root: bool, path: &str, version: Version) -> Vec<FieldError> {
    let mut wrong = Vec::new();
    if let Some(default) = &schema.default
        && let Some(rules) = Validator::of(schema, is_root, version)
    {
        wrong.extend(rules.check_default(default, schema, &format!("{path}.default"), version));
    }
    if let Some(items) = schema.items.as_deref() {
        wrong.extend(defaults(items, items.embedded, &format!("{path}.items"), version));
    }
    for (name, schema) in &schema.properties {
        wrong.extend(defaults(schema, schema.embedded, &format!("{path}.properties[{name}]"), version));
    }
    wrong
}

/// The schemas of a definition in its internal form, and where they are.
fn schemas(definition: &Value) -> Vec<(String, &Value)> {
    let shared = definition.at("spec.validation.openAPIV3Schema");
    let own = definition.list("spec.versions").iter().enumerate().map(|(i, version)| {
        (format!("spec.versions[{i}].schema.openAPIV3Schema"), version.at("schema.openAPIV3Schema"))
    });
    let all = own.chain([("spec.validation.openAPIV3Schema".to_owned(), shared)]);
    all.filter(|(_, schema)| schema.is_object()).collect()
}

/// The expressions of a definition, wherever they stand.
fn expressions<'a>(value: &'a Value, into: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(fields) => {
            for rule in value.get(RULES).and_then(Value::as_array).into_iter().flatten() {
                into.extend([rule.text("rule"), rule.text("messageExpression")]);
            }
            fields.values().for_each(|field| expressions(field, into));
        }
        Value::Array(items) => items.iter().for_each(|item| expressions(item, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn has_rules(schema: &Structural) -> bool {
    let below = match &schema.additional {
        Additional::Schema(schema) => Some(&**schema),
        Additional::Untold | Additional::Any(_) => None,
    };
    let mut parts = schema.properties.values().chain(schema.items.as_deref()).chain(below);
    !schema.rules.is_empty() || parts.any(has_rules)
}

/// A part of a schema.
#[derive(Clone, Copy)]
struct Part<'a> {
    /// As it was written.
    json: &'a Value,
    schema: &'a Structural,
    /// How many values of it there may be; none if nothing bounds them.
    most: Option<u64>,
    /// The list around it whose items have no counterpart in what was there before.
    uncorrelated: Option<&'a str>,
    /// Whether it is the root of an object.
    is_root: bool,
}

impl<'a> Part<'a> {
    fn below(self, json: &'a Value, schema: &'a Structural) -> Part<'a> {
        let most = cost::multiplied(self.schema, self.most);
        Part { json, schema, most, uncorrelated: self.uncorrelated, is_root: schema.embedded }
    }
}

struct Walk<'a> {
    version: Version,
    /// The expressions that are stored.
    known: &'a BTreeSet<&'a str>,
    /// What else is wrong with rules.
    found: Vec<&'a FieldError>,
    /// Whether the schema is the one that is stored.
    is_unchanged: bool,
    errors: &'a Errors,
    total: Total,
}

impl Walk<'_> {
    fn part(&mut self, part: Part<'_>, path: &str) {
        if let Additional::Schema(schema) = &part.schema.additional {
            let below = part.below(part.json.at("additionalProperties"), schema);
            self.part(below, &format!("{path}.additionalProperties"));
        }
        for (name, json) in part.json.entries("properties") {
            if let Some(schema) = part.schema.properties.get(name.as_str()) {
                self.part(part.below(json, schema), &format!("{path}.properties[{name}]"));
            }
        }
        if let Some(schema) = part.schema.items.as_deref() {
            let lost = if part.schema.list == ListType::Map { None } else { Some(path) };
            let below = part.below(part.json.at("items"), schema);
            let uncorrelated = below.uncorrelated.or(lost);
            self.part(Part { uncorrelated, ..below }, &format!("{path}.items"));
        }
        let is_below =
            |error: &&FieldError| error.field.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'));
        if !part.schema.rules.is_empty() && !self.found.iter().any(is_below) {
            self.rules(part, path);
        }
    }

    fn rules(&mut self, part: Part<'_>, path: &str) {
        let Some(declared) = declare(part.schema, part.is_root, SELF, self.version) else {
            let why = "internal error: failed to construct type information for x-kubernetes-validations rules: \
                       unable to convert structural schema to CEL declarations";
            self.errors.internal(format_args!("{path}.{RULES}"), why);
            return;
        };
        let compiled = compile(part.schema, &declared, self.version, &|text| self.known.contains(text));
        let most = part.most.unwrap_or(cost::repeated(declared.least));
        for (i, (compiled, json)) in compiled.iter().zip(part.json.list(RULES)).enumerate() {
            let path = format!("{path}.{RULES}[{i}]");
            let (rule, message) = (format!("{path}.rule"), format!("{path}.messageExpression"));
            let (errors, version) = (self.errors, self.version);
            let wrong = |field: &str, why: &str| {
                let (go, shown) = rule_as_go(json, version);
                errors.invalid_go(field, go, shown, why);
            };
            match &compiled.program {
                Some(Ok(program)) => {
                    let cost = program.most(&declared.extent).saturating_mul(most);
                    self.costs("estimated rule cost", &rule, cost);
                }
                Some(Err(why)) => wrong(&rule, why),
                None => {}
            }
            match &compiled.message {
                Some(Ok(program)) => {
                    let cost = program.most(&declared.extent);
                    self.costs("estimated messageExpression cost", &message, cost);
                }
                Some(Err(why)) => wrong(&message, why),
                None => {}
            }
            if compiled.is_transition() {
                if let Some(list) = part.uncorrelated {
                    let why = "oldSelf cannot be used on the uncorrelatable portion of the schema within";
                    self.errors.invalid(rule, &compiled.rule.rule, format_args!("{why} {list}"));
                }
            } else if let Some(optional) = compiled.rule.optional_old_self {
                let field = format!("{path}.optionalOldSelf");
                self.errors.invalid(field, optional, "may not be set if oldSelf is not used in rule");
            }
        }
    }

    /// Notes what an expression costs, and tells if it is too much.
    fn costs(&mut self, what: &str, path: &str, cost: u64) {
        if cost > RULE_MAX && !self.is_unchanged {
            self.errors.forbidden(path, cost::exceeds(what, cost, RULE_MAX));
        }
        self.total.add(path, cost);
    }

    /// Tells if all expressions of the schema cost too much together.
    fn total(&self, path: &str) {
        if self.total.sum <= SCHEMA_MAX {
            return;
        }
        let share =
            "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema";
        self.total.dearest().for_each(|path| self.errors.forbidden(path, share));
        let what = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema";
        self.errors.forbidden(path, cost::exceeds(what, self.total.sum, SCHEMA_MAX));
    }
}

/// Where a field stands in the order in which a server looks at a definition.
pub(crate) fn rank(field: &str) -> (usize, usize, bool) {
    const SECTIONS: [&str; 7] = [
        "versions",
        "names",
        "validation",
        "subresources",
        "additionalPrinterColumns",
        "selectableFields",
        "conversion",
    ];
    let Some(rest) = field.strip_prefix("spec.") else {
        // Of an object's metadata, what the approval of its group says comes last.
        let is_late = field.starts_with("status") || field.starts_with("metadata.annotations[");
        return (if is_late { SECTIONS.len() + 1 } else { 0 }, 0, false);
    };
    let section = rest.split(['.', '[']).next().unwrap_or_default();
    let at = SECTIONS.iter().position(|known| *known == section).map_or(0, |at| at + 1);
    let item = rest.split_once('[').and_then(|(_, rest)| rest.split_once(']'));
    match (section, item) {
        ("versions", Some((index, inner))) => {
            let after_schema = [".subresources", ".additionalPrinterColumns", ".selectableFields"];
            let is_after = after_schema.iter().any(|part| inner.starts_with(part));
            (at, index.parse().unwrap_or_default(), is_after)
        }
        _ => (at, 0, false),
    }
}
