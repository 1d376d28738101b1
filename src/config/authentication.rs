//! `AuthenticationConfiguration`, the file of `--authentication-config` (`apiserver/pkg/apis/apiserver/validation`): who may
//! be anonymous, and which JWT authenticators there are (`jwt.rs`).
//!
//! # Differs from Kubernetes
//!
//! The file is read once, at the start: a real server reads it again whenever it changes (since 1.30).

use super::jwt::JwtAuthenticator;
use super::{Anonymous, File};
use crate::api::differences::JWT_SEVERAL;
use crate::api::{Errors, Version};
use crate::error::Error;
use serde::Deserialize;

/// Versions of the file, each with the release that first reads it.
const VERSIONS: &[(&str, u8)] = &[("v1alpha1", 29), ("v1beta1", 30), ("v1", 34)];
/// The gate without which the file says nothing of anonymous requests.
const GATE: &str = "AnonymousAuthConfigurableEndpoints";
/// The release whose file first says which way an issuer is reached.
const EGRESS: u8 = 34;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Written {
    api_version: String,
    kind: String,
    #[serde(default)]
    jwt: Vec<JwtAuthenticator>,
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

/// What a file says.
pub(super) struct Read {
    /// The JWT authenticators.
    pub(super) jwt: Vec<JwtAuthenticator>,
    /// Who may be anonymous, if it says anything of it.
    pub(super) anonymous: Option<Anonymous>,
}

/// Reads an `AuthenticationConfiguration`. `gate` says whether a feature gate is on.
///
/// # Errors
/// It is no such file in a version that the release reads, or what it says of anonymous requests is wrong.
pub(super) fn read(file: &File, version: Version, gate: impl Fn(&str) -> bool) -> Result<Read, Error> {
    let kind = "AuthenticationConfiguration";
    let written: Written = super::decode(file)?;
    let wrong = |why: String| Error::new(why).in_file(&file.path);
    super::known(&written.api_version, &written.kind, kind, VERSIONS, version).map_err(wrong)?;
    if let Some(unknown) = too_new(&written.jwt, version) {
        return Err(wrong(format!("strict decoding error: unknown field \"{unknown}\"")));
    }
    let anonymous = written.anonymous.map(|anonymous| anonymous.checked(version, gate)).transpose();
    Ok(Read { jwt: written.jwt, anonymous: anonymous.map_err(wrong)? })
}

/// A field that the release's file does not have yet.
fn too_new(jwt: &[JwtAuthenticator], version: Version) -> Option<String> {
    jwt.iter().enumerate().find_map(|(i, JwtAuthenticator { issuer, .. })| {
        let fields = [
            ("discoveryURL", &issuer.discovery_url, version.has(JWT_SEVERAL)),
            ("audienceMatchPolicy", &issuer.audience_match_policy, version.has(JWT_SEVERAL)),
            ("egressSelectorType", &issuer.egress_selector_type, version.at_least(EGRESS)),
        ];
        let new = fields.into_iter().find(|(_, value, known)| !known && !value.is_empty());
        new.map(|(field, ..)| format!("jwt[{i}].issuer.{field}"))
    })
}

impl WrittenAnonymous {
    fn checked(self, version: Version, gate: impl Fn(&str) -> bool) -> Result<Anonymous, String> {
        let errors = Errors::new(version);
        if !gate(GATE) {
            let why = format!("anonymous is not supported when {GATE} feature gate is disabled");
            errors.forbidden("anonymous", why);
        }
        if !self.enabled && !self.conditions.is_empty() {
            let why = "enabled should be set to true when conditions are defined";
            errors.invalid("anonymous.conditions", self.conditions.len(), why);
        }
        let paths: Vec<String> = self.conditions.into_iter().map(|condition| condition.path).collect();
        for (i, _) in paths.iter().enumerate().filter(|(_, path)| path.is_empty()) {
            errors.required(format_args!("anonymous.conditions[{i}].path"), "");
        }
        match errors.is_empty() {
            true => Ok(Anonymous { enabled: self.enabled, paths }),
            false => Err(errors.summary()),
        }
    }
}
