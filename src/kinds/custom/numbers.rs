//! What a schema says of a number (`kube-openapi/pkg/validation/validate`: `numberValidator`).

use super::problem::{Breaks, Outcome, Problem};
use crate::api::Path;
use crate::api::field::go_float;
use crate::api::structural::Structural;
use crate::json::{Number, Value};

/// The integers that a float holds one by one.
const FLOAT_WHOLE_MAX: f64 = 9_007_199_254_740_991.0;
const EPSILON: f64 = 1e-9;

/// A number as Go has it: an `int64`, or a `float64` for whatever has a fraction or is too great.
#[derive(Clone, Copy, Debug)]
pub(super) enum GoNumber {
    Int(i64),
    Float(f64),
}

impl GoNumber {
    pub(super) fn of(number: &Number) -> GoNumber {
        match number.as_i64() {
            Some(int) => GoNumber::Int(int),
            None => GoNumber::Float(number.as_f64().unwrap_or_default()),
        }
    }

    fn float(self) -> f64 {
        match self {
            GoNumber::Int(int) => int as f64,
            GoNumber::Float(float) => float,
        }
    }

    fn value(self) -> Value {
        match self {
            GoNumber::Int(int) => int.into(),
            GoNumber::Float(float) => float.into(),
        }
    }

    /// Whether it is an integer, up to the last digits (`swag.IsFloat64AJSONInteger`).
    pub(super) fn is_whole(self) -> bool {
        match self {
            GoNumber::Int(_) => true,
            GoNumber::Float(float) => is_whole(float),
        }
    }
}

fn is_whole(float: f64) -> bool {
    if !float.is_finite() || float.abs() > FLOAT_WHOLE_MAX {
        return false;
    }
    let cut = float.trunc();
    float == cut || (cut != 0.0 && (float - cut).abs() / (float.abs() + cut.abs()) < EPSILON)
}

/// A schema's number, and the format to which values are held; releases that don't hold numbers to it have neither.
#[derive(Clone, Copy, Default)]
pub(super) struct Held<'a> {
    pub(super) kind: &'a str,
    pub(super) format: &'a str,
}

impl Held<'_> {
    /// Whether a number can be had in the type and format without loss (`IsValueValidAgainstRange`).
    fn holds(self, number: GoNumber) -> bool {
        match (self.kind, self.format, number) {
            ("integer", "int32", GoNumber::Int(int)) => i32::try_from(int).is_ok(),
            ("integer", "int32", GoNumber::Float(float)) => {
                float.fract() == 0.0 && float.abs() <= f64::from(i32::MAX)
            }
            ("integer", _, GoNumber::Int(_)) => true,
            ("integer", _, GoNumber::Float(float)) => float.fract() == 0.0 && float.abs() < i64::MAX as f64,
            (_, "float", number) => number.float().abs() <= f64::from(f32::MAX),
            _ => true,
        }
    }

    fn check(self, number: GoNumber, what: &str, at: Path<'_>) -> Result<(), Problem> {
        if self.holds(number) {
            return Ok(());
        }
        let Held { kind, format } = self;
        let format =
            if format.is_empty() { "(default format)".to_owned() } else { format!("with format {format}") };
        Err(Problem::of_no_field(format!("{what} value must be of type {kind} {format} in {at}")))
    }
}

/// Checks a number; `at` is where it stands.
pub(super) fn check(number: GoNumber, schema: &Structural, held: Held<'_>, at: Path<'_>) -> Outcome {
    let checks = &schema.checks;
    let mut outcome = Outcome::passed(1);
    let mut note = |checked: Result<(), Problem>| {
        let failed = checked.is_err();
        checked.err().into_iter().for_each(|problem| outcome.add(problem));
        failed
    };
    note(held.check(number, "Checked", at));
    let bounds = [
        (&checks.multiple_of, "MultipleOf", Bound::Multiple),
        (&checks.minimum, "Minimum boundary", Bound::Least(checks.exclusive_minimum)),
        (&checks.maximum, "Maximum boundary", Bound::Most(checks.exclusive_maximum)),
    ];
    for (limit, what, bound) in bounds {
        let Some(limit) = limit.as_ref().map(GoNumber::of) else { continue };
        // A limit that the type can't hold is compared as a float.
        let number = if note(held.check(limit, what, at)) { GoNumber::Float(number.float()) } else { number };
        note(bound.check(number, limit, at));
    }
    outcome
}

/// A limit of a number, and whether the limit itself is out of it.
#[derive(Clone, Copy)]
enum Bound {
    Multiple,
    Least(bool),
    Most(bool),
}

impl Bound {
    fn check(self, number: GoNumber, limit: GoNumber, at: Path<'_>) -> Result<(), Problem> {
        let (holds, limit) = match number {
            // Go cuts the limit of an integer; of nothing there are no multiples, and no division either.
            GoNumber::Int(int) if !(matches!(self, Bound::Multiple) && (limit.float() as i64) == 0) => {
                let limit = limit.float() as i64;
                (self.holds_int(int, limit), limit.to_string())
            }
            GoNumber::Int(_) | GoNumber::Float(_) => {
                (self.holds_float(number.float(), limit.float()), go_float(limit.float()))
            }
        };
        if holds {
            return Ok(());
        }
        let words = match self {
            Bound::Multiple => "a multiple of",
            Bound::Least(false) => "greater than or equal to",
            Bound::Least(true) => "greater than",
            Bound::Most(false) => "less than or equal to",
            Bound::Most(true) => "less than",
        };
        let words = format!("should be {words} {limit}");
        Err(Problem::new(at.to_string(), Breaks::Other, number.value(), &words))
    }

    fn holds_int(self, int: i64, limit: i64) -> bool {
        match self {
            Bound::Multiple => int.checked_rem(limit).is_none_or(|rest| rest == 0),
            Bound::Least(exclusive) => int > limit || (!exclusive && int == limit),
            Bound::Most(exclusive) => int < limit || (!exclusive && int == limit),
        }
    }

    fn holds_float(self, float: f64, limit: f64) -> bool {
        match self {
            Bound::Multiple if limit < 1.0 => is_whole(1.0 / limit * float),
            Bound::Multiple => is_whole(float / limit),
            Bound::Least(exclusive) => float > limit || (!exclusive && float == limit),
            Bound::Most(exclusive) => float < limit || (!exclusive && float == limit),
        }
    }
}
