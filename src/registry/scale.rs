//! The scale of a workload, or of a custom resource that has one (`pkg/registry/apps/*/storage`: `ScaleREST`;
//! `apiextensions-apiserver/pkg/registry/customresource/etcd.go`).

use super::managed_fields::{self, Writer};
use super::update::{CHANGED, named_as_url};
use super::{create, read};
use crate::admit::{Operation, Stop};
use crate::api::differences::{MANAGED_SUBRESOURCES, SCALE_NAMES_ITS_OWNER, SCALES_TAKE_THEIR_NAMESPACE};
use crate::api::labels;
use crate::api::resources::Resource;
use crate::api::{By, Dig, Errors, GroupResource, Outcome, Response, Stage, Status, Version};
use crate::golang::json::noun;
use crate::json::{Value, json};
use crate::kinds;
use crate::pipeline::{self, Call, Draft, Rules, Served, Verb, body, convert, decode, key_of};
use std::sync::Arc;

/// Where an object has what its scale tells.
struct Places<'a> {
    wanted: &'a str,
    actual: &'a str,
    /// What is counted: a selector of labels of a workload, a text of a custom resource; nothing for none.
    selector: &'a str,
    custom: bool,
}

impl<'a> Places<'a> {
    fn of(row: &'a Resource) -> Places<'a> {
        let Some(custom) = &row.custom else {
            return Places {
                wanted: "spec.replicas",
                actual: "status.replicas",
                selector: "spec.selector",
                custom: false,
            };
        };
        let path = |key: &str| custom.scale.text(key).trim_start_matches('.');
        Places {
            wanted: path("specReplicasPath"),
            actual: path("statusReplicasPath"),
            selector: path("labelSelectorPath"),
            custom: true,
        }
    }

    /// The `Scale` of an object (`autoscaling/v1`).
    fn scale(&self, object: &Value) -> Value {
        let pick = |key: &str| object.at("metadata").at(key).clone();
        let mut scale = json!({
            "kind": "Scale", "apiVersion": "autoscaling/v1",
            "metadata": {
                "name": pick("name"), "namespace": pick("namespace"), "uid": pick("uid"),
                "resourceVersion": pick("resourceVersion"), "creationTimestamp": pick("creationTimestamp"),
            },
            "spec": {}, "status": {"replicas": object.at(self.actual).as_i64().unwrap_or_default()},
        });
        if let Some(replicas) = object.at(self.wanted).as_i64().filter(|replicas| *replicas != 0) {
            scale.set("spec.replicas", replicas);
        }
        let selector = match (self.custom, self.selector) {
            (_, "") => String::new(),
            (true, path) => object.text(path).to_owned(),
            (false, path) => labels::text(object.at(path)),
        };
        if !selector.is_empty() {
            scale.set("status.selector", selector);
        }
        scale
    }
}

/// 404 of a scale.
fn missing(call: &Call<'_>, row: &Resource) -> Status {
    let of_old = !call.version.has(SCALE_NAMES_ITS_OWNER) && row.group == "apps";
    let resource = if of_old { row.path() } else { row.name.to_string() };
    Status::not_found(&GroupResource::new(&row.group, &resource), &call.request.info().name)
}

/// Answers `GET` of a scale.
pub(super) fn get(call: &mut Call<'_>, row: &Arc<Resource>) -> Served {
    let stored = read::stored(call, row).map_err(|_| missing(call, row))?;
    let object = convert::read_one(call, row, stored)?;
    let places = Places::of(row);
    if places.custom && object.at(places.wanted).is_null() {
        let why = format!("the spec replicas field \".{}\" does not exist", places.wanted);
        return Err(Status::internal(why).into());
    }
    call.found(Stage::Store, By::Store, Outcome::Passed, "read");
    Ok(Response::json(200, places.scale(&object)))
}

/// Answers `PUT` to a scale.
pub(super) fn update(call: &mut Call<'_>, row: &Arc<Resource>) -> Served {
    decode::options(call, "UpdateOptions")?;
    let info = call.request.info();
    let mut wanted = match body(call, row) {
        Err(Stop::Refused(refusal)) if row.custom.is_some() && refusal.status.code == 400 => {
            return Err(unregistered(call).into());
        }
        body => body?,
    };
    call.checked(Stage::Decode, By::Decoder, named_as_url(&wanted, &info.name, true))?;
    if wanted.namespace().is_empty() && !call.version.has(SCALES_TAKE_THEIR_NAMESPACE) {
        let errors = Errors::new(call.version);
        errors.required("metadata.namespace", "");
        errors.into_status("autoscaling", "Scale", &info.name)?;
    }
    call.checked(Stage::Decode, By::Decoder, create::in_namespace(&mut wanted, &info.namespace))?;
    patch(call, row, Written::Otherwise, |scale, _| {
        *scale = wanted;
        Ok(())
    })
}

/// 400 of a body that is no scale: where a real server decodes those of custom resources it knows no kinds at all. The
/// line of its source is that of the nearest release recorded.
fn unregistered(call: &Call<'_>) -> Status {
    const LINES: [(u8, u16); 4] = [(36, 781), (33, 725), (25, 729), (20, 688)];
    let line = LINES.iter().find(|(since, _)| call.version.number() >= *since).map_or(0, |(_, line)| *line);
    Status::bad_request(format!(
        "no kind is registered for the type v1.Scale in scheme \"k8s.io/apiextensions-apiserver/pkg/apiserver/customresource_handler.go:{line}\""
    ))
}

/// How a scale is written: an apply says itself who manages what.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    Applied,
    Otherwise,
}

/// Changes the scale of a stored object.
pub(super) fn patch(
    call: &mut Call<'_>,
    row: &Arc<Resource>,
    written: Written,
    change: impl FnOnce(&mut Value, &Writer<'_>) -> Result<(), Status>,
) -> Served {
    let info = call.request.info();
    let stored = read::stored(call, row).map_err(|_| missing(call, row))?;
    let old = &*convert::read_one(call, row, stored)?;
    let places = Places::of(row);
    let tracked = call.version.has(MANAGED_SUBRESOURCES);
    let mut before = places.scale(old);
    if tracked {
        managed_fields::scale::of_object(&mut before, old, places.wanted);
    }
    let mut after = before.clone();
    let writer = Writer::of(call, row);
    let changed = change(&mut after, &writer);
    if changed.is_ok() && tracked && written == Written::Otherwise {
        managed_fields::update(&mut after, Some(&before), &writer);
    }
    call.checked(Stage::Decode, By::Patch, changed)?;
    call.checked(Stage::Decode, By::Decoder, counted(&after, &places, call.version))?;
    call.checked(Stage::Decode, By::Decoder, named_as_url(&after, &info.name, true))?;
    let key = key_of(row, info, &info.name);
    let draft = Draft::new(call, row, Operation::Update, key.clone());
    let draft = draft.object(after).old(Arc::new(before));
    let mut scaling = Scaling { of: GroupResource::new(&row.group, &row.name), old };
    let admitted = pipeline::admit(call, draft, &mut scaling)?;
    let mut object = old.clone();
    let scale = admitted.draft().object_now();
    object.set(places.wanted, json!(replicas(scale)));
    if tracked {
        managed_fields::scale::to_object(&mut object, scale, row, places.wanted);
    }
    kinds::of(row).prepare(&mut object, Some(old), "", call.version);
    if places.custom {
        let errors = kinds::of(row).errors_of_update(&object, old, "", call.version);
        call.checked(
            Stage::Validate,
            By::Validation,
            errors.into_status(&row.group, object.text("kind"), old.name()),
        )?;
    }
    if object != *old {
        let object_to_store = convert::stored(call, row, object)?;
        object = (*admitted.put(call, key, object_to_store)).clone();
    }
    call.found(Stage::Store, By::Store, Outcome::Passed, "scaled");
    Ok(Response::json(200, places.scale(&object)))
}

/// 422: a scale counts in whole numbers. That of a custom resource is told of by its schema.
fn counted(scale: &Value, places: &Places<'_>, version: Version) -> Result<(), Status> {
    let replicas = scale.at("spec.replicas");
    if places.custom || replicas.is_null() || replicas.as_i64().is_some_and(|n| i32::try_from(n).is_ok()) {
        return Ok(());
    }
    let errors = Errors::new(version);
    let what = noun(replicas);
    let why =
        format!("json: cannot unmarshal {what} into Go struct field ScaleSpec.spec.replicas of type int32");
    errors.invalid("patch", scale.to_string(), why);
    errors.into_status("", "", "")
}

fn replicas(scale: &Value) -> i64 {
    scale.at("spec.replicas").as_i64().unwrap_or_default()
}

/// An object that is scaled, as it is stored.
struct Scaling<'a> {
    of: GroupResource,
    old: &'a Value,
}

impl Verb for Scaling<'_> {
    const RULES: Rules = |call, draft| {
        let errors = Errors::new(call.version);
        let scale = draft.object_now();
        let replicas = replicas(scale);
        // What is wrong with a custom resource is told of itself.
        if replicas < 0 && draft.is_of_built_in() {
            errors.invalid("spec.replicas", replicas, "must be greater than or equal to 0");
        }
        errors.into_status("autoscaling", "Scale", scale.name())
    };

    fn precondition(&mut self, _: &mut Call<'_>, draft: &Draft) -> Result<(), Stop> {
        let scale = draft.object_now();
        let given = scale.text("metadata.resourceVersion");
        if given.is_empty() || given == self.old.text("metadata.resourceVersion") {
            return Ok(());
        }
        Err(Status::conflict(&self.of, scale.name(), CHANGED).into())
    }
}
