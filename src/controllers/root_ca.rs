//! Every namespace has the cluster's root certificate (`pkg/controller/certificates/rootcacertpublisher`).

use super::{ActsAs, Controller, Cx, Plan, calls};
use crate::api::Dig;
use crate::api::differences::ROOT_CA_EXPLAINED;
use crate::json::json;
use crate::store::{Event, Key, Objects};

/// The config map's name.
pub(super) const NAME: &str = "kube-root-ca.crt";

/// The root CA publisher.
pub(super) const CONTROLLER: Controller = Controller::new(
    "root-ca-certificate-publisher-controller",
    ActsAs::Account("root-ca-cert-publisher"),
    wakes,
    reconcile,
);

fn wakes(event: &Event, _: &Objects) -> Vec<Key> {
    match (&*event.key.resource, &event.new) {
        ("namespaces", Some(_)) => vec![event.key.clone()],
        ("configmaps", _) if &*event.key.name == NAME => {
            vec![Key::new("namespaces", "", &event.key.namespace)]
        }
        _ => Vec::new(),
    }
}

fn reconcile(cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let Some(namespace) = cx.cache.of(key) else { return plan };
    if namespace.text("status.phase") != "Active" {
        return plan;
    }
    let mut wanted = json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": NAME, "namespace": &*key.name},
        "data": {"ca.crt": cx.root_ca},
    });
    // The note that says what it is for came with 1.21.
    if cx.version.has(ROOT_CA_EXPLAINED) {
        wanted.set("metadata.annotations", json!({
            "kubernetes.io/description": "Contains a CA bundle that can be used to verify the kube-apiserver when \
             using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is \
             guaranteed across distributions of Kubernetes clusters.",
        }));
    }
    match cx.cache.get("configmaps", &key.name, NAME) {
        None => plan.call(calls::create("configmaps", &wanted)),
        Some(stored) if stored.at("data") == wanted.at("data") => {}
        Some(stored) => {
            let mut mended = (**stored).clone();
            mended.set("data", wanted.at("data").clone());
            plan.call(calls::update("configmaps", "", &mended));
        }
    }
    plan
}
