//! The object is valid. 422.

use super::allocate::{Moment, allocate};
use super::escalate::Contained;
use super::{Call, Draft, raw};
use crate::admit::policy::compile;
use crate::admit::{Review, Stop};
use crate::api::custom::Custom;
use crate::api::differences::SCHEMA_RATCHETING;
use crate::api::schema::{disabled, schema};
use crate::api::{By, Dig, Errors, Stage, Status, decode, time};
use crate::config::manifests;
use crate::json::Value;
use crate::kinds::custom::blocks_rules;
use crate::kinds::{self, When, certificatesigningrequests};
use crate::rules::{Validator, definition, devices};

/// A write that is valid.
pub struct Valid(Draft);

impl Valid {
    pub(super) fn into_draft(self) -> Draft {
        self.0
    }
}

/// What makes a write valid.
pub type Rules = fn(&mut Call<'_>, &mut Draft) -> Result<(), Status>;

/// Holds a write against rules.
///
/// # Errors
/// What the rules say: mostly 422, with all that is wrong.
pub fn validate(call: &mut Call<'_>, contained: Contained, rules: Rules) -> Result<Valid, Stop> {
    let mut draft = contained.into_draft();
    let checked = rules(call, &mut draft);
    call.checked(Stage::Validate, By::Validation, checked)?;
    Ok(Valid(draft))
}

/// The rules of what has no object that could be invalid: a deletion, a stream.
pub(crate) fn without_rules(_: &mut Call<'_>, _: &mut Draft) -> Result<(), Status> {
    Ok(())
}

/// The rules of a kind: the object is valid by itself, and as the successor of what is stored.
///
/// # Errors
/// 422, with all that is wrong.
pub fn of_kind(call: &mut Call<'_>, draft: &mut Draft) -> Result<(), Status> {
    let review = &mut draft.review;
    allocate(call, review, Moment::Before)?;
    let row = &*review.resource.clone();
    let kind = kinds::of(row);
    let old = review.old.clone();
    let old = old.as_deref();
    let version = call.version;
    let warn = |object: &Value, when: When<'_>| match &*row.subresource {
        "" => kind.warnings(object, when, version),
        _ => Vec::new(),
    };
    let mut warnings = match old {
        None => warn(&review.object, When::Arrived),
        Some(_) => Vec::new(),
    };
    let types = schema(call.version);
    let definition = types.of_kind(&row.kind_group, &row.kind_version, &row.kind);
    if let Some(definition) = definition {
        disabled::drop(&mut review.object, old, definition, types, &|gate| call.config.feature(gate));
    }
    kind.prepare(&mut review.object, old, &row.subresource, call.version);
    if let Some(definition) = definition {
        decode::complete(&mut review.object, definition, call.version);
    }
    if (&*row.group, &*row.name) == ("certificates.k8s.io", "certificatesigningrequests") {
        match (old, &*row.subresource) {
            (None, _) => certificatesigningrequests::set_requester(&mut review.object, &review.user),
            (Some(_), "") => {}
            (Some(old), _) => {
                certificatesigningrequests::set_condition_times(&mut review.object, old, &time(call.now));
            }
        }
    }
    let mut checked = valid(call, review, &mut warnings);
    if checked.is_ok() {
        checked = allocate(call, review, Moment::After);
    }
    if checked.is_ok() {
        let when = old.map_or(When::Created, When::Updated);
        warnings.extend(warn(&review.object, when));
    }
    call.warnings.extend(warnings);
    checked
}

/// What the kind's rules say of the object, and of the expressions in it whether they compile; of a custom resource, what
/// its definition's rules say.
fn valid(call: &mut Call<'_>, review: &Review, warnings: &mut Vec<String>) -> Result<(), Status> {
    let version = call.version;
    let row = &*review.resource;
    let kind = kinds::of(row);
    let old = review.old.as_deref();
    let mut errors = match old {
        None => kind.errors_of_create(&review.object, version),
        Some(old) => {
            kind.check_condition(&review.object, row, version)?;
            let other = raw::compared(call, old, &review.object, row);
            kind.errors_of_update(&review.object, other.as_ref().unwrap_or(old), &row.subresource, version)
        }
    };
    if row.group == "admissionregistration.k8s.io"
        && review.object.name().ends_with(manifests::SUFFIX)
        && call.config.feature(manifests::GATE)
    {
        let why = format!(
            "names ending with \"{}\" are reserved for static manifest-based configurations and cannot be managed via \
             the API",
            manifests::SUFFIX
        );
        errors.invalid("metadata.name", review.object.name(), why);
    }
    if compile::concerns(row) {
        errors.merge(compile::errors(&review.object, old, version), |error| compile::rank(&error.field));
    }
    if devices::concerns(row) {
        let shares = call.config.feature("DRAConsumableCapacity");
        errors.merge(devices::errors(&review.object, old, version, shares), devices::rank);
    }
    let asked = super::devices::errors(call, review);
    if !asked.is_empty() {
        asked.append(errors);
        errors = asked;
    }
    if call.config.feature("CustomResourceValidationExpressions") {
        if (&*row.group, &*row.name, &*row.subresource)
            == ("apiextensions.k8s.io", "customresourcedefinitions", "")
        {
            let found = errors.list();
            errors.merge(definition::errors(&review.object, old, &found, version), |error| {
                definition::rank(&error.field)
            });
        }
        if let (Some(custom), "" | "status") = (&row.custom, &*row.subresource) {
            let rules = call.memory.rules.of(custom, version);
            warnings.extend(hold(custom, rules.as_deref(), &review.object, old, &errors));
        }
    }
    let group = kind.group_told(version).unwrap_or(&row.group);
    errors.into_status(group, review.object.text("kind"), review.object.name())
}

/// Holds a custom object against its rules, unless it isn't fit for them; warnings of what breaks them as before.
fn hold(
    custom: &Custom,
    rules: Option<&Validator>,
    object: &Value,
    old: Option<&Value>,
    errors: &Errors,
) -> Vec<String> {
    let (Some(rules), Some(schema)) = (rules, custom.schema()) else { return Vec::new() };
    if blocks_rules(errors) {
        let why = "some validation rules were not checked because the object was invalid; correct the existing errors \
                   to complete validation";
        errors.invalid("<nil>", Value::Null, why);
        return Vec::new();
    }
    let version = errors.version();
    let verdict = rules.check(object, old, schema, version.has(SCHEMA_RATCHETING), version);
    verdict.errors.into_iter().for_each(|error| errors.add(error));
    verdict.warnings
}
