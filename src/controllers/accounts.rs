//! The accounts of controllers, which kube-controller-manager makes for itself (`controller-manager/pkg/clientbuilder`).
//!
//! Only with `--use-service-account-credentials`.
//!
//! Differs from Kubernetes: all accounts are made at the start, whichever controllers run; one that was deleted is made
//! again at once, not when its controller's token expires.

use super::{ActsAs, Controller, Cx, Plan, calls};
use crate::bootstrap;
use crate::json::json;
use crate::store::{Event, Key, Objects};

const NAMESPACE: &str = "kube-system";

/// The maker of accounts.
pub(super) const CONTROLLER: Controller = Controller {
    starts: |config| match config.use_service_account_credentials {
        true => bootstrap::controller_accounts(config.version).iter().map(|name| key(name)).collect(),
        false => Vec::new(),
    },
    ..Controller::new("kube-controller-manager", ActsAs::Manager, wakes, reconcile)
};

fn key(name: &str) -> Key {
    Key::new("serviceaccounts", NAMESPACE, name)
}

fn wakes(event: &Event, _: &Objects) -> Vec<Key> {
    match (&*event.key.resource, &*event.key.namespace, &event.new) {
        ("serviceaccounts", NAMESPACE, None) => vec![event.key.clone()],
        _ => Vec::new(),
    }
}

fn reconcile(cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let wanted = cx.cache.of(key).is_none()
        && cx.config.use_service_account_credentials
        && bootstrap::controller_accounts(cx.version).contains(&&*key.name);
    if wanted {
        let metadata = json!({"name": &*key.name, "namespace": NAMESPACE});
        plan.call(calls::create(
            "serviceaccounts",
            &json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}),
        ));
    }
    plan
}
