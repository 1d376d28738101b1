//! A token as text: written without a signature, signed only when somebody looks at it, and taken apart.

use super::claims::Claims;
use super::keys::{PublicKey, SigningKey};
use crate::api::Dig;
use crate::json::Value;
use base64::alphabet::URL_SAFE;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD, URL_SAFE_NO_PAD};
use base64::{DecodeError, Engine};
use jsonwebtoken::Header;
use std::borrow::Cow;

fn header(key: &PublicKey) -> Header {
    let mut header = Header::new(key.algorithm());
    header.typ = None;
    header.kid = Some(key.id().to_owned());
    header
}

/// What stands where the signature will: no signature begins so, for it is no letter of base64url.
const MARK: char = '~';

/// A token's text without its signature, which [`signed`] puts in the place of a mark.
///
/// Secrets keep their tokens so, because signing is dear and few of them are ever read. Anybody who may write a secret
/// can write such a text, but the mark proves that the holder of the key made it.
pub(crate) fn unsigned(claims: &Claims, key: &SigningKey) -> String {
    let encode = |text: String| URL_SAFE_NO_PAD.encode(text);
    let header = serde_json::to_string(&header(key.public())).unwrap_or_default();
    let open = format!("{}.{}", encode(header), encode(claims.to_json().to_string()));
    let mark = key.mark(&open);
    format!("{open}.{MARK}{mark}")
}

/// Header and payload of a text in the form of [`unsigned`], and its mark, good or not.
fn marked(text: &str) -> Option<(&str, &str)> {
    let (open, mark) = text.rsplit_once('.')?;
    Some((open, mark.strip_prefix(MARK)?))
}

/// Whether a text is in the form that [`signed`] completes.
pub(crate) fn is_unsigned(text: &str) -> bool {
    marked(text).is_some()
}

/// Completes a text that [`unsigned`] made with this key or one before it; any other stays as it is.
pub(crate) fn signed<'t>(text: &'t str, key: &SigningKey) -> Cow<'t, str> {
    let Some((open, mark)) = marked(text).filter(|(_, mark)| !mark.is_empty()) else {
        return Cow::Borrowed(text);
    };
    let mut keys = std::iter::successors(Some(key), |key| key.former());
    match keys.find(|key| key.mark(open) == mark).map(|key| key.sign_jws(open.as_bytes())) {
        Some(Ok(signature)) => Cow::Owned(format!("{open}.{signature}")),
        Some(Err(_)) | None => Cow::Borrowed(text),
    }
}

/// Whether a stored text is that of a token whose signature holds.
pub(super) fn is_copy(stored: &[u8], text: &str) -> bool {
    let open = |text: &'_ str| marked(text).map(|(open, _)| open.to_owned());
    let stored_open = std::str::from_utf8(stored).ok().and_then(open);
    stored == text.as_bytes()
        || stored_open.is_some_and(|open| text.rsplit_once('.').is_some_and(|(of, _)| of == open))
}

/// A compact JSON Web Token, taken apart but not believed yet.
pub(crate) struct Parts<'a> {
    /// Header and payload as they were signed.
    pub(super) signed: &'a str,
    /// The signature, in canonical base64url.
    pub(super) signature: String,
    pub(crate) header: Value,
    pub(crate) payload: Value,
}

impl Parts<'_> {
    /// Takes a text apart, if it has the form of a token.
    pub(crate) fn of(text: &str) -> Option<Parts<'_>> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        Some(Parts {
            signed,
            signature: URL_SAFE_NO_PAD.encode(bytes(signature).ok()?),
            header: decode(header)?,
            payload: decode(payload)?,
        })
    }

    /// Whether a key made the signature, in the way that the header names.
    pub(crate) fn is_signed_with(&self, key: &PublicKey) -> bool {
        let algorithm = self.header.text("alg").parse();
        algorithm
            .is_ok_and(|algorithm| key.verifies_token(&self.signature, self.signed.as_bytes(), algorithm))
    }
}

/// The claims of a text in three parts, whatever else is in it.
pub(crate) fn claims_of(text: &str) -> Option<Value> {
    match text.split('.').collect::<Vec<_>>().as_slice() {
        [_, payload, _] => decode(payload),
        _ => None,
    }
}

/// A token with any claims.
pub(crate) fn signed_claims(claims: &Value, key: &SigningKey) -> Result<String, String> {
    let encode = |text: String| URL_SAFE_NO_PAD.encode(text);
    let header = serde_json::to_string(&header(key.public())).map_err(|error| error.to_string())?;
    let open = format!("{}.{}", encode(header), encode(claims.to_string()));
    let signature = key.sign_jws(open.as_bytes())?;
    Ok(format!("{open}.{signature}"))
}

fn decode(part: &str) -> Option<Value> {
    let value: Value = serde_json::from_slice(&bytes(part).ok()?).ok()?;
    value.is_object().then_some(value)
}

/// Go's decoder does not mind what the unused bits of the last character say.
fn bytes(part: &str) -> Result<Vec<u8>, DecodeError> {
    GeneralPurpose::new(&URL_SAFE, NO_PAD.with_decode_allow_trailing_bits(true)).decode(part)
}
