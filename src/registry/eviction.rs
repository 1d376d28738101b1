//! Evicting a pod: deleting it, unless a disruption budget forbids (`pkg/registry/core/pod/storage/eviction.go`).

use super::{create, delete};
use crate::admit::{Operation, Stop};
use crate::api::resources::Resource;
use crate::api::{By, Dig, Outcome, Response, Stage, Status, time};
use crate::json::{Value, json};
use crate::pipeline::{
    self, Admitted, Call, Draft, Rules, Served, Verb, body, decode, key_of, missing, validate,
};
use crate::store::Key;
use std::sync::Arc;

/// Answers an eviction.
pub(super) fn create(call: &mut Call<'_>, row: &Arc<Resource>) -> Served {
    decode::options(call, "CreateOptions")?;
    let info = call.request.info();
    let mut eviction = body(call, row)?;
    call.checked(Stage::Decode, By::Decoder, create::in_namespace(&mut eviction, &info.namespace))?;
    let draft =
        Draft::new(call, row, Operation::Create, key_of(row, info, &info.name)).object(eviction.clone());
    let draft = draft.dry_by(eviction.at("deleteOptions"));
    let admitted = pipeline::admit(call, draft, &mut Evicting)?;
    let key = Key::new("pods", &info.namespace, &info.name);
    let pod = call.store.objects().of(&key).cloned().ok_or_else(|| missing(row, &info.name))?;
    let ended = matches!(pod.text("status.phase"), "Succeeded" | "Failed" | "Pending");
    if !ended && !pod.has("metadata.deletionTimestamp") {
        spend(call, &admitted, &pod)?;
    }
    let options = eviction.at("deleteOptions").clone();
    delete::pod(call, &admitted, key, pod, &options)?;
    call.found(Stage::Store, By::Store, Outcome::Passed, "evicted");
    let success =
        json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201});
    Ok(Response::json(201, success))
}

/// An eviction, which names its pod once more.
struct Evicting;

impl Verb for Evicting {
    const RULES: Rules = validate::without_rules;

    /// The plugins that change see an eviction before its name is looked at.
    fn complete(&mut self, call: &mut Call<'_>, draft: &mut Draft) -> Result<(), Stop> {
        if draft.object_now().name() == call.request.info().name {
            return Ok(());
        }
        let status = Status::bad_request("name in URL does not match name in Eviction object");
        Err(call.stop(Stage::Decode, By::Eviction, status))
    }
}

/// Takes one disruption from the budget of a pod, if it has one.
fn spend(call: &mut Call<'_>, admitted: &Admitted, pod: &Arc<Value>) -> Result<(), Stop> {
    let budgets = call.store.objects().list("poddisruptionbudgets.policy", pod.namespace());
    let budgets: Vec<Arc<Value>> = budgets.filter(|budget| selects(budget, pod)).cloned().collect();
    let budget = match budgets.as_slice() {
        [] => return Ok(()),
        [one] => one.clone(),
        _ => {
            let text = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
            return Err(call.stop(Stage::Store, By::Eviction, Status::plain(500, "", text)));
        }
    };
    if let Some((why, after)) = held(&budget) {
        let text = "Cannot evict pod as it would violate the pod's disruption budget.";
        let mut status = Status::plain(429, "TooManyRequests", text);
        status.details = json!({"causes": [{"reason": "DisruptionBudget", "message": why}]});
        if let Some(seconds) = after {
            status.details.set("retryAfterSeconds", seconds);
        }
        return Err(call.stop(Stage::Store, By::Eviction, status));
    }
    let mut spent = (*budget).clone();
    spent.set("status.disruptionsAllowed", number(&budget, "status.disruptionsAllowed") - 1);
    spent.make("status.disruptedPods")[pod.name()] = time(call.now).into();
    let key = Key::new("poddisruptionbudgets.policy", budget.namespace(), budget.name());
    admitted.put(call, key, spent);
    Ok(())
}

fn number(budget: &Value, path: &str) -> i64 {
    budget.at(path).as_i64().unwrap_or_default()
}

/// Why a budget lets no pod go, and after how many seconds it may.
fn held(budget: &Value) -> Option<(String, Option<u32>)> {
    let (name, number) = (budget.name(), |path| number(budget, path));
    if number("status.observedGeneration") < number("metadata.generation") {
        return Some((
            format!("The disruption budget {name} is still being processed by the server."),
            Some(10),
        ));
    }
    let (needs, has) = (number("status.desiredHealthy"), number("status.currentHealthy"));
    let why = format!("The disruption budget {name} needs {needs} healthy pods and has {has} currently");
    (number("status.disruptionsAllowed") <= 0).then_some((why, None))
}

/// Whether a budget speaks of a pod; in `policy/v1` an empty selector speaks of all, before of none.
fn selects(budget: &Value, pod: &Value) -> bool {
    let selector = budget.at("spec.selector");
    let empty = selector.as_object().is_none_or(crate::json::Map::is_empty);
    match empty {
        true => selector.is_object() && budget.text("apiVersion") == "policy/v1",
        false => crate::kinds::parts::selector::matches(selector, pod.at("metadata.labels")),
    }
}
