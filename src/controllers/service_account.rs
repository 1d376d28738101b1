//! Every namespace has a `default` service account (`pkg/controller/serviceaccount/serviceaccounts_controller.go`).

use super::{ActsAs, Controller, Cx, Plan, calls};
use crate::api::Dig;
use crate::json::json;
use crate::store::{Event, Key, Objects};

/// The service account controller.
pub(super) const CONTROLLER: Controller = Controller::new(
    "serviceaccount-controller",
    ActsAs::Account("service-account-controller"),
    wakes,
    reconcile,
);

fn wakes(event: &Event, _: &Objects) -> Vec<Key> {
    match (&*event.key.resource, &event.new) {
        ("namespaces", Some(_)) => vec![event.key.clone()],
        ("serviceaccounts", None) => vec![Key::new("namespaces", "", &event.key.namespace)],
        _ => Vec::new(),
    }
}

fn reconcile(cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let Some(namespace) = cx.cache.of(key) else { return plan };
    let missing = cx.cache.get("serviceaccounts", &key.name, "default").is_none();
    if missing && namespace.text("status.phase") == "Active" {
        let account = json!({
            "apiVersion": "v1", "kind": "ServiceAccount",
            "metadata": {"name": "default", "namespace": &*key.name},
        });
        plan.call(calls::create("serviceaccounts", &account));
    }
    plan
}
