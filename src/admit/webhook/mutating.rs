//! Webhooks that change a write, one after the other (`plugin/webhook/mutating/dispatcher.go`).

use super::MUTATING;
use super::hook::{self, Failure, Hook};
use super::response::Said;
use crate::admit::matching::converted;
use crate::admit::{Cx, Outcome, Review, Verdict};
use crate::api::decode::typed_as_said;
use crate::api::differences::UNREAD_PATCHES_FAIL_THEIR_WEBHOOK;
use crate::api::field::quote;
use crate::api::json_patch::JsonPatch;
use crate::api::{Resource, Status};
use crate::json::{Value, json};
use crate::kinds;

pub(super) fn admit(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let hooks = hook::all(cx, "mutatingwebhookconfigurations");
    let again = review.reinvocation.is_again();
    if again {
        review.reinvocation.of(MUTATING).resume(&review.object);
    }
    let mut told = Vec::new();
    let mut changed_any = false;
    for (index, hook) in hooks.iter().enumerate() {
        let Some(row) = hook.invocation(cx, review)? else { continue };
        // Nobody is called for the first time in the second round.
        if again && !review.reinvocation.of(MUTATING).is_called_again(&hook.id) {
            continue;
        }
        let called = call(cx, review, hook, &row, index);
        let changed = matches!(called, Ok(true));
        if changed {
            review.reinvocation.of(MUTATING).changed();
            review.reinvocation.want();
        }
        if hook.spec().get("reinvocationPolicy").is_some_and(|policy| policy == "IfNeeded") {
            review.reinvocation.of(MUTATING).called(&hook.id);
        }
        told.push(match called {
            Ok(true) => format!("{} changed it", hook.name()),
            Ok(false) => format!("{} let it be", hook.name()),
            Err(Failure::Calling(why)) if hook.fails_open() => {
                let round = u8::from(again);
                let key =
                    format!("failed-open.mutation.webhook.admission.k8s.io/round_{round}_index_{index}");
                review.audit.push((key, hook.name().to_owned()));
                format!("{} failed, and is ignored: {why}", hook.name())
            }
            Err(Failure::Calling(why)) => return Err(hook.failed(&why)),
            Err(Failure::Stop(stop)) => return Err(stop),
        });
        changed_any |= changed;
    }
    review.reinvocation.of(MUTATING).leave(&review.object);
    Ok(match (told.is_empty(), changed_any) {
        (true, _) => Verdict::Skipped,
        (false, false) => Verdict::Passed(told.join("; ")),
        (false, true) => Verdict::Changed(told.join("; ")),
    })
}

/// Calls one webhook, and says whether it changed the object.
fn call(
    cx: &mut Cx<'_>,
    review: &mut Review,
    hook: &Hook,
    row: &Resource,
    index: usize,
) -> Result<bool, Failure> {
    let call = hook.call(cx, review, row)?;
    let heard = cx.answers.posts(vec![call.post.clone()]).map_err(Failure::Stop)?;
    let [heard] = heard.as_slice() else { return Ok(false) };
    let said = hook.read(cx, &call, heard, true)?;
    said.tell(review, hook.name());
    if !said.allowed {
        annotate(review, hook, index, false, None);
        return Err(Failure::Stop(hook.denied(said.result)));
    }
    let changed = patch(cx, review, hook, row, &said)?;
    annotate(review, hook, index, changed, changed.then_some(&said));
    Ok(changed)
}

/// Applies a webhook's patch.
fn patch(
    cx: &Cx<'_>,
    review: &mut Review,
    hook: &Hook,
    row: &Resource,
    said: &Said,
) -> Result<bool, Failure> {
    if said.patched.is_empty() {
        return Ok(false);
    }
    let internal = |why: String| Failure::Stop(Status::internal(why).into());
    let read = JsonPatch::read(&said.patched, "jsonpatch.Patch");
    let patch = read.map_err(|why| match cx.version.has(UNREAD_PATCHES_FAIL_THEIR_WEBHOOK) {
        true => Failure::Calling(format!("received undecodable patch in webhook response: {why}")),
        false => internal(why),
    })?;
    if patch.len() == 0 {
        return Ok(false);
    }
    if review.object.is_null() {
        return Err(internal(format!(
            "admission webhook {} attempted to modify the object, which is not supported for this operation",
            quote(hook.name())
        )));
    }
    let kind = said.patch_type.as_deref().unwrap_or_default();
    if kind != "JSONPatch" {
        return Err(Failure::Calling(format!("unsupported patch type {}", quote(kind))));
    }
    let before = || converted(&review.object, row);
    let mut object = before();
    patch.apply(&mut object, cx.version).map_err(|misfit| internal(misfit.text()))?;
    let mut object = typed_as_said(object, &before, row, cx.version).map_err(internal)?;
    if row.subresource.is_empty() {
        kinds::of(row).fill(&mut object, cx.version);
    }
    let object = converted(&object, &review.resource);
    let changed = object != converted(&review.object, &review.resource);
    if changed {
        review.object = object;
    }
    Ok(changed)
}

/// Tells the audit log what a webhook did.
fn annotate(review: &mut Review, hook: &Hook, index: usize, changed: bool, said: Option<&Said>) {
    let place = format!("round_{}_index_{index}", u8::from(review.reinvocation.is_again()));
    let text = |value: Value| value.to_string();
    let (configuration, webhook) = (hook.configuration(), hook.name());
    let did = json!({"configuration": configuration, "webhook": webhook, "mutated": changed});
    review.audit.push((format!("mutation.webhook.admission.k8s.io/{place}"), text(did)));
    if let Some(patch) = said.and_then(|said| serde_json::from_slice::<Value>(&said.patched).ok()) {
        let did = json!({"configuration": configuration, "webhook": webhook, "patch": patch, "patchType": "JSONPatch"});
        review.audit.push((format!("patch.webhook.admission.k8s.io/{place}"), text(did)));
    }
}
