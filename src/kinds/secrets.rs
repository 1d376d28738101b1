//! Secrets: their types and what each must hold (`pkg/apis/core/validation`, `pkg/apis/core/v1/conversion.go`).

use super::Kind;
use super::Moment;
use super::columns::{Columns, Print, age, text};
use super::parts::meta::immutable;
use super::selectable::Field;
use crate::api::differences::{DATA_WITHOUT_VERB, TLS_SECRETS_WARNED_OF};
use crate::api::field::Errors;
use crate::api::names::config_map_key;
use crate::api::value::Dig;
use crate::api::version::Version;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

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
    columns: &[Columns::new("Name|Type|Data#|Age", row)],
    selectable: &[Field::text("type")],
    ..Kind::plain("", "secrets")
};

/// A pair that no server could use is stored all the same (`pkg/api/secret.GetWarningsForSecret`).
fn warn(secret: &Value, moment: Moment, version: Version) -> Vec<String> {
    if secret.text("type") != "kubernetes.io/tls"
        || moment == Moment::Arrived
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

fn validate(secret: &Value, errors: &mut Errors) {
    let mut size = 0;
    for (key, value) in secret.entries("data") {
        errors.invalid_each(format_args!("data[{key}]"), key, config_map_key(key));
        size += STANDARD.decode(value.as_str().unwrap_or_default()).map_or(0, |bytes| bytes.len());
    }
    if size > BYTES_MAX {
        errors.too_long("data", BYTES_MAX);
    }
    let has = |key: &str| secret.at("data").get(key).is_some();
    // Earlier releases print the verb of a format that they forgot to fill in.
    let data = match errors.version().has(DATA_WITHOUT_VERB) {
        true => "data",
        false => "data[%s]",
    };
    match secret.text("type") {
        "kubernetes.io/service-account-token" => {
            let key = "kubernetes.io/service-account.name";
            if secret.annotation(key).unwrap_or_default().is_empty() {
                errors.required(format_args!("metadata.annotations[{key}]"), "");
            }
        }
        "kubernetes.io/dockercfg" => json_map(secret, ".dockercfg", errors),
        "kubernetes.io/dockerconfigjson" => json_map(secret, ".dockerconfigjson", errors),
        "kubernetes.io/basic-auth" if !has("username") && !has("password") => {
            errors.required(format_args!("{data}[username]"), "");
            errors.required(format_args!("{data}[password]"), "");
        }
        "kubernetes.io/ssh-auth" if bytes(secret, "ssh-privatekey").is_none_or(|key| key.is_empty()) => {
            errors.required(format_args!("{data}[ssh-privatekey]"), "");
        }
        "kubernetes.io/tls" => {
            for key in ["tls.crt", "tls.key"].into_iter().filter(|key| !has(key)) {
                errors.required(format_args!("data[{key}]"), "");
            }
        }
        _ => {}
    }
}

/// A key whose value must be a JSON object.
fn json_map(secret: &Value, key: &str, errors: &mut Errors) {
    let path = format!("data[{key}]");
    let Some(bytes) = bytes(secret, key) else {
        errors.required(path, "");
        return;
    };
    let hidden = "<secret contents redacted>";
    match serde_json::from_slice::<Value>(&bytes) {
        Ok(Value::Object(_) | Value::Null) => {}
        Ok(other) => {
            let found = match other {
                Value::Array(_) => "array",
                Value::Bool(_) => "bool",
                Value::Number(_) => "number",
                Value::String(_) | Value::Null | Value::Object(_) => "string",
            };
            let detail =
                format!("json: cannot unmarshal {found} into Go value of type map[string]interface {{}}");
            errors.invalid(path, hidden, detail);
        }
        Err(error) if bytes.is_empty() || error.is_eof() => {
            errors.invalid(path, hidden, "unexpected end of JSON input");
        }
        Err(error) => {
            // Both count from 1, columns here in the last line.
            let at = error.column().saturating_sub(1);
            let line = bytes.split(|b| *b == b'\n').nth(error.line().saturating_sub(1));
            let found = line.and_then(|line| line.get(at)).copied().unwrap_or(b' ') as char;
            let detail = format!("invalid character '{found}' looking for beginning of value");
            errors.invalid(path, hidden, detail);
        }
    }
}

fn validate_update(new: &Value, old: &Value, _: &str, errors: &mut Errors) {
    immutable(new, old, "type", errors);
    frozen(new, old, &["data"], errors);
}

/// What `immutable` forbids: to take it back, and to change the fields at `paths`.
pub(super) fn frozen(new: &Value, old: &Value, paths: &[&str], errors: &mut Errors) {
    if !old.flag("immutable") {
        return;
    }
    if !new.flag("immutable") {
        errors.forbidden("immutable", FROZEN);
    }
    for path in paths {
        if !new.entries(path).eq(old.entries(path)) {
            errors.forbidden(path, FROZEN);
        }
    }
}

fn row(object: &Value, print: Print) -> Vec<Value> {
    let data = object.entries("data").count();
    vec![object.name().into(), text(object, "type"), data.into(), age(object, print)]
}
