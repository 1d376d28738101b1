//! Accounts, secrets, config maps, namespaces.

use super::super::Ctx;
use super::super::error::Done;
use super::super::mapping::Mapping;
use super::super::send::query;
use super::{Text, chunk, events, policy};
use crate::api::Dig;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

fn head(object: &Value) -> Text {
    let mut text = Text::default();
    text.field(0, "Name", object.name());
    if !object.namespace().is_empty() {
        text.field(0, "Namespace", object.namespace());
    }
    text.labels(object);
    text.annotations(object);
    text
}

/// A service account; only the old kubectl tells its secrets, and looks for its tokens among them.
pub(super) fn service_account(ctx: &mut Ctx<'_>, _: &Mapping, object: &Value) -> Done<Text> {
    let mut text = head(object);
    let secrets = if ctx.old() {
        ctx.fetch(&format!("/api/v1/namespaces/{}/secrets", object.namespace())).ok()
    } else {
        None
    };
    let mut tokens: Vec<String> = Vec::new();
    let mut known: Vec<String> = Vec::new();
    for secret in secrets.iter().flat_map(|list| list.list("items")) {
        known.push(secret.name().to_owned());
        let mine = secret.text("type") == "kubernetes.io/service-account-token"
            && secret.annotation("kubernetes.io/service-account.name") == Some(object.name())
            && secret.annotation("kubernetes.io/service-account.uid") == Some(object.uid());
        if mine {
            tokens.push(secret.name().to_owned());
        }
    }
    let names = |path: &str| object.list(path).iter().map(|s| s.text("name").to_owned()).collect::<Vec<_>>();
    let marked = |names: Vec<String>| {
        let gone = |name: &String| secrets.is_some() && !known.contains(name);
        names.into_iter().map(|n| if gone(&n) { format!("{n} (not found)") } else { n }).collect()
    };
    text.map("Image pull secrets", marked(names("imagePullSecrets")));
    if ctx.old() {
        text.map("Mountable secrets", marked(names("secrets")));
        text.map("Tokens", marked(tokens));
    }
    events(ctx, &mut text, object, "ServiceAccount");
    Ok(text)
}

/// A secret: a token is shown, everything else is counted.
pub(super) fn secret(_: &mut Ctx<'_>, _: &Mapping, object: &Value) -> Done<Text> {
    let mut text = head(object);
    text.line(0, format!("\nType:\t{}", object.text("type")));
    text.line(0, "\nData\n====");
    for (key, value) in object.entries("data") {
        let bytes = STANDARD.decode(value.as_str().unwrap_or_default()).unwrap_or_default();
        let is_token = key == "token" && object.text("type") == "kubernetes.io/service-account-token";
        text.line(
            0,
            match is_token {
                true => format!("{key}:\t{}", String::from_utf8_lossy(&bytes)),
                false => format!("{key}:\t{} bytes", bytes.len()),
            },
        );
    }
    Ok(text)
}

/// A config map with its texts.
pub(super) fn config_map(ctx: &mut Ctx<'_>, _: &Mapping, object: &Value) -> Done<Text> {
    let mut text = head(object);
    text.line(0, "\nData\n====");
    for (key, value) in object.entries("data") {
        text.line(0, format!("{key}:\n----\n{}", value.as_str().unwrap_or_default()));
        if !ctx.old() {
            text.line(0, "");
        }
    }
    if !ctx.old() {
        text.line(0, "\nBinaryData\n====");
        for (key, value) in object.entries("binaryData") {
            let bytes = STANDARD.decode(value.as_str().unwrap_or_default()).unwrap_or_default();
            text.line(0, format!("{key}: {} bytes", bytes.len()));
        }
        text.line(0, "");
    }
    events(ctx, &mut text, object, "ConfigMap");
    Ok(text)
}

/// A namespace with its quotas and limits.
pub(super) fn namespace(ctx: &mut Ctx<'_>, _: &Mapping, object: &Value) -> Done<Text> {
    let mut text = Text::default();
    text.field(0, "Name", object.name());
    text.labels(object);
    text.annotations(object);
    text.field(0, "Status", object.text("status.phase"));
    let mut lists = Vec::new();
    for resource in ["resourcequotas", "limitranges"] {
        let path = format!("/api/v1/namespaces/{}/{resource}", object.name());
        let answer = ctx.fetch(&query(&path, &[("limit", chunk(ctx))]));
        lists.push(match answer {
            Err(failure) if failure.is("NotFound") => None,
            answer => Some(answer?.list("items").to_vec()),
        });
    }
    let mut lists = lists.into_iter();
    if let Some(Some(quotas)) = lists.next() {
        policy::quotas_of_namespace(&mut text, &quotas);
    }
    if let Some(Some(limits)) = lists.next() {
        policy::limits_of_namespace(&mut text, &limits);
    }
    Ok(text)
}
