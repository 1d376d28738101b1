//! Deleting one object or a collection (`handlers/delete.go`, `rest.BeforeDelete`).

use super::write::{self, Draft};
use super::{Call, Served, as_version, key_of, read, time};
use crate::admit::Operation;
use crate::api::decode;
use crate::api::resources::Resource;
use crate::api::{Dig, GroupResource, Response, Status};
use crate::authorize::Authorized;
use crate::store::Key;
use serde_json::{Value, json};
use std::sync::Arc;

/// Answers `DELETE` to a name.
pub fn delete(call: &mut Call<'_>, request: &Authorized, row: &'static Resource) -> Served {
    let info = request.info();
    let options = options(call, request)?;
    let key = key_of(row, info, &info.name);
    let of = GroupResource::new(row.group, row.name);
    let old = call.store.objects().of(&key).cloned().ok_or_else(|| Status::not_found(&of, &info.name))?;
    preconditions(&of, &old, &options)?;
    let draft = Draft::new(request, row, Operation::Delete, key.clone()).delete_options(&options).old(old.clone());
    let draft = write::mutate(call, draft)?;
    write::enforce(call, draft)?;
    let dry = options.list("dryRun").iter().any(|value| value == "All");
    let gone = remove(call, row, &key, old, &options, dry);
    call.found(crate::api::Stage::Store, "store", crate::api::Outcome::Passed, "deleted");
    Ok(answer(row, gone))
}

/// Answers `DELETE` to a collection.
pub fn collection(call: &mut Call<'_>, request: &Authorized, row: &'static Resource) -> Served {
    let options = options(call, request)?;
    let chosen = read::chosen(call, request, row)?;
    for old in &chosen {
        let key = Key::new(&row.storage(), old.namespace(), old.name());
        let draft = Draft::new(request, row, Operation::Delete, key.clone());
        let draft = draft.delete_options(&options).old(old.clone()).unnamed();
        let draft = write::mutate(call, draft)?;
        write::enforce(call, draft)?;
        remove(call, row, &key, old.clone(), &options, false);
    }
    read::listed(call, request, row, chosen)
}

/// What became of a deleted object.
enum Gone {
    /// It waits for its finalizers or its grace period.
    Going(Arc<Value>),
    /// It is gone.
    Gone(Arc<Value>),
}

/// `DeleteOptions` of the body, or without one those of the query.
fn options(call: &mut Call<'_>, request: &Authorized) -> Result<Value, Status> {
    let sent = request.request();
    let media = sent.headers.get("Content-Type").unwrap_or_default();
    let mut options = decode::delete_options(&sent.body, media, call.version)?;
    if !sent.body.is_empty() {
        if call.config.audit_policy.is_some() {
            let mut told = options.clone();
            told.set("kind", "DeleteOptions");
            told.set("apiVersion", "meta.k8s.io/v1");
            call.trace.sent = Some(told);
        }
        return Ok(options);
    }
    let query = super::query(request);
    if let Some(policy) = query.get("propagationPolicy") {
        options.set("propagationPolicy", policy);
    }
    if let Some(seconds) = query.get("gracePeriodSeconds").and_then(|s| s.parse::<i64>().ok()) {
        options.set("gracePeriodSeconds", seconds);
    }
    if let Some(orphan) = query.get("orphanDependents") {
        options.set("propagationPolicy", if orphan == "true" { "Orphan" } else { "Background" });
    }
    if query.all("dryRun").any(|value| value == "All") {
        options.set("dryRun", json!(["All"]));
    }
    Ok(options)
}

fn preconditions(of: &GroupResource, old: &Value, options: &Value) -> Result<(), Status> {
    let uid = options.text("preconditions.uid");
    if !uid.is_empty() && uid != old.uid() {
        let why = format!("Precondition failed: UID in precondition: {uid}, UID in object meta: {}", old.uid());
        return Err(Status::conflict(of, old.name(), why));
    }
    let version = options.text("preconditions.resourceVersion");
    let stored = old.text("metadata.resourceVersion");
    if !version.is_empty() && version != stored {
        let why = format!(
            "Precondition failed: ResourceVersion in precondition: {version}, ResourceVersion in object meta: {stored}"
        );
        return Err(Status::conflict(of, old.name(), why));
    }
    Ok(())
}

/// Takes the object out, or marks it as going.
fn remove(call: &mut Call<'_>, row: &Resource, key: &Key, old: Arc<Value>, options: &Value, dry: bool) -> Gone {
    let mut going = (*old).clone();
    let policy = options.text("propagationPolicy");
    let finalizer = match policy {
        "Foreground" => Some("foregroundDeletion"),
        "Orphan" => Some("orphan"),
        _ => None,
    };
    if let Some(finalizer) = finalizer {
        let list = going.make("metadata.finalizers");
        if !list.is_array() {
            *list = json!([]);
        }
        if let Some(list) = list.as_array_mut()
            && !list.iter().any(|f| f == finalizer)
        {
            list.push(finalizer.into());
        }
    }
    let namespace = row.group.is_empty() && row.name == "namespaces" && !going.list("spec.finalizers").is_empty();
    let grace = grace(row, &going, options);
    let waits = !going.list("metadata.finalizers").is_empty() || namespace || grace > 0;
    if dry {
        return Gone::Gone(old);
    }
    if !waits {
        return Gone::Gone(call.store.remove(key, call.now).unwrap_or(old));
    }
    if !going.has("metadata.deletionTimestamp") {
        let at = call.now + jiff::SignedDuration::from_secs(grace);
        going.set("metadata.deletionTimestamp", time(at));
        if !namespace {
            going.set("metadata.deletionGracePeriodSeconds", grace);
        }
    }
    if namespace {
        going.set("status.phase", "Terminating");
    }
    if going == *old {
        return Gone::Going(old);
    }
    Gone::Going(call.store.put(key.clone(), going, call.now))
}

/// How long a pod on a node gets to end; everything else goes at once.
fn grace(row: &Resource, object: &Value, options: &Value) -> i64 {
    if !(row.group.is_empty() && row.name == "pods") || object.text("spec.nodeName").is_empty() {
        return 0;
    }
    if matches!(object.text("status.phase"), "Succeeded" | "Failed") {
        return 0;
    }
    let given = options.at("gracePeriodSeconds").as_i64();
    given.or(object.at("spec.terminationGracePeriodSeconds").as_i64()).unwrap_or(30)
}

/// Kinds whose deletion answers with the object itself (`ReturnDeletedObject`).
const RETURNED: &[&str] = &[
    "pods", "serviceaccounts", "resourcequotas", "persistentvolumes", "persistentvolumeclaims", "podtemplates",
    "storageclasses", "volumeattachments",
];

fn answer(row: &'static Resource, gone: Gone) -> Response {
    let old = match gone {
        Gone::Going(object) => return Response::json(200, as_version(&object, row)),
        Gone::Gone(object) if RETURNED.contains(&row.name) => return Response::json(200, as_version(&object, row)),
        Gone::Gone(object) => object,
    };
    let mut details = json!({"name": old.name(), "kind": row.name, "uid": old.uid()});
    if !row.group.is_empty() {
        details.set("group", row.group);
    }
    Response::json(
        200,
        json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}),
    )
}
