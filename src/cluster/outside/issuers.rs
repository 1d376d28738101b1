//! Issuers of tokens outside of a scenario: what they publish where there is no network, and the tokens that they give.
//!
//! An issuer's keys are made from the seed of the scenario, by name; they are P-256 keys, so that its tokens are signed with
//! ES256.

use crate::api::{Get, Heard};
use crate::json::{Value, json};
use crate::tokens::{SigningKey, openid, signed_claims};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::time::Duration;

/// Where an issuer's discovery document is, below its URL.
const WELL_KNOWN: &str = "/.well-known/openid-configuration";
/// Where its keys are, below its URL.
const KEYS: &str = "/keys";

/// Issuers, by URL: what stands in the claim `iss`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Issuers(BTreeMap<String, Issuer>);

/// An issuer.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Issuer {
    /// The names of the keys that it publishes; it signs with the first.
    #[serde(default = "first")]
    pub keys: Vec<String>,
    /// Where its discovery document is, if not at `/.well-known/openid-configuration` below its URL.
    #[serde(default)]
    pub discovery_url: Option<String>,
    /// For how long its keys count, as its `Cache-Control` tells; none: whoever misses a key asks again at once.
    #[serde(default, deserialize_with = "span")]
    #[schemars(with = "Option<String>")]
    pub max_age: Option<SignedDuration>,
    /// It does not answer: the network's words.
    #[serde(default)]
    pub fails: Option<String>,
}

fn first() -> Vec<String> {
    vec!["first".to_owned()]
}

fn span<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<SignedDuration>, D::Error> {
    super::span(deserializer).map(Some)
}

impl Issuers {
    /// Their URLs, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// These, and of the others those that they say nothing of.
    pub fn or(&self, others: &Issuers) -> Issuers {
        let mut all = others.0.clone();
        all.extend(self.0.clone());
        Issuers(all)
    }

    /// What comes of reading a document, and for how long it counts.
    pub(crate) fn answer(&self, get: &Get, seed: u64) -> (Heard, Duration) {
        let mut answers = self.0.iter().filter_map(|(url, issuer)| issuer.publishes(url, &get.url, seed));
        answers.next().unwrap_or_else(|| {
            let host = get.url.trim_start_matches("https://").split('/').next().unwrap_or_default();
            let at = if host.contains(':') { host.to_owned() } else { format!("{host}:443") };
            (Heard::Failed(format!("dial tcp {at}: connect: connection refused")), Duration::ZERO)
        })
    }

    /// A token of an issuer, signed with its first key or the one that is named.
    ///
    /// Claims are as given; `iss`, `iat` and `exp` are filled in, unless given, and what is given as null is left out.
    pub(crate) fn token(
        &self,
        wanted: &WantedToken<'_>,
        now: Timestamp,
        seed: u64,
    ) -> Result<String, String> {
        let WantedToken { issuer: url, key, claims, lasts } = *wanted;
        let issuer = self.0.get(url).ok_or_else(|| format!("there is no issuer `{url}`"))?;
        let key = key.or(issuer.keys.first().map(String::as_str)).ok_or("the issuer has no key")?;
        let now = now.as_second();
        let mut all = json!({"iss": url, "iat": now, "exp": now + lasts.as_secs()});
        if let Value::Object(all) = &mut all {
            all.extend(claims.clone());
            all.retain(|_, value| !value.is_null());
        }
        signed_claims(&all, &signing_key(url, key, seed))
    }
}

/// A token that is wanted.
#[derive(Clone, Copy, Debug)]
pub struct WantedToken<'a> {
    /// Whose.
    pub issuer: &'a str,
    /// The key that signs it, if not the issuer's first.
    pub key: Option<&'a str>,
    /// What it says.
    pub claims: &'a BTreeMap<String, Value>,
    /// How long it lasts.
    pub lasts: SignedDuration,
}

impl Issuer {
    /// What it publishes under a URL, if it is one of its own.
    fn publishes(&self, url: &str, asked: &str, seed: u64) -> Option<(Heard, Duration)> {
        let base = url.trim_end_matches('/');
        let keys = format!("{base}{KEYS}");
        let discovery = self.discovery_url.clone().unwrap_or_else(|| format!("{base}{WELL_KNOWN}"));
        if asked != keys && asked != discovery {
            return None;
        }
        if let Some(why) = &self.fails {
            return Some((Heard::Failed(why.clone()), Duration::ZERO));
        }
        let public: Vec<_> =
            self.keys.iter().map(|key| signing_key(url, key, seed).public().clone()).collect();
        let (media, body) = match asked == keys {
            true => (openid::JWKS_TYPE, openid::jwks(&public)),
            false => (openid::CONFIGURATION_TYPE, openid::configuration(url, &keys, &public)),
        };
        let heard = match body {
            Ok(body) => Heard::Http { code: 200, media: media.to_owned(), body: body.into_bytes().into() },
            Err(why) => Heard::Failed(why),
        };
        Some((heard, self.max_age.map(SignedDuration::unsigned_abs).unwrap_or_default()))
    }
}

/// The key of an issuer that has a name.
fn signing_key(issuer: &str, name: &str, seed: u64) -> SigningKey {
    let digest = Sha256::new()
        .chain_update(b"kubeverdict: keys of issuers")
        .chain_update(seed.to_be_bytes())
        .chain_update(issuer)
        .chain_update([0])
        .chain_update(name);
    SigningKey::from_seed(digest.finalize().into())
}
