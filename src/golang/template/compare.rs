//! How functions compare (`eq`, `lt`, …).

use super::held::Thing;
use super::printf::directive;
use std::cmp::Ordering;

const NO_ORDER: &str = "invalid type for comparison";

/// Two values that are not alike.
fn incompatible(one: &Thing<'_>, other: &Thing<'_>) -> String {
    format!("incompatible types for comparison: {} and {}", one.type_name(), other.type_name())
}

/// What a comparison is made of.
#[derive(PartialEq, PartialOrd)]
enum Basic<'a> {
    Bool(bool),
    Whole(i64),
    Float(f64),
    Text(&'a str),
}

fn basic<'a>(thing: &'a Thing<'_>) -> Option<Basic<'a>> {
    Some(match thing {
        Thing::Bool(value) => Basic::Bool(*value),
        Thing::Int(value) | Thing::Int64(value) => Basic::Whole(*value),
        Thing::Byte(value) => Basic::Whole(i64::from(*value)),
        Thing::Float(value) => Basic::Float(*value),
        Thing::Text(text) => Basic::Text(text),
        Thing::Nothing | Thing::Null | Thing::List(_) | Thing::Map(_) => return None,
    })
}

fn are_alike(one: &Basic<'_>, other: &Basic<'_>) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
}

/// Whether a value is one of the others.
pub(super) fn equal(one: &Thing<'_>, others: &[Thing<'_>]) -> Result<bool, String> {
    if others.is_empty() {
        return Err("missing argument for comparison".to_owned());
    }
    for other in others {
        if equals(one, other)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn equals(one: &Thing<'_>, other: &Thing<'_>) -> Result<bool, String> {
    let nothing = |thing: &Thing<'_>| matches!(thing, Thing::Nothing);
    if nothing(one) || nothing(other) {
        return Ok(nothing(one) && nothing(other));
    }
    match (basic(one), basic(other)) {
        (Some(one), Some(other)) if are_alike(&one, &other) => Ok(one == other),
        (None, None) => {
            let shown = |verb, thing: &Thing<'_>| directive(verb, thing);
            Err(match one.type_name() == other.type_name() {
                true => format!("non-comparable type {}: {}", shown('s', other), other.type_name()),
                false => format!(
                    "non-comparable types {}: {}, {}: {}",
                    shown('s', one),
                    one.type_name(),
                    other.type_name(),
                    other.plain()
                ),
            })
        }
        _ => Err(incompatible(one, other)),
    }
}

/// Which of two values is less.
pub(super) fn order(one: &Thing<'_>, other: &Thing<'_>) -> Result<Option<Ordering>, String> {
    let (this, that) = (basic(one).ok_or(NO_ORDER)?, basic(other).ok_or(NO_ORDER)?);
    match (&this, &that) {
        _ if !are_alike(&this, &that) => Err(incompatible(one, other)),
        (Basic::Bool(_), _) => Err(NO_ORDER.to_owned()),
        _ => Ok(this.partial_cmp(&that)),
    }
}
