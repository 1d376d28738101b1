//! What was admitted becomes a change, the only key to the store. 404, 409.

use super::enforce::Admitted;
use super::{Call, Draft, Served, allocate, as_version, convert, raw, stamp};
use crate::admit::Operation;
use crate::api::resources::Resource;
use crate::api::schema::settled::settle;
use crate::api::schema::{disabled, schema};
use crate::api::{By, Dig, GroupResource, Outcome, Response, Stage, Status};
use crate::json::Value;
use crate::kinds;
use crate::store::{Change, Key, Store};
use std::ops::Deref;
use std::sync::Arc;

/// The store, as whoever answers a request has it: to be read. Only what was admitted changes it.
pub struct Stored<'a>(&'a mut Store);

impl<'a> Stored<'a> {
    /// The store of a cluster.
    pub fn new(store: &'a mut Store) -> Stored<'a> {
        Stored(store)
    }
}

impl Deref for Stored<'_> {
    type Target = Store;

    fn deref(&self) -> &Store {
        self.0
    }
}

impl Admitted {
    /// Stores what the write makes of an object, and returns it; of a dry run nothing is stored.
    pub fn put(&self, call: &mut Call<'_>, key: Key, object: Value) -> Arc<Value> {
        match self.draft().is_dry_run() {
            true => Arc::new(object),
            false => call.store.0.apply(Change::put(key, object), call.now).unwrap_or_default(),
        }
    }

    /// Takes an object out of the store, if it is there and this is no dry run.
    pub fn remove(&self, call: &mut Call<'_>, key: Key) -> Option<Arc<Value>> {
        match self.draft().is_dry_run() {
            true => call.store.objects().of(&key).cloned(),
            false => {
                let gone = call.store.0.apply(Change::remove(key), call.now);
                if let Some(gone) = &gone {
                    release(call, gone, None);
                }
                gone
            }
        }
    }
}

/// Takes out the objects of addresses that a service has no more.
fn release(call: &mut Call<'_>, before: &Value, after: Option<&Value>) {
    for key in allocate::released(before, after, call.version) {
        call.store.0.apply(Change::remove(key), call.now);
    }
}

/// Stores what was admitted, and answers with it.
pub fn store(call: &mut Call<'_>, admitted: Admitted, code: u16) -> Served {
    let Draft { mut review, key } = admitted.into_draft();
    let row = &*review.resource.clone();
    if review.operation == Operation::Create && call.store.objects().of(&key).is_some() {
        let of = GroupResource::new(&row.group, &row.name);
        return Err(Status::already_exists(&of, &key.name).into());
    }
    // An update without a version takes the stored one's, so that what changes nothing is nothing new.
    if let Some(old) = &review.old {
        review.object.set("metadata.resourceVersion", old.text("metadata.resourceVersion"));
    }
    let mut object = convert::stored(call, row, review.object)?;
    if row.custom.is_none() {
        let types = schema(call.version);
        let version = kinds::of(row).stored_like().unwrap_or(&row.kind_version);
        if let Some(definition) = types.of_kind(&row.kind_group, version, &row.kind) {
            settle(&mut object, definition, types);
            // Reading it back gives what was left out, as far as the gates let it.
            kinds::of(row).fill(&mut object, call.version);
            let old = review.old.as_deref();
            disabled::drop(&mut object, old, definition, types, &|gate| call.config.feature(gate));
        }
    }
    let before = call.store.objects().of(&key).cloned();
    let raw = raw::stored(call, before.as_deref(), row);
    let unchanged = before.as_deref() == Some(&object) && raw == call.store.raw(&key);
    let released = review.operation == Operation::Update && is_released(&object, row);
    if review.dry_run {
        call.found(Stage::Store, By::Store, Outcome::Passed, "nothing stored: a dry run");
        return answer(call, row, Arc::new(object), code);
    }
    for (key, mut object) in review.along {
        if object.uid().is_empty() {
            stamp(&mut object, call.random.uid(), call.now);
        }
        call.store.0.apply(Change::put(key, object), call.now);
    }
    if let Some(before) = &before {
        release(call, before, Some(&object).filter(|_| !released));
    }
    if released {
        // What was held by finalizers alone goes with the last of them (`ShouldDeleteDuringUpdate`).
        call.store.0.apply(Change::remove(key), call.now);
        call.found(Stage::Store, By::Store, Outcome::Passed, "deleted");
        return answer(call, row, Arc::new(object), code);
    }
    let stored = match before {
        Some(before) if unchanged => before,
        _ => call.store.0.apply(Change::put(key, object).raw(raw), call.now).unwrap_or_default(),
    };
    let text = match (review.operation, unchanged) {
        (Operation::Create, _) => "created",
        (_, true) => "unchanged",
        (_, false) => "updated",
    };
    call.found(Stage::Store, By::Store, Outcome::Passed, text);
    answer(call, row, stored, code)
}

/// What was stored, in the version that was asked for.
fn answer(call: &mut Call<'_>, row: &Resource, stored: Arc<Value>, code: u16) -> Served {
    let read = convert::read_one(call, row, stored)?;
    Ok(Response::json(code, as_version(&read, row, call.version)))
}

/// Whether a deleted object waits for nothing any more.
fn is_released(object: &Value, row: &Resource) -> bool {
    let namespace = row.group.is_empty() && row.name == "namespaces";
    object.has("metadata.deletionTimestamp")
        && object.list("metadata.finalizers").is_empty()
        && object.at("metadata.deletionGracePeriodSeconds").as_i64().unwrap_or_default() == 0
        && (!namespace || object.list("spec.finalizers").is_empty())
}
