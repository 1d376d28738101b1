//! Putting a pod on a node (`pkg/registry/core/pod/storage.BindingREST`).

use super::write::{self, Draft};
use super::{Call, Served, body, key_of};
use crate::admit::Operation;
use crate::api::resources::Resource;
use crate::api::{Dig, GroupResource, Outcome, Response, Stage, Status};
use crate::authorize::Authorized;
use serde_json::json;

/// Answers `POST pods/NAME/binding`.
pub fn bind(call: &mut Call<'_>, request: &Authorized, row: &'static Resource) -> Served {
    let info = request.info();
    let binding = body(call, request, row)?;
    if binding.name() != info.name {
        return Err(Status::bad_request("name in URL does not match name in Binding object").into());
    }
    let key = key_of(row, info, &info.name);
    let draft = Draft::new(request, row, Operation::Create, key.clone()).object(binding.clone());
    let draft = write::mutate(call, draft)?;
    write::enforce(call, draft)?;
    let of = GroupResource::new("", "pods");
    let pod = call.store.objects().of(&key).cloned().ok_or_else(|| Status::not_found(&of, &info.name))?;
    let node = pod.text("spec.nodeName");
    if pod.has("metadata.deletionTimestamp") {
        let why = format!("pod {} is being deleted, cannot be assigned to a host", info.name);
        return Err(Status::conflict(&GroupResource::new("", "pods/binding"), &info.name, why).into());
    }
    if !node.is_empty() {
        let why = format!("pod {} is already assigned to node \"{node}\"", info.name);
        return Err(Status::conflict(&GroupResource::new("", "pods/binding"), &info.name, why).into());
    }
    let mut bound = (*pod).clone();
    bound.set("spec.nodeName", binding.text("target.name"));
    let scheduled = json!({
        "type": "PodScheduled", "status": "True", "lastProbeTime": null, "lastTransitionTime": super::time(call.now),
    });
    bound.set("status.conditions", json!([scheduled]));
    call.store.put(key, bound, call.now);
    call.found(Stage::Store, "store", Outcome::Passed, "bound");
    let status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201});
    Ok(Response::json(201, status))
}
