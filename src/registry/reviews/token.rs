//! Minting a token for an account (`pkg/registry/core/serviceaccount/storage/token.go`).

use super::draft;
use crate::admit::Stop;
use crate::api::Status;
use crate::api::differences::TOKEN_REQUESTS_FILLED_IN;
use crate::api::resources::Resource;
use crate::json::Value;
use crate::pipeline::{self, Call, Draft, Rules, Verb, validate};
use crate::tokens::request::{self, Asked, Policy};
use crate::tokens::{Improvements, unsigned};
use std::sync::Arc;

/// Answers a `TokenRequest`.
pub(super) fn request(call: &mut Call<'_>, row: &Arc<Resource>, body: Value) -> Result<Value, Stop> {
    let info = call.request.info();
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
    let prepare = || request::prepare(&policy, &asked, &body, &stored);
    let mut minting = Minting { prepare: &prepare, prepared: None };
    let draft = draft(call, row, body.clone());
    pipeline::admit(call, draft, &mut minting)?;
    let prepared = match minting.prepared {
        Some(prepared) => prepared,
        None => prepare()?,
    };
    let granted = request::grant(&policy, &asked, prepared, &stored)?;
    call.warnings.extend(granted.warnings.iter().cloned());
    if !granted.claims.id.is_empty() {
        let key = "authentication.kubernetes.io/issued-credential-id".to_owned();
        call.trace.audit.push((key, format!("JTI={}", granted.claims.id)));
    }
    let text = unsigned(&granted.claims, call.authenticators.bearer.key());
    Ok(granted.with_token(&text))
}

/// A token that is minted.
struct Minting<'a> {
    prepare: &'a dyn Fn() -> Result<Value, Status>,
    prepared: Option<Value>,
}

impl Verb for Minting<'_> {
    const RULES: Rules = validate::without_rules;

    /// Plugins that refuse see what was filled in, but for those of 1.20.
    fn complete(&mut self, call: &mut Call<'_>, draft: &mut Draft) -> Result<(), Stop> {
        if call.version.has(TOKEN_REQUESTS_FILLED_IN) {
            let prepared = (self.prepare)()?;
            *draft.object_mut() = prepared.clone();
            self.prepared = Some(prepared);
        }
        Ok(())
    }
}
