//! Custom resources in the version that a request speaks, and in the one that is stored
//! (`apiextensions-apiserver/pkg/apiserver/conversion`, `…/customresource_handler.go`).
//!
//! What is stored is read by the schema of its own version, converted, and read by that of the version asked for, which
//! also has its defaults. Built-in kinds need none of this: a version is
//! another `apiVersion` on the same object, and where it is more than that, the kind has two [forms](crate::kinds::Strategy::show).
//!
//! # Differs from Kubernetes
//!
//! A watch does not ask the webhook of a definition: its objects change their `apiVersion` alone.

use super::{Call, as_version};
use crate::admit::{Stop, webhook_address};
use crate::api::custom::{Conversion, Custom, Definition};
use crate::api::{Dig, Heard, Post, Resource, Status, Version, decode};
use crate::delegate;
use crate::json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// How long a webhook may take that converts.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Stored objects in the version of a row.
///
/// # Errors
/// 500: an object can't be converted. What must be asked of a webhook first.
pub(crate) fn read(
    call: &mut Call<'_>,
    row: &Resource,
    mut objects: Vec<Arc<Value>>,
) -> Result<Vec<Arc<Value>>, Stop> {
    let Some(custom) = &row.custom else { return Ok(objects) };
    // Those of the version asked for are read by its schema once, below.
    let asked = custom.api_version();
    for object in objects.iter_mut().filter(|object| object.text("apiVersion") != asked) {
        let coerced = coerced(&custom.definition, object, call.version)?;
        *object = coerced;
    }
    let mut objects = converted(call, row, &custom.definition, objects, &custom.version)?;
    for object in objects.iter_mut().filter(|object| !custom.definition.wrote(object)) {
        *object = finished(custom, object, call.version);
    }
    Ok(objects)
}

/// One stored object in the version of a row.
///
/// # Errors
/// As of [`read`].
pub(crate) fn read_one(call: &mut Call<'_>, row: &Resource, object: Arc<Value>) -> Result<Arc<Value>, Stop> {
    match &row.custom {
        None => Ok(object),
        Some(_) => Ok(read(call, row, vec![object])?.pop().unwrap_or_default()),
    }
}

/// A stored object in the version of a row, where no webhook can be asked.
pub(crate) fn shown(object: &Value, row: &Resource, release: Version) -> Value {
    match &row.custom {
        None => as_version(object, row, release),
        Some(custom) if custom.definition.wrote(object) => object.clone(),
        Some(custom) => {
            let mut object = object.clone();
            drop(custom.definition.coerce(&mut object, release, decode::metadata));
            Arc::unwrap_or_clone(finished(custom, &Arc::new(object), release))
        }
    }
}

/// An object of a row in the version that is stored.
///
/// # Errors
/// As of [`read`].
pub(crate) fn stored(call: &mut Call<'_>, row: &Resource, object: Value) -> Result<Value, Stop> {
    let Some(custom) = &row.custom else { return Ok(object) };
    let definition = &custom.definition;
    let objects = converted(call, row, definition, vec![Arc::new(object)], &definition.storage)?;
    let mut object = objects.into_iter().next().map(Arc::unwrap_or_clone).unwrap_or_default();
    whole_numbers(&mut object);
    Ok(object)
}

/// Numbers without a fraction are stored as whole ones, however they were written (`1e2`), as Go prints them.
fn whole_numbers(value: &mut Value) {
    match value {
        Value::Number(number) => {
            const EXACT: f64 = 9_007_199_254_740_992.0;
            let float = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0);
            if let Some(float) = float.filter(|float| float.abs() < EXACT) {
                // Below 2^53 nothing is lost.
                #[allow(clippy::cast_possible_truncation, reason = "it is whole and small")]
                let whole = float as i64;
                *value = whole.into();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(whole_numbers),
        Value::Object(fields) => fields.values_mut().for_each(whole_numbers),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// A stored object by the schema of its own version.
fn coerced(definition: &Definition, object: &Arc<Value>, release: Version) -> Result<Arc<Value>, Status> {
    if definition.version_of(object).is_none() {
        let of = object.text("apiVersion");
        let why = format!("request to convert CR from an invalid group/version: {of}");
        return Err(Status::plain(500, "", why));
    }
    let mut read = (**object).clone();
    drop(definition.coerce(&mut read, release, decode::metadata));
    Ok(if read == **object { object.clone() } else { Arc::new(read) })
}

/// An object that was converted, by the schema of its version.
fn finished(custom: &Custom, object: &Arc<Value>, release: Version) -> Arc<Value> {
    let mut read = (**object).clone();
    read.set("apiVersion", custom.api_version());
    read.set("kind", custom.kind.as_str());
    drop(custom.definition.coerce(&mut read, release, decode::metadata));
    custom.fill(&mut read);
    if read == **object { object.clone() } else { Arc::new(read) }
}

/// Objects in another version: renamed, or as the definition's webhook makes them.
fn converted(
    call: &mut Call<'_>,
    row: &Resource,
    definition: &Definition,
    objects: Vec<Arc<Value>>,
    version: &str,
) -> Result<Vec<Arc<Value>>, Stop> {
    let desired = format!("{}/{version}", definition.group);
    let other = |object: &Arc<Value>| object.text("apiVersion") != desired;
    let Some(first) = objects.iter().find(|object| other(object)).cloned() else { return Ok(objects) };
    let rename = |object: Arc<Value>| {
        let mut renamed = (*object).clone();
        renamed.set("apiVersion", desired.as_str());
        Arc::new(renamed)
    };
    let webhook = match &definition.conversion {
        Conversion::None => {
            return Ok(objects.into_iter().map(|one| if other(&one) { rename(one) } else { one }).collect());
        }
        Conversion::Webhook(webhook) => webhook,
    };
    let asked: Vec<&Arc<Value>> = objects.iter().filter(|object| other(object)).collect();
    let failed = |why: String| {
        let of = first.text("apiVersion");
        let why = format!("conversion webhook for {of}, Kind={} failed: {why}", row.kind);
        Stop::Refused(Status::plain(500, "", why).into())
    };
    let uid = call.random.fork().uid();
    let (url, dial) = webhook_address(call.cache, webhook.at("clientConfig"));
    let post = |dial| Post {
        webhook: format!("{}.{}", row.name, row.group),
        client_config: webhook.at("clientConfig").clone(),
        url: url.clone(),
        dial,
        review: json!({
            "kind": "ConversionReview", "apiVersion": "apiextensions.k8s.io/v1",
            "request": {"uid": uid, "desiredAPIVersion": desired, "objects": asked},
        }),
        timeout: TIMEOUT,
    };
    let dial = dial.map_err(|why| failed(format!("Post \"{}\": {why}", post(None).target())))?;
    let post = post(dial);
    let heard: Option<Heard> = call.answers.posts(vec![post.clone()])?.pop();
    let heard = heard.unwrap_or(Heard::TimedOut);
    let review = delegate::object(&post, &heard).map_err(|failure| failed(failure.why))?;
    let mut answered = said(&review, &uid, &asked, &desired).map_err(failed)?.into_iter();
    let mut all = Vec::with_capacity(objects.len());
    for object in &objects {
        all.push(if other(object) {
            answered.next().map(Arc::new).unwrap_or_default()
        } else {
            object.clone()
        });
    }
    Ok(all)
}

/// What a webhook made of objects, if it can be taken (`getConvertedObjectsFromResponse`, `validateConvertedObject`).
fn said(review: &Value, uid: &str, asked: &[&Arc<Value>], desired: &str) -> Result<Vec<Value>, String> {
    let response = review.at("response");
    if response.is_null() {
        return Err("no response provided".to_owned());
    }
    if response.text("uid") != uid {
        return Err(format!("expected response.uid={uid:?}, got {:?}", response.text("uid")));
    }
    let result = response.at("result");
    if result.text("status") != "Success" {
        return Err(match result.text("message") {
            "" => format!("response.result.status was '{}', not 'Success'", result.text("status")),
            message => message.to_owned(),
        });
    }
    let objects = response.list("convertedObjects").to_vec();
    if objects.len() != asked.len() {
        return Err(format!("expected {} converted objects, got {}", asked.len(), objects.len()));
    }
    let mut converted = Vec::with_capacity(objects.len());
    for (at, (mut new, old)) in objects.into_iter().zip(asked).enumerate() {
        let wrong = |why: String| format!("converted object at index {at} is invalid: {why}");
        if new.text("apiVersion") != desired {
            let is = new.text("apiVersion");
            return Err(wrong(format!("invalid groupVersion (expected {desired}, received {is})")));
        }
        if new.text("kind") != old.text("kind") {
            let (is, was) = (new.text("kind"), old.text("kind"));
            return Err(wrong(format!("invalid kind (expected {was}, received {is})")));
        }
        if new.name() != old.name() || new.namespace() != old.namespace() || new.uid() != old.uid() {
            return Err(wrong("metadata has to stay".to_owned()));
        }
        // Of the metadata only labels and annotations are the webhook's to change.
        let mut metadata = old.at("metadata").clone();
        for name in ["labels", "annotations"] {
            match new.at("metadata").at(name) {
                Value::Null => drop(metadata.take_out(name)),
                value => metadata.set(name, value.clone()),
            }
        }
        new.set("metadata", metadata);
        converted.push(new);
    }
    Ok(converted)
}
