//! What is wrong with a value, before it becomes an error of a field (`validation.ValidateCustomResource`).

use crate::api::Errors;
use crate::api::differences::SCHEMA_REASONS;
use crate::api::field::go_json;
use crate::json::Value;

/// What a schema finds wrong with a value.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    /// The place in the value; none for what the server tells of no field.
    at: Option<String>,
    breaks: Breaks,
    /// The value as the error shows it.
    shown: Value,
    /// What is said, in the validator's words.
    text: String,
}

/// What of a schema a value breaks, where errors have reasons for it.
#[derive(Clone, Debug)]
pub(super) enum Breaks {
    Type,
    Required,
    /// The values that are allowed.
    Enum(Vec<Value>),
    /// The greatest count of characters.
    MaxLength(u64),
    /// How many there are, and how many may be.
    MaxCount(usize, u64),
    Other,
}

impl Problem {
    /// A problem at a place, in words that go on after `… in body`.
    pub(super) fn new(at: String, breaks: Breaks, shown: impl Into<Value>, words: &str) -> Problem {
        let text = format!("{at} in body {words}");
        Problem { at: Some(at), breaks, shown: shown.into(), text }
    }

    /// A problem that is told of no field.
    pub(super) fn of_no_field(text: String) -> Problem {
        Problem { at: None, breaks: Breaks::Other, shown: "".into(), text }
    }

    /// Whether the server takes both for one: their texts are equal.
    pub(super) fn is_as(&self, other: &Problem) -> bool {
        self.text == other.text
    }

    /// Adds it to the errors of an object, of whose part with that name the value is.
    pub(super) fn tell(&self, errors: &Errors, prefix: Option<&str>) {
        let Some(at) = &self.at else {
            return errors.invalid(prefix.unwrap_or("<nil>"), &self.shown, &self.text);
        };
        let at = at.strip_prefix('.').unwrap_or(at);
        let path = match (prefix, at) {
            (None, "") => "<nil>".to_owned(),
            (None, at) => at.to_owned(),
            (Some(prefix), "") => prefix.to_owned(),
            (Some(prefix), at) => format!("{prefix}.{at}"),
        };
        let reasons = errors.version().has(SCHEMA_REASONS);
        match &self.breaks {
            Breaks::Required => errors.required(path, ""),
            Breaks::Enum(values) => {
                let text = |value: &Value| value.as_str().map_or_else(|| go_json(value), str::to_owned);
                let values: Vec<String> = values.iter().map(text).collect();
                let values: Vec<&str> = values.iter().map(String::as_str).collect();
                errors.not_supported(path, &self.shown, &values);
            }
            Breaks::Type if reasons => errors.type_invalid(path, &self.shown, &self.text),
            Breaks::MaxLength(most) if reasons => errors.too_long_text(path, *most),
            Breaks::MaxCount(found, most) if reasons => {
                errors.too_many(path, *found, usize::try_from(*most).unwrap_or(usize::MAX));
            }
            Breaks::Type | Breaks::MaxLength(_) | Breaks::MaxCount(..) | Breaks::Other => {
                errors.invalid(path, &self.shown, &self.text);
            }
        }
    }
}

/// The problems of a value, and how many checks it passed: of several schemas the one that it passes best is told of
/// (`validate.Result`).
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) problems: Vec<Problem>,
    pub(super) matches: usize,
}

impl Outcome {
    /// Nothing wrong.
    pub(super) fn passed(matches: usize) -> Outcome {
        Outcome { problems: Vec::new(), matches }
    }

    /// One thing wrong.
    pub(super) fn failed(problem: Problem) -> Outcome {
        Outcome { problems: vec![problem], matches: 0 }
    }

    pub(super) fn is_valid(&self) -> bool {
        self.problems.is_empty()
    }

    /// Adds a problem, unless the same was told.
    pub(super) fn add(&mut self, problem: Problem) {
        if !self.problems.iter().any(|told| told.is_as(&problem)) {
            self.problems.push(problem);
        }
    }

    /// Takes in another outcome.
    pub(super) fn merge(&mut self, other: Outcome) {
        other.problems.into_iter().for_each(|problem| self.add(problem));
        self.matches += other.matches;
    }
}
