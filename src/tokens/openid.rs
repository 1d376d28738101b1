//! What relying parties read of the issuer: `/.well-known/openid-configuration` and `/openid/v1/jwks`
//! (`pkg/serviceaccount/openidmetadata.go`, `pkg/routes/openidmetadata.go`).
//!
//! Texts, not JSON values: the server sends its own field order.

use super::keys::{JwkParts, PublicKey};
use serde::Serialize;
use std::collections::BTreeSet;

/// The media type of the discovery document.
pub(crate) const CONFIGURATION_TYPE: &str = "application/json";
/// The path of the key set.
pub(crate) const JWKS_PATH: &str = "/openid/v1/jwks";
/// The media type of the key set.
pub(crate) const JWKS_TYPE: &str = "application/jwk-set+json";
/// The `Cache-Control` of both.
pub(crate) const CACHE_CONTROL: &str = "public, max-age=3600";

#[derive(Serialize)]
struct Configuration<'a> {
    issuer: &'a str,
    jwks_uri: &'a str,
    response_types_supported: [&'static str; 1],
    subject_types_supported: [&'static str; 1],
    id_token_signing_alg_values_supported: BTreeSet<String>,
}

#[derive(Serialize)]
struct Keys {
    keys: Vec<Jwk>,
}

#[derive(Serialize)]
struct Jwk {
    r#use: &'static str,
    kty: &'static str,
    kid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    crv: Option<&'static str>,
    alg: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    e: Option<String>,
}

/// The discovery document; an error says why a real server does not offer the two paths (and answers 404).
pub(crate) fn configuration(issuer: &str, jwks_uri: &str, keys: &[PublicKey]) -> Result<String, String> {
    match issuer {
        "" => return Err("empty issuer URL".to_owned()),
        _ if !issuer.starts_with("https://") => {
            return Err(format!("issuer URL must use https scheme, got: {issuer}"));
        }
        _ if issuer.contains('?') => {
            return Err(format!("issuer URL may not include a query, got: {issuer}"));
        }
        _ if issuer.contains('#') => {
            return Err(format!("issuer URL may not include a fragment, got: {issuer}"));
        }
        _ => {}
    }
    if !jwks_uri.starts_with("https://") {
        return Err(format!("jwksURI requires https scheme, parsed as: {jwks_uri}"));
    }
    let algorithms = keys.iter().map(|key| format!("{:?}", key.algorithm()));
    let document = Configuration {
        issuer,
        jwks_uri,
        response_types_supported: ["id_token"],
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: algorithms.collect(),
    };
    serde_json::to_string(&document).map_err(|error| error.to_string())
}

/// The key set.
pub(crate) fn jwks(keys: &[PublicKey]) -> Result<String, String> {
    let keys = keys.iter().map(jwk).collect();
    serde_json::to_string(&Keys { keys }).map_err(|error| error.to_string())
}

fn jwk(key: &PublicKey) -> Jwk {
    let (kty, crv, [x, y], [n, e]) = match key.jwk_parts() {
        JwkParts::Rsa(parts) => ("RSA", None, [None, None], parts.map(Some)),
        JwkParts::Ec(curve, parts) => ("EC", Some(curve), parts.map(Some), [None, None]),
    };
    Jwk {
        r#use: "sig",
        kty,
        kid: key.id().to_owned(),
        crv,
        alg: format!("{:?}", key.algorithm()),
        x,
        y,
        n,
        e,
    }
}
