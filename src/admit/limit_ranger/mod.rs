//! LimitRanger: what a container gets that asks for nothing, and how much anything may ask for
//! (`plugin/pkg/admission/limitranger`).

mod check;
mod fill;

use super::{Cx, Operation, Outcome, Review, Run, Verdict};
use crate::api::field::aggregate;
use crate::api::{Dig, Fact};
use crate::json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the plugin does.
pub(super) const RUN: Run = Run { admit: Some(admit), validate: Some(validate), ..Run::NOTHING };

/// The limits of the namespace where this write is subject to any.
fn ranges(cx: &Cx<'_>, review: &Review) -> Vec<Arc<Value>> {
    let pods = review.is("", "pods") && review.operation == Operation::Create;
    let resized = review.is_subresource("", "pods", "resize") && review.operation == Operation::Update;
    let claims = review.is("", "persistentvolumeclaims") && review.writes();
    match (pods || resized || claims) && !review.is_terminating() {
        true => cx.list("limitranges", review.namespace()),
        false => Vec::new(),
    }
}

fn admit(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let of_pods = review.resource.name == "pods";
    let mut filled = Vec::new();
    for range in ranges(cx, review).iter().filter(|_| of_pods) {
        if fill::fill(range, &mut review.object) {
            filled.push(range.name().to_owned());
        }
    }
    Ok(match filled.is_empty() {
        true => Verdict::Skipped,
        false => Verdict::Changed(format!("defaults of {}", filled.join(", "))),
    })
}

fn validate(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let ranges = ranges(cx, review);
    for range in &ranges {
        let mut errors = match &*review.resource.name {
            "pods" => check::pod(cx.version, range, &review.object),
            _ => check::claim(range, &review.object),
        };
        let mut seen = BTreeSet::new();
        errors.retain(|error| seen.insert(error.clone()));
        let Some(why) = aggregate(&errors) else { continue };
        let fact =
            Fact::Limit { range: range.name().to_owned(), limits: check::limits(range), broken: errors };
        return Err(review.refusal(fact, why).into());
    }
    Ok(match ranges.is_empty() {
        true => Verdict::Skipped,
        false => Verdict::Passed("it is within the limits".to_owned()),
    })
}
