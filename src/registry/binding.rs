//! Binding a pod to a node (`pkg/registry/core/pod/storage`, `BindingREST`).

use super::create;
use crate::admit::Operation;
use crate::api::resources::Resource;
use crate::api::{By, Dig, Errors, GroupResource, Response, Stage, Status, time};
use crate::json::{Value, json};
use crate::kinds::field::Field;
use crate::pipeline::{self, AsDrafted, Call, Draft, Served, body, key_of};
use crate::store::Key;
use std::sync::Arc;

/// Whether a resource binds.
pub(super) fn is_binding(row: &Resource) -> bool {
    row.group.is_empty()
        && (&*row.name == "bindings" || (&*row.name, &*row.subresource) == ("pods", "binding"))
}

/// Answers a binding: the pod gets its node.
pub(super) fn create(call: &mut Call<'_>, row: &Arc<Resource>) -> Served {
    let info = call.request.info();
    let mut binding = body(call, row)?;
    create::in_namespace(&mut binding, &info.namespace)?;
    if !info.name.is_empty() && binding.name() != info.name {
        let status = Status::bad_request("name in URL does not match name in Binding object");
        return Err(call.stop(Stage::Decode, By::Binding, status));
    }
    let errors = Errors::new(call.version);
    validate(Field::of(&binding, &errors));
    if !errors.is_empty() {
        return Err(call.stop(Stage::Validate, By::Binding, Status::plain(500, "", errors.summary())));
    }
    let name = if info.name.is_empty() { binding.name().to_owned() } else { info.name.clone() };
    let draft = Draft::new(call, row, Operation::Create, key_of(row, info, &name)).object(binding);
    let admitted = pipeline::admit(call, draft, &mut AsDrafted)?;
    let binding = admitted.draft().object_now().clone();
    let key = Key::new("pods", &info.namespace, &name);
    let Some(old) = call.store.objects().of(&key).cloned() else {
        return Err(Status::not_found(&GroupResource::new("", "pods"), &name).into());
    };
    if let Some(why) = refusal(&old) {
        return Err(Status::conflict(&GroupResource::new("", "pods/binding"), &name, why).into());
    }
    let mut pod = (*old).clone();
    pod.set("spec.nodeName", binding.text("target.name"));
    let labels = call.config.feature("PodTopologyLabelsAdmission").then_some("metadata.labels");
    for map in ["metadata.annotations"].into_iter().chain(labels) {
        for (key, value) in binding.entries(map) {
            pod.make(map)[key] = value.clone();
        }
    }
    let scheduled = json!({
        "type": "PodScheduled", "status": "True", "lastProbeTime": null, "lastTransitionTime": time(call.now),
    });
    let others =
        old.list("status.conditions").iter().filter(|condition| condition.text("type") != "PodScheduled");
    let conditions: Vec<Value> = others.cloned().chain([scheduled]).collect();
    pod.set("status.conditions", conditions);
    admitted.put(call, key, pod);
    Ok(Response::json(
        201,
        json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}),
    ))
}

/// Checks what a pod is bound to (`ValidatePodBinding`).
fn validate(binding: Field<'_>) {
    let (kind, name) = (binding.child("target.kind"), binding.child("target.name"));
    if !matches!(kind.text(""), "" | "Node") {
        kind.not_supported(&["Node", "<empty>"]);
    }
    name.filled();
}

fn refusal(pod: &Value) -> Option<String> {
    let name = pod.name();
    let node = pod.text("spec.nodeName");
    if pod.has("metadata.deletionTimestamp") {
        return Some(format!("pod {name} is being deleted, cannot be assigned to a host"));
    }
    if !node.is_empty() {
        return Some(format!("pod {name} is already assigned to node {node:?}"));
    }
    let gated = !pod.list("spec.schedulingGates").is_empty();
    gated.then(|| format!("pod {name} has non-empty .spec.schedulingGates"))
}
