//! Certificate signing requests.

use super::super::Ctx;
use super::super::error::{Done, Failure};
use super::super::mapping::Mapping;
use super::{Text, events, time};
use crate::api::Dig;
use crate::certificates::SigningRequest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// A signing request with what it asks for.
pub(super) fn request(ctx: &mut Ctx<'_>, mapping: &Mapping, object: &Value) -> Done<Text> {
    let pem = STANDARD.decode(object.text("spec.request")).unwrap_or_default();
    let asked = SigningRequest::from_pem(&String::from_utf8_lossy(&pem))
        .map_err(|why| Failure::plain(format!("Error parsing CSR: {why}")))?;
    let mut text = Text::default();
    text.field(0, "Name", object.name());
    text.labels(object);
    text.annotations(object);
    text.field(0, "CreationTimestamp", time(object.text("metadata.creationTimestamp")));
    text.field(0, "Requesting User", object.text("spec.username"));
    if !object.text("spec.signerName").is_empty() {
        text.field(0, "Signer", object.text("spec.signerName"));
    }
    if let Some(seconds) = object.at("spec.expirationSeconds").as_i64().filter(|_| !ctx.old()) {
        text.field(0, "Requested Duration", super::super::print::human(seconds));
    }
    text.field(0, "Status", status(object));
    let subject = asked.subject();
    text.line(0, format!("Subject:\n\tCommon Name:\t{}\n\tSerial Number:\t", subject.common_name));
    if !subject.organizations.is_empty() {
        text.line(0, format!("\tOrganization:\t{}", subject.organizations.join("\n\t\t")));
    }
    let names = asked.alt_names();
    if !names.dns.is_empty() {
        text.line(0, format!("Subject Alternative Names:\n\tDNS Names:\t{}", names.dns.join("\n\t\t")));
    }
    events(ctx, &mut text, object, &mapping.kind);
    Ok(text)
}

/// How far it is, as tables say it.
fn status(object: &Value) -> String {
    let has = |kind: &str| object.list("status.conditions").iter().any(|c| c.text("type") == kind);
    let mut words: Vec<&str> = match (has("Denied"), has("Approved")) {
        (true, _) => vec!["Denied"],
        (false, true) => vec!["Approved"],
        (false, false) => vec!["Pending"],
    };
    if has("Failed") {
        words.push("Failed");
    }
    if !object.text("status.certificate").is_empty() {
        words.push("Issued");
    }
    words.join(",")
}
