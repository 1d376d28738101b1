//! RuntimeClass: a pod's overhead and nodes come from its runtime class (`plugin/pkg/admission/runtimeclass`).

use super::{Cx, Outcome, Review, Run, Stop, Verdict, absent, created_pods, resource_list, tolerations};
use crate::api::Dig;
use crate::json::Value;
use std::sync::Arc;

/// What the plugin does.
pub(super) const RUN: Run = Run { sees: created_pods, admit: Some(admit), validate: Some(validate) };

const MISMATCH: &str = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

fn class(cx: &Cx<'_>, review: &Review) -> Result<Option<Arc<Value>>, Stop> {
    match review.object.at("spec.runtimeClassName").as_str() {
        None => Ok(None),
        Some(name) => match cx.find("runtimeclasses.node.k8s.io", "", name) {
            Some(class) => Ok(Some(class)),
            None => {
                let there = cx.live.all("runtimeclasses.node.k8s.io");
                let fact = absent("RuntimeClass", "", name, there);
                Err(review.refusal(fact, format!("pod rejected: RuntimeClass \"{name}\" not found")).into())
            }
        },
    }
}

fn admit(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let Some(class) = class(cx, review)? else {
        return Ok(Verdict::Skipped);
    };
    if class.has("overhead") {
        if review.object.has("spec.overhead") && !same_overhead(&class, &review.object) {
            return Err(review.forbidden(MISMATCH));
        }
        review.object.set("spec.overhead", class.at("overhead.podFixed").clone());
    }
    for (key, value) in class.entries("scheduling.nodeSelector") {
        let own = review.object.at("spec.nodeSelector").get(key);
        if let Some(own) = own.filter(|own| *own != value) {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            return Err(review.forbidden(format!(
                "conflict: runtimeClass.scheduling.nodeSelector[{key}] = {}; pod.spec.nodeSelector[{key}] = {}",
                text(value),
                text(own)
            )));
        }
        review.object.make("spec.nodeSelector")[key.as_str()] = value.clone();
    }
    let more = class.list("scheduling.tolerations");
    if !more.is_empty() {
        let all = tolerations::merge(review.object.list("spec.tolerations"), more);
        review.object.set("spec.tolerations", all);
    }
    Ok(Verdict::Changed(format!("as runtime class {} says", class.name())))
}

fn validate(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    match class(cx, review)?.filter(|class| class.has("overhead")) {
        Some(class) if same_overhead(&class, &review.object) => {
            Ok(Verdict::Passed(format!("as runtime class {} says", class.name())))
        }
        Some(_) => Err(review.forbidden(MISMATCH)),
        None if review.object.has("spec.overhead") => Err(review
            .forbidden("pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead")),
        None => Ok(Verdict::Skipped),
    }
}

fn same_overhead(class: &Value, pod: &Value) -> bool {
    resource_list::read(class, "overhead.podFixed") == resource_list::read(pod, "spec.overhead")
}
