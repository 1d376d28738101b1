//! Flags that don't go together, and values that no server starts with.

use super::Config;
use crate::api::differences::OIDC_FLAGS_VALIDATED;
use crate::api::field::{aggregate, quote};
use crate::error::Error;

/// Why a server with these flags does not start, if that is so.
pub(super) fn of(given: &[&str], config: &Config) -> Option<Error> {
    of_authorizers_and_issuers(given, config).or_else(|| of_tokens(config))
}

/// Flags that must not stand together (`BuiltInAuthorizationOptions.Validate`, `BuiltInAuthenticationOptions.Validate`).
fn of_authorizers_and_issuers(given: &[&str], config: &Config) -> Option<Error> {
    let authorizes =
        |name: &&str| *name == "authorization-mode" || name.starts_with("authorization-webhook-");
    if given.contains(&"authorization-config") && given.iter().any(authorizes) {
        let why = "--authorization-config can not be specified when --authorization-mode or \
                   --authorization-webhook-* flags are defined";
        return Some(Error::new(why));
    }
    if !given.iter().any(|name| name.starts_with("oidc-")) {
        return None;
    }
    if config.jwt.is_some() {
        return Some(Error::new("authentication-config file and oidc-* flags are mutually exclusive"));
    }
    let [issuer, client] = [&config.oidc.issuer_url, &config.oidc.client_id].map(|flag| flag.is_empty());
    match config.version.has(OIDC_FLAGS_VALIDATED) {
        true if issuer || client => Some(Error::new(
            "oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set",
        )),
        false if issuer != client => {
            Some(Error::new("oidc-issuer-url and oidc-client-id should be specified together"))
        }
        _ => None,
    }
}

/// What is wrong with the flags about tokens of accounts (`Options.Complete`, `BuiltInAuthenticationOptions.Validate`); of an
/// issuer with a colon it is not checked that it is a URL.
fn of_tokens(config: &Config) -> Option<Error> {
    let span = config.service_account_max_token_expiration;
    if span.is_some_and(|seconds| !(3600..=1 << 32).contains(&seconds)) {
        let why = "the service-account-max-token-expiration must be between 1 hour and 2^32 seconds";
        return Some(Error::new(why));
    }
    let mut wrong: Vec<String> = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for issuer in &config.service_account_issuers {
        if issuer.is_empty() {
            wrong.push("service-account-issuer should not be an empty string".to_owned());
        } else if seen.contains(&issuer.as_str()) {
            wrong.push(format!("service-account-issuer {} is already specified", quote(issuer)));
        } else {
            seen.push(issuer);
        }
    }
    aggregate(&wrong).map(Error::new)
}
