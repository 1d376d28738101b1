//! CustomResourceDefinitions: their names are accepted, they are established, and when they go, their objects go first
//! (`apiextensions-apiserver/pkg/controller/{status,establish,apiapproval,finalizer}`).
//!
//! # Differs from Kubernetes
//!
//! The objects of a definition that goes are deleted by requests like anybody's, so admission sees them.

use super::{ActsAs, Controller, Cx, Plan, calls};
use crate::api::custom::{CLEANUP, DEFINITIONS, condition, versions_by_priority};
use crate::api::{Dig, Request, time};
use crate::json::{Value, json};
use crate::store::{Event, Key, Objects};
use jiff::SignedDuration;
use std::collections::BTreeSet;

/// How long after it looked the finalizer looks again whether all objects are gone.
const POLL: SignedDuration = SignedDuration::from_secs(5);

/// Accepts names, or says which of them others have.
pub(super) const NAMING: Controller =
    Controller::new("crd-naming-condition-controller", ActsAs::Server, wakes_group, name);
/// Serves what has its names.
pub(super) const ESTABLISHING: Controller =
    Controller::new("crd-establishing-controller", ActsAs::Server, wakes, establish);
/// Says whether a group of Kubernetes' own was approved.
pub(super) const APPROVAL: Controller =
    Controller::new("crd-api-approval-controller", ActsAs::Server, wakes, approve);
/// Deletes the objects of a definition that goes.
pub(super) const FINALIZING: Controller =
    Controller::new("crd-finalizer", ActsAs::Server, wakes_emptied, finalize);

fn wakes(event: &Event, _: &Objects) -> Vec<Key> {
    match (&*event.key.resource == DEFINITIONS, &event.new) {
        (true, Some(_)) => vec![event.key.clone()],
        _ => Vec::new(),
    }
}

/// So does the last object of a definition that goes.
fn wakes_emptied(event: &Event, objects: &Objects) -> Vec<Key> {
    let definition = || objects.get(DEFINITIONS, "", &event.key.resource);
    let emptied =
        event.new.is_none() && definition().is_some_and(|one| one.has("metadata.deletionTimestamp"));
    match emptied {
        true => vec![Key::new(DEFINITIONS, "", &event.key.resource)],
        false => wakes(event, objects),
    }
}

/// Names that change or go may be what others of the group wait for.
fn wakes_group(event: &Event, objects: &Objects) -> Vec<Key> {
    if &*event.key.resource != DEFINITIONS {
        return Vec::new();
    }
    let accepted = |definition: &Option<_>| {
        definition
            .as_ref()
            .map(|definition: &std::sync::Arc<Value>| definition.at("status.acceptedNames").clone())
    };
    let mut keys: Vec<Key> = event.new.iter().map(|_| event.key.clone()).collect();
    if accepted(&event.old) != accepted(&event.new) {
        let group = event.new.as_ref().or(event.old.as_ref()).map_or("", |one| one.text("spec.group"));
        let others = objects
            .all(DEFINITIONS)
            .filter(|other| other.text("spec.group") == group && other.name() != &*event.key.name);
        keys.extend(others.map(|other| Key::new(DEFINITIONS, "", other.name())));
    }
    keys
}

fn write_status(definition: &Value) -> Request {
    calls::update("customresourcedefinitions", "/status", definition)
}

/// Sets a condition, whose time changes with its status alone.
fn set_condition(cx: &Cx<'_>, definition: &mut Value, kind: &str, status: &str, reason: &str, message: &str) {
    let mut conditions = definition.list("status.conditions").to_vec();
    let mut new = json!({"type": kind, "status": status, "lastTransitionTime": time(cx.now), "reason": reason,
        "message": message});
    match conditions.iter_mut().find(|old| old.text("type") == kind) {
        Some(old) => {
            if old.text("status") == status {
                new.set("lastTransitionTime", old.at("lastTransitionTime").clone());
            }
            *old = new;
        }
        None => conditions.push(new),
    }
    definition.set("status.conditions", conditions);
}

/// `NamesAccepted`, and what was accepted (`NamingConditionController`).
fn name(cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let Some(definition) = cx.live.of(key) else { return plan };
    let taken = Taken::by_others(&cx, definition);
    let wanted = definition.at("spec.names");
    let mut named = (**definition).clone();
    let accepted = definition.at("status.acceptedNames");
    let mut conflict: Option<(&str, String)> = None;
    for (field, reason) in [
        ("plural", "PluralConflict"),
        ("singular", "SingularConflict"),
        ("shortNames", "ShortNamesConflict"),
        ("kind", "KindConflict"),
        ("listKind", "ListKindConflict"),
    ] {
        match taken.conflict(field, wanted, accepted) {
            None => accept(&mut named, field, wanted),
            Some(message) => conflict = Some((reason, message)),
        }
    }
    accept(&mut named, "categories", wanted);
    let (status, reason, message) = match &conflict {
        None => ("True", "NoConflicts", "no conflicts found"),
        Some((reason, message)) => ("False", *reason, message.as_str()),
    };
    set_condition(&cx, &mut named, "NamesAccepted", status, reason, message);
    if !condition(definition, "Established") {
        let (reason, message) = match conflict {
            None => ("Installing", "the initial names have been accepted"),
            Some(_) => ("NotAccepted", "not all names are accepted"),
        };
        set_condition(&cx, &mut named, "Established", "False", reason, message);
    }
    if named.at("status") != definition.at("status") {
        plan.call(write_status(&named));
    }
    plan
}

fn accept(named: &mut Value, field: &str, wanted: &Value) {
    let path = format!("status.acceptedNames.{field}");
    match wanted.at(field) {
        Value::Null => drop(named.take_out(&path)),
        value => named.set(&path, value.clone()),
    }
}

/// The names that other definitions of the group have.
struct Taken {
    resources: BTreeSet<String>,
    kinds: BTreeSet<String>,
}

impl Taken {
    fn by_others(cx: &Cx<'_>, definition: &Value) -> Taken {
        let mut taken = Taken { resources: BTreeSet::new(), kinds: BTreeSet::new() };
        for other in cx.live.all(DEFINITIONS) {
            if other.text("spec.group") != definition.text("spec.group") || other.name() == definition.name()
            {
                continue;
            }
            let names = other.at("status.acceptedNames");
            let own = |field: &str| names.text(field).to_owned();
            let short = names.texts("shortNames").into_iter().map(str::to_owned);
            taken.resources.extend(short.chain([own("plural"), own("singular")]));
            taken.kinds.extend([own("kind"), own("listKind")]);
        }
        taken
    }

    /// Why a name can't be had, if it can't.
    fn conflict(&self, field: &str, wanted: &Value, accepted: &Value) -> Option<String> {
        let in_use = |name: &str| format!("{name:?} is already in use");
        match field {
            "shortNames" => {
                let ours = accepted.texts(field);
                let lost: Vec<String> = wanted
                    .texts(field)
                    .into_iter()
                    .filter(|name| !ours.contains(name) && self.resources.contains(*name))
                    .map(in_use)
                    .collect();
                match lost.as_slice() {
                    [] => None,
                    [one] => Some(one.clone()),
                    many => Some(format!("[{}]", many.join(", "))),
                }
            }
            _ => {
                let used = if matches!(field, "kind" | "listKind") { &self.kinds } else { &self.resources };
                let name = wanted.text(field);
                (name != accepted.text(field) && used.contains(name)).then(|| in_use(name))
            }
        }
    }
}

/// `Established`: the definition is served from here on (`EstablishingController`).
fn establish(cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let Some(definition) = cx.live.of(key) else { return plan };
    if condition(definition, "NamesAccepted") && !condition(definition, "Established") {
        let mut established = (**definition).clone();
        let (reason, message) = ("InitialNamesAccepted", "the initial names have been accepted");
        set_condition(&cx, &mut established, "Established", "True", reason, message);
        plan.call(write_status(&established));
    }
    plan
}

/// `KubernetesAPIApprovalPolicyConformant`, for the groups of Kubernetes itself.
fn approve(cx: Cx<'_>, key: &Key) -> Plan {
    const APPROVED: &str = "api-approved.kubernetes.io";
    const KIND: &str = "KubernetesAPIApprovalPolicyConformant";
    let mut plan = Plan::default();
    let Some(definition) = cx.live.of(key) else { return plan };
    let group = definition.text("spec.group");
    let is_protected = ["k8s.io", "kubernetes.io"]
        .iter()
        .any(|own| group == *own || group.strip_suffix(own).is_some_and(|rest| rest.ends_with('.')));
    if !is_protected {
        return plan;
    }
    let mut told = (**definition).clone();
    match definition.annotation(APPROVED).unwrap_or_default() {
        "" => {
            let message = "protected groups must have approval annotation \"api-approved.kubernetes.io\", see https://github.com/kubernetes/enhancements/pull/1111";
            set_condition(&cx, &mut told, KIND, "False", "MissingAnnotation", message);
        }
        text if text.starts_with("unapproved") => {
            let message = format!("not approved: {text:?}");
            set_condition(&cx, &mut told, KIND, "False", "UnapprovedAnnotation", &message);
        }
        text => {
            let message = format!("approved in {text}");
            set_condition(&cx, &mut told, KIND, "True", "ApprovedAnnotation", &message);
        }
    }
    if told.at("status") != definition.at("status") {
        plan.call(write_status(&told));
    }
    plan
}

/// Deletes the objects of a definition that is on its way out, and lets it go (`CRDFinalizer`).
fn finalize(cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let Some(definition) = cx.live.of(key) else { return plan };
    let held = definition.list("metadata.finalizers").iter().any(|finalizer| finalizer == CLEANUP);
    if !definition.has("metadata.deletionTimestamp") || !held {
        return plan;
    }
    let mut told = (**definition).clone();
    let left: Vec<(String, bool)> = cx
        .live
        .all(key.name.as_ref())
        .map(|object| (object.namespace().to_owned(), object.has("metadata.deletionTimestamp")))
        .collect();
    if left.is_empty() {
        set_condition(
            &cx,
            &mut told,
            "Terminating",
            "False",
            "InstanceDeletionCompleted",
            "removed all instances",
        );
        plan.call_then(write_status(&told), let_go);
        return plan;
    }
    let (reason, message) = ("InstanceDeletionInProgress", "CustomResource deletion is in progress");
    set_condition(&cx, &mut told, "Terminating", "True", reason, message);
    if told.at("status") != definition.at("status") {
        plan.call(write_status(&told));
    }
    let namespaces: BTreeSet<&String> =
        left.iter().filter(|(_, going)| !going).map(|(namespace, _)| namespace).collect();
    if let Some(version) = versions_by_priority(definition).first() {
        let group_version = format!("{}/{version}", definition.text("spec.group"));
        for namespace in namespaces {
            let path = calls::path(&group_version, definition.text("status.acceptedNames.plural"), namespace);
            plan.call(Request::new("DELETE", path));
        }
    }
    plan.look_again_before(POLL);
    plan
}

/// Takes the finalizer off.
fn let_go(cx: Cx<'_>, key: &Key, _: &crate::api::Response) -> Plan {
    let Some(definition) = cx.live.of(key) else { return Plan::default() };
    let mut free = (**definition).clone();
    let finalizers = free.list("metadata.finalizers").iter().filter(|finalizer| *finalizer != CLEANUP);
    let finalizers: Vec<Value> = finalizers.cloned().collect();
    free.set("metadata.finalizers", finalizers);
    calls::update("customresourcedefinitions", "", &free).into()
}
