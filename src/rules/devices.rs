//! Expressions that select devices (`dynamic-resource-allocation/cel`, `pkg/apis/resource/validation`:
//! `validateCELExpression`).
//!
//! # Differs from Kubernetes
//!
//! Nothing allocates devices, so expressions are compiled and never evaluated.

use crate::api::field::{ErrorType, FieldError};
use crate::api::{Dig, Errors, Resource, Version};
use crate::cel::{Env, Extent, Object, Type};
use crate::json::Value;
use std::sync::Arc;

const GROUP: &str = "resource.k8s.io";
/// How long an expression may be.
const LENGTH_MAX: usize = 10 * 1024;
/// What an expression may cost.
const COST_MAX: u64 = 1_000_000;

/// How many attributes and capacities a device may have.
const PARTS_MAX: u64 = 32;
const DOMAIN_MAX: u64 = 63;
const ID_MAX: u64 = 32;
const VALUE_MAX: u64 = 64;

/// Whether a resource holds expressions that select devices.
pub(crate) fn concerns(row: &Resource) -> bool {
    row.group == GROUP
        && row.subresource.is_empty()
        && matches!(&*row.name, "deviceclasses" | "resourceclaims" | "resourceclaimtemplates")
}

/// What does not compile. What is stored already is not compiled again. With `shares`, expressions may ask whether a device
/// is shared.
pub(crate) fn errors(object: &Value, old: Option<&Value>, version: Version, shares: bool) -> Errors {
    let errors = Errors::new(version);
    let env = Env::new(version).compatible().with("device", device(shares));
    for (list, selectors) in selectors(object) {
        if old.is_some_and(|old| old.at(&list) == selectors || is_claim_of(old, object)) {
            continue;
        }
        for (i, selector) in selectors.list("").iter().enumerate().filter(|(_, selector)| selector.has("cel"))
        {
            let text = selector.text("cel.expression");
            let path = format!("{list}[{i}].cel.expression");
            if text.len() > LENGTH_MAX {
                errors.too_long(path, LENGTH_MAX);
            } else if let Err(why) = check(&env, text) {
                match why {
                    Wrong::Invalid(why) => errors.invalid(path, text, why),
                    Wrong::Dear => errors.forbidden(path, "too complex, exceeds cost limit"),
                }
            }
        }
    }
    errors
}

/// A claim's spec stays as it is.
fn is_claim_of(old: &Value, new: &Value) -> bool {
    old.text("kind") != "DeviceClass" && old.at("spec") == new.at("spec")
}

enum Wrong {
    Invalid(String),
    Dear,
}

fn check(env: &Env, text: &str) -> Result<(), Wrong> {
    let program = env.compile(text).map_err(|why| Wrong::Invalid(format!("compilation failed: {why}")))?;
    match program.output() {
        Type::Bool | Type::Dyn => {}
        other => {
            return Err(Wrong::Invalid(format!("must evaluate to bool or the unknown type, not {other}")));
        }
    }
    match program.most(&extent()) > COST_MAX {
        true => Err(Wrong::Dear),
        false => Ok(()),
    }
}

/// The lists of selectors of an object, with their paths; of a request that is no valid one, none.
fn selectors(object: &Value) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    let spec = if object.text("kind") == "ResourceClaimTemplate" { "spec.spec" } else { "spec" };
    let mut add = |path: String| found.push((path.clone(), object.at(&path)));
    add(format!("{spec}.selectors"));
    let requests = format!("{spec}.devices.requests");
    let mut nested = Vec::new();
    for (i, request) in object.list(&requests).iter().enumerate() {
        let path = format!("{requests}[{i}]");
        let parts = request.list("firstAvailable");
        match (request.has("exactly"), parts.is_empty()) {
            (true, true) => {
                nested.push((format!("{path}.exactly.selectors"), request.at("exactly.selectors")))
            }
            (false, false) => nested.extend(
                parts
                    .iter()
                    .enumerate()
                    .map(|(j, part)| (format!("{path}.firstAvailable[{j}].selectors"), part.at("selectors"))),
            ),
            (true, false) | (false, true) => {}
        }
    }
    found.extend(nested);
    found
}

/// The type of a device (`kubernetes.DRADevice`).
fn device(shares: bool) -> Type {
    let parts = |of: Type| Type::map(Type::String, Type::map(Type::String, of));
    let mut fields = vec![
        ("driver", Type::String),
        ("attributes", parts(Type::Dyn)),
        ("capacity", parts(Type::Named("kubernetes.Quantity".to_owned()))),
    ];
    if shares {
        fields.push(("allowMultipleAllocations", Type::Bool));
    }
    let fields = fields.into_iter().map(|(name, of)| (name.to_owned(), of)).collect();
    Type::Object(Arc::new(Object { name: "kubernetes.DRADevice".to_owned(), fields }))
}

/// How large devices get.
fn extent() -> Extent {
    let just = |most: u64| Extent { most, ..Extent::default() };
    let map = |keys: u64, items: Extent| Extent {
        most: PARTS_MAX,
        keys: Some(Box::new(just(keys))),
        items: Some(Box::new(items)),
        ..Extent::default()
    };
    let fields = [
        ("driver", just(DOMAIN_MAX)),
        ("attributes", map(DOMAIN_MAX, map(ID_MAX, just(VALUE_MAX)))),
        ("capacity", map(DOMAIN_MAX, map(ID_MAX, Extent::default()))),
    ];
    let fields = fields.into_iter().map(|(name, extent)| (name.to_owned(), extent)).collect();
    Extent { fields, ..Extent::default() }
}

/// Where an error stands in the order in which a server looks at a claim or class: what is there twice comes behind all
/// items.
pub(crate) fn rank(error: &FieldError) -> Vec<usize> {
    const ORDER: [&str; 12] = [
        "metadata",
        "requests",
        "constraints",
        "config",
        "selectors",
        "name",
        "deviceClassName",
        "selectors",
        "allocationMode",
        "count",
        "tolerations",
        "extendedResourceName",
    ];
    let mut rank = Vec::new();
    let late = matches!(error.kind, ErrorType::Duplicate);
    let steps: Vec<&str> =
        error.field.split('.').filter(|step| *step != "spec" && *step != "devices").collect();
    for (at, step) in steps.iter().enumerate() {
        let (name, index) = step.split_once('[').unwrap_or((step, ""));
        // A class has selectors before its configurations, a request behind its name.
        let known = match (name, at) {
            ("selectors", 0) => Some(0),
            _ => ORDER.iter().rposition(|known| *known == name),
        };
        rank.push(known.map_or(ORDER.len(), |place| place + 1));
        let index: Option<usize> = index.trim_end_matches(']').parse().ok();
        let last = at + 1 == steps.len();
        rank.extend(index.map(|index| if last && late { usize::MAX } else { index }));
    }
    rank
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;

    fn told(text: &str) -> String {
        let class = json!({"kind": "DeviceClass", "spec": {"selectors": [{"cel": {"expression": text}}]}});
        let errors = errors(&class, None, Version::minor(36), true);
        errors.list().into_iter().map(|error| error.message).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn expressions_speak_of_a_device() {
        assert_eq!(told("device.driver == 'x' && device.attributes['x'].on"), "");
        assert_eq!(told("device.capacity['x'].memory.compareTo(quantity('1Gi')) >= 0"), "");
        assert_eq!(told("device.allowMultipleAllocations"), "");
        assert_eq!(told("1"), "Invalid value: \"1\": must evaluate to bool or the unknown type, not int");
        assert!(told("device.foo").contains("undefined field 'foo'"));
        let dear = "device.attributes.all(a, device.attributes.all(b, device.attributes.all(c, \
                    device.attributes.all(d, a + b + c + d != ''))))";
        assert_eq!(told(dear), "Forbidden: too complex, exceeds cost limit");
    }

    #[test]
    fn errors_stand_in_the_order_of_the_fields() {
        let at = |kind: ErrorType, field: &str| {
            rank(&FieldError { kind, field: field.to_owned(), message: String::new() })
        };
        let invalid = |field: &str| at(ErrorType::Invalid, field);
        let selector = invalid("spec.devices.requests[2].exactly.selectors[0].cel.expression");
        assert!(at(ErrorType::Duplicate, "spec.devices.requests[1]") > selector);
        assert!(invalid("spec.devices.requests[1]") < selector);
        assert!(invalid("spec.devices.requests[2].exactly.count") > selector);
        assert!(invalid("spec.devices.constraints[0]") > selector);
    }
}
