//! Token secrets that nobody has used for a year are marked, and deleted another year later
//! (`pkg/controller/serviceaccount/legacy_serviceaccount_token_cleaner.go`).
//!
//! Only those that were made for an account by itself (it refers to them), and that no pod names. Source of the
//! release: KEP-2799; `LegacyServiceAccountTokenCleanUp` is on since 1.29, and the use that it looks at is tracked since
//! 1.27 (`LegacyServiceAccountTokenTracking`).
//!
//! Differs from Kubernetes: it looks when something falls due, not once a day.

use super::{ActsAs, Controller, Cx, Plan, calls, token_secrets};
use crate::api::Dig;
use crate::json::{Value, json};
use crate::kinds::pod::references;
use crate::store::{Event, Key, Objects};
use crate::tokens::refusal::INVALID_SINCE_LABEL;
use jiff::{SignedDuration, Timestamp};

/// `--legacy-service-account-token-clean-up-period`.
const PERIOD: SignedDuration = SignedDuration::from_hours(24 * 365);
const DAY: SignedDuration = SignedDuration::from_hours(24);
const LAST_USED: &str = "kubernetes.io/legacy-token-last-used";
const TRACKED: (&str, &str) = ("kube-system", "kube-apiserver-legacy-service-account-token-tracking");

/// The cleaner of token secrets.
pub(super) const CONTROLLER: Controller = Controller::new(
    "legacy-serviceaccount-token-cleaner-controller",
    ActsAs::Account("legacy-service-account-token-cleaner"),
    wakes,
    reconcile,
);

/// A secret, an account that refers to it, the end of a pod that named it.
fn wakes(event: &Event, _: &Objects) -> Vec<Key> {
    let names: Vec<&str> = match (&*event.key.resource, &event.new, &event.old) {
        ("secrets", Some(secret), _) if secret.text("type") == token_secrets::TYPE => vec![&event.key.name],
        ("serviceaccounts", Some(account), _) => {
            account.list("secrets").iter().map(|reference| reference.text("name")).collect()
        }
        ("pods", None, Some(pod)) => references::secrets(pod),
        _ => Vec::new(),
    };
    names.into_iter().map(|name| Key::new("secrets", &event.key.namespace, name)).collect()
}

fn reconcile(cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let Some(secret) = cx.cache.of(key).filter(|secret| secret.text("type") == token_secrets::TYPE) else {
        return plan;
    };
    let named =
        cx.cache.list("pods", &key.namespace).any(|pod| references::secrets(pod).contains(&&*key.name));
    if named || !was_generated(&cx, secret) || !cx.config.feature("LegacyServiceAccountTokenCleanUp") {
        return plan;
    }
    let marked = secret.label(INVALID_SINCE_LABEL).and_then(day);
    let Some(due) = due(&cx, secret, marked) else { return plan };
    if cx.now < due {
        plan.look_again_before(due.duration_since(cx.now));
    } else if marked.is_some() {
        plan.call(calls::delete("secrets", secret));
    } else if let Some(path) = calls::path_of(key, cx.resources) {
        let today = cx.now.strftime("%Y-%m-%d").to_string();
        plan.call(calls::merge(path, &json!({"metadata": {"labels": {INVALID_SINCE_LABEL: today}}})));
    }
    plan
}

/// Whether a secret was made by itself: its account refers to it.
fn was_generated(cx: &Cx<'_>, secret: &Value) -> bool {
    let name = secret.annotation("kubernetes.io/service-account.name").unwrap_or_default();
    let uid = secret.annotation("kubernetes.io/service-account.uid").unwrap_or_default();
    cx.cache.get("serviceaccounts", secret.namespace(), name).is_some_and(|account| {
        let mut names = account.list("secrets").iter().map(|reference| reference.text("name"));
        (uid.is_empty() || uid == account.uid()) && names.any(|name| name == secret.name())
    })
}

/// When a secret will not have been made, used or marked for a whole year; what was never used counts from when use was
/// first tracked. None: never, for nobody knows.
fn due(cx: &Cx<'_>, secret: &Value, marked: Option<Timestamp>) -> Option<Timestamp> {
    let tracked = day(cx.cache.get("configmaps", TRACKED.0, TRACKED.1)?.text("data.since"))?;
    let created: Timestamp = secret.text("metadata.creationTimestamp").parse().ok()?;
    let used = match secret.label(LAST_USED) {
        Some(text) => Some(day(text)?),
        None => None,
    };
    // A day counts until it is over.
    let days = [Some(tracked), used, marked].into_iter().flatten().map(|day| day + DAY);
    days.chain([created]).max().map(|last| last + PERIOD)
}

fn day(text: &str) -> Option<Timestamp> {
    (text.len() == 10).then(|| format!("{text}T00:00:00Z"))?.parse().ok()
}
