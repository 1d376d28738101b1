//! NamespaceExists: no write in a namespace that isn't there (`plugin/pkg/admission/namespace/exists`).

use super::{Cx, Operation, Outcome, Review, Run, Verdict};

/// What the plugin does.
pub(super) const RUN: Run = Run { admit: None, validate: Some(validate) };

fn validate(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let connects = review.operation == Operation::Connect;
    if connects || review.namespace().is_empty() || review.is_kind("", "Namespace") {
        return Ok(Verdict::Skipped);
    }
    cx.namespace(review.namespace())?;
    Ok(Verdict::Passed(format!("namespace {} is there", review.namespace())))
}
