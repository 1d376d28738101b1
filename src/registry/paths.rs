//! Paths that are no resources: discovery, health, version.

use super::{Call, Served};
use crate::api::{Outcome, Response, Stage};
use crate::authorize::Authorized;

/// Answers a path that is no resource.
pub fn serve(call: &mut Call<'_>, request: &Authorized) -> Served {
    let path = request.info().path.as_str();
    let response = match path {
        "/healthz" | "/livez" | "/readyz" => Response::text(200, "ok"),
        _ => Response::text(404, "404 page not found\n"),
    };
    let outcome = if response.ok() { Outcome::Passed } else { Outcome::Refused };
    call.found(Stage::Route, "route", outcome, path.to_owned());
    Ok(response)
}
