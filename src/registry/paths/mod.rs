//! Paths that are no resources: discovery, health, version, the issuer's keys, OpenAPI.

mod health;
mod pages;

use crate::api::differences::{
    AGGREGATED_DISCOVERY, AGGREGATED_DISCOVERY_V2, EMULATION_TOLD, NO_AGGREGATED_BETA, NO_LOG_FOLDER,
    NOT_FOUND_IS_TEXT, REPRESENTATIONS_LISTED,
};
use crate::api::negotiate::{self, Accepted, Form, Offer};
use crate::api::{By, Outcome, Resources, Response, Stage, Status, Version};
use crate::json::{Value, json};
use crate::pipeline::{Call, Served};
use crate::print::{discovery, openapi};
use crate::tokens::openid;

/// Answers a path that is no resource.
pub(super) fn serve(call: &mut Call<'_>) -> Served {
    let path = call.request.info().path.as_str();
    let response = answer(call, path).unwrap_or_else(Response::from);
    let outcome = if response.ok() { Outcome::Passed } else { Outcome::Refused };
    call.found(Stage::Route, By::Route, outcome, path.to_owned());
    Ok(response)
}

fn answer(call: &Call<'_>, path: &str) -> Result<Response, Status> {
    let (version, accept) = (call.version, call.header("Accept"));
    if let Some(response) = health::answer(path, call.query, version) {
        return Ok(response);
    }
    if let Some(page) = pages::Page::at(path).filter(|page| call.config.feature(page.gate())) {
        only_get(call)?;
        return page.answer(call);
    }
    let trimmed = path.strip_suffix('/').filter(|trimmed| !trimmed.is_empty()).unwrap_or(path);
    let parts: Vec<&str> = trimmed.split('/').skip(1).collect();
    match parts.as_slice() {
        [""] => Ok(Response::json(200, json!({"paths": listed(call.resources)}))),
        ["api"] | ["apis"] | ["api", "v1"] => document(call, trimmed),
        ["apis", group, of, ..] if call.resources.is_elsewhere(group, of) => Ok(unavailable()),
        ["apis", group, of] if call.resources.is_lost(group, of) => Ok(nowhere(call.resources, path)),
        ["apis", group] | ["apis", group, _] if call.resources.has_group(group) => document(call, trimmed),
        ["api", ..] => Err(Status::no_such_path()),
        ["version"] => only_get(call).map(|()| Response::json(200, release(version))),
        ["version", ..] => Err(Status::no_such_path()),
        ["openid", "v1", "jwks"] | [".well-known", "openid-configuration"] => {
            only_get(call)?;
            issuer(call, trimmed).ok_or_else(Status::no_such_path)
        }
        ["openapi", rest @ ..] if path == trimmed || *rest == ["v3"] => {
            openapi::answer(call.resources, rest, accept).unwrap_or_else(|| Ok(nowhere(call.resources, path)))
        }
        ["metrics"] => Ok(metrics(call)),
        ["logs", ..] if !version.has(NO_LOG_FOLDER) => {
            // Served as HTML alone.
            negotiate::route(accept, &["text/html"], version.has(REPRESENTATIONS_LISTED))?;
            Ok(nowhere(call.resources, path))
        }
        _ => Ok(nowhere(call.resources, path)),
    }
}

/// 503 of what another server would answer: none is reached from here (`kube-aggregator/pkg/apiserver/handler_proxy.go`).
pub(super) fn unavailable() -> Response {
    Response::text(503, "service unavailable\n")
}

fn only_get(call: &Call<'_>) -> Result<(), Status> {
    match call.request.request().method.as_str() {
        "GET" => Ok(()),
        _ => Err(Status::no_such_method()),
    }
}

/// A discovery document.
fn document(call: &Call<'_>, path: &str) -> Result<Response, Status> {
    let (version, accept) = (call.version, call.header("Accept"));
    only_get(call)?;
    negotiate::route(accept, negotiate::PRODUCED, version.has(REPRESENTATIONS_LISTED))?;
    let aggregated = matches!(path, "/api" | "/apis");
    let versions: &'static [&'static str] = match aggregated {
        true if version.has(NO_AGGREGATED_BETA) => &["v2"],
        true if version.has(AGGREGATED_DISCOVERY_V2) => &["v2", "v2beta1"],
        true if version.has(AGGREGATED_DISCOVERY) => &["v2beta1"],
        true | false => &[],
    };
    let accepted: Accepted = negotiate::negotiate(accept, Offer::Discovery(versions))?;
    if let Form::Discovery(of) = &accepted.form {
        let media = format!("application/json;g=apidiscovery.k8s.io;v={of};as=APIGroupDiscoveryList");
        return Ok(
            Response::json(200, discovery::aggregated(call.resources, path == "/api", of)).typed(&media)
        );
    }
    if path == "/api" {
        return Ok(
            Response::text(200, discovery::api_versions(call.config.address)).typed("application/json")
        );
    }
    discovery::document(call.resources, path)
        .map(|body| Response::json(200, body))
        .ok_or_else(Status::no_such_path)
}

/// `/version`: the releases that were recorded have their own, the others what can be known of them.
fn release(version: Version) -> Value {
    let (patch, commit, go, built) = match version.number() {
        20 => (2, "faecb196815e248d3ecfb03c680a4507229c2a56", "go1.21.13", "1970-01-01"),
        25 => (10, "$Format:%H$", "go1.21.13", "2026-06-10"),
        33 => (13, "$Format:%H$", "go1.24.11", "2026-06-10"),
        36 => (2, "$Format:%H$", "go1.26.6", "1970-01-01"),
        _ => (0, "", "", "1970-01-01"),
    };
    let minor = version.number().to_string();
    let mut release = json!({
        "major": "1", "minor": minor, "gitVersion": format!("v{version}.{patch}"), "gitCommit": commit,
        "gitTreeState": "clean", "buildDate": format!("{built}T00:00:00Z"), "goVersion": go, "compiler": "gc",
        "platform": "linux/amd64",
    });
    if version.has(EMULATION_TOLD) {
        release["emulationMajor"] = "1".into();
        release["emulationMinor"] = minor.into();
        release["minCompatibilityMajor"] = "1".into();
        release["minCompatibilityMinor"] = (version.number() - 1).to_string().into();
    }
    release
}

/// What relying parties read of the issuer.
fn issuer(call: &Call<'_>, path: &str) -> Option<Response> {
    let accounts = call.authenticators.bearer.accounts();
    let issuer = accounts.issuers.first()?;
    let uri = format!("https://10.0.0.1:443{}", openid::JWKS_PATH);
    let configuration = openid::configuration(issuer, &uri, &accounts.keys).ok()?;
    let (text, media) = match path {
        openid::JWKS_PATH => (openid::jwks(&accounts.keys).ok()?, openid::JWKS_TYPE),
        _ => (configuration, openid::CONFIGURATION_TYPE),
    };
    let mut response = Response::text(200, text).typed(media);
    response.headers.add("Cache-Control", openid::CACHE_CONTROL);
    Some(response)
}

/// A few figures of the model's own.
fn metrics(call: &Call<'_>) -> Response {
    let objects = call.store.objects().iter().count();
    if call.header("Accept") == "application/json" {
        let revision = call.store.revision();
        return Response::json(
            200,
            json!({"kubeverdict_stored_objects": objects, "kubeverdict_revision": revision}),
        );
    }
    let text = format!(
        "# HELP kubeverdict_stored_objects Objects in the store.\n# TYPE kubeverdict_stored_objects gauge\n\
         kubeverdict_stored_objects {objects}\n\
         # HELP kubeverdict_revision Revision of the last write.\n# TYPE kubeverdict_revision counter\n\
         kubeverdict_revision {}\n",
        call.store.revision()
    );
    Response::text(200, text).typed("text/plain; version=0.0.4; charset=utf-8")
}

/// 404 outside the API: newer servers say so in text, older ones list what there is.
pub(super) fn nowhere(table: &Resources, path: &str) -> Response {
    match !table.version().has(NOT_FOUND_IS_TEXT) && !path.starts_with("/apis/") {
        true => Response::json(404, json!({"paths": listed(table)})),
        false => Response::text(404, "404 page not found\n"),
    }
}

/// All paths that the server lists at `/`, sorted.
pub(super) fn listed(table: &Resources) -> Vec<String> {
    let version = table.version();
    let own = [
        ("/.well-known/openid-configuration", 0, 0),
        ("/api", 0, 0),
        ("/apis", 0, 0),
        ("/apis/", 0, 0),
        ("/flagz", 36, 0),
        ("/logs", 0, 26),
        ("/metrics", 0, 0),
        ("/metrics/slis", 27, 0),
        ("/openapi/v2", 0, 0),
        ("/openapi/v3", 24, 0),
        ("/openapi/v3/", 24, 0),
        ("/openid/v1/jwks", 0, 0),
        ("/statusz", 36, 0),
        ("/version", 0, 0),
    ];
    let in_time = |since, until| version.at_least(since) && (until == 0 || version.number() <= until);
    let mut paths: Vec<String> = own
        .iter()
        .filter(|(_, since, until)| in_time(*since, *until))
        .map(|(path, ..)| (*path).to_owned())
        .collect();
    for root in health::PATHS {
        paths.push(format!("/{root}"));
        paths.extend(health::checks(root, version).map(|check| format!("/{root}/{check}")));
    }
    for group in table.groups() {
        let base = if group.name.is_empty() { "/api".to_owned() } else { format!("/apis/{}", group.name) };
        paths.extend(group.versions.iter().map(|of| format!("{base}/{of}")));
        if !group.name.is_empty() {
            paths.push(base);
        }
    }
    paths.sort();
    paths
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::resources;
    use sha2::{Digest, Sha256};

    #[test]
    fn the_paths_are_those_of_real_servers() {
        for (release, digest) in PATHS {
            let version = release.parse().expect("a release");
            let body = json!({"paths": listed(resources(version))}).to_string();
            let found: String = Sha256::digest(body).iter().take(8).map(|b| format!("{b:02x}")).collect();
            assert_eq!(found, digest, "{release}");
        }
    }

    /// Digests of what real servers answer at `/`, by release.
    const PATHS: [(&str, &str); 2] = [("1.20", "59618d232dfadd16"), ("1.36", "844e6cc08bea4fd7")];
}
