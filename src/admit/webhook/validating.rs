//! Webhooks that refuse a write, all asked at once (`plugin/webhook/validating/dispatcher.go`).

use super::hook::{self, Failure, Hook};
use super::response::Call;
use crate::admit::{Cx, Heard, Outcome, Post, Review, Stop, Verdict};

pub(super) fn validate(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let mut relevant = Vec::new();
    for hook in hook::all(cx, "validatingwebhookconfigurations") {
        if let Some(row) = hook.invocation(cx, review)? {
            relevant.push((hook, row));
        }
    }
    let mut calls: Vec<Result<Call, Failure>> = Vec::new();
    for (hook, row) in &relevant {
        calls.push(hook.call(cx, review, row));
    }
    let posts: Vec<Post> = calls.iter().flatten().map(|call| call.post.clone()).collect();
    let mut heard = cx.answers.posts(posts)?.into_iter();
    let mut told = Vec::new();
    let mut first = None;
    for (index, ((hook, _), call)) in relevant.iter().zip(calls).enumerate() {
        let heard = if call.is_ok() { heard.next() } else { None };
        match said(cx, review, hook, index, call, heard) {
            Ok(text) => told.push(text),
            // All are heard, and the first refusal counts.
            Err(stop) => first = first.or(Some(stop)),
        }
    }
    match (first, told.is_empty()) {
        (Some(stop), _) => Err(stop),
        (None, true) => Ok(Verdict::Skipped),
        (None, false) => Ok(Verdict::Passed(told.join("; "))),
    }
}

/// What one webhook says of the write, in a few words, or why the write ends.
fn said(
    cx: &Cx<'_>,
    review: &mut Review,
    hook: &Hook,
    index: usize,
    call: Result<Call, Failure>,
    heard: Option<Heard>,
) -> Result<String, Stop> {
    let said = call.and_then(|call| {
        let heard = heard.unwrap_or(Heard::TimedOut);
        hook.read(cx, &call, &heard, false)
    });
    let said = match said {
        Ok(said) => said,
        Err(Failure::Stop(stop)) => return Err(stop),
        Err(Failure::Calling(why)) if hook.fails_open() => {
            let key = format!("failed-open.validating.webhook.admission.k8s.io/round_0_index_{index}");
            review.audit.push((key, hook.name().to_owned()));
            return Ok(format!("{} failed, and is ignored: {why}", hook.name()));
        }
        Err(Failure::Calling(why)) => return Err(hook.failed(&why)),
    };
    said.tell(review, hook.name());
    if said.allowed { Ok(format!("{} allows it", hook.name())) } else { Err(hook.denied(said.result)) }
}
