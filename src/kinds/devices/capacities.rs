//! How much of a device there is, and how much may be asked for (`validateRequestPolicy`).

use super::lists::once;
use crate::api::{Dig, Quantity};
use crate::json::Value;
use crate::kinds::field::Field;
use crate::kinds::parts::quantities::quantity;

const OPTIONS_MAX: usize = 10;

/// Checks an amount of a device that is allocated once.
pub(super) fn whole(capacity: Field<'_>) {
    if capacity.has("requestPolicy") {
        capacity.child("requestPolicy").forbidden("allowMultipleAllocations must be true");
    }
}

/// Checks an amount of a device that is shared.
pub(super) fn shared(capacity: Field<'_>) {
    let policy = capacity.child("requestPolicy");
    let (values, range) = (policy.child("validValues"), policy.child("validRange"));
    let Some(most) = quantity(capacity.value.at("value")) else { return };
    let default = quantity(policy.value.at("default"));
    match (!values.list("").is_empty(), !range.is_null(), default) {
        (false, false, _) => {}
        (true, true, _) => policy.forbidden(
            "exactly one policy can be specified, cannot specify \"validValues\" and \"validRange\" at the same time",
        ),
        (true, false, None) => policy.child("default").required("required when validValues is defined"),
        (false, true, None) => policy.child("default").required("required when validRange is defined"),
        (true, false, Some(default)) => options(values, &default, &most),
        (false, true, Some(default)) => self::range(range, &default, &most),
    }
}

fn options(values: Field<'_>, default: &Quantity, most: &Quantity) {
    let amounts: Vec<Quantity> = values.list("").iter().filter_map(quantity).collect();
    for (pair, later) in amounts.windows(2).zip(values.items("").skip(1)) {
        if pair[0] > pair[1] {
            later.invalid_as(pair[1].to_string(), "values must be sorted in ascending order");
        }
    }
    let key = |value: &Value| quantity(value).map(|amount| amount.value().to_string()).unwrap_or_default();
    once(values, OPTIONS_MAX, key, |option| {
        if let Some(amount) = quantity(option.value).filter(|amount| amount > most) {
            option
                .invalid_as(amount.to_string(), format_args!("option is larger than capacity value: {most}"));
        }
    });
    if !amounts.contains(default) {
        values.invalid_as(default.to_string(), "default value is not valid according to the requestPolicy");
    }
}

fn range(range: Field<'_>, default: &Quantity, most: &Quantity) {
    let amount = |key: &str| quantity(range.value.at(key));
    let Some(min) = amount("min") else {
        return range.child("min").required("required when validRange is defined");
    };
    if min > *most {
        let detail = format_args!("min is larger than capacity value: {most}");
        range.child("min").invalid_as(min.to_string(), detail);
    }
    if *default < min {
        let detail = format_args!("default is less than min: {min}");
        range.child("default").invalid_as(default.to_string(), detail);
    }
    let max = amount("max");
    if let Some(max) = &max {
        if min > *max {
            range.child("max").invalid_as(min.to_string(), format_args!("min is larger than max: {max}"));
        }
        if max > most {
            let detail = format_args!("max is larger than capacity value: {most}");
            range.child("max").invalid_as(max.to_string(), detail);
        }
        if default > max {
            let detail = format_args!("default is more than max: {max}");
            range.child("default").invalid_as(default.to_string(), detail);
        }
    }
    if let Some(step) = amount("step") {
        steps(range.child("step"), &step, &min, [Some(default), max.as_ref()], most);
    }
}

fn steps(field: Field<'_>, step: &Quantity, min: &Quantity, values: [Option<&Quantity>; 2], most: &Quantity) {
    if step.sign() <= 0 {
        return field.invalid_as(step.to_string(), "must be greater than zero");
    }
    let mut first = min.clone();
    first.add(step);
    if first > *most {
        let detail = format_args!("one step {first} is larger than capacity value: {most}");
        field.invalid_as(step.to_string(), detail);
    }
    for value in values.into_iter().flatten() {
        if (value.value() - min.value()).checked_rem(step.value()).is_some_and(|rest| rest != 0) {
            let detail = format_args!("value is not a multiple of a given step ({step}) from ({min})");
            field.invalid_as(value.to_string(), detail);
        }
    }
}
