//! Bearer tokens: which header counts, and which token authenticator knows it
//! (`authentication/request/bearertoken`, `authentication/token/tokenfile`, `pkg/serviceaccount`).

use super::Attempt;
use crate::api::{Headers, User};
use crate::config::{Config, File};
use crate::error::Error;
use crate::store::Objects;
use crate::tokens::{PublicKey, SigningKey, StaticTokens, Verifier};
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
    pub by: &'static str,
    /// The audiences both of the token and of the server.
    pub audiences: Vec<String>,
    /// A warning for the client.
    pub warning: Option<String>,
    /// Namespace and name of the secret that the token lives in.
    pub secret: Option<(String, String)>,
}

impl Bearer {
    /// The token authenticators that the flags set up.
    pub fn new(config: &Config) -> Result<Bearer, Error> {
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
            lookup: config.service_account_lookup,
        };
        Ok(Bearer { static_tokens, accounts, key: Arc::new(key) })
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
        warnings: &mut Vec<String>,
    ) -> Attempt<Recognised> {
        let Some(token) = token(headers) else { return Ok(None) };
        if token.is_empty() {
            if self.accounts.version.at_least(SPACE_WARNED) {
                warnings.push(SPACE.to_owned());
            }
            return Ok(None);
        }
        let recognised = self.token(token, None, objects, now)?;
        warnings.extend(recognised.warning.clone());
        Ok(Some(recognised))
    }

    /// Recognises a token's bearer; `audiences` are those that a token review asks for.
    pub fn token(
        &self,
        token: &str,
        audiences: Option<&[String]>,
        objects: &Objects,
        now: Timestamp,
    ) -> Result<Recognised, String> {
        if let Some(user) = self.static_tokens.user(token) {
            return Ok(Recognised {
                user: user.clone(),
                by: "token-auth-file",
                audiences: Vec::new(),
                warning: None,
                secret: None,
            });
        }
        let stored =
            |resource: &str, namespace: &str, name: &str| objects.get(resource, namespace, name).cloned();
        match self.accounts.verify(token, audiences, now, &stored) {
            Ok(found) => Ok(Recognised {
                secret: found
                    .secret
                    .zip(found.user.name.split(':').nth(2).map(str::to_owned))
                    .map(|(name, of)| (of, name)),
                user: found.user,
                by: "service-account-token",
                audiences: found.audiences,
                warning: found.warning,
            }),
            Err(refusal) => Err(refusal.review_error(self.accounts.version)),
        }
    }
}

/// The token of the first `Authorization` header, if it is one of a bearer; empty where a space comes before it.
fn token(headers: &Headers) -> Option<&str> {
    let mut parts = headers.get("Authorization")?.trim().splitn(3, ' ');
    let scheme = parts.next()?;
    parts.next().filter(|_| scheme.eq_ignore_ascii_case("bearer"))
}
