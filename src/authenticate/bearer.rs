//! Bearer tokens: which header counts, and which token authenticator knows it
//! (`authentication/request/bearertoken`, `authentication/token/tokenfile`, `pkg/serviceaccount`).

use super::{Attempt, Notes};
use crate::api::{By, Headers, User};
use crate::config::{Config, File};
use crate::error::Error;
use crate::store::Objects;
use crate::tokens::{Improvements, PublicKey, Refusal, SigningKey, StaticTokens, Verifier};
use jiff::Timestamp;
use std::sync::Arc;

/// The first release known to warn of a space before the token.
const SPACE_WARNED: u8 = 21;
const SPACE: &str =
    "the provided Authorization header contains extra space before the bearer token, and is ignored";

/// The token authenticators of one cluster.
#[derive(Clone, Debug)]
pub struct Bearer {
    static_tokens: StaticTokens,
    accounts: Verifier,
    key: Arc<SigningKey>,
}

/// Somebody, and how they were recognised.
#[derive(Clone, Debug, PartialEq)]
pub struct Recognised {
    /// Who.
    pub user: User,
    /// By which authenticator.
    pub by: By,
    /// The audiences both of the token and of the server.
    pub audiences: Vec<String>,
    /// How many seconds ago a mounted token should have been renewed, if it is still good.
    pub stale_seconds: Option<i64>,
}

impl Bearer {
    /// The token authenticators that the flags set up; `former` is the key that signed until now.
    pub fn new(config: &Config, former: Option<&Arc<SigningKey>>) -> Result<Bearer, Error> {
        let bad = |file: &File, why: String| Error::new(why).in_file(&file.path);
        let text = |file: &File| String::from_utf8_lossy(&file.text).into_owned();
        let static_tokens = match &config.token_auth {
            Some(file) => StaticTokens::parse(&text(file)).map_err(|why| bad(file, why))?,
            None => StaticTokens::default(),
        };
        let key = match &config.service_account_signing_key {
            Some(file) => SigningKey::from_pem(&text(file)).map_err(|why| bad(file, why))?,
            None => SigningKey::test_only(),
        };
        let mut keys = Vec::new();
        for file in &config.service_account_keys {
            keys.extend(PublicKey::all_from_pem(&text(file)).map_err(|why| bad(file, why))?);
        }
        if keys.is_empty() {
            keys.push(key.public().clone());
        }
        let accounts = Verifier {
            version: config.version,
            keys,
            issuers: config.service_account_issuers.clone(),
            audiences: config.audiences().to_vec(),
            improvements: Improvements::of(config),
            lookup: config.service_account_lookup,
        };
        let key = match former {
            Some(former) => key.after(former),
            None => Arc::new(key),
        };
        Ok(Bearer { static_tokens, accounts, key })
    }

    /// What account tokens are checked by.
    pub fn accounts(&self) -> &Verifier {
        &self.accounts
    }

    /// What account tokens are signed with.
    pub fn key(&self) -> &Arc<SigningKey> {
        &self.key
    }

    /// Recognises whoever the `Authorization` header speaks of.
    pub fn recognise(
        &self,
        headers: &Headers,
        objects: &Objects,
        now: Timestamp,
        notes: &mut Notes,
    ) -> Attempt<Recognised> {
        let Some(token) = token(headers) else { return Ok(None) };
        if token.is_empty() {
            if self.accounts.version.at_least(SPACE_WARNED) {
                notes.warnings.push(SPACE.to_owned());
            }
            return Ok(None);
        }
        self.token(token, None, objects, now, notes).map(Some)
    }

    /// Recognises a token's bearer; `audiences` are those that a token review asks for.
    pub fn token(
        &self,
        token: &str,
        audiences: Option<&[String]>,
        objects: &Objects,
        now: Timestamp,
        notes: &mut Notes,
    ) -> Result<Recognised, String> {
        if let Some(user) = self.static_tokens.user(token) {
            return Ok(Recognised {
                user: user.clone(),
                by: By::StaticToken,
                audiences: Vec::new(),
                stale_seconds: None,
            });
        }
        let stored =
            |resource: &str, namespace: &str, name: &str| objects.get(resource, namespace, name).cloned();
        match self.accounts.verify(token, audiences, now, &stored) {
            Ok(found) => {
                let namespace = found.user.name.split(':').nth(2).map(str::to_owned);
                notes.used = namespace.zip(found.secret);
                notes.audit.extend(found.audit);
                notes.warnings.extend(found.warning);
                Ok(Recognised {
                    user: found.user,
                    by: By::AccountToken,
                    audiences: found.audiences,
                    stale_seconds: found.stale_seconds,
                })
            }
            Err(refusal) => {
                if let Refusal::MarkedInvalid { namespace, secret, .. } = &refusal {
                    let key = "authentication.k8s.io/legacy-token-invalidated";
                    notes.audit.push((key.to_owned(), format!("{secret}/{namespace}")));
                    notes.used = Some((namespace.clone(), secret.clone()));
                }
                Err(refusal.review_error(self.accounts.version))
            }
        }
    }
}

/// The token of the first `Authorization` header, if it is one of a bearer; empty where a space comes before it.
fn token(headers: &Headers) -> Option<&str> {
    let mut parts = headers.get("Authorization")?.trim().splitn(3, ' ');
    let scheme = parts.next()?;
    parts.next().filter(|_| scheme.eq_ignore_ascii_case("bearer"))
}
