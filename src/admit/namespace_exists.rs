//! NamespaceExists: no write in a namespace that isn't there (`plugin/pkg/admission/namespace/exists`).

use super::{Cx, Operation, Outcome, Review, Run, Verdict};

/// What the plugin does.
pub(super) const RUN: Run = Run { sees, validate: Some(validate), ..Run::NOTHING };

/// Sees writes in a namespace.
fn sees(_: &Cx<'_>, review: &Review) -> bool {
    let connects = review.operation == Operation::Connect;
    !connects && !review.namespace().is_empty() && !review.is_kind("", "Namespace")
}

fn validate(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    cx.namespace(review.namespace())?;
    Ok(Verdict::Passed(format!("namespace {} is there", review.namespace())))
}
