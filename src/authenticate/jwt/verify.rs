//! Whether a token is believed (`coreos/go-oidc`, `IDTokenVerifier.Verify` and `remoteKeySet`): what is cheap first, the
//! signature last.

use super::Authenticator;
use crate::api::Dig;
use crate::api::jwt::{JwtRefusal, go_time};
use crate::delegate::{Document, Questions};
use crate::golang::json::noun;
use crate::json::Value;
use crate::tokens::{Jwk, Parts};
use jiff::{SignedDuration, Timestamp};

/// How long before its time a token counts.
const EARLY: SignedDuration = SignedDuration::from_secs(60);
/// How long before their end keys may be read again (`keysExpiryDelta`).
const KEYS_DELTA: SignedDuration = SignedDuration::from_secs(30);

/// The claims that every token may have (`oidc.idToken`).
#[derive(Debug, Default, PartialEq)]
struct Standard {
    audiences: Vec<String>,
    expires: Option<i64>,
    not_before: Option<i64>,
}

impl Authenticator {
    /// The claims of a token that is believed; none where something must be read first.
    pub(super) fn verify(&self, questions: &Questions, token: &str) -> Option<Result<Value, JwtRefusal>> {
        let document = match self.discovered(questions)? {
            Ok(document) => document,
            Err(error) => return Some(Err(JwtRefusal::NotInitialized { error })),
        };
        let Some(parts) = Parts::of(token) else {
            let error = "header, payload or signature can't be read".to_owned();
            return Some(Err(JwtRefusal::Malformed { error }));
        };
        let claims = match Standard::of(&parts.payload) {
            Ok(claims) => claims,
            Err(error) => return Some(Err(JwtRefusal::BadClaims { error })),
        };
        if let Err(refusal) = self.is_plausible(&parts, &claims, questions.now()) {
            return Some(Err(refusal));
        }
        if let Err(refusal) = self.is_signed(questions, &parts, document.text("jwks_uri"))? {
            return Some(Err(refusal));
        }
        Some(self.is_for_us(&claims).map(|()| parts.payload))
    }

    /// Whether it is for one of the audiences.
    fn is_for_us(&self, claims: &Standard) -> Result<(), JwtRefusal> {
        if claims.audiences.iter().any(|one| self.audiences.contains(one)) {
            return Ok(());
        }
        Err(JwtRefusal::Audience { expected: self.audiences.clone(), got: claims.audiences.clone() })
    }

    /// The discovery document: once it was read it counts as long as the server runs.
    fn discovered(&self, questions: &Questions) -> Option<Result<std::sync::Arc<Value>, String>> {
        match questions.known(&self.discovery) {
            Some(read) if read.said.is_ok() || questions.now() < read.until => Some(read.said.clone()),
            Some(_) | None => questions.read(&self.discovery),
        }
    }

    /// All that is checked before a key is looked for; go-oidc knows of one audience, and several are looked at last.
    fn is_plausible(&self, parts: &Parts<'_>, claims: &Standard, now: Timestamp) -> Result<(), JwtRefusal> {
        if self.audiences.len() == 1 {
            self.is_for_us(claims)?;
        }
        let shown =
            |second: i64| Timestamp::from_second(second).map(go_time).unwrap_or_else(|_| second.to_string());
        match claims.expires {
            None => return Err(JwtRefusal::Expired { at: "0001-01-01 00:00:00 +0000 UTC".to_owned() }),
            // It is over once any time has passed since its end.
            Some(at) if at < now.as_second() || at == now.as_second() && now.subsec_nanosecond() > 0 => {
                return Err(JwtRefusal::Expired { at: shown(at) });
            }
            Some(_) => {}
        }
        if let Some(from) = claims.not_before.filter(|from| (now + EARLY).as_second() < *from) {
            return Err(JwtRefusal::NotYetValid { from: shown(from), now: go_time(now) });
        }
        let algorithm = parts.header.text("alg");
        match self.algorithms.iter().any(|known| known == algorithm) {
            true => Ok(()),
            false => {
                Err(JwtRefusal::Algorithm { expected: self.algorithms.clone(), got: algorithm.to_owned() })
            }
        }
    }

    /// Whether one of the issuer's keys made the signature: those that are known, and if none did, those that are
    /// published now, unless they are too fresh to have changed.
    fn is_signed(
        &self,
        questions: &Questions,
        parts: &Parts<'_>,
        jwks_uri: &str,
    ) -> Option<Result<(), JwtRefusal>> {
        let client_config = self.discovery.client_config.clone();
        let document =
            Document { url: jwks_uri.to_owned(), client_config, again: SignedDuration::ZERO, issuer: None };
        let id = parts.header.text("kid");
        let signed = |set: &Value| {
            let keys = Jwk::all(set);
            let mut named = keys.iter().filter(|key| id.is_empty() || key.id == id).peekable();
            let published = named.peek().is_some();
            match named.any(|key| parts.is_signed_with(&key.key)) {
                true => Ok(()),
                false => Err(JwtRefusal::Signature { key: id.to_owned(), published }),
            }
        };
        if let Some(read) = questions.known(&document)
            && let Ok(set) = &read.said
        {
            let found = signed(set);
            if found.is_ok() || questions.now() + KEYS_DELTA <= read.until {
                return Some(found);
            }
        }
        Some(match questions.read(&document)? {
            Ok(set) => signed(&set),
            Err(why) => Err(JwtRefusal::Keys { error: format!("oidc: get keys failed {why}") }),
        })
    }
}

impl Standard {
    /// Reads the claims; an error is what Go says of the first that is of another type.
    fn of(claims: &Value) -> Result<Standard, String> {
        let wrong = |why: String| format!("oidc: failed to unmarshal claims: {why}");
        for field in ["iss", "sub", "nonce", "at_hash"] {
            if let Some(value) = claims.get(field).filter(|value| !value.is_null() && !value.is_string()) {
                let noun = noun(value);
                return Err(wrong(format!(
                    "json: cannot unmarshal {noun} into Go struct field idToken.{field} of type string"
                )));
            }
        }
        let standard = Standard {
            audiences: texts(claims.at("aud"), "[]string").map_err(wrong)?,
            expires: second(claims.at("exp")).map_err(wrong)?,
            not_before: second(claims.at("nbf")).map_err(wrong)?,
        };
        second(claims.at("iat")).map_err(wrong)?;
        for (_, source) in claims.entries("_claim_names") {
            match source.as_str() {
                None | Some("") => return Err("oidc: failed to obtain source from claim name".to_owned()),
                Some(source) if claims.at("_claim_sources").get(source).is_none() => {
                    return Err("oidc: source does not exist".to_owned());
                }
                Some(_) => {}
            }
        }
        Ok(standard)
    }
}

/// A text, or a list of texts; `of` is how Go calls what it tried last.
pub(super) fn texts(value: &Value, of: &str) -> Result<Vec<String>, String> {
    let wrong = |value: &Value, of: &str| {
        Err(format!("json: cannot unmarshal {} into Go value of type {of}", noun(value)))
    };
    match value {
        Value::Null => Ok(Vec::new()),
        Value::String(text) => Ok(vec![text.to_string()]),
        Value::Array(list) => match list.iter().find(|item| !item.is_string() && !item.is_null()) {
            None => Ok(list.iter().map(|item| item.as_str().unwrap_or_default().to_owned()).collect()),
            Some(item) if of == "[]string" => wrong(item, "string"),
            Some(_) => wrong(value, of),
        },
        other => wrong(other, of),
    }
}

/// A second since 1970; a fraction of one is dropped.
fn second(value: &Value) -> Result<Option<i64>, String> {
    match value {
        Value::Null => Ok(None),
        Value::Number(number) => Ok(number.as_i64().or(number.as_f64().map(|second| second as i64))),
        Value::String(text) => match text.parse::<i64>().or_else(|_| text.parse::<f64>().map(|s| s as i64)) {
            Ok(second) => Ok(Some(second)),
            Err(_) => Err(format!("json: invalid number literal, trying to unmarshal {value} into Number")),
        },
        other => Err(format!("json: cannot unmarshal {} into Go value of type json.Number", noun(other))),
    }
}
