//! What is owned goes with its last owner (`pkg/controller/garbagecollector`).
//!
//! An owner is known by its uid, and looked for in the dependent's own namespace (or among cluster-scoped objects).
//! `orphan` and `foregroundDeletion` are the collector's finalizers: it lets dependents go, or deletes them first.
//!
//! Differs from Kubernetes: no events tell of owners in the wrong namespace.

use super::{ActsAs, Controller, Cx, Plan, calls};
use crate::api::custom::DEFINITIONS;
use crate::api::{Dig, Resource, Resources};
use crate::json::{Value, json};
use crate::store::{Event, Key, Objects};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// How often the collector looks which resources there are; of a new one it is taken to know this long after.
const DISCOVERY: SignedDuration = SignedDuration::from_secs(30);

/// Events are no part of the graph (`ignoredResources`).
const EVENTS: &str = "events";

const ORPHAN: &str = "orphan";
const FOREGROUND: &str = "foregroundDeletion";

/// The garbage collector.
pub(super) const CONTROLLER: Controller = Controller::new(
    "garbage-collector-controller",
    ActsAs::Account("generic-garbage-collector"),
    wakes,
    reconcile,
);

fn wakes(event: &Event, objects: &Objects) -> Vec<Key> {
    if &*event.key.resource == EVENTS {
        return Vec::new();
    }
    match (&event.old, &event.new) {
        (Some(old), None) => {
            let mut keys: Vec<Key> = dependents(objects, old).into_iter().map(|(key, _)| key).collect();
            keys.extend(waiting_owners(objects, old));
            keys
        }
        (_, Some(new)) if new.has("metadata.deletionTimestamp") => {
            let mut keys = vec![event.key.clone()];
            // Dependents of an owner that waits for them are looked at one by one.
            if has_finalizer(new, FOREGROUND) {
                keys.extend(dependents(objects, new).into_iter().map(|(key, _)| key));
            }
            keys
        }
        (_, Some(new)) if !new.list("metadata.ownerReferences").is_empty() => vec![event.key.clone()],
        _ => Vec::new(),
    }
}

fn has_finalizer(object: &Value, name: &str) -> bool {
    let finalizers = object["metadata"]["finalizers"].as_array();
    finalizers.is_some_and(|finalizers| finalizers.iter().any(|finalizer| finalizer == name))
}

/// Whatever names that owner's uid.
fn dependents(objects: &Objects, owner: &Value) -> Vec<(Key, Arc<Value>)> {
    let (namespace, uid) = (owner.namespace(), owner.uid());
    let names_it = |resource: &str, object: &Value| {
        // Every object is asked: by its fields, not by a path.
        let owners = || object["metadata"]["ownerReferences"].as_array();
        resource != EVENTS && owners().is_some_and(|owners| owners.iter().any(|owner| owner["uid"] == uid))
    };
    objects.those(namespace, names_it).map(|(key, object)| (key, object.clone())).collect()
}

/// The owners of a gone object that wait for their dependents.
fn waiting_owners(objects: &Objects, gone: &Value) -> Vec<Key> {
    let references = gone.list("metadata.ownerReferences");
    if references.is_empty() {
        return Vec::new();
    }
    let waits = |resource: &str, object: &Value| {
        resource != EVENTS
            && has_finalizer(object, FOREGROUND)
            && references.iter().any(|reference| reference.text("uid") == object.uid())
    };
    objects.those("", waits).map(|(key, _)| key).collect()
}

/// The resource of a kind, as its group prefers it.
fn resource_of_kind<'a>(table: &'a Resources, api_version: &str, kind: &str) -> Option<&'a Arc<Resource>> {
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    table.iter().find(|row| &*row.group == group && &*row.kind == kind && row.subresource.is_empty())
}

/// What is with one owner of an object.
enum Owner {
    /// It is there, or cannot be looked for.
    Solid,
    /// It is not there.
    Absent,
    /// It waits for its dependents.
    Waiting,
}

fn owner(cx: &Cx<'_>, object: &Value, reference: &Value) -> Owner {
    let Some(row) = resource_of_kind(cx.resources, reference.text("apiVersion"), reference.text("kind"))
    else {
        return Owner::Solid;
    };
    let namespace = if row.namespaced { object.namespace() } else { "" };
    if row.namespaced && namespace.is_empty() {
        return Owner::Solid;
    }
    let found = cx.cache.get(&row.storage(), namespace, reference.text("name"));
    match found.filter(|owner| owner.uid() == reference.text("uid")) {
        None => Owner::Absent,
        Some(owner) if owner.has("metadata.deletionTimestamp") && has_finalizer(owner, FOREGROUND) => {
            Owner::Waiting
        }
        Some(_) => Owner::Solid,
    }
}

/// How long it takes until the collector knows of the resources of an object and its owners, if it doesn't yet.
fn undiscovered(cx: &Cx<'_>, key: &Key, object: &Value) -> Option<SignedDuration> {
    let owners = object.list("metadata.ownerReferences").iter().filter_map(|reference| {
        let row = resource_of_kind(cx.resources, reference.text("apiVersion"), reference.text("kind"))?;
        Some(row.storage())
    });
    let resources = std::iter::once(key.resource.to_string()).chain(owners);
    let wait = |resource: String| {
        let definition = cx.cache.get(DEFINITIONS, "", &resource)?;
        let mut conditions = definition.list("status.conditions").iter();
        let established = conditions.find(|condition| condition.text("type") == "Established")?;
        let since: Timestamp = established.text("lastTransitionTime").parse().ok()?;
        let left = DISCOVERY - cx.now.duration_since(since);
        left.is_positive().then_some(left)
    };
    resources.filter_map(wait).max()
}

fn reconcile(cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let Some(object) = cx.cache.of(key).cloned() else { return plan };
    if let Some(wait) = undiscovered(&cx, key, &object) {
        plan.look_again_before(wait);
        return plan;
    }
    if object.has("metadata.deletionTimestamp") {
        if has_finalizer(&object, ORPHAN) {
            release(&cx, &mut plan, key, &object);
        } else if has_finalizer(&object, FOREGROUND) {
            wait_for_dependents(&cx, &mut plan, key, &object);
        }
        return plan;
    }
    let (mut solid, mut gone, mut waiting) = (0, Vec::new(), false);
    let references = object.list("metadata.ownerReferences");
    for reference in references {
        match owner(&cx, &object, reference) {
            Owner::Solid => solid += 1,
            Owner::Absent => gone.push(reference.text("uid")),
            Owner::Waiting => {
                gone.push(reference.text("uid"));
                waiting |= reference.flag("blockOwnerDeletion");
            }
        }
    }
    if gone.is_empty() {
        return plan;
    }
    if solid > 0 {
        disown(&cx, &mut plan, key, &object, &gone);
        return plan;
    }
    let policy = if has_finalizer(&object, ORPHAN) {
        "Orphan"
    } else if has_finalizer(&object, FOREGROUND) || waiting && !dependents(cx.cache, &object).is_empty() {
        "Foreground"
    } else {
        "Background"
    };
    if let Some(path) = calls::path_of(key, cx.resources) {
        let options = json!({
            "kind": "DeleteOptions", "apiVersion": "v1",
            "preconditions": {"uid": object.uid()}, "propagationPolicy": policy,
        });
        plan.call(crate::api::Request::new("DELETE", path).json(&options));
    }
    plan
}

/// Takes owners out of an object.
fn disown(cx: &Cx<'_>, plan: &mut Plan, key: &Key, object: &Value, uids: &[&str]) {
    let kept = object.list("metadata.ownerReferences").iter().filter(|r| !uids.contains(&r.text("uid")));
    let kept: Vec<Value> = kept.cloned().collect();
    let references = if kept.is_empty() { Value::Null } else { kept.into() };
    if let Some(path) = calls::path_of(key, cx.resources) {
        plan.call(calls::merge(
            path,
            &json!({"metadata": {"ownerReferences": references, "uid": object.uid()}}),
        ));
    }
}

/// The dependents of an object are let go, then it loses its finalizer.
fn release(cx: &Cx<'_>, plan: &mut Plan, key: &Key, object: &Value) {
    for (dependent_key, dependent) in dependents(cx.cache, object) {
        disown(cx, plan, &dependent_key, &dependent, &[object.uid()]);
    }
    unhold(cx, plan, key, object, ORPHAN);
}

/// An object waits for the dependents that block it; the others go after it.
fn wait_for_dependents(cx: &Cx<'_>, plan: &mut Plan, key: &Key, object: &Value) {
    let blocks = |dependent: &Value| {
        let mut references = dependent.list("metadata.ownerReferences").iter();
        references
            .any(|reference| reference.text("uid") == object.uid() && reference.flag("blockOwnerDeletion"))
    };
    if !dependents(cx.cache, object).iter().any(|(_, dependent)| blocks(dependent)) {
        unhold(cx, plan, key, object, FOREGROUND);
    }
}

fn unhold(cx: &Cx<'_>, plan: &mut Plan, key: &Key, object: &Value, finalizer: &str) {
    let kept = object.list("metadata.finalizers").iter().filter(|name| *name != finalizer);
    let kept: Vec<Value> = kept.cloned().collect();
    let finalizers = if kept.is_empty() { Value::Null } else { kept.into() };
    if let Some(path) = calls::path_of(key, cx.resources) {
        let version = object.text("metadata.resourceVersion");
        plan.call(calls::merge(
            path,
            &json!({"metadata": {"finalizers": finalizers, "resourceVersion": version}}),
        ));
    }
}
