//! What the API server does with a request that may be made: routes, reads, writes
//! (`apiserver/pkg/endpoints/handlers`, `apiserver/pkg/registry/generic/registry/store.go`).
//!
//! A verb says what it drafts and what becomes of what was admitted; the stages in between are
//! [`pipeline`](crate::pipeline)'s. What is asked of a path that is no resource is [`paths`]; reviews and tokens, which
//! store nothing, are [`reviews`].

mod binding;
mod connect;
mod create;
mod delete;
mod deprecation;
mod eviction;
mod kubelet;
mod managed_fields;
mod options;
mod page;
mod patch;
mod paths;
mod read;
mod reviews;
mod scale;
mod secrets;
mod update;
mod watch;
mod written;

pub(crate) use connect::{STREAM_CLOSE, STREAMS};
pub(crate) use secrets::complete as complete_tokens;
pub(crate) use watch::{News, Watcher};

use crate::admit::Stop;
use crate::api::differences::{PARTS_IN_TABLES, REPRESENTATIONS_LISTED};
use crate::api::negotiate::{self, Accepted, Media, Offer};
use crate::api::resources::Resource;
use crate::api::{By, Credential, Dig, Fact, Finding, Outcome, Response, Stage, Status};
use crate::pipeline::route::{self, Astray};
use crate::pipeline::{Call, Served, refused};
use crate::print::shape;
use std::sync::Arc;

/// Answers an authorized request, in the form and the media type that it asks for.
pub(crate) fn serve(call: &mut Call<'_>) -> Served {
    let media = negotiate::of_errors(call.header("Accept"));
    match answer(call) {
        Ok(mut response) => {
            if !matches!(call.request.request().credential, Credential::Component(_)) {
                secrets::sign_tokens(&mut response, call.authenticators.bearer.key());
            }
            Ok(shape::written(response, media))
        }
        Err(Stop::Refused(refusal)) if media != Media::Json => {
            refused(call.trace, &refusal);
            Ok(shape::written(Response::from(refusal.status), media))
        }
        Err(stop) => Err(stop),
    }
}

fn answer(call: &mut Call<'_>) -> Served {
    let info = call.request.info();
    if !info.is_resource {
        return paths::serve(call);
    }
    if info.prefix == "apis" && call.resources.is_elsewhere(&info.group, &info.version) {
        let why = "the API service's own server can't be reached";
        call.trace.add(Finding::new(Stage::Route, By::Route, Outcome::Refused, why).with(Fact::Unreadable));
        return Ok(paths::unavailable());
    }
    let routed = route::route(call.resources, info, &call.request.request().method);
    let routed = routed.map_err(|astray| match astray {
        Astray::Outside => paths::nowhere(call.resources, &info.path),
        Astray::Answer(response) => response,
    });
    let routed = routed.and_then(|row| {
        negotiate::route(
            call.header("Accept"),
            &route::produced(row, info),
            call.version.has(REPRESENTATIONS_LISTED),
        )?;
        Ok(row)
    });
    let row = match routed {
        Ok(row) => row,
        Err(response) => {
            let text = response.object().text("message").to_owned();
            let fact = match response.code {
                404 => Fact::NotFound { resource: info.full_resource(), name: info.name.clone() },
                _ => Fact::Unreadable,
            };
            call.trace.add(Finding::new(Stage::Route, By::Route, Outcome::Refused, text).with(fact));
            return Ok(response);
        }
    };
    if let Some(deprecated) = deprecation::of(row, call.version) {
        call.warnings.push(deprecated.warning);
        call.trace.audit.push(("k8s.io/deprecated".to_owned(), "true".to_owned()));
        let removed =
            deprecated.removed.map(|minor| ("k8s.io/removed-release".to_owned(), format!("1.{minor}")));
        call.trace.audit.extend(removed);
    }
    if let Some(stream) = connect::stream_of(row) {
        return connect::stream(call, row, stream);
    }
    let offer = match row.subresource.is_empty() || call.version.has(PARTS_IN_TABLES) {
        true => Offer::Objects,
        false => Offer::Parts,
    };
    let accepted = negotiate::negotiate(call.header("Accept"), offer)?;
    let form = accepted.form.clone();
    let response = of_resource(call, row, accepted)?;
    let include = call.query.get("includeObject").unwrap_or_default();
    Ok(shape::response(response, row, &form, include, call.version, call.now)?)
}

/// Answers a request for objects.
fn of_resource(call: &mut Call<'_>, row: &Arc<Resource>, accepted: Accepted) -> Served {
    if reviews::is_virtual(row) {
        return reviews::serve(call, row);
    }
    match (call.request.info().verb.as_str(), &*row.name, &*row.subresource) {
        ("get" | "list", "componentstatuses", _) => connect::component_statuses(call, row),
        ("get", _, "scale") => scale::get(call, row),
        ("get", ..) => read::get(call, row),
        ("list", ..) => read::list(call, row),
        ("watch", ..) => read::watch(call, row, accepted),
        ("create", ..) if binding::is_binding(row) => binding::create(call, row),
        ("create", "pods", "eviction") => eviction::create(call, row),
        ("update", _, "scale") => scale::update(call, row),
        ("create", ..) => create::create(call, row),
        ("update", ..) => update::update(call, row),
        ("patch", ..) => patch::patch(call, row),
        ("delete", ..) => delete::delete(call, row),
        ("deletecollection", ..) => delete::collection(call, row),
        _ => Err(Status::no_such_method().into()),
    }
}
