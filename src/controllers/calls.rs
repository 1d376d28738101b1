//! The requests that controllers make, in short.

use super::{Cx, Plan};
use crate::api::differences::EVENTS_REPEAT_REPORTER;
use crate::api::{Dig, Request, Resources, Response, time};
use crate::json::{Value, json};
use crate::store::{Event, Key, Objects};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// The path of a collection: `/api/v1/namespaces/NS/pods`, `/apis/apps/v1/…`.
pub(super) fn path(group_version: &str, resource: &str, namespace: &str) -> String {
    let prefix = if group_version.contains('/') { "apis" } else { "api" };
    match namespace {
        "" => format!("/{prefix}/{group_version}/{resource}"),
        namespace => format!("/{prefix}/{group_version}/namespaces/{namespace}/{resource}"),
    }
}

/// Creates an object in its namespace.
pub(super) fn create(resource: &str, object: &Value) -> Request {
    Request::new("POST", path(object.text("apiVersion"), resource, object.namespace())).json(object)
}

/// Replaces an object, or one of its subresources (`/status`).
pub(super) fn update(resource: &str, subresource: &str, object: &Value) -> Request {
    let path = path(object.text("apiVersion"), resource, object.namespace());
    Request::new("PUT", format!("{path}/{}{subresource}", object.name())).json(object)
}

/// Applies what a manager says of an object without a namespace, against whoever else says something of it.
pub(super) fn apply(resource: &str, manager: &str, object: &Value) -> Request {
    let path = path(object.text("apiVersion"), resource, "");
    let target = format!("{path}/{}?fieldManager={manager}&force=true", object.name());
    Request::new("PATCH", target).body("application/apply-patch+yaml", object.clone())
}

/// Deletes an object, if it still is the one that was seen.
pub(super) fn delete(resource: &str, object: &Value) -> Request {
    delete_with(resource, object, &json!({}))
}

/// Deletes an object, if it still is the one that was seen, with further options.
pub(super) fn delete_with(resource: &str, object: &Value, more: &Value) -> Request {
    let path = path(object.text("apiVersion"), resource, object.namespace());
    let mut options =
        json!({"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": {"uid": object.uid()}});
    more.entries("").for_each(|(key, value)| options.set(key, value.clone()));
    Request::new("DELETE", format!("{path}/{}", object.name())).json(&options)
}

/// A merge patch.
pub(super) fn merge(path: String, patch: &Value) -> Request {
    Request::new("PATCH", path).body("application/merge-patch+json", patch.clone())
}

/// The path of an object, in the version that its group prefers.
pub(super) fn path_of(key: &Key, table: &Resources) -> Option<String> {
    let (name, group) = key.resource.split_once('.').unwrap_or((&key.resource, ""));
    let row = table.preferred(group, name)?;
    Some(format!("{}/{}", path(&row.api_version(), name, &key.namespace), key.name))
}

/// The reference of an object to its controller.
pub(super) fn owned_by(owner: &Value) -> Value {
    json!([{
        "apiVersion": owner.text("apiVersion"), "kind": owner.text("kind"), "name": owner.name(),
        "uid": owner.uid(), "controller": true, "blockOwnerDeletion": true,
    }])
}

/// The reference to an object's controller, if it has one.
pub(super) fn controller_of(object: &Value) -> Option<&Value> {
    object.list("metadata.ownerReferences").iter().find(|owner| owner.flag("controller"))
}

/// Whether an object's controller is that one.
pub(super) fn is_controlled_by(object: &Value, owner: &Value) -> bool {
    controller_of(object).is_some_and(|reference| reference.text("uid") == owner.uid())
}

/// An event about an object, as `client-go/tools/record` writes one: what was said before is counted.
pub(super) fn event(
    cx: &mut Cx<'_>,
    component: &str,
    about: &Value,
    kind: &str,
    reason: &str,
    message: &str,
) -> Request {
    let namespace = if about.namespace().is_empty() { "default" } else { about.namespace() };
    let at = time(cx.now);
    // Events about an object are called after it.
    let called = format!("{}.", about.name());
    let about_it = cx.cache.ordered("events", namespace, &called);
    let said = about_it.take_while(|event| event.name().starts_with(&called)).find(|event| {
        event.text("involvedObject.uid") == about.uid()
            && event.text("reason") == reason
            && event.text("message") == message
            && event.text("source.component") == component
    });
    if let Some(said) = said {
        let count = said.at("count").as_i64().unwrap_or(1) + 1;
        let path = format!("{}/{}", path("v1", "events", namespace), said.name());
        return merge(path, &json!({"count": count, "lastTimestamp": at}));
    }
    let mut object = json!({
        "apiVersion": "v1", "kind": "Event",
        "metadata": {"name": format!("{}.{}", about.name(), cx.random.suffix(16)), "namespace": namespace},
        "involvedObject": {
            "kind": about.text("kind"), "name": about.name(), "uid": about.uid(),
            "apiVersion": about.text("apiVersion"), "resourceVersion": about.text("metadata.resourceVersion"),
        },
        "reason": reason, "message": message, "source": {"component": component},
        "firstTimestamp": at, "lastTimestamp": at, "count": 1, "type": kind,
        "eventTime": null, "reportingComponent": "", "reportingInstance": "",
    });
    if !about.namespace().is_empty() {
        object.set("involvedObject.namespace", about.namespace());
    }
    // The component was told twice only since events have a reporter.
    if cx.version.has(EVENTS_REPEAT_REPORTER) {
        object.set("reportingComponent", component);
    }
    create("events", &object)
}

/// The keys to look at after a write to an object, or to a dependent whose controller is of the kind.
pub(super) fn wakes(
    event: &Event,
    objects: &Objects,
    kind: &str,
    resource: &str,
    dependents: &str,
) -> Vec<Key> {
    if &*event.key.resource == resource {
        return vec![event.key.clone()];
    }
    let dependent = event.new.as_deref().or(event.old.as_deref());
    let dependent = dependent.filter(|_| &*event.key.resource == dependents);
    let owner = dependent.and_then(controller_of).filter(|owner| owner.text("kind") == kind);
    let key = owner.map(|owner| Key::new(resource, &event.key.namespace, owner.text("name")));
    key.into_iter().filter(|key| objects.of(key).is_some()).collect()
}

/// A pod as its owner's template has it.
pub(super) fn pod_of(owner: &Value) -> Value {
    let mut pod = of_template("v1", "Pod", owner.at("spec.template"), owner);
    pod.set("metadata.generateName", format!("{}-", owner.name()));
    pod
}

/// An object as a template of its owner has it.
pub(super) fn of_template(api_version: &str, kind: &str, template: &Value, owner: &Value) -> Value {
    let mut object =
        json!({"apiVersion": api_version, "kind": kind, "metadata": {}, "spec": template.at("spec")});
    for kept in ["labels", "annotations", "finalizers"] {
        let path = format!("metadata.{kept}");
        if template.has(&path) {
            object.set(&path, template.at(&path).clone());
        }
    }
    object.set("metadata.namespace", owner.namespace());
    object.set("metadata.ownerReferences", owned_by(owner));
    object
}

/// A number of an object; 0 where there is none.
pub(super) fn number(object: &Value, path: &str) -> i64 {
    object.at(path).as_i64().unwrap_or_default()
}

/// What an object says of one condition.
pub(super) fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    object.list("status.conditions").iter().find(|condition| condition.text("type") == kind)
}

/// The condition that ends a job.
pub(super) fn end_of_job(job: &Value) -> Option<&Value> {
    let ends = |condition: &&Value| {
        matches!(condition.text("type"), "Complete" | "Failed") && condition.text("status") == "True"
    };
    job.list("status.conditions").iter().find(ends)
}

/// Whether a pod or a node is ready.
pub(super) fn is_ready(object: &Value) -> bool {
    condition(object, "Ready").is_some_and(|ready| ready.text("status") == "True")
}

/// A number scaled by a count or a percentage (`intstr.GetScaledValueFromIntOrPercent`).
pub(super) fn scaled(value: &Value, total: i64, round_up: bool) -> i64 {
    match value.as_str().and_then(|text| text.strip_suffix('%')).and_then(|text| text.parse::<i64>().ok()) {
        Some(percent) => (percent * total + if round_up { 99 } else { 0 }) / 100,
        None => value.as_i64().unwrap_or_default(),
    }
}

/// The pods of an owner that live and are not done.
pub(super) fn living_pods(objects: &Objects, owner: &Value) -> Vec<Arc<Value>> {
    own_pods(objects, owner)
        .filter(|pod| !pod.has("metadata.deletionTimestamp"))
        .filter(|pod| !matches!(pod.text("status.phase"), "Succeeded" | "Failed"))
        .cloned()
        .collect()
}

/// All pods of an owner.
pub(super) fn own_pods<'a>(objects: &'a Objects, owner: &'a Value) -> impl Iterator<Item = &'a Arc<Value>> {
    objects.list("pods", owner.namespace()).filter(|pod| is_controlled_by(pod, owner))
}

/// How many pods a controller makes of one owner in one go (`BurstReplicas`, `MaxPodCreateDeletePerSync`).
pub(super) const BURST: usize = 500;

/// How long a controller takes to make them (`--kube-api-qps=20`).
const BURST_TAKES: SignedDuration = SignedDuration::from_secs(25);

/// How many of the pods that an owner lacks are made now; for the rest the plan comes back, when a real controller would
/// have made these, so that nobody waits for an owner of ever so many. A plan ends with its first refusal, as a slow
/// start does.
pub(super) fn burst(cx: &Cx<'_>, plan: &mut Plan, owner: &Value, lacking: usize) -> usize {
    let lately = |pod: &&Arc<Value>| {
        let made = pod.text("metadata.creationTimestamp").parse::<Timestamp>();
        made.is_ok_and(|made| cx.now.duration_since(made) < BURST_TAKES)
    };
    // A few are never too many: their age need not be looked at.
    let room = match own_pods(cx.cache, owner).take(BURST).count() + lacking > BURST {
        true => BURST.saturating_sub(own_pods(cx.cache, owner).filter(lately).count()),
        false => BURST,
    };
    if lacking > room {
        plan.look_again_before(BURST_TAKES);
    }
    lacking.min(room)
}

/// How many pods of an owner are ending.
pub(super) fn ending_pods(objects: &Objects, owner: &Value) -> usize {
    own_pods(objects, owner).filter(|pod| pod.has("metadata.deletionTimestamp")).count()
}

/// Tells of the object of a key.
pub(super) fn told(mut cx: Cx<'_>, key: &Key, component: &str, kind: &str, reason: &str, text: &str) -> Plan {
    let mut plan = Plan::default();
    if let Some(about) = cx.cache.of(key).cloned() {
        plan.try_call(event(&mut cx, component, &about, kind, reason, text));
    }
    plan
}

/// Tells of a pod that was made for the object of a key.
pub(super) fn pod_created(cx: Cx<'_>, key: &Key, response: &Response, component: &str) -> Plan {
    let text = format!("Created pod: {}", response.object().name());
    told(cx, key, component, "Normal", "SuccessfulCreate", &text)
}

/// Tells that a pod could not be made for the object of a key.
pub(super) fn pod_refused(cx: Cx<'_>, key: &Key, response: &Response, component: &str) -> Plan {
    let text = format!("Error creating: {}", response.object().text("message"));
    told(cx, key, component, "Warning", "FailedCreate", &text)
}

/// Writes an object's status, where it is not what it should be.
pub(super) fn report(plan: &mut Plan, plural: &str, object: &Value, status: Value) {
    if *object.at("status") != status {
        let mut reported = object.clone();
        reported.set("status", status);
        reported.take_out("metadata.resourceVersion");
        plan.try_call(update(plural, "/status", &reported));
    }
}
