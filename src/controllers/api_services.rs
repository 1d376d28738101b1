//! API services: one for each group version that definitions add, and whether they can be reached
//! (`kube-apiserver`'s crdregistration, `kube-aggregator/pkg/controllers/{autoregister,status}`).
//!
//! # Differs from Kubernetes
//!
//! Nobody answers at a service's address: the check of its discovery, which comes last, always fails.

use super::{ActsAs, Controller, Cx, Plan, calls};
use crate::api::custom::{API_SERVICES, DEFINITIONS, MANAGED};
use crate::api::differences::ENDPOINT_SLICES_LOOKED_FOR;
use crate::api::{Dig, Request, time};
use crate::json::{Value, json};
use crate::store::{Event, Key, Objects};
use std::collections::BTreeSet;

/// Keeps an API service for each group version of a definition.
pub(super) const REGISTERING: Controller =
    Controller::new("autoregister", ActsAs::Server, wakes_versions, register);
/// Tells whether API services can be reached.
pub(super) const AVAILABLE: Controller =
    Controller::new("apiservice-availability", ActsAs::Server, wakes_services, tell);

/// The API services of a definition's versions, before and after.
fn wakes_versions(event: &Event, _: &Objects) -> Vec<Key> {
    let key = |name: &str| Key::new(API_SERVICES, "", name);
    match &*event.key.resource {
        API_SERVICES => vec![event.key.clone()],
        DEFINITIONS => {
            let both = event.old.iter().chain(&event.new);
            let names: BTreeSet<String> = both.flat_map(|definition| names(definition)).collect();
            names.iter().map(|name| key(name)).collect()
        }
        _ => Vec::new(),
    }
}

/// The names of the API services that a definition wants.
fn names(definition: &Value) -> Vec<String> {
    let group = definition.text("spec.group");
    let served = definition.list("spec.versions").iter().filter(|version| version.flag("served"));
    served.map(|version| format!("{}.{group}", version.text("name"))).collect()
}

fn register(cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let (version, group) = key.name.split_once('.').unwrap_or((&key.name, ""));
    let wanted =
        cx.cache.all(DEFINITIONS).any(|definition| names(definition).iter().any(|name| **name == *key.name));
    let found = cx.live.of(key);
    let is_managed = found.is_some_and(|service| service.label(MANAGED) == Some("true"));
    let spec =
        json!({"group": group, "version": version, "groupPriorityMinimum": 1000, "versionPriority": 100});
    match (found, wanted) {
        (None, true) => plan.call(calls::create(
            "apiservices",
            &json!({
                "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
                "metadata": {"name": *key.name, "labels": {MANAGED: "true"}}, "spec": spec,
            }),
        )),
        (Some(service), true) if is_managed && *service.at("spec") != spec => {
            let mut service = (**service).clone();
            service.set("spec", spec);
            plan.call(calls::update("apiservices", "", &service));
        }
        (Some(service), false) if is_managed => plan.call(calls::delete("apiservices", service)),
        _ => {}
    }
    plan
}

/// An API service, and those of a service that was written or whose endpoints were.
fn wakes_services(event: &Event, objects: &Objects) -> Vec<Key> {
    let name = match &*event.key.resource {
        API_SERVICES if event.new.is_some() => return vec![event.key.clone()],
        "services" => event.key.name.to_string(),
        "endpointslices.discovery.k8s.io" => {
            let slice = event.new.as_ref().or(event.old.as_ref());
            slice.and_then(|slice| slice.label("kubernetes.io/service-name")).unwrap_or_default().to_owned()
        }
        _ => return Vec::new(),
    };
    let of = |service: &Value| {
        let reference = service.at("spec.service");
        reference.text("name") == name && reference.text("namespace") == &*event.key.namespace
    };
    let services = objects.all(API_SERVICES).filter(|service| of(service));
    services.map(|service| Key::new(API_SERVICES, "", service.name())).collect()
}

fn tell(cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let Some(service) = cx.live.of(key) else { return plan };
    let (status, reason, message) = match trouble(&cx, service) {
        None => ("True", "Local", "Local APIServices are always available".to_owned()),
        Some((reason, message)) => ("False", reason, message),
    };
    let mut conditions = service.list("status.conditions").to_vec();
    let mut told = json!({
        "type": "Available", "status": status, "lastTransitionTime": time(cx.now), "reason": reason, "message": message,
    });
    match conditions.iter_mut().find(|condition| condition.text("type") == "Available") {
        Some(old) => {
            if old.text("status") == status {
                told.set("lastTransitionTime", old.at("lastTransitionTime").clone());
            }
            *old = told;
        }
        None => conditions.push(told),
    }
    if *service.at("status.conditions") != json!(conditions) {
        let mut told = (**service).clone();
        told.set("status.conditions", conditions);
        plan.call(write_status(&told));
    }
    plan
}

fn write_status(service: &Value) -> Request {
    calls::update("apiservices", "/status", service)
}

/// Why an API service can't be reached; nothing for a local one.
fn trouble(cx: &Cx<'_>, service: &Value) -> Option<(&'static str, String)> {
    let reference = service.at("spec.service");
    if !reference.is_object() {
        return None;
    }
    let (namespace, name) = (reference.text("namespace"), reference.text("name"));
    let port = reference.at("port").as_i64().unwrap_or(443);
    let of = format!("service/{name} in {namespace:?}");
    let Some(found) = cx.live.get("services", namespace, name) else {
        return Some(("ServiceNotFound", format!("{of} is not present")));
    };
    let mut host = format!("{name}.{namespace}.svc");
    if found.text("spec.type") != "ExternalName" {
        host = found.text("spec.clusterIP").to_owned();
        let ports = found.list("spec.ports");
        let Some(listening) = ports.iter().find(|one| one.at("port").as_i64() == Some(port)) else {
            return Some(("ServicePortError", format!("{of} is not listening on port {port}")));
        };
        let mut slices = cx
            .live
            .list("endpointslices.discovery.k8s.io", namespace)
            .filter(|slice| slice.label("kubernetes.io/service-name") == Some(name))
            .peekable();
        let endpoints =
            if cx.version.has(ENDPOINT_SLICES_LOOKED_FOR) { "endpointslices" } else { "endpoints" };
        if slices.peek().is_none() {
            return Some(("EndpointsNotFound", format!("cannot find {endpoints} for {of}")));
        }
        let called = listening.text("name");
        let serves = |slice: &Value| {
            slice.list("ports").iter().any(|port| port.text("name") == called)
                && slice
                    .list("endpoints")
                    .iter()
                    .any(|endpoint| endpoint.at("conditions.ready").as_bool() != Some(false))
        };
        if !slices.any(|slice| serves(slice)) {
            return Some((
                "MissingEndpoints",
                format!("{endpoints} for {of} have no addresses with port name {called:?}"),
            ));
        }
    }
    let (group, version) = (service.text("spec.group"), service.text("spec.version"));
    let url = format!("https://{host}:{port}/apis/{group}/{version}");
    let why = format!("failing or missing response from {url}: Get \"{url}\": dial tcp: no such host");
    Some(("FailedDiscoveryCheck", why))
}
