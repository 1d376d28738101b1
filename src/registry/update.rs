//! Replacing an object (`handlers/update.go`, `rest.BeforeUpdate`).

use super::managed_fields::{self, Writer};
use super::{create, read};
use crate::admit::{Operation, Stop};
use crate::api::resources::Resource;
use crate::api::{By, Dig, GroupResource, Stage, Status};
use crate::json::Value;
use crate::kinds;
use crate::pipeline::{self, Call, Draft, Rules, Served, Verb, body, decode, key_of, validate};
use std::sync::Arc;

/// Answers `PUT` to a name.
pub(super) fn update(call: &mut Call<'_>, row: &Arc<Resource>) -> Served {
    decode::options(call, "UpdateOptions")?;
    let info = call.request.info();
    let mut object = body(call, row)?;
    let placed = create::at_place(&mut object, row, &info.namespace);
    let placed = placed.and_then(|()| named_as_url(&object, &info.name, true));
    call.checked(Stage::Decode, By::Decoder, placed)?;
    let stored = read::old(call, row);
    // The store of a status shares its strategy's answer with the object's.
    let created = matches!(&*row.subresource, "" | "status")
        && kinds::of(row).is_created_by_update(&row.subresource, call.version);
    let uid = object.uid();
    let of_stored = stored.as_ref().map_or("", |old| old.uid());
    if !uid.is_empty() && uid != of_stored && (stored.is_ok() || created) {
        let why = format!(
            "StorageError: invalid object, Code: 4, Key: {}, ResourceVersion: 0, AdditionalErrorMsg: Precondition \
             failed: UID in precondition: {uid}, UID in object meta: {of_stored}",
            row.etcd_key(&info.namespace, &info.name)
        );
        return Err(Status::conflict(&GroupResource::new(&row.group, &row.name), &info.name, why).into());
    }
    if matches!(stored, Err(Stop::Refused(_)))
        && created
        && object.text("metadata.resourceVersion").is_empty()
    {
        return create::in_place(call, row, object, false);
    }
    replace(call, row, stored?, object, false)
}

/// Takes the successor of a stored object through the stages of an update; `tracked`: its managers are told already.
pub(super) fn replace(
    call: &mut Call<'_>,
    row: &Arc<Resource>,
    old: Arc<Value>,
    mut object: Value,
    tracked: bool,
) -> Served {
    let info = call.request.info();
    kinds::of(row).fill(&mut object, call.version);
    let given = object.text("metadata.resourceVersion").to_owned();
    if !given.is_empty() && given.parse::<u64>().is_err() {
        let why = format!("strconv.ParseUint: parsing {given:?}: invalid syntax");
        return Err(Status::plain(500, "", why).into());
    }
    // The generation is the server's to count, whatever a client sends (`rest.BeforeUpdate`).
    match old.at("metadata.generation") {
        Value::Null => drop(object.take_out("metadata.generation")),
        counted => object.set("metadata.generation", counted.clone()),
    }
    for kept in ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"] {
        let path = format!("metadata.{kept}");
        match old.at(&path) {
            Value::Null => drop(object.take_out(&path)),
            value => object.set_default(&path, value.clone()),
        }
    }
    if !tracked {
        managed_fields::update(&mut object, Some(&old), &Writer::of(call, row));
    }
    if row.custom.is_none() {
        object.set("apiVersion", old.at("apiVersion").clone());
        object.set("kind", old.at("kind").clone());
    }
    let key = key_of(row, info, &info.name);
    let draft = Draft::new(call, row, Operation::Update, key).object(object).old(old.clone());
    let known = given.is_empty() || given == old.text("metadata.resourceVersion");
    let conflict = Status::conflict(&GroupResource::new(&row.group, &row.name), &info.name, CHANGED);
    let admitted = pipeline::admit(call, draft, &mut Update(Some(conflict).filter(|_| !known)))?;
    pipeline::store(call, admitted, 200)
}

/// An object that is replaced; and the conflict, if its writer knew another one.
struct Update(Option<Status>);

impl Verb for Update {
    const RULES: Rules = validate::of_kind;

    fn precondition(&mut self, _: &mut Call<'_>, _: &Draft) -> Result<(), Stop> {
        self.0.take().map_or(Ok(()), |conflict| Err(conflict.into()))
    }
}

pub(super) const CHANGED: &str =
    "the object has been modified; please apply your changes to the latest version and try again";

/// Object and URL must agree on the name.
pub(super) fn named_as_url(object: &Value, url: &str, strict: bool) -> Result<(), Status> {
    match object.name() {
        "" if strict => Err(Status::bad_request(format!(
            "the name of the object ({url} based on URL) was undeterminable: name must be provided"
        ))),
        name if name == url || name.is_empty() => Ok(()),
        name => Err(Status::bad_request(format!(
            "the name of the object ({name}) does not match the name on the URL ({url})"
        ))),
    }
}
