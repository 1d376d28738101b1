//! Bearer tokens: which header counts, and which token authenticator knows it
//! (`authentication/request/bearertoken`, `authentication/token/tokenfile`, `pkg/serviceaccount`).

use super::cache::{Cached, Recognised};
use super::jwt::Jwt;
use super::{Attempt, Notes, Sight};
use crate::api::differences::SPACE_BEFORE_TOKEN;
use crate::api::field::aggregate;
use crate::api::{By, Headers};
use crate::config::{Config, File};
use crate::delegate::Client;
use crate::error::Error;
use crate::tokens::{Improvements, PublicKey, Refusal, SigningKey, StaticTokens, Verifier};
use std::sync::Arc;

const SPACE: &str =
    "the provided Authorization header contains extra space before the bearer token, and is ignored";

/// The token authenticators of one cluster.
#[derive(Clone, Debug)]
pub struct Bearer {
    static_tokens: StaticTokens,
    accounts: Verifier,
    key: Arc<SigningKey>,
    jwt: Jwt,
    webhook: Option<Arc<Client>>,
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
        Ok(Bearer {
            static_tokens,
            accounts,
            key,
            jwt: Jwt::new(config)?,
            webhook: Client::authenticator(config),
        })
    }

    /// What account tokens are checked by.
    pub(crate) fn accounts(&self) -> &Verifier {
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
        sight: &mut Sight<'_>,
        notes: &mut Notes,
    ) -> Attempt<Recognised> {
        let Some(token) = token(headers) else { return Ok(None) };
        if token.is_empty() {
            if self.accounts.version.has(SPACE_BEFORE_TOKEN) {
                notes.warnings.push(SPACE.to_owned());
            }
            return Ok(None);
        }
        self.token(token, None, sight, notes).map(Some)
    }

    /// Recognises a token's bearer, from the cache if it can; `audiences` are those that a token review asks for.
    pub fn token(
        &self,
        token: &str,
        audiences: Option<&[String]>,
        sight: &mut Sight<'_>,
        notes: &mut Notes,
    ) -> Result<Recognised, String> {
        let audiences = audiences.unwrap_or(&self.accounts.audiences);
        if let Some(kept) = sight.recognised.get(token, audiences, sight.now) {
            let (found, told) = &*kept.value;
            notes.warnings.extend_from_slice(&told.warnings);
            notes.audit.extend_from_slice(&told.audit);
            let cached = Cached {
                remembered: kept.remembered,
                now_refused: self.refused(found.by, token, audiences, sight),
            };
            return Ok(Recognised { said_before: None, cached: Some(cached), ..found.clone() });
        }
        if let Some(found) = self.static_token(token, audiences) {
            sight.recognised.set(token, audiences, sight.now, (found.clone(), Notes::default()));
            return Ok(found);
        }
        match self.accounts.verify(token, Some(audiences), sight.now, sight) {
            Ok(found) => {
                let namespace = found.user.name.split(':').nth(2).map(str::to_owned);
                notes.used = namespace.zip(found.secret);
                let told = Notes {
                    warnings: found.warning.into_iter().collect(),
                    audit: found.audit,
                    ..Notes::default()
                };
                notes.warnings.extend_from_slice(&told.warnings);
                notes.audit.extend_from_slice(&told.audit);
                let known = Recognised::new(found.user, By::AccountToken, found.audiences);
                let found = Recognised { stale_seconds: found.stale_seconds, ..known };
                sight.recognised.set(token, audiences, sight.now, (found.clone(), told));
                Ok(found)
            }
            Err(refusal) => {
                if let Refusal::MarkedInvalid { namespace, secret, .. } = &refusal {
                    notes.used = Some((namespace.clone(), secret.clone()));
                }
                let why = vec![refusal.message(self.accounts.version)];
                self.of_issuer(token, audiences, sight, notes, why)
            }
        }
    }

    /// Recognises a JWT of an issuer outside, or asks on; `why` is what was wrong with the token so far. Like a static one it
    /// is for the server itself.
    fn of_issuer(
        &self,
        token: &str,
        audiences: &[String],
        sight: &mut Sight<'_>,
        notes: &mut Notes,
        mut why: Vec<String>,
    ) -> Result<Recognised, String> {
        let common = self.own(audiences);
        let said = if common.is_empty() { None } else { self.jwt.recognise(sight.outside, token) };
        match said {
            Some(Ok(user)) => {
                let found = Recognised::new(user, By::Jwt, common);
                sight.recognised.set(token, audiences, sight.now, (found.clone(), Notes::default()));
                return Ok(found);
            }
            Some(Err(refused)) => {
                why.push(refused.told());
                notes.refused = Some(refused);
            }
            None => {}
        }
        self.outside(token, audiences, sight, why)
    }

    /// Asks the webhook, if there is one; `why` is what was wrong with the token so far.
    fn outside(
        &self,
        token: &str,
        audiences: &[String],
        sight: &mut Sight<'_>,
        why: Vec<String>,
    ) -> Result<Recognised, String> {
        let asked = self
            .webhook
            .as_ref()
            .map(|client| client.recognise(sight.outside, token, audiences, &self.accounts.audiences));
        let theirs = match asked {
            Some(Ok(Some((user, common, said_before)))) => {
                let known = Recognised::new(user, By::WebhookToken, common);
                let found = Recognised { said_before, ..known };
                sight.recognised.set(token, audiences, sight.now, (found.clone(), Notes::default()));
                return Ok(found);
            }
            Some(Err(theirs)) => Some(theirs),
            Some(Ok(None)) | None => None,
        };
        Err(all(why.into_iter().chain(theirs)))
    }

    /// Those of some audiences that are the server's own.
    fn own(&self, audiences: &[String]) -> Vec<String> {
        audiences.iter().filter(|one| self.accounts.audiences.contains(one)).cloned().collect()
    }

    /// A static token is for the server itself, so that one of its audiences must be asked for.
    fn static_token(&self, token: &str, audiences: &[String]) -> Option<Recognised> {
        let user = self.static_tokens.user(token)?.clone();
        let audiences = self.own(audiences);
        (!audiences.is_empty()).then(|| Recognised::new(user, By::StaticToken, audiences))
    }

    /// Why a remembered token would be refused now. Keys and static tokens don't change while a server runs.
    fn refused(&self, by: By, token: &str, audiences: &[String], sight: &Sight<'_>) -> Option<String> {
        let again = || self.accounts.verify_again(token, Some(audiences), sight.now, sight);
        let refusal = (by == By::AccountToken).then(again)?.err()?;
        Some(refusal.message(self.accounts.version))
    }
}

/// The errors of all that looked at a token, each once; the first is about the server's own loopback token.
fn all(others: impl Iterator<Item = String>) -> String {
    let mut errors = vec!["invalid bearer token".to_owned()];
    for error in others {
        if !errors.contains(&error) {
            errors.push(error);
        }
    }
    aggregate(&errors).unwrap_or_default()
}

/// The token of the first `Authorization` header, if it is one of a bearer; empty where a space comes before it.
fn token(headers: &Headers) -> Option<&str> {
    let mut parts = headers.get("Authorization")?.trim().splitn(3, ' ');
    let scheme = parts.next()?;
    parts.next().filter(|_| scheme.eq_ignore_ascii_case("bearer"))
}
