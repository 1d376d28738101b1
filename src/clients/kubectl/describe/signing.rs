//! Certificate signing requests.

use super::super::Ctx;
use super::super::error::{Done, fail};
use super::text::{Text, time};
use crate::api::{Dig, human};
use crate::certificates::SigningRequest;
use crate::json::Value;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A signing request with what it asks for.
pub(super) fn request(ctx: &mut Ctx<'_>, object: &Value, text: &mut Text) -> Done {
    let pem = STANDARD.decode(object.text("spec.request")).unwrap_or_default();
    let asked = match SigningRequest::from_pem(&String::from_utf8_lossy(&pem)) {
        Ok(asked) => asked,
        Err(why) => fail!("Error parsing CSR: {why}"),
    };
    text.metadata(object);
    text.field("CreationTimestamp", time(object.text("metadata.creationTimestamp")));
    text.field("Requesting User", object.text("spec.username"));
    text.present(object, &[("Signer", "spec.signerName")]);
    if let Some(seconds) = object.at("spec.expirationSeconds").as_i64().filter(|_| !ctx.old()) {
        text.field("Requested Duration", human(seconds));
    }
    text.field("Status", status(object));
    let subject = asked.subject();
    text.line(0, format_args!("Subject:\n\tCommon Name:\t{}\n\tSerial Number:\t", subject.common_name));
    if !subject.organizations.is_empty() {
        text.line(0, format_args!("\tOrganization:\t{}", subject.organizations.join("\n\t\t")));
    }
    let names = asked.alt_names();
    if !names.dns.is_empty() {
        text.line(0, format_args!("Subject Alternative Names:\n\tDNS Names:\t{}", names.dns.join("\n\t\t")));
    }
    Ok(())
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
