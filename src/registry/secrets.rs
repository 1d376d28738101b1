//! Tokens are stored and minted unsigned; whoever reads one outside the machine gets the whole token.

use crate::api::{Body, Dig, Response};
use crate::json::Value;
use crate::tokens::{SigningKey, is_unsigned, signed};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::sync::Arc;

/// Completes the tokens of an answer: one secret, a list, or a table.
pub(super) fn sign_tokens(response: &mut Response, key: &SigningKey) {
    match &mut response.body {
        Body::Json(body) if any_open(body) => complete(Arc::make_mut(body), key),
        Body::List(list) if list.items().iter().any(|item| open(item)) => {
            for item in Arc::make_mut(list).items_mut() {
                if open(item) {
                    sign_token(Arc::make_mut(item), key);
                }
            }
        }
        Body::Json(_) | Body::List(_) | Body::Text(_) | Body::Bytes(_) | Body::Watch(_) => {}
    }
}

/// Completes the tokens of a secret, of a list's items and of a table's rows.
pub(crate) fn complete(body: &mut Value, key: &SigningKey) {
    sign_token(body, key);
    for list in ["items", "rows"] {
        for item in body.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            match item.get_mut("object") {
                Some(object) => sign_token(object, key),
                None => sign_token(item, key),
            }
        }
    }
}

/// Whether an object may hold a token.
fn open(object: &Value) -> bool {
    match object.text("kind") {
        "TokenRequest" => true,
        _ => object.text("type") == TYPE && object.has("data.token"),
    }
}

fn any_open(body: &Value) -> bool {
    open(body)
        || ["items", "rows"]
            .iter()
            .any(|list| body.list(list).iter().any(|item| open(item) || open(item.at("object"))))
}

const TYPE: &str = "kubernetes.io/service-account-token";

/// Completes the token of a secret or a token request, if it is one of this server's.
fn sign_token(secret: &mut Value, key: &SigningKey) {
    if secret.text("kind") == "TokenRequest" && secret.has("status.token") {
        let text = signed(secret.text("status.token"), key).into_owned();
        secret.set("status.token", text);
    }
    if secret.text("type") != TYPE {
        return;
    }
    let text =
        STANDARD.decode(secret.text("data.token")).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    if let Some(text) = text.filter(|text| is_unsigned(text)) {
        secret.set("data.token", STANDARD.encode(signed(&text, key).as_bytes()));
    }
}
