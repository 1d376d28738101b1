//! Evicting a pod: deleting it, unless a disruption budget forbids (`pkg/registry/core/pod/storage/eviction.go`).

use super::{create, delete};
use crate::admit::{Operation, Stop};
use crate::api::resources::Resource;
use crate::api::{By, Dig, GroupResource, Outcome, Response, Stage, Status};
use crate::authorize::Authorized;
use crate::pipeline::{self, Admitted, AsDrafted, Call, Draft, Served, body, decode, key_of};
use crate::store::Key;
use serde_json::{Value, json};
use std::sync::Arc;

/// Answers an eviction.
pub(super) fn create(call: &mut Call<'_>, request: &Authorized, row: &'static Resource) -> Served {
    decode::options(call, request, "CreateOptions")?;
    let info = request.info();
    let mut eviction = body(call, request, row)?;
    let placed = create::in_namespace(&mut eviction, &info.namespace);
    placed.map_err(|status| call.stop(Stage::Decode, By::Decoder, status))?;
    if eviction.name() != info.name {
        let status = Status::bad_request("name in URL does not match name in Eviction object");
        return Err(call.stop(Stage::Decode, By::Eviction, status));
    }
    let draft =
        Draft::new(request, row, Operation::Create, key_of(row, info, &info.name)).object(eviction.clone());
    let draft = draft.dry_by(eviction.at("deleteOptions"));
    let admitted = pipeline::admit(call, draft, &mut AsDrafted)?;
    let key = Key::new("pods", &info.namespace, &info.name);
    let of = GroupResource::new("", "pods");
    let Some(pod) = call.store.objects().of(&key).cloned() else {
        return Err(call.stop(Stage::Store, By::Store, Status::not_found(&of, &info.name)));
    };
    let ended = matches!(pod.text("status.phase"), "Succeeded" | "Failed" | "Pending");
    if !ended && !pod.has("metadata.deletionTimestamp") {
        spend(call, &admitted, &pod)?;
    }
    let options = eviction.at("deleteOptions").clone();
    delete::pod(call, &admitted, key, pod, &options)
        .map_err(|status| call.stop(Stage::Store, By::Store, status))?;
    call.found(Stage::Store, By::Store, Outcome::Passed, "evicted");
    let success =
        json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201});
    Ok(Response::json(201, success))
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
    let number = |path: &str| budget.at(path).as_i64().unwrap_or_default();
    let name = budget.name();
    let allowed = number("status.disruptionsAllowed");
    let refusal = if number("status.observedGeneration") < number("metadata.generation") {
        let why = format!("The disruption budget {name} is still being processed by the server.");
        Some((why, Some(10)))
    } else if allowed <= 0 {
        let (needs, has) = (number("status.desiredHealthy"), number("status.currentHealthy"));
        Some((
            format!("The disruption budget {name} needs {needs} healthy pods and has {has} currently"),
            None,
        ))
    } else {
        None
    };
    if let Some((why, after)) = refusal {
        let text = "Cannot evict pod as it would violate the pod's disruption budget.";
        let mut status = Status::plain(429, "TooManyRequests", text);
        status.details = json!({"causes": [{"reason": "DisruptionBudget", "message": why}]});
        if let Some(seconds) = after {
            status.details.set("retryAfterSeconds", seconds);
        }
        return Err(call.stop(Stage::Store, By::Eviction, status));
    }
    let mut spent = (*budget).clone();
    spent.set("status.disruptionsAllowed", allowed - 1);
    spent.make("status.disruptedPods")[pod.name()] = pipeline::time(call.now).into();
    let key = Key::new("poddisruptionbudgets.policy", budget.namespace(), name);
    admitted.put(call, key, spent);
    Ok(())
}

/// Whether a budget speaks of a pod; in `policy/v1` an empty selector speaks of all, before of none.
fn selects(budget: &Value, pod: &Value) -> bool {
    let selector = budget.at("spec.selector");
    let empty = selector.as_object().is_none_or(serde_json::Map::is_empty);
    match empty {
        true => selector.is_object() && budget.text("apiVersion") == "policy/v1",
        false => crate::kinds::parts::selector::matches(selector, pod.at("metadata.labels")),
    }
}
