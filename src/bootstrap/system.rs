//! Namespaces, priority classes, API services, and the service and config maps of the server itself.

use super::{Object, Settings};
use crate::api::differences::{
    DUAL_STACK, INTERNAL_TRAFFIC, NAMESPACE_LABEL, RANGES_ARE_OBJECTS, TOKEN_TRACKING,
};
use crate::api::{Dig, Resources, Version};
use crate::json::{Value, json};

static API_SERVICES: &str = include_str!("apiservices.txt");

const NAMESPACES: [&str; 4] = ["default", "kube-system", "kube-public", "kube-node-lease"];

const PRIORITY_CLASSES: [(&str, i64, &str); 2] = [
    (
        "system-cluster-critical",
        2_000_000_000,
        "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
    ),
    (
        "system-node-critical",
        2_000_001_000,
        "Used for system critical pods that must not be moved from their current node.",
    ),
];

pub(super) fn objects(version: Version, settings: Settings<'_>) -> Vec<Object> {
    let namespaces = NAMESPACES.map(|name| ("", "namespaces", namespace(version, name)));
    let priorities =
        PRIORITY_CLASSES.iter().map(|class| ("scheduling.k8s.io", "priorityclasses", priority_class(class)));
    let table = settings.config.resources();
    let services = api_services(&table, settings.now);
    let mut objects: Vec<Object> = namespaces.into_iter().chain(priorities).collect();
    objects.push(("", "services", kubernetes(version, settings.secure_port)));
    objects.extend(addresses(version, settings.now));
    objects.extend(config_maps(version, settings).into_iter().map(|o| ("", "configmaps", o)));
    objects.extend(services.map(|o| ("apiregistration.k8s.io", "apiservices", o)));
    objects
}

fn namespace(version: Version, name: &str) -> Value {
    let mut namespace = json!({
        "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name},
        "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"},
    });
    if version.has(NAMESPACE_LABEL) {
        namespace.set("metadata.labels", json!({"kubernetes.io/metadata.name": name}));
    }
    namespace
}

fn priority_class((name, value, description): &(&str, i64, &str)) -> Value {
    json!({
        "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": name},
        "value": value, "description": description, "preemptionPolicy": "PreemptLowerPriority",
    })
}

/// The service under which pods reach the server.
fn kubernetes(version: Version, port: u16) -> Value {
    let mut service = json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {
            "name": "kubernetes", "namespace": "default",
            "labels": {"component": "apiserver", "provider": "kubernetes"},
        },
        "spec": {
            "clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"], "sessionAffinity": "None", "type": "ClusterIP",
            "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": port}],
        },
        "status": {"loadBalancer": {}},
    });
    if version.has(DUAL_STACK) {
        service.set("spec.ipFamilies", json!(["IPv4"]));
        service.set("spec.ipFamilyPolicy", "SingleStack");
    }
    if version.has(INTERNAL_TRAFFIC) {
        service.set("spec.internalTrafficPolicy", "Cluster");
    }
    service
}

/// The range of the services' addresses, and the address of the server's own.
fn addresses(version: Version, now: &str) -> Vec<Object> {
    if !version.has(RANGES_ARE_OBJECTS) {
        return Vec::new();
    }
    let range = json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "ServiceCIDR",
        "metadata": {"name": "kubernetes", "finalizers": ["networking.k8s.io/service-cidr-finalizer"]},
        "spec": {"cidrs": ["10.0.0.0/24"]},
        "status": {"conditions": [{
            "type": "Ready", "status": "True", "lastTransitionTime": now, "reason": "",
            "message": "Kubernetes Service CIDR is ready",
        }]},
    });
    let address = json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "IPAddress",
        "metadata": {"name": "10.0.0.1", "labels": {
            "ipaddress.kubernetes.io/ip-family": "IPv4",
            "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io",
        }},
        "spec": {"parentRef": {"resource": "services", "namespace": "default", "name": "kubernetes"}},
    });
    let group = "networking.k8s.io";
    vec![(group, "servicecidrs", range), (group, "ipaddresses", address)]
}

fn config_maps(version: Version, settings: Settings<'_>) -> Vec<Value> {
    let map = |name, data| {
        json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "kube-system"},
            "data": data,
        })
    };
    let mut maps = Vec::new();
    if !settings.client_ca.is_empty() {
        let data = json!({"client-ca-file": settings.client_ca});
        maps.push(map("extension-apiserver-authentication", data));
    }
    // LegacyServiceAccountTokenTracking (KEP-2799) is on since 1.27.
    if version.has(TOKEN_TRACKING) {
        let day = settings.now.get(..10).unwrap_or(settings.now);
        let data = json!({"since": day});
        maps.push(map("kube-apiserver-legacy-service-account-token-tracking", data));
    }
    maps
}

fn api_services(table: &Resources, now: &str) -> impl Iterator<Item = Value> {
    API_SERVICES.lines().filter(|line| !line.starts_with('#')).flat_map(move |line| {
        let mut cells = line.split(' ');
        let group = cells.next().filter(|g| *g != "core").unwrap_or_default();
        let minimum: i64 = cells.next().and_then(|n| n.parse().ok()).unwrap_or_default();
        cells
            .filter_map(|cell| cell.split_once('='))
            .filter(|(v, _)| table.has_group_version(group, v))
            .map(|(v, priority)| api_service(group, minimum, v, priority.parse().unwrap_or_default(), now))
            .collect::<Vec<_>>()
    })
}

fn api_service(group: &str, minimum: i64, version: &str, priority: i64, now: &str) -> Value {
    let mut service = json!({
        "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
        "metadata": {
            "name": format!("{version}.{group}"),
            "labels": {"kube-aggregator.kubernetes.io/automanaged": "onstart"},
        },
        "spec": {"groupPriorityMinimum": minimum, "version": version, "versionPriority": priority},
        "status": {"conditions": [{
            "type": "Available", "status": "True", "lastTransitionTime": now, "reason": "Local",
            "message": "Local APIServices are always available",
        }]},
    });
    if !group.is_empty() {
        service.set("spec.group", group);
    }
    service
}
