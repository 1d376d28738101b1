//! Reading: one object, a list, a watch (`handlers/get.go`).

use super::options::{self, ListOptions};
use super::page::{self, Page};
use crate::admit::Stop;
use crate::api::negotiate::Accepted;
use crate::api::resources::Resource;
use crate::api::watch::{From, Watch};
use crate::api::{Body, By, Dig, List, Outcome, Response, Stage, Status, Version};
use crate::json::{Value, json};
use crate::kinds;
use crate::pipeline::{Call, Served, as_version, convert, key_of, missing};
use std::sync::Arc;

/// How long a watch goes on whose client does not say (`--min-request-timeout`).
const WATCH_SECONDS: u64 = 1800;

/// Answers `GET` of a name.
pub(super) fn get(call: &mut Call<'_>, row: &Arc<Resource>) -> Served {
    let object = old(call, row)?;
    let wanted = options::revision(call.query.get("resourceVersion").unwrap_or_default(), call.version)?;
    if wanted > call.store.revision() {
        return Err(page::too_large(wanted, call.store.revision(), true).into());
    }
    call.found(Stage::Store, By::Store, Outcome::Passed, "read");
    Ok(Response::json(200, as_version(&object, row, call.version)))
}

/// The object that a request names, as it is stored.
pub(super) fn stored(call: &Call<'_>, row: &Arc<Resource>) -> Result<Arc<Value>, Status> {
    let info = call.request.info();
    let stored = call.store.objects().of(&key_of(row, info, &info.name));
    stored.cloned().ok_or_else(|| missing(row, &info.name))
}

/// The object that a request names, in the version that it speaks.
pub(super) fn old(call: &mut Call<'_>, row: &Arc<Resource>) -> Result<Arc<Value>, Stop> {
    let stored = stored(call, row)?;
    convert::read_one(call, row, stored)
}

/// Answers `GET` of a collection.
pub(super) fn list(call: &mut Call<'_>, row: &Arc<Resource>) -> Served {
    let mut page = page(call, row)?;
    page.objects = convert::read(call, row, page.objects)?;
    call.found(Stage::Store, By::Store, Outcome::Passed, format!("{} listed", page.objects.len()));
    Ok(paged(row, page, call.version))
}

fn page(call: &Call<'_>, row: &Resource) -> Result<Page, Status> {
    let options = ListOptions::of(call, row)?;
    page::page(&call.store, &row.storage(), &call.request.info().namespace, &options, call.version)
}

/// The objects that a deletecollection speaks of.
pub(super) fn chosen(call: &Call<'_>, row: &Resource) -> Result<Vec<Arc<Value>>, Status> {
    Ok(page(call, row)?.objects)
}

/// A list of objects as it travels.
pub(super) fn listed(call: &Call<'_>, row: &Resource, objects: Vec<Arc<Value>>) -> Response {
    paged(row, Page { objects, revision: call.store.revision(), cont: None, remaining: None }, call.version)
}

fn paged(row: &Resource, mut page: Page, release: Version) -> Response {
    let mut metadata = json!({"resourceVersion": page.revision.to_string()});
    if row.custom.is_some() {
        metadata.set("continue", "");
    }
    if let Some(token) = page.cont {
        metadata.set("continue", token);
    }
    if let Some(count) = page.remaining {
        metadata.set("remainingItemCount", count);
    }
    if !kinds::of(row).is_shown_as_stored() {
        for object in &mut page.objects {
            *object = Arc::new(as_version(object, row, release));
        }
    }
    let (kind, version) = (format!("{}List", row.kind), row.api_version());
    Response::list(List::new(kind, version, metadata, page.objects, row.custom.is_some()))
}

/// Answers `GET` of a collection with `watch`.
pub(super) fn watch(call: &mut Call<'_>, row: &Arc<Resource>, accepted: Accepted) -> Served {
    let info = call.request.info();
    let options = ListOptions::of(call, row)?;
    let from = match options::revision_of_watch(&options.resource_version)? {
        0 => From::Now,
        _ if options.send_initial_events => From::Now,
        revision => From::After(revision),
    };
    call.found(Stage::Store, By::Store, Outcome::Passed, "watched");
    let watch = Watch {
        row: row.clone(),
        kept: row.storage(),
        namespace: info.namespace.clone(),
        name: info.name.clone(),
        marks_initial: options.send_initial_events,
        seconds: options
            .timeout
            .and_then(|seconds| u64::try_from(seconds).ok())
            .filter(|s| *s > 0)
            .unwrap_or(WATCH_SECONDS),
        labels: options.labels,
        fields: options.fields,
        from,
        accepted,
    };
    let mut response = Response::text(200, "").typed("application/json");
    response.body = Body::Watch(Arc::new(watch));
    Ok(response)
}
