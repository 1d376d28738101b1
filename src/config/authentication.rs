//! `AuthenticationConfiguration`, the file of `--authentication-config` (`apiserver/pkg/apis/apiserver/validation`).
//!
//! # Differs from Kubernetes
//!
//! JWT authenticators (`jwt`) are refused by name: nobody fetches an issuer's keys here. The file is read once, at the start.

use super::{Anonymous, File};
use crate::api::{Errors, Version};
use crate::error::Error;
use serde::Deserialize;
use serde_json::Value;

/// Versions of the file, each with the release that first reads it.
const VERSIONS: &[(&str, u8)] = &[("v1alpha1", 29), ("v1beta1", 30), ("v1", 34)];
/// The gate without which the file says nothing of anonymous requests.
const GATE: &str = "AnonymousAuthConfigurableEndpoints";

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Written {
    api_version: String,
    kind: String,
    #[serde(default)]
    jwt: Vec<Value>,
    anonymous: Option<WrittenAnonymous>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenAnonymous {
    #[serde(default)]
    enabled: bool,
    #[serde(default)]
    conditions: Vec<Condition>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Condition {
    #[serde(default)]
    path: String,
}

/// Reads an `AuthenticationConfiguration`: what it says of anonymous requests, if anything. `gate` says whether a feature
/// gate is on.
///
/// # Errors
/// It is no such file in a version that the release reads, its validation fails, or it configures what is not modelled.
pub(super) fn read(
    file: &File,
    version: Version,
    gate: impl Fn(&str) -> bool,
) -> Result<Option<Anonymous>, Error> {
    let kind = "AuthenticationConfiguration";
    let written: Written = super::decode(file)?;
    let wrong = |why: String| Error::new(why).in_file(&file.path);
    super::known(&written.api_version, &written.kind, kind, VERSIONS, version).map_err(wrong)?;
    if !written.jwt.is_empty() {
        let why = "`jwt` is not modelled: tokens of an issuer outside can't be checked here";
        return Err(
            wrong(why.to_owned()).hint("name the users in `--token-auth-file`, or ask a token webhook")
        );
    }
    let Some(anonymous) = written.anonymous else { return Ok(None) };
    let errors = Errors::new(version);
    if !gate(GATE) {
        let why = format!("anonymous is not supported when {GATE} feature gate is disabled");
        errors.forbidden("anonymous", why);
    }
    if !anonymous.enabled && !anonymous.conditions.is_empty() {
        let why = "enabled should be set to true when conditions are defined";
        errors.invalid("anonymous.conditions", anonymous.conditions.len(), why);
    }
    let paths: Vec<String> = anonymous.conditions.into_iter().map(|condition| condition.path).collect();
    for (i, _) in paths.iter().enumerate().filter(|(_, path)| path.is_empty()) {
        errors.required(format_args!("anonymous.conditions[{i}].path"), "");
    }
    match errors.is_empty() {
        true => Ok(Some(Anonymous { enabled: anonymous.enabled, paths })),
        false => Err(wrong(errors.summary())),
    }
}
