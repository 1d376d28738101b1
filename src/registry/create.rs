//! Creating (`handlers/create.go`, `rest.BeforeCreate`).

use super::managed_fields::{self, Writer};
use crate::admit::{Operation, Stop};
use crate::api::differences::{PUT_REFUSED_IN_FULL, TERMINATING_FORBIDS};
use crate::api::resources::Resource;
use crate::api::{Attributes, By, Decision, Dig, GroupResource, RequestInfo, Stage, Status, Version};
use crate::json::Value;
use crate::kinds;
use crate::pipeline::{self, Call, Draft, Rules, Served, Verb, body, decode, key_of, stamp, validate};
use std::sync::Arc;

/// Answers `POST` to a collection.
pub(super) fn create(call: &mut Call<'_>, row: &Arc<Resource>) -> Served {
    decode::options(call, "CreateOptions")?;
    let object = body(call, row)?;
    if row.custom.as_ref().is_some_and(|custom| custom.definition.terminating) {
        return Err(call.stop(Stage::Route, By::Route, terminating(row, object.name(), call.version)));
    }
    from_object(call, row, object, Means::Create)
}

/// The refusal of a new object whose definition is on its way out.
fn terminating(row: &Resource, name: &str, version: Version) -> Status {
    let of = GroupResource::new(&row.group, &row.name);
    let why = "create not allowed while custom resource definition is terminating";
    match version.has(TERMINATING_FORBIDS) {
        true => Status::forbidden(&of, name, why),
        false => Status { message: why.to_owned(), ..Status::not_supported(&of, "create") },
    }
}

/// Answers a `PUT` or an apply to a name that is not there: they must be allowed to create, too.
pub(super) fn in_place(call: &mut Call<'_>, row: &Arc<Resource>, object: Value, tracked: bool) -> Served {
    from_object(call, row, object, Means::Write { tracked })
}

/// By what an object comes to be.
#[derive(Clone, Copy)]
enum Means {
    /// It is created.
    Create,
    /// It is written to its name; `tracked` says that its managers are told already.
    Write { tracked: bool },
}

/// Takes a decoded object through the stages of a create.
fn from_object(call: &mut Call<'_>, row: &Arc<Resource>, mut object: Value, means: Means) -> Served {
    let info = call.request.info();
    if matches!(means, Means::Write { .. }) {
        // Which version is written is no question where there is none.
        object.take_out("metadata.resourceVersion");
    }
    call.checked(Stage::Decode, By::Decoder, place(&mut object, row, &info.namespace))?;
    for server in ["selfLink", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"]
    {
        object.take_out(&format!("metadata.{server}"));
    }
    kinds::of(row).fill(&mut object, call.version);
    if matches!(means, Means::Create | Means::Write { tracked: false }) {
        managed_fields::update(&mut object, None, &Writer::of(call, row));
    }
    let key = key_of(row, info, object.name());
    let draft = Draft::new(call, row, Operation::Create, key).object(object);
    let admitted = pipeline::admit(call, draft, &mut Creation(means))?;
    pipeline::store(call, admitted, 201)
}

/// An object that comes to be.
struct Creation(Means);

impl Verb for Creation {
    const RULES: Rules = validate::of_kind;

    /// Uid, time and a generated name come after the plugins that change an object (`rest.BeforeCreate`).
    fn complete(&mut self, call: &mut Call<'_>, draft: &mut Draft) -> Result<(), Stop> {
        // Plugins may have moved it.
        let (row, namespace) = (draft.row().clone(), call.request.info().namespace.clone());
        call.checked(Stage::Validate, By::Validation, place(draft.object_mut(), &row, &namespace))?;
        let object = draft.object_mut();
        stamp(object, call.random.uid(), call.now);
        generate_name(call, object);
        draft.named();
        Ok(())
    }

    fn permit(&mut self, call: &mut Call<'_>) -> Result<(), Stop> {
        match self.0 {
            Means::Create => Ok(()),
            Means::Write { .. } => may_create(call),
        }
    }
}

/// Puts an object where the URL says, and refuses what only the server may say.
fn place(object: &mut Value, row: &Resource, namespace: &str) -> Result<(), Status> {
    at_place(object, row, namespace)?;
    match object.text("metadata.resourceVersion") {
        "" => {
            object.take_out("metadata.resourceVersion");
            Ok(())
        }
        _ => Err(Status::plain(500, "", "resourceVersion should not be set on objects to be created")),
    }
}

/// Whoever creates with another verb must be allowed to create (`handlers.withAuthorization`).
fn may_create(call: &mut Call<'_>) -> Result<(), Stop> {
    let info = RequestInfo { verb: "create".to_owned(), ..call.request.info().clone() };
    let attributes = Attributes { user: call.request.user().clone(), info };
    let said = call.decide(&attributes);
    if said.decision == Decision::Allow {
        return Ok(());
    }
    let mut refusal = crate::api::refusal(&attributes, &said.reason());
    if !call.version.has(PUT_REFUSED_IN_FULL) {
        let info = &attributes.info;
        refusal.status = Status::forbidden(&info.group_resource(), &info.name, said.reason());
    }
    Err(call.stop(Stage::Authorize, By::Create, refusal))
}

/// The object lives where the URL says, if it lives in a namespace at all.
pub(super) fn at_place(object: &mut Value, row: &Resource, namespace: &str) -> Result<(), Status> {
    match row.namespaced {
        true => in_namespace(object, namespace),
        false => {
            object.take_out("metadata.namespace");
            Ok(())
        }
    }
}

/// The object lives where the URL says; it may say so itself, but nothing else.
pub(super) fn in_namespace(object: &mut Value, namespace: &str) -> Result<(), Status> {
    if object.namespace().is_empty() {
        object.set("metadata.namespace", namespace);
    }
    match object.namespace() == namespace {
        true => Ok(()),
        false => Err(Status::bad_request(
            "the namespace of the provided object does not match the namespace sent on the request",
        )),
    }
}

/// `generateName` and five characters, in place of a name; a long prefix is cut (`names.SimpleNameGenerator`).
fn generate_name(call: &mut Call<'_>, object: &mut Value) {
    let prefix = object.text("metadata.generateName");
    if object.name().is_empty() && !prefix.is_empty() {
        let kept: String = prefix.chars().take(63 - 5).collect();
        let name = format!("{kept}{}", call.random.suffix(5));
        object.set("metadata.name", name);
    }
}
