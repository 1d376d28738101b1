//! Accounts, secrets, config maps, namespaces.

use super::super::Ctx;
use super::super::error::Done;
use super::policy;
use super::text::Text;
use crate::api::Dig;
use crate::json::Value;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A service account; only the old kubectl tells its secrets, and looks for its tokens among them.
pub(super) fn service_account(ctx: &mut Ctx<'_>, object: &Value, text: &mut Text) -> Done {
    text.namespace(object);
    text.metadata(object);
    let secrets = match ctx.old() {
        true => ctx.items(&format!("/api/v1/namespaces/{}/secrets", object.namespace()), &[]).ok(),
        false => None,
    };
    let named = |name: &str| match &secrets {
        Some(known) if !known.iter().any(|secret| secret.name() == name) => format!("{name} (not found)"),
        _ => name.to_owned(),
    };
    let names = |path: &str| object.list(path).iter().map(|s| named(s.text("name"))).collect::<Vec<String>>();
    let is_token = |secret: &&Value| {
        secret.text("type") == "kubernetes.io/service-account-token"
            && secret.annotation("kubernetes.io/service-account.name") == Some(object.name())
            && secret.annotation("kubernetes.io/service-account.uid") == Some(object.uid())
    };
    text.list("Image pull secrets", &names("imagePullSecrets"));
    if ctx.old() {
        text.list("Mountable secrets", &names("secrets"));
        let tokens = secrets.iter().flatten().filter(is_token).map(|secret| secret.name().to_owned());
        text.list("Tokens", &tokens.collect::<Vec<String>>());
    }
    Ok(())
}

fn decoded(value: &Value) -> Vec<u8> {
    STANDARD.decode(value.as_str().unwrap_or_default()).unwrap_or_default()
}

/// A secret: a token is shown, everything else is counted.
pub(super) fn secret(_: &mut Ctx<'_>, object: &Value, text: &mut Text) -> Done {
    text.namespace(object);
    text.metadata(object);
    let kind = object.text("type");
    text.line(0, format_args!("\nType:\t{kind}\n\nData\n===="));
    for (key, value) in object.entries("data") {
        let bytes = decoded(value);
        match key == "token" && kind == "kubernetes.io/service-account-token" {
            true => text.field(key, String::from_utf8_lossy(&bytes)),
            false => text.field(key, format_args!("{} bytes", bytes.len())),
        }
    }
    Ok(())
}

/// A config map with its texts.
pub(super) fn config_map(ctx: &mut Ctx<'_>, object: &Value, text: &mut Text) -> Done {
    text.namespace(object);
    text.metadata(object);
    text.line(0, "\nData\n====");
    for (key, value) in object.entries("data") {
        let end = if ctx.old() { "" } else { "\n" };
        text.line(0, format_args!("{key}:\n----\n{}{end}", value.as_str().unwrap_or_default()));
    }
    if !ctx.old() {
        text.line(0, "\nBinaryData\n====");
        for (key, value) in object.entries("binaryData") {
            text.line(0, format_args!("{key}: {} bytes", decoded(value).len()));
        }
        text.line(0, "");
    }
    Ok(())
}

/// A namespace with its quotas and limits.
pub(super) fn namespace(ctx: &mut Ctx<'_>, object: &Value, text: &mut Text) -> Done {
    text.metadata(object);
    text.field("Status", object.text("status.phase"));
    let mut items = |resource: &str| {
        let path = format!("/api/v1/namespaces/{}/{resource}", object.name());
        match ctx.items(&path, &[("limit", ctx.chunk())]) {
            Err(failure) if failure.is("NotFound") => Ok(None),
            items => items.map(Some),
        }
    };
    let (quotas, limits) = (items("resourcequotas")?, items("limitranges")?);
    if let Some(quotas) = quotas {
        policy::quotas_of_namespace(text, &quotas);
    }
    if let Some(limits) = limits {
        policy::limits_of_namespace(text, &limits);
    }
    Ok(())
}
