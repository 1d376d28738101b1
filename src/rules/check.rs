//! An object, held against the rules of its schema (`Validator.Validate`).

use super::compile::Compiled;
use super::message::{self, Told};
use super::place::Place;
use super::sight::Sight;
use super::validator::Validator;
use super::value::value;
use crate::api::differences::RULES_SHOW_VALUES;
use crate::api::field::{ErrorType, FieldError};
use crate::api::structural::{Additional, Structural};
use crate::api::{Errors, Path, Version};
use crate::cel::{COST_EXCEEDED, Val};
use crate::json::Value;
use crate::kinds::custom::Stored;

/// What the rules of one object may cost together (`RuntimeCELCostBudget`).
const BUDGET: u64 = 10_000_000;

/// What is told when the budget is spent.
const OUT_OF_BUDGET: &str =
    "validation failed due to running out of cost budget, no further validation rules will be run";

/// What rules say of an object.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// What breaks a rule.
    pub(crate) errors: Vec<FieldError>,
    /// What breaks a rule, and did so before.
    pub(crate) warnings: Vec<String>,
}

impl Validator {
    /// Holds an object against the rules, as the successor of what is stored. What an update leaves as it was may be
    /// wrong where the release `ratchets`.
    pub(crate) fn check(
        &self,
        object: &Value,
        stored: Option<&Value>,
        schema: &Structural,
        ratchets: bool,
        version: Version,
    ) -> Verdict {
        let known = stored.filter(|_| ratchets).map(|value| Stored { value, schema });
        let place = Place::root(object, stored, schema, known);
        self.run(place, "", ratchets, version)
    }

    /// Holds the default of a schema against the rules, as if it took the place of itself.
    pub(super) fn check_default(
        &self,
        default: &Value,
        schema: &Structural,
        path: &str,
        version: Version,
    ) -> Vec<FieldError> {
        let place = Place::root(default, Some(default), schema, None);
        self.run(place, path, false, version).errors
    }

    fn run(&self, place: Place<'_>, path: &str, ratchets: bool, version: Version) -> Verdict {
        let verdict = Verdict { errors: Vec::new(), warnings: Vec::new() };
        let mut run = Run { version, ratchets, budget: BUDGET, verdict };
        // Whoever runs out of budget has said so.
        let _ = run.walk(self, place, Path::new(path));
        run.verdict
    }
}

/// No further rule is evaluated.
struct Stop;

struct Run {
    version: Version,
    ratchets: bool,
    budget: u64,
    verdict: Verdict,
}

impl Run {
    fn walk(&mut self, rules: &Validator, place: Place<'_>, path: Path<'_>) -> Result<(), Stop> {
        if place.value.is_null() {
            return Ok(());
        }
        self.rules(rules, place, &path)?;
        match place.value {
            Value::Array(items) => {
                if let (Some(rules), Some(schema)) = (&rules.items, place.schema.items.as_deref()) {
                    for (at, item) in items.iter().enumerate() {
                        self.walk(rules, place.item(item, schema), path.item("", at))?;
                    }
                }
            }
            Value::Object(fields) => {
                if let (Some(rules), Additional::Schema(schema)) =
                    (&rules.additional, &place.schema.additional)
                {
                    for (name, value) in fields {
                        self.walk(rules, place.field(name, value, schema), path.entry("", name))?;
                    }
                }
                for (name, value) in fields {
                    if let (Some(rules), Some(schema)) =
                        (rules.properties.get(name.as_str()), place.schema.properties.get(name.as_str()))
                    {
                        self.walk(rules, place.field(name, value, schema), path.child(name))?;
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
        Ok(())
    }

    /// Evaluates the rules of one value.
    fn rules(&mut self, rules: &Validator, place: Place<'_>, path: &Path<'_>) -> Result<(), Stop> {
        let field = named(path);
        if let Some(why) = &rules.failure {
            self.fail(&field, place, format!("rule compiler initialization error: {why}"));
            return Ok(());
        }
        if rules.rules.is_empty() {
            return Ok(());
        }
        if self.budget == 0 {
            self.fail(&field, place, OUT_OF_BUDGET.to_owned());
            return Err(Stop);
        }
        let sight = Sight {
            value: value(place.value, place.schema, rules.is_root),
            old: place.old.map(|old| value(old, place.schema, rules.is_root)),
            optional: false,
        };
        for rule in &rules.rules {
            self.rule(rule, place, &field, &sight)?;
        }
        Ok(())
    }

    fn rule(
        &mut self,
        compiled: &Compiled,
        place: Place<'_>,
        field: &str,
        sight: &Sight,
    ) -> Result<(), Stop> {
        let rule = &compiled.rule;
        let program = match &compiled.program {
            None => return Ok(()),
            Some(Err(why)) => {
                self.fail(field, place, format!("rule compile error: {why}"));
                return Ok(());
            }
            Some(Ok(program)) => program,
        };
        let transition = compiled.is_transition();
        if transition && place.old.is_none() && !(self.ratchets && compiled.takes_none()) {
            return Ok(());
        }
        let optional = Sight { optional: true, ..sight.clone() };
        let (outcome, cost) = program.run(if compiled.takes_none() { &optional } else { sight });
        let Some(left) = self.budget.checked_sub(cost) else {
            self.fail(field, place, OUT_OF_BUDGET.to_owned());
            return Err(Stop);
        };
        self.budget = left;
        match outcome {
            Ok(Val::Bool(true)) => Ok(()),
            Ok(_) => self.broken(compiled, place, field, sight),
            Err(why) => {
                let called = message::called(rule);
                let detail = if why.starts_with("no such overload") {
                    format!(
                        "'{why}': call arguments did not match a supported operator, function or macro signature \
                         for rule: {called}"
                    )
                } else if why.starts_with(COST_EXCEEDED) {
                    format!(
                        "'{why}': no further validation rules will be run due to call cost exceeds limit for \
                         rule: {called}"
                    )
                } else {
                    format!("{why} evaluating rule: {called}")
                };
                self.fail(field, place, detail);
                if why.starts_with(COST_EXCEEDED) { Err(Stop) } else { Ok(()) }
            }
        }
    }

    /// Tells of a broken rule.
    fn broken(
        &mut self,
        compiled: &Compiled,
        place: Place<'_>,
        field: &str,
        sight: &Sight,
    ) -> Result<(), Stop> {
        let field = match (compiled.field.as_str(), field) {
            ("", field) => field.to_owned(),
            (below, "<nil>") => below.to_owned(),
            (below, field) => format!("{field}.{below}"),
        };
        let rule = &compiled.rule;
        let told = match &compiled.message {
            Some(Ok(program)) => message::evaluate(program, rule, sight, &mut self.budget),
            Some(Err(_)) | None => Told::Unfit,
        };
        let detail = match told {
            Told::Text(text) => text,
            Told::Unfit => message::own(rule),
            Told::Stop(why) => {
                self.tell(compiled, place, &field, ErrorType::Invalid, Some(&type_of(place)), why);
                return Err(Stop);
            }
        };
        let shown = match (self.version.has(RULES_SHOW_VALUES), place.value) {
            (true, Value::Object(_) | Value::Array(_)) => None,
            (true, value) => Some(value.clone()),
            (false, _) => Some(type_of(place)),
        };
        self.tell(compiled, place, &field, kind_of(&rule.reason), shown.as_ref(), detail);
        Ok(())
    }

    fn tell(
        &mut self,
        compiled: &Compiled,
        place: Place<'_>,
        field: &str,
        kind: ErrorType,
        shown: Option<&Value>,
        detail: String,
    ) {
        let error = Errors::new(self.version).told(kind, field, shown, detail);
        match !compiled.is_transition() && place.is_as_before() {
            true => self.verdict.warnings.push(format!("{}: {}", error.field, error.message)),
            false => self.verdict.errors.push(error),
        }
    }

    /// Tells of a rule that could not be evaluated, which an update can't have left as it was.
    fn fail(&mut self, field: &str, place: Place<'_>, detail: String) {
        let error = Errors::new(self.version).told(ErrorType::Invalid, field, Some(&type_of(place)), detail);
        self.verdict.errors.push(error);
    }
}

/// What stands for a value that is not shown: its type.
fn type_of(place: Place<'_>) -> Value {
    place.schema.kind.as_str().into()
}

/// The kind of error that a rule's reason asks for.
fn kind_of(reason: &str) -> ErrorType {
    match reason {
        "FieldValueForbidden" => ErrorType::Forbidden,
        "FieldValueRequired" => ErrorType::Required,
        "FieldValueDuplicate" => ErrorType::Duplicate,
        _ => ErrorType::Invalid,
    }
}

fn named(path: &Path<'_>) -> String {
    let text = path.to_string();
    if text.is_empty() { "<nil>".to_owned() } else { text }
}
