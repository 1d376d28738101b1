//! From a token to a user (`pkg/serviceaccount/jwt.go`).
//!
//! Order: form, issuer, signature, audience; then time, account, secret, pod, node (see check.rs).

use super::check::{Check, Lookup, Recognised};
use super::claims::{Claims, Improvements, LEGACY_ISSUER, Private};
use super::keys::PublicKey;
use super::refusal::Refusal;
use super::token::Parts;
use crate::api::differences::EVERY_KEY_IS_ASKED;
use crate::api::{Dig, Version};
use crate::json::Value;
use jiff::Timestamp;

/// Checks tokens: which keys, which issuers, for whom.
#[derive(Clone, Debug)]
pub(crate) struct Verifier {
    pub version: Version,
    /// `service-account-key-file`, or the public half of the signing key.
    pub keys: Vec<PublicKey>,
    /// `service-account-issuer`; the issuer of tokens in secrets is always known.
    pub issuers: Vec<String>,
    /// `api-audiences`: who the server is.
    pub audiences: Vec<String>,
    /// What the feature gates add to requested tokens.
    pub improvements: Improvements,
    /// `service-account-lookup`: whether a token of a secret needs the secret to be there.
    pub lookup: bool,
}

impl Verifier {
    /// Checks a text; `audiences` are those that a token review asks for.
    pub(crate) fn verify(
        &self,
        text: &str,
        audiences: Option<&[String]>,
        now: Timestamp,
        objects: &dyn Lookup,
    ) -> Result<Recognised, Refusal> {
        let parts = Parts::of(text).ok_or(Refusal::NotAToken)?;
        self.known_issuer(parts.payload.get("iss").and_then(Value::as_str).unwrap_or_default())?;
        self.signature(&parts)?;
        self.judge(&parts, text, audiences, now, objects)
    }

    /// Looks again at a text whose signature was found good before.
    pub(crate) fn verify_again(
        &self,
        text: &str,
        audiences: Option<&[String]>,
        now: Timestamp,
        objects: &dyn Lookup,
    ) -> Result<Recognised, Refusal> {
        self.judge(&Parts::of(text).ok_or(Refusal::NotAToken)?, text, audiences, now, objects)
    }

    fn known_issuer(&self, issuer: &str) -> Result<(), Refusal> {
        let known = issuer == LEGACY_ISSUER || self.issuers.iter().any(|known| known == issuer);
        if known { Ok(()) } else { Err(Refusal::UnknownIssuer(issuer.to_owned())) }
    }

    /// A key that has the id is the only one asked since 1.32; before, and without an id, all of them are.
    fn signature(&self, parts: &Parts<'_>) -> Result<(), Refusal> {
        let algorithm = parts.header.text("alg").parse().map_err(|_| Refusal::NotAToken)?;
        let id = parts.header.text("kid");
        let chosen =
            |key: &&PublicKey| id.is_empty() || key.id() == id || !self.version.has(EVERY_KEY_IS_ASKED);
        let mut keys = self.keys.iter().filter(chosen).peekable();
        if keys.peek().is_none() {
            return Err(Refusal::NoKey(id.to_owned()));
        }
        match keys.any(|key| key.verifies_token(&parts.signature, parts.signed.as_bytes(), algorithm)) {
            true => Ok(()),
            false => Err(Refusal::BadSignature),
        }
    }

    fn judge(
        &self,
        parts: &Parts<'_>,
        text: &str,
        audiences: Option<&[String]>,
        now: Timestamp,
        objects: &dyn Lookup,
    ) -> Result<Recognised, Refusal> {
        let claims = &Claims::parse(&parts.payload).map_err(Refusal::BadClaims)?;
        let audiences = self.common_audiences(claims, audiences)?;
        let check = Check { version: self.version, improvements: self.improvements, claims, now, objects };
        let recognised = match &claims.private {
            Private::Legacy { namespace, account, secret } => {
                check.legacy(namespace, account, secret, self.lookup.then_some(text))?
            }
            Private::Bound(_) if !self.issuers.contains(&claims.issuer) => {
                return Err(Refusal::MissingClaim("namespace"));
            }
            Private::Bound(bound) => check.bound(bound)?,
        };
        Ok(Recognised { audiences, ..recognised })
    }

    /// A token without audiences is for the server itself.
    fn common_audiences(&self, claims: &Claims, target: Option<&[String]>) -> Result<Vec<String>, Refusal> {
        let target = target.unwrap_or(&self.audiences);
        let token = match claims.audiences.as_slice() {
            [] => &self.audiences,
            some => some,
        };
        let common: Vec<String> = token.iter().filter(|one| target.contains(one)).cloned().collect();
        match common.is_empty() && !self.audiences.is_empty() {
            true => Err(Refusal::Audience { token: token.to_vec(), target: target.to_vec() }),
            false => Ok(common),
        }
    }
}
