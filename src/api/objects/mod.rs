//! What each kind of object is given and must be like: defaults, preparation, validation.
//!
//! One file a kind, after `pkg/apis/*/v1/defaults.go`, `pkg/registry/*/strategy.go` and `pkg/apis/*/validation`. A
//! kind without a file has the rules of metadata alone. The order of a write is: [`defaults`] at decoding,
//! [`prepare`] and the validation at the end of admission.

pub mod meta;
pub mod names;

use super::field::Errors;
use super::status::Status;
use super::value::Dig;
use super::version::Version;
pub use names::NameRule;
use serde_json::Value;

/// The rules of a kind.
pub struct Rules {
    /// How an object may be called.
    pub name: NameRule,
    /// Whether an update may come without a resourceVersion (`AllowUnconditionalUpdate`).
    pub unconditional_update: bool,
    /// Whether finalizers without a domain are refused by name (`pkg/apis/core/validation`).
    pub core_finalizers: bool,
    /// Fills what was left out.
    pub defaults: fn(&mut Value, Version),
    /// What the registry does to an object before it is looked at: the old one, the subresource or nothing.
    pub prepare: fn(&mut Value, Option<&Value>, &str, Version),
    /// Checks a whole object, metadata aside.
    pub validate: fn(&Value, &mut Errors),
    /// Checks what an update changes, metadata aside: new, old, the subresource or nothing. A kind that looks at the
    /// whole new object at an update calls its own `validate`.
    pub validate_update: fn(&Value, &Value, &str, &mut Errors),
}

impl Rules {
    /// Metadata rules only; what a kind's rules differ from.
    pub const PLAIN: Rules = Rules {
        name: NameRule::Subdomain,
        unconditional_update: true,
        core_finalizers: true,
        defaults: |_, _| {},
        prepare: |_, _, _, _| {},
        validate: |_, _| {},
        validate_update: |_, _, _, _| {},
    };
}

/// The rules of a resource.
pub fn rules(group: &str, resource: &str) -> &'static Rules {
    const ALL: &[(&str, &str, &Rules)] = &[];
    ALL.iter()
        .find(|(g, r, _)| (*g, *r) == (group, resource))
        .map_or(&Rules::PLAIN, |(_, _, rules)| rules)
}

/// Fills what was left out of an object that arrives.
pub fn defaults(object: &mut Value, group: &str, resource: &str, version: Version) {
    (rules(group, resource).defaults)(object, version);
}

/// Does to an object what the registry does before validation; `old` is what is stored, at an update.
pub fn prepare(
    object: &mut Value,
    old: Option<&Value>,
    group: &str,
    resource: &str,
    subresource: &str,
    version: Version,
) {
    if old.is_none() {
        object.take_out("metadata.deletionTimestamp");
        object.take_out("metadata.deletionGracePeriodSeconds");
    }
    (rules(group, resource).prepare)(object, old, subresource, version);
}

/// Whether a new object is valid: nothing, or 422.
pub fn validate_create(object: &Value, group: &str, resource: &str, version: Version) -> Result<(), Status> {
    let mut errors = Errors::new(version);
    validate_whole(object, rules(group, resource), &mut errors);
    errors.into_status(group, object.text("kind"), object.name())
}

fn validate_whole(object: &Value, rules: &Rules, errors: &mut Errors) {
    meta::validate(object, rules.name, errors);
    if rules.core_finalizers {
        meta::validate_core_finalizers(object, "metadata.finalizers", errors);
    }
    (rules.validate)(object, errors);
}

/// Whether an update is valid: nothing, or 422.
pub fn validate_update(
    new: &Value,
    old: &Value,
    group: &str,
    resource: &str,
    subresource: &str,
    version: Version,
) -> Result<(), Status> {
    let rules = rules(group, resource);
    let mut errors = Errors::new(version);
    if !rules.unconditional_update && new.text("metadata.resourceVersion").is_empty() {
        errors.invalid_go(
            "metadata.resourceVersion",
            "0x0",
            "0",
            "must be specified for an update",
        );
        // The store speaks of the resource, for want of the kind.
        return errors.into_status(group, resource, new.name());
    }
    // An unconditional update takes the stored object's version.
    let mut filled;
    let new = match new.text("metadata.resourceVersion") {
        "" => {
            filled = new.clone();
            filled.set("metadata.resourceVersion", old.text("metadata.resourceVersion"));
            &filled
        }
        _ => new,
    };
    // Every kind is checked for what it shares, and then checks that again.
    meta::validate(new, NameRule::PathSegment, &mut errors);
    meta::validate_update(new, old, &mut errors);
    meta::validate_update(new, old, &mut errors);
    (rules.validate_update)(new, old, subresource, &mut errors);
    errors.into_status(group, new.text("kind"), new.name())
}
