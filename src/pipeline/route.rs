//! From a path and a method to a row of the resource table, or to the 404 or 405 (`endpoints/installer.go`).
//!
//! First the path: is there anything at it, for whatever method? Then the method.

use crate::api::negotiate::PRODUCED;
use crate::api::resources::{Resource, Resources};
use crate::api::{GroupResource, RequestInfo, Response, Status};
use std::sync::Arc;

/// What a path points at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// All objects of a cluster-scoped resource, or those of one namespace.
    Collection,
    /// The objects of all namespaces.
    Everywhere,
    /// One object, or a subresource of it.
    Named,
}

/// Why a request leads to no row.
pub(crate) enum Astray {
    /// It looks like a resource, and yet is no path of the API.
    Outside,
    /// The answer.
    Answer(Response),
}

impl From<Response> for Astray {
    fn from(response: Response) -> Astray {
        Astray::Answer(response)
    }
}

/// The row that a request leads to.
pub(crate) fn route<'a>(
    table: &'a Resources,
    info: &RequestInfo,
    method: &str,
) -> Result<&'a Arc<Resource>, Astray> {
    if info.path.starts_with("//") {
        return Err(Astray::Outside);
    }
    let nobody = || !table.has_group(&info.group) || table.is_lost(&info.group, &info.version);
    if info.prefix == "apis" && nobody() {
        return Err(unknown_page());
    }
    let whole = table.find(&info.group, &info.version, &info.resource, "");
    if whole.map_or(table.is_custom(&info.group), |row| row.custom.is_some()) {
        return custom(table, whole, info);
    }
    let nowhere = || Astray::Answer(Status::no_such_path().into());
    let row =
        table.find(&info.group, &info.version, &info.resource, &info.subresource).ok_or_else(nowhere)?;
    let prefixed = info.path.trim_start_matches('/').split('/').nth(if info.prefix == "api" { 2 } else { 3 });
    let watch = prefixed == Some("watch");
    let place = place(row, info).filter(|_| prefixed != Some("proxy")).ok_or_else(nowhere)?;
    let verbs: &[&str] = match (place, watch) {
        (_, true) => &["watch"],
        (Place::Everywhere, false) => &["list", "watch"],
        (Place::Collection, false) => &["list", "watch", "create", "deletecollection"],
        (Place::Named, false) if row.subresource.is_empty() => &["get", "update", "patch", "delete"],
        (Place::Named, false) => &["get", "create", "update", "patch", "delete"],
    };
    if !verbs.iter().any(|verb| row.has_verb(verb)) {
        return Err(nowhere());
    }
    let verb = info.verb.as_str();
    let read = !matches!(verb, "get" | "list" | "watch") || method == "GET";
    // A path below `watch/` is read only.
    let right = if watch {
        method == "GET" && row.has_verb("watch")
    } else {
        verbs.contains(&verb) && row.has_verb(verb)
    };
    if read && right { Ok(row) } else { Err(Response::from(Status::no_such_method()).into()) }
}

/// 404 of what nobody handles.
fn unknown_page() -> Astray {
    Response::text(404, "404 page not found\n").into()
}

/// The row of a custom resource: they have one handler for all paths (`customresource_handler.go`).
fn custom<'a>(
    table: &'a Resources,
    whole: Option<&'a Arc<Resource>>,
    info: &RequestInfo,
) -> Result<&'a Arc<Resource>, Astray> {
    let verb = info.verb.as_str();
    let across = matches!(verb, "list" | "watch");
    let row = whole.filter(|row| match (row.namespaced, info.namespace.is_empty()) {
        (true, true) => across,
        (false, inside) => inside,
        (true, false) => true,
    });
    let row = row.ok_or_else(unknown_page)?;
    let of = GroupResource::new(&row.group, &row.name);
    let found = table.find(&info.group, &info.version, &info.resource, &info.subresource);
    let found = found.ok_or_else(|| Astray::Answer(Status::not_found(&of, &info.name).into()))?;
    match found.has_verb(verb) {
        true => Ok(found),
        false => Err(Astray::Answer(Status::not_supported(&of, verb).into())),
    }
}

/// What a path points at; none if such a resource has no such path.
fn place(row: &Resource, info: &RequestInfo) -> Option<Place> {
    let own = row.name == "namespaces" && row.group.is_empty();
    let (named, within) = (named(info), !info.namespace.is_empty() && !own);
    if !info.rest.is_empty() && row.subresource != "proxy" {
        return None;
    }
    match (row.namespaced, within, named) {
        (true, true, true) | (false, false, true) => Some(Place::Named),
        (true, false, false) if row.subresource.is_empty() => Some(Place::Everywhere),
        (true, true, false) | (false, false, false) if row.subresource.is_empty() => Some(Place::Collection),
        _ => None,
    }
}

/// Whether the name stands in the path; a list's may come from its field selector.
fn named(info: &RequestInfo) -> bool {
    let in_path = || info.path.trim_end_matches('/').rsplit('/').next() == Some(info.name.as_str());
    match info.verb.as_str() {
        "list" => false,
        "watch" => !info.name.is_empty() && info.field_selector.is_empty() && in_path(),
        _ => !info.name.is_empty(),
    }
}

/// The media types that a route writes: lists also as streams.
pub(crate) fn produced(row: &Resource, info: &RequestInfo) -> Vec<&'static str> {
    let mut produced = PRODUCED.to_vec();
    if matches!(info.verb.as_str(), "list" | "watch") && row.has_verb("watch") {
        produced.insert(1, "application/json;stream=watch");
        produced.push("application/vnd.kubernetes.protobuf;stream=watch");
    }
    produced
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Version, resources};

    #[test]
    fn paths_and_methods() {
        for (method, path, code) in [
            ("GET", "/api/v1/pods", 200),
            ("POST", "/api/v1/pods", 405),
            ("DELETE", "/api/v1/pods", 405),
            ("GET", "/api/v1/pods/x", 404),
            ("GET", "/api/v1/namespaces/a/pods/x", 200),
            ("POST", "/api/v1/namespaces/a/pods/x", 405),
            ("HEAD", "/api/v1/namespaces/a/pods/x", 405),
            ("OPTIONS", "/api/v1/namespaces/a/pods", 405),
            ("DELETE", "/api/v1/namespaces/a/pods", 200),
            ("GET", "/api/v1/namespaces/a/pods?fieldSelector=metadata.name=x", 200),
            ("GET", "/api/v1/namespaces/a/pods/x/log", 200),
            ("GET", "/api/v1/namespaces/a/pods/x/log/y", 404),
            ("GET", "/api/v1/namespaces/a/pods/x/proxy/y/z", 200),
            ("GET", "/api/v1/namespaces/a/nodes", 404),
            ("GET", "/api/v1/namespaces/a/status", 200),
            ("DELETE", "/api/v1/namespaces", 405),
            ("GET", "/api/v1/watch/pods", 200),
            ("GET", "/api/v1/watch/namespaces/a/pods/x", 200),
            ("POST", "/api/v1/watch/pods", 405),
            ("GET", "/api/v1/namespaces/a/bindings", 405),
            ("GET", "/api/v1/bindings", 404),
            ("GET", "//api/v1/pods", 404),
            ("GET", "/apis/nosuch/v1/things", 404),
            ("GET", "/apis/authorization.k8s.io/v1/subjectaccessreviews", 405),
            ("GET", "/api/v1/namespaces/a/serviceaccounts/x/token", 405),
        ] {
            let info = RequestInfo::parse(method, path);
            let found = route(resources(Version::NEWEST), &info, method).map_or_else(
                |astray| match astray {
                    Astray::Outside => 404,
                    Astray::Answer(response) => response.code,
                },
                |_| 200,
            );
            assert_eq!(found, code, "{method} {path}");
        }
    }
}
