//! Bearer tokens: which header counts, and which token authenticator knows it
//! (`authentication/request/bearertoken`, `authentication/token/tokenfile`, `pkg/serviceaccount`).

use super::Attempt;
use crate::api::{Headers, User};
use crate::store::Objects;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// The token authenticators of one cluster.
#[derive(Clone, Debug, Default)]
pub struct Bearer {
    /// `--token-auth-file`.
    pub static_tokens: BTreeMap<String, User>,
}

/// Somebody, and how they were recognised.
#[derive(Clone, Debug, PartialEq)]
pub struct Recognised {
    /// Who.
    pub user: User,
    /// By which authenticator.
    pub by: &'static str,
    /// What the credential says (a token's claims).
    pub evidence: Value,
}

impl Bearer {
    /// Recognises whoever the `Authorization` header speaks of.
    pub fn recognise(
        &self,
        headers: &Headers,
        objects: &Objects,
        now: Timestamp,
        warnings: &mut Vec<String>,
    ) -> Attempt<Recognised> {
        match token(headers, warnings) {
            Some(token) => self.token(token, objects, now).map(Some),
            None => Ok(None),
        }
    }

    /// Recognises a token's bearer.
    pub fn token(&self, token: &str, _objects: &Objects, _now: Timestamp) -> Result<Recognised, String> {
        if let Some(user) = self.static_tokens.get(token) {
            return Ok(Recognised { user: user.clone(), by: "token-auth-file", evidence: Value::Null });
        }
        Err("no token authenticator knows the token".to_owned())
    }
}

/// The token of the first `Authorization` header, if it is one of a bearer.
fn token<'a>(headers: &'a Headers, warnings: &mut Vec<String>) -> Option<&'a str> {
    let value = headers.get("Authorization")?.trim();
    let mut parts = value.splitn(3, ' ');
    let scheme = parts.next()?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let token = parts.next()?;
    if token.is_empty() {
        warnings.push(
            "the provided Authorization header contains extra space before the bearer token, and is ignored".to_owned(),
        );
        return None;
    }
    Some(token)
}
