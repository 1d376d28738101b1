//! Priority: a pod's number comes from its priority class, and there is one default class
//! (`plugin/pkg/admission/priority`).

use super::{Cx, Operation, Outcome, Review, Run, Verdict, absent};
use crate::api::Dig;
use crate::json::Value;
use std::sync::Arc;

/// What the plugin does.
pub(super) const RUN: Run = Run { admit: Some(admit), validate: Some(validate), ..Run::NOTHING };

const GROUP: &str = "scheduling.k8s.io";
const CLASSES: &str = "priorityclasses.scheduling.k8s.io";

fn admit(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    if !review.writes() || !review.is("", "pods") {
        return Ok(Verdict::Skipped);
    }
    match review.operation {
        Operation::Create => resolve(cx, review),
        Operation::Update | Operation::Delete | Operation::Connect => Ok(keep(review)),
    }
}

/// An update that leaves the numbers out means those of before.
fn keep(review: &mut Review) -> Verdict {
    let Some(old) = review.old.clone() else {
        return Verdict::Skipped;
    };
    for field in ["spec.priority", "spec.preemptionPolicy"] {
        if old.has(field) {
            review.object.set_default(field, old.at(field).clone());
        }
    }
    Verdict::Skipped
}

fn resolve(cx: &Cx<'_>, review: &mut Review) -> Outcome {
    let name = review.object.text("spec.priorityClassName").to_owned();
    let class = match name.as_str() {
        "" => default(cx),
        name => {
            let class = cx.cache.get(CLASSES, "", name).cloned();
            Some(class.ok_or_else(|| {
                let there = cx.cache.all(CLASSES);
                let fact = absent("PriorityClass", "", name, there);
                review.refusal(fact, format!("no PriorityClass with name {name} was found"))
            })?)
        }
    };
    let number = class.as_ref().map_or(0, |class| class.at("value").as_i64().unwrap_or(0));
    if let Some(given) = review.object.at("spec.priority").as_i64().filter(|given| *given != number) {
        return Err(review.forbidden(format!(
            "the integer value of priority ({given}) must not be provided in pod spec; priority admission controller \
             computed {number} from the given PriorityClass name"
        )));
    }
    let policy = class.as_ref().map_or("", |class| class.text("preemptionPolicy"));
    let policy = if policy.is_empty() { "PreemptLowerPriority" } else { policy };
    let given = review.object.text("spec.preemptionPolicy");
    if !given.is_empty() && given != policy {
        return Err(review.forbidden(format!(
            "the string value of PreemptionPolicy ({given}) must not be provided in pod spec; priority admission \
             controller computed {policy} from the given PriorityClass name"
        )));
    }
    review.object.set("spec.priority", number);
    review.object.set("spec.preemptionPolicy", policy);
    if let Some(class) = class.filter(|_| name.is_empty()) {
        review.object.set("spec.priorityClassName", class.name());
    }
    Ok(Verdict::Changed(format!("its priority is {number}")))
}

/// The default class; of several the one with the lowest number.
fn default(cx: &Cx<'_>) -> Option<Arc<Value>> {
    let defaults = cx.cache.all(CLASSES).filter(|class| class.flag("globalDefault"));
    defaults.min_by_key(|class| class.at("value").as_i64()).cloned()
}

fn validate(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    if !review.writes() || !review.is(GROUP, "priorityclasses") {
        return Ok(Verdict::Skipped);
    }
    let other =
        |class: &Arc<Value>| review.operation == Operation::Create || class.name() != review.object.name();
    match default(cx).filter(other) {
        Some(other) if review.object.flag("globalDefault") => Err(review.forbidden(format!(
            "PriorityClass {} is already marked as default. Only one default can exist",
            other.name()
        ))),
        Some(_) | None => Ok(Verdict::Passed("there is no other default".to_owned())),
    }
}
