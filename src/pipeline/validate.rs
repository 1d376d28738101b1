//! The object is valid. 422.

use super::escalate::Contained;
use super::{Call, Draft};
use crate::admit::policy::compile;
use crate::admit::{Review, Stop};
use crate::api::schema::{disabled, schema};
use crate::api::{By, Dig, Stage, Status, Version, time};
use crate::kinds::{self, When, certificatesigningrequests};
use serde_json::Value;

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
    let row = &*review.resource.clone();
    let kind = kinds::of(row);
    let old = review.old.as_deref();
    let warn = |object: &Value, when: When<'_>| match &*row.subresource {
        "" => kind.warnings(object, when, call.version),
        _ => Vec::new(),
    };
    let mut warnings = match old {
        None => warn(&review.object, When::Arrived),
        Some(_) => Vec::new(),
    };
    let types = schema(call.version);
    if let Some(definition) = types.of_kind(&*row.kind_group, &*row.kind_version, &*row.kind) {
        disabled::drop(&mut review.object, old, definition, types, &|gate| call.config.feature(gate));
    }
    kind.prepare(&mut review.object, old, &*row.subresource, call.version);
    if (&*row.group, &*row.name) == ("certificates.k8s.io", "certificatesigningrequests") {
        match (old, &*row.subresource) {
            (None, _) => certificatesigningrequests::set_requester(&mut review.object, &review.user),
            (Some(_), "") => {}
            (Some(old), _) => {
                certificatesigningrequests::set_condition_times(&mut review.object, old, &time(call.now));
            }
        }
    }
    let checked = valid(review, call.version);
    if checked.is_ok() {
        let when = old.map_or(When::Created, When::Updated);
        warnings.extend(warn(&review.object, when));
    }
    call.warnings.extend(warnings);
    checked
}

/// What the kind's rules say of the object, and of the expressions in it whether they compile.
fn valid(review: &Review, version: Version) -> Result<(), Status> {
    let row = &*review.resource;
    let kind = kinds::of(row);
    let old = review.old.as_deref();
    let mut errors = match old {
        None => kind.errors_of_create(&review.object, version),
        Some(old) => {
            kind.check_condition(&review.object, version)?;
            kind.errors_of_update(&review.object, old, &*row.subresource, version)
        }
    };
    if compile::concerns(row) {
        errors.merge(compile::errors(&review.object, old, version), compile::rank);
    }
    errors.into_status(&*row.group, review.object.text("kind"), review.object.name())
}
