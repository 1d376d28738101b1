//! Minting a token for an account (`pkg/registry/core/serviceaccount/storage/token.go`).

use super::super::{Call, write};
use super::mutate;
use crate::admit::Stop;
use crate::api::resources::Resource;
use crate::authorize::Authorized;
use crate::tokens::request::{self, Asked, Policy};
use crate::tokens::{Improvements, unsigned};
use serde_json::Value;

/// Answers a `TokenRequest`.
pub(super) fn request(
    call: &mut Call<'_>,
    request: &Authorized,
    row: &'static Resource,
    body: Value,
) -> Result<Value, Stop> {
    let info = request.info();
    let id = call.random.id();
    let config = call.config;
    let policy = Policy {
        version: call.version,
        issuer: config.service_account_issuers.first().map(String::as_str).unwrap_or_default(),
        audiences: config.audiences(),
        max_seconds: config
            .service_account_max_token_expiration
            .and_then(|s| i64::try_from(s).ok())
            .unwrap_or_default(),
        extend: config.service_account_extend_token_expiration,
        improvements: Improvements::of(config),
    };
    let asked = Asked { namespace: &info.namespace, account: &info.name, id: &id, now: call.now };
    let objects = call.store.objects().clone();
    let stored =
        |resource: &str, namespace: &str, name: &str| objects.get(resource, namespace, name).cloned();
    // Plugins that change see what was sent; those that refuse see it with what was filled in, but for 1.20.
    let draft = mutate(call, request, row, body.clone())?;
    let prepared = if call.version.before(21) {
        write::enforce(call, draft)?;
        request::prepare(&policy, &asked, &body, &stored)?
    } else {
        let prepared = request::prepare(&policy, &asked, &body, &stored)?;
        write::enforce(call, draft.object(prepared.clone()))?;
        prepared
    };
    let granted = request::grant(&policy, &asked, prepared, &stored)?;
    call.warnings.extend(granted.warnings.iter().cloned());
    if !granted.claims.id.is_empty() {
        let note =
            ("authentication.kubernetes.io/issued-credential-id", format!("JTI={}", granted.claims.id));
        call.trace.audit.push((note.0.to_owned(), note.1));
    }
    let text = unsigned(&granted.claims, call.authenticators.bearer.key());
    Ok(granted.with_token(&text))
}
