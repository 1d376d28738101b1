//! Who is asked, how, and for how long an answer counts.

use crate::api::differences::NO_EMPTY_TIMES;
use crate::api::{Dig, Post, Version};
use crate::config::{AuthorizationWebhook, AuthorizedTtls, Config, Kubeconfig};
use crate::json::{Value, json};
use jiff::SignedDuration;
use std::sync::Arc;
use std::time::Duration;

/// How long an answer is waited for (`defaultRequestTimeout`).
const TIMEOUT: Duration = Duration::from_secs(30);
/// The longest attributes whose answer is remembered (`maxControlledAttrCacheSize`).
const LONG: usize = 10_000;
/// A webhook that authenticates or authorizes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Client {
    at: Kubeconfig,
    /// The release of the server that asks.
    pub(super) release: Version,
    /// Whether an authorizer hears of selectors.
    pub(super) selectors: bool,
    /// `v1` or `v1beta1`.
    pub(super) version: String,
    timeout: Duration,
    ttl: Ttl,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ttl {
    Decision(AuthorizedTtls),
    User(SignedDuration),
}

impl Client {
    /// The authorizer that flags or a file configure.
    pub(crate) fn authorizer(config: &Config, webhook: &AuthorizationWebhook) -> Arc<Client> {
        let timeout = webhook.timeout.unsigned_abs();
        Client::new(config, &webhook.client, &webhook.version, timeout, Ttl::Decision(webhook.ttl))
    }

    /// The authenticator that the flags name.
    pub(crate) fn authenticator(config: &Config) -> Option<Arc<Client>> {
        let flags = &config.authentication_token_webhook;
        Some(Client::new(config, flags.client.as_ref()?, &flags.version, TIMEOUT, Ttl::User(flags.ttl)))
    }

    fn new(config: &Config, at: &Kubeconfig, version: &str, timeout: Duration, ttl: Ttl) -> Arc<Client> {
        let selectors = config.feature("AuthorizeWithSelectors");
        let (at, version) = (at.clone(), version.to_owned());
        Arc::new(Client { at, release: config.version, selectors, version, timeout, ttl })
    }

    /// A review, as it is sent.
    pub(super) fn review(&self, group: &str, kind: &str, spec: Value, status: Value) -> Value {
        let metadata = match !self.release.has(NO_EMPTY_TIMES) {
            true => json!({"creationTimestamp": null}),
            false => json!({}),
        };
        let api_version = format!("{group}/{}", self.version);
        json!({"kind": kind, "apiVersion": api_version, "metadata": metadata, "spec": spec, "status": status})
    }

    /// The call.
    pub(super) fn post(&self, review: Value) -> Post {
        Post {
            webhook: String::new(),
            client_config: self.at.client.clone(),
            url: self.at.server.clone(),
            dial: None,
            review,
            timeout: self.timeout,
        }
    }

    /// How long an answer to a question is remembered, if it is at all.
    pub(super) fn remembers(&self, review: &Value, status: &Value) -> Option<SignedDuration> {
        match self.ttl {
            Ttl::Decision(_) if attributes(review) >= LONG => None,
            Ttl::Decision(ttl) if status.flag("allowed") => Some(ttl.authorized),
            Ttl::Decision(ttl) => Some(ttl.unauthorized),
            // An error is not remembered, neither a success nor a plain no being one.
            Ttl::User(ttl) => {
                (status.flag("authenticated") || status.text("error").is_empty()).then_some(ttl)
            }
        }
    }
}

/// How long the attributes are that whoever asks chooses freely.
fn attributes(review: &Value) -> usize {
    let of = |field: &str| {
        let texts = review.entries(field).filter_map(|(_, value)| value.as_str());
        texts.map(str::len).sum::<usize>()
    };
    of("spec.resourceAttributes") + of("spec.nonResourceAttributes")
}
