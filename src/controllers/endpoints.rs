//! Services lead to their ready pods (`pkg/controller/endpoint`, `pkg/controller/endpointslice`).
//!
//! Differs from Kubernetes: one slice a service, and no hints or zones.

use super::{ActsAs, Controller, Cx, Plan, calls};
use crate::api::Dig;
use crate::api::differences::{ENDPOINTS_MANAGED, SLICES_ARE_V1};
use crate::json::{Value, json};
use crate::store::{Event, Key, Objects};
use std::sync::Arc;

const SLICES: &str = "endpointslices.discovery.k8s.io";

/// The endpoints controller.
pub(super) const ENDPOINTS: Controller =
    Controller::new("endpoints-controller", ActsAs::Account("endpoint-controller"), wakes, endpoints);

/// The endpoint slice controller.
pub(super) const SLICE: Controller =
    Controller::new("endpointslice-controller", ActsAs::Account("endpointslice-controller"), wakes, slice);

fn wakes(event: &Event, objects: &Objects) -> Vec<Key> {
    match &*event.key.resource {
        "services" => vec![event.key.clone()],
        "pods" => [&event.old, &event.new]
            .into_iter()
            .flatten()
            .flat_map(|pod| {
                objects.list("services", &event.key.namespace).filter(move |service| selects(service, pod))
            })
            .map(|service| Key::new("services", service.namespace(), service.name()))
            .collect(),
        _ => Vec::new(),
    }
}

fn selects(service: &Value, pod: &Value) -> bool {
    service.entries("spec.selector").next().is_some()
        && service.entries("spec.selector").all(|(key, value)| pod.label(key) == value.as_str())
}

/// The pods behind a service that have an address.
fn behind(cx: &Cx<'_>, service: &Value) -> Vec<Arc<Value>> {
    let live = |pod: &&Arc<Value>| {
        !pod.text("status.podIP").is_empty() && !matches!(pod.text("status.phase"), "Succeeded" | "Failed")
    };
    cx.cache
        .list("pods", service.namespace())
        .filter(|pod| selects(service, pod))
        .filter(live)
        .cloned()
        .collect()
}

/// A service's ports as its pods have them.
fn ports(service: &Value, pod: Option<&Value>) -> Vec<Value> {
    let of = |port: &Value| {
        let target = port.at("targetPort");
        let named = |name: &str| {
            let ports =
                pod.into_iter().flat_map(|pod| pod.list("spec.containers")).flat_map(|c| c.list("ports"));
            ports.filter(|port| port.text("name") == name).find_map(|port| port.at("containerPort").as_i64())
        };
        let number = match target {
            Value::String(name) => named(name)?,
            _ => target.as_i64().or(port.at("port").as_i64())?,
        };
        let protocol = if port.text("protocol").is_empty() { "TCP" } else { port.text("protocol") };
        let mut out = json!({"port": number, "protocol": protocol});
        if !port.text("name").is_empty() {
            out.set("name", port.text("name"));
        }
        Some(out)
    };
    service.list("spec.ports").iter().filter_map(of).collect()
}

fn is_served(service: &Value) -> bool {
    service.entries("spec.selector").next().is_some() && !service.has("metadata.deletionTimestamp")
}

fn endpoints(cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let Some(service) = cx.cache.of(key) else {
        // Endpoints go with their service.
        if let Some(left) = cx.cache.get("endpoints", &key.namespace, &key.name) {
            plan.call(calls::delete("endpoints", left));
        }
        return plan;
    };
    if !is_served(service) {
        return plan;
    }
    let pods = behind(&cx, service);
    let address = |pod: &Arc<Value>| {
        json!({
            "ip": pod.text("status.podIP"), "nodeName": pod.text("spec.nodeName"),
            "targetRef": {"kind": "Pod", "namespace": pod.namespace(), "name": pod.name(), "uid": pod.uid()},
        })
    };
    let (ready, unready): (Vec<_>, Vec<_>) = pods.iter().partition(|pod| calls::is_ready(pod));
    let mut subset = json!({});
    for (name, pods) in [("addresses", ready), ("notReadyAddresses", unready)] {
        if !pods.is_empty() {
            subset.set(name, pods.into_iter().map(address).collect::<Vec<_>>());
        }
    }
    let ports = ports(service, pods.first().map(|pod| &**pod));
    if !ports.is_empty() {
        subset.set("ports", ports);
    }
    let subsets = if pods.is_empty() { Vec::new() } else { vec![subset] };
    match cx.cache.get("endpoints", &key.namespace, &key.name) {
        Some(stored) if stored.list("subsets") == subsets => {}
        Some(stored) => {
            let mut changed = (**stored).clone();
            changed.set("subsets", subsets);
            plan.call(calls::update("endpoints", "", &changed));
        }
        None => {
            let mut made = json!({
                "apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": &*key.name, "namespace": &*key.namespace},
            });
            let mut labels = service.at("metadata.labels").clone();
            if service.text("spec.clusterIP") == "None" {
                labels.make("")["service.kubernetes.io/headless"] = "".into();
            }
            if cx.version.has(ENDPOINTS_MANAGED) {
                labels.make("")["endpoints.kubernetes.io/managed-by"] = "endpoint-controller".into();
            }
            if labels.is_object() {
                made.set("metadata.labels", labels);
            }
            if !subsets.is_empty() {
                made.set("subsets", subsets);
            }
            plan.call(calls::create("endpoints", &made));
        }
    }
    plan
}

fn slice(cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let mine = |slice: &&Arc<Value>| slice.label("kubernetes.io/service-name") == Some(&key.name);
    let stored = cx.cache.list(SLICES, &key.namespace).find(mine);
    // A slice is owned by its service, and collected with it.
    let Some(service) = cx.cache.of(key).filter(|service| is_served(service)) else { return plan };
    let pods = behind(&cx, service);
    let endpoint = |pod: &Arc<Value>| {
        let ready = calls::is_ready(pod);
        let ends = pod.has("metadata.deletionTimestamp");
        json!({
            "addresses": [pod.text("status.podIP")], "nodeName": pod.text("spec.nodeName"),
            "conditions": {"ready": ready && !ends, "serving": ready, "terminating": ends},
            "targetRef": {"kind": "Pod", "namespace": pod.namespace(), "name": pod.name(), "uid": pod.uid()},
        })
    };
    let endpoints: Vec<Value> = pods.iter().map(endpoint).collect();
    let mut ports = ports(service, pods.first().map(|pod| &**pod));
    ports.iter_mut().for_each(|port| port.set_default("name", ""));
    match stored {
        Some(stored) if stored.list("endpoints") == endpoints => {}
        Some(stored) => {
            let mut changed = (**stored).clone();
            changed.set("endpoints", endpoints);
            plan.call(calls::update("endpointslices", "", &changed));
        }
        None => {
            let version = if cx.version.has(SLICES_ARE_V1) {
                "discovery.k8s.io/v1"
            } else {
                "discovery.k8s.io/v1beta1"
            };
            plan.call(calls::create(
                "endpointslices",
                &json!({
                    "apiVersion": version, "kind": "EndpointSlice", "addressType": "IPv4",
                    "metadata": {
                        "generateName": format!("{}-", key.name), "namespace": &*key.namespace,
                        "labels": {
                            "kubernetes.io/service-name": &*key.name,
                            "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
                        },
                        "ownerReferences": calls::owned_by(service),
                    },
                    "endpoints": endpoints, "ports": ports,
                }),
            ));
        }
    }
    plan
}
