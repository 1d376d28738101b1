//! Token secrets that nobody has used for a year are marked, and deleted another year later
//! (`pkg/controller/serviceaccount/legacy_serviceaccount_token_cleaner.go`, since 1.29).
//!
//! Only those that were made for an account by itself (it refers to them), and that no pod mounts.

use super::{ActsAs, Controller, Cx, Plan, calls, token_secrets};
use crate::api::Dig;
use crate::store::{Event, Key, Objects};
use crate::tokens::refusal::INVALID_SINCE_LABEL;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

const PERIOD: SignedDuration = SignedDuration::from_hours(24 * 365);
const LAST_USED: &str = "kubernetes.io/legacy-token-last-used";
const TRACKED: (&str, &str) = ("kube-system", "kube-apiserver-legacy-service-account-token-tracking");

/// The cleaner of token secrets.
pub const CONTROLLER: Controller = Controller::new(
    "legacy-serviceaccount-token-cleaner-controller",
    ActsAs::Account("legacy-service-account-token-cleaner"),
    wakes,
    reconcile,
);

fn wakes(event: &Event, _: &Objects) -> Vec<Key> {
    let token = event.new.as_ref().is_some_and(|secret| secret.text("type") == token_secrets::TYPE);
    if &*event.key.resource == "secrets" && token { vec![event.key.clone()] } else { Vec::new() }
}

fn day(text: &str) -> Option<Timestamp> {
    format!("{}T00:00:00Z", text.get(..10)?).parse().ok()
}

fn reconcile(cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let Some(secret) = cx.cache.of(key) else { return plan };
    let account = secret.annotation("kubernetes.io/service-account.name").unwrap_or_default();
    let referred = cx.cache.get("serviceaccounts", &key.namespace, account).is_some_and(|account| {
        account.list("secrets").iter().any(|reference| reference.text("name") == &*key.name)
    });
    if !referred || is_mounted(&cx, key) || !cx.config.feature("LegacyServiceAccountTokenCleanUp") {
        return plan;
    }
    let tracked =
        cx.cache.get("configmaps", TRACKED.0, TRACKED.1).and_then(|map| day(map.text("data.since")));
    let created = day(secret.text("metadata.creationTimestamp"));
    let used = secret.label(LAST_USED).and_then(day);
    // What was never used counts from when use was first tracked.
    let Some(last) = [tracked, created, used].into_iter().flatten().max() else { return plan };
    let marked = secret.label(INVALID_SINCE_LABEL).and_then(day);
    let due = marked.unwrap_or(last) + PERIOD;
    if cx.now < due {
        plan.look_again_before(due.duration_since(cx.now));
    } else if marked.is_some() {
        plan.call(calls::delete("secrets", secret));
    } else if let Some(path) = calls::path_of(key, cx.version) {
        let today = cx.now.strftime("%Y-%m-%d").to_string();
        plan.call(calls::merge(path, &json!({"metadata": {"labels": {INVALID_SINCE_LABEL: today}}})));
    }
    plan
}

fn is_mounted(cx: &Cx<'_>, key: &Key) -> bool {
    let mounts = |pod: &Value| {
        let volumes = pod.list("spec.volumes").iter();
        let mut names = volumes.map(|volume| volume.text("secret.secretName"));
        names.any(|name| name == &*key.name)
    };
    cx.cache.list("pods", &key.namespace).any(|pod| mounts(pod))
}
