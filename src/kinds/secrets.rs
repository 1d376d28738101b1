//! Secrets: their types and what each must hold (`pkg/apis/core/validation`, `pkg/apis/core/v1/conversion.go`).

use super::Kind;
use super::When;
use super::columns::{AGE, NAME, count, text};
use super::field::Field;
use super::selectable::Selectable;
use crate::api::differences::{DATA_WITHOUT_VERB, TLS_SECRETS_WARNED_OF};
use crate::api::names::config_map_key;
use crate::api::{Dig, Version};
use crate::json::Value;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const BYTES_MAX: usize = 1024 * 1024;
const FROZEN: &str = "field is immutable when `immutable` is set";

/// The row of secrets.
pub(super) const KIND: Kind = Kind {
    defaults,
    prepare: |_, _, _, _| {},
    validate,
    validate_update,
    whole_update: true,
    warn,
    columns: &[NAME, text("Type", "type"), count("Data", "data"), AGE],
    selectable: &[Selectable::text("type")],
    ..Kind::plain("", "secrets")
};

/// A pair that no server could use is stored all the same (`pkg/api/secret.GetWarningsForSecret`).
fn warn(secret: &Value, when: When<'_>, version: Version) -> Vec<String> {
    if secret.text("type") != "kubernetes.io/tls"
        || when == When::Arrived
        || !version.has(TLS_SECRETS_WARNED_OF)
    {
        return Vec::new();
    }
    let has_pem = |key: &str| {
        let bytes = secret.entry("data", key).and_then(|text| STANDARD.decode(text).ok()).unwrap_or_default();
        String::from_utf8_lossy(&bytes).contains("-----BEGIN ")
    };
    let missing = [("tls.crt", "certificate"), ("tls.key", "key")].into_iter().find(|(key, _)| !has_pem(key));
    missing.map(|(_, what)| format!("tls: failed to find any PEM data in {what} input")).into_iter().collect()
}

/// Plain text becomes data, and is not seen again.
fn defaults(secret: &mut Value, _: Version) {
    if let Some(Value::Object(plain)) = secret.take_out("stringData") {
        for (key, value) in plain {
            let text = value.as_str().unwrap_or_default();
            secret.make("data")[key] = STANDARD.encode(text).into();
        }
    }
    if secret.text("type").is_empty() {
        secret.set("type", "Opaque");
    }
}

/// The bytes at a key, if it is there.
fn bytes(secret: &Value, key: &str) -> Option<Vec<u8>> {
    let text = secret.at("data").get(key)?.as_str().unwrap_or_default();
    Some(STANDARD.decode(text).unwrap_or_default())
}

fn validate(secret: Field<'_>) {
    let mut size = 0;
    for (key, value) in secret.entries("data") {
        value.errors.invalid_each(value.path, key, config_map_key(key));
        size += STANDARD.decode(value.text("")).map_or(0, |bytes| bytes.len());
    }
    if size > BYTES_MAX {
        secret.errors.too_long("data", BYTES_MAX);
    }
    let data = secret.child("data");
    let has = |key: &str| data.value.get(key).is_some();
    let key = |key| Field { value: data.value, ..data.entry(key) };
    // Earlier releases print the verb of a format that they forgot to fill in.
    let told = if secret.version().has(DATA_WITHOUT_VERB) { data } else { secret.child("data[%s]") };
    match secret.text("type") {
        "kubernetes.io/service-account-token" => {
            let account = "kubernetes.io/service-account.name";
            if secret.value.annotation(account).unwrap_or_default().is_empty() {
                secret.errors.required(format_args!("metadata.annotations[{account}]"), "");
            }
        }
        "kubernetes.io/dockercfg" => json_map(key(".dockercfg"), bytes(secret.value, ".dockercfg")),
        "kubernetes.io/dockerconfigjson" => {
            json_map(key(".dockerconfigjson"), bytes(secret.value, ".dockerconfigjson"));
        }
        "kubernetes.io/basic-auth" if !has("username") && !has("password") => {
            told.entry("username").required("");
            told.entry("password").required("");
        }
        "kubernetes.io/ssh-auth"
            if bytes(secret.value, "ssh-privatekey").is_none_or(|key| key.is_empty()) =>
        {
            told.entry("ssh-privatekey").required("");
        }
        "kubernetes.io/tls" => {
            ["tls.crt", "tls.key"]
                .into_iter()
                .filter(|key| !has(key))
                .for_each(|name| key(name).required(""));
        }
        _ => {}
    }
}

/// A key whose value must be a JSON object.
fn json_map(field: Field<'_>, bytes: Option<Vec<u8>>) {
    let Some(bytes) = bytes else {
        return field.required("");
    };
    let detail = match serde_json::from_slice::<Value>(&bytes) {
        Ok(Value::Object(_) | Value::Null) => return,
        Ok(other) => {
            let found = match other {
                Value::Array(_) => "array",
                Value::Bool(_) => "bool",
                Value::Number(_) => "number",
                Value::String(_) | Value::Null | Value::Object(_) => "string",
            };
            format!("json: cannot unmarshal {found} into Go value of type map[string]interface {{}}")
        }
        Err(error) if bytes.is_empty() || error.is_eof() => "unexpected end of JSON input".to_owned(),
        Err(error) => {
            // Both count from 1, columns here in the last line.
            let at = error.column().saturating_sub(1);
            let line = bytes.split(|b| *b == b'\n').nth(error.line().saturating_sub(1));
            let found = line.and_then(|line| line.get(at)).copied().unwrap_or(b' ') as char;
            format!("invalid character '{found}' looking for beginning of value")
        }
    };
    field.invalid_as("<secret contents redacted>", detail);
}

fn validate_update(new: Field<'_>, old: &Value, _: &str) {
    new.child("type").immutable(old.at("type"));
    frozen(new, old, &["data"]);
}

/// What `immutable` forbids: to take it back, and to change the fields at `paths`.
pub(super) fn frozen(new: Field<'_>, old: &Value, paths: &[&str]) {
    if !old.flag("immutable") {
        return;
    }
    if !new.flag("immutable") {
        new.child("immutable").forbidden(FROZEN);
    }
    for path in paths {
        if !new.value.entries(path).eq(old.entries(path)) {
            new.child(path).forbidden(FROZEN);
        }
    }
}
