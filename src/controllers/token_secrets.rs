//! Secrets of type `kubernetes.io/service-account-token` hold a token of their account
//! (`pkg/controller/serviceaccount/tokens_controller.go`).
//!
//! Up to 1.23 every account gets one by itself, and refers to it (from 1.24 on `LegacyServiceAccountTokenNoAutoGeneration`
//! is on: KEP-2799, and the urgent upgrade notes in the changelog of 1.24). A secret that somebody made by hand gets its
//! token in every release. A secret whose account is gone goes, too.

use super::{ActsAs, Controller, Cx, Plan, calls};
use crate::api::Dig;
use crate::json::{Value, json};
use crate::store::{Event, Key, Objects};
use crate::tokens::{Claims, unsigned};
use base64::{Engine, engine::general_purpose::STANDARD};

/// The type of token secrets.
pub(super) const TYPE: &str = "kubernetes.io/service-account-token";
const NAME: &str = "kubernetes.io/service-account.name";
const UID: &str = "kubernetes.io/service-account.uid";

/// The token controller.
pub(super) const CONTROLLER: Controller =
    Controller::new("serviceaccount-token-controller", ActsAs::Manager, wakes, reconcile);

fn wakes(event: &Event, _: &Objects) -> Vec<Key> {
    let object = event.new.as_ref().or(event.old.as_ref());
    let ours = match &*event.key.resource {
        "serviceaccounts" => true,
        "secrets" => object.is_some_and(|secret| secret.text("type") == TYPE),
        _ => false,
    };
    if ours { vec![event.key.clone()] } else { Vec::new() }
}

fn reconcile(mut cx: Cx<'_>, key: &Key) -> Plan {
    match &*key.resource {
        "secrets" => match cx.cache.of(key).cloned() {
            Some(secret) => of_secret(&cx, &secret),
            None => without_secret(&cx, key),
        },
        _ => match cx.cache.of(key).cloned() {
            Some(account) => of_account(&mut cx, &account),
            None => without_account(&cx, key),
        },
    }
}

/// Whether a secret is for that account.
fn is_for(secret: &Value, account: &Value) -> bool {
    secret.text("type") == TYPE
        && secret.annotation(NAME) == Some(account.name())
        && secret.annotation(UID).is_none_or(|uid| uid.is_empty() || uid == account.uid())
}

/// An account without a token gets one (up to 1.23).
fn of_account(cx: &mut Cx<'_>, account: &Value) -> Plan {
    let mut plan = Plan::default();
    let namespace = account.namespace();
    // Nothing can be made in a namespace that goes.
    let goes = cx.cache.get("namespaces", "", namespace).is_none_or(|n| n.has("metadata.deletionTimestamp"));
    let has_one = account.list("secrets").iter().any(|reference| {
        cx.cache
            .get("secrets", namespace, reference.text("name"))
            .is_some_and(|secret| is_for(secret, account))
    });
    if cx.config.feature("LegacyServiceAccountTokenNoAutoGeneration") || has_one || goes {
        return plan;
    }
    let mut secret = json!({
        "apiVersion": "v1", "kind": "Secret", "type": TYPE,
        "metadata": {
            "name": format!("{}-token-{}", account.name(), cx.random.suffix(5)), "namespace": namespace,
            "annotations": {NAME: account.name(), UID: account.uid()},
        },
    });
    fill(cx, &mut secret, account);
    plan.call(calls::create("secrets", &secret));
    let mut referring = account.clone();
    referring.push("secrets", json!({"name": secret.name()}));
    plan.call(calls::update("serviceaccounts", "", &referring));
    plan
}

/// The tokens of a deleted account go.
fn without_account(cx: &Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    for secret in cx.cache.list("secrets", &key.namespace) {
        if secret.text("type") == TYPE && secret.annotation(NAME) == Some(&key.name) {
            plan.call(calls::delete("secrets", secret));
        }
    }
    plan
}

/// A secret gets what it lacks; without its account it goes.
fn of_secret(cx: &Cx<'_>, secret: &Value) -> Plan {
    let mut plan = Plan::default();
    if secret.has("metadata.deletionTimestamp") {
        return plan;
    }
    let name = secret.annotation(NAME).unwrap_or_default();
    let account =
        cx.cache.get("serviceaccounts", secret.namespace(), name).filter(|account| is_for(secret, account));
    match account {
        None => plan.call(calls::delete("secrets", secret)),
        Some(account) => {
            let mut filled = secret.clone();
            if fill(cx, &mut filled, account) {
                plan.call(calls::update("secrets", "", &filled));
            }
        }
    }
    plan
}

/// Accounts no longer refer to a deleted secret.
fn without_secret(cx: &Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    for account in cx.cache.list("serviceaccounts", &key.namespace) {
        let mut references = account.list("secrets").to_vec();
        references.retain(|reference| reference.text("name") != &*key.name);
        if references.len() < account.list("secrets").len() {
            let mut without = (**account).clone();
            match references.is_empty() {
                true => drop(without.take_out("secrets")),
                false => without.set("secrets", references),
            }
            plan.call(calls::update("serviceaccounts", "", &without));
        }
    }
    plan
}

/// Puts in what is missing of annotation, authority, namespace and token; whether something was.
fn fill(cx: &Cx<'_>, secret: &mut Value, account: &Value) -> bool {
    let before = secret.clone();
    secret.make("metadata.annotations")[UID] = account.uid().into();
    let namespace = STANDARD.encode(account.namespace());
    let authority = STANDARD.encode(cx.root_ca);
    // The authority follows the cluster's; a token that is there stays.
    secret.make("data")["ca.crt"] = authority.into();
    if secret.entry("data", "namespace").is_none_or(str::is_empty) {
        secret.make("data")["namespace"] = namespace.into();
    }
    if secret.entry("data", "token").is_none_or(str::is_empty) {
        let token = unsigned(&Claims::legacy(account, secret), cx.key);
        secret.make("data")["token"] = STANDARD.encode(token).into();
    }
    *secret != before
}
