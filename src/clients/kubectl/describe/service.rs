//! Services and ingresses, with the endpoints behind them.

use super::super::Ctx;
use super::super::error::{Done, Failure};
use super::super::mapping::Mapping;
use super::super::send::query;
use super::{Text, events, selector};
use crate::api::Dig;
use serde_json::Value;

/// How many addresses are told.
const MOST: usize = 3;

fn or_none(text: String) -> String {
    if text.is_empty() { "<none>".to_owned() } else { text }
}

fn joined(list: &[Value]) -> String {
    or_none(list.iter().filter_map(Value::as_str).collect::<Vec<&str>>().join(","))
}

/// What is behind a service: its endpoints to the old client, its slices to today's.
fn behind(ctx: &mut Ctx<'_>, namespace: &str, name: &str) -> Done<Vec<Value>> {
    if ctx.old() {
        return Ok(vec![ctx.fetch(&format!("/api/v1/namespaces/{namespace}/endpoints/{name}"))?]);
    }
    let path = format!("/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices");
    let label = format!("kubernetes.io/service-name={name}");
    Ok(ctx.fetch(&query(&path, &[("labelSelector", &label)]))?.list("items").to_vec())
}

/// The addresses behind a port, by its name.
fn addresses(old: bool, behind: &[Value], port: &str) -> String {
    let mut found: Vec<String> = Vec::new();
    let mut put = |ports: &[Value], hosts: &[&str]| {
        for number in ports.iter().filter(|p| port.is_empty() || p.text("name") == port) {
            found.extend(hosts.iter().map(|host| format!("{host}:{}", number.at("port"))));
        }
    };
    for object in behind {
        for subset in object.list("subsets") {
            let hosts: Vec<&str> =
                subset.list("addresses").iter().map(|address| address.text("ip")).collect();
            put(subset.list("ports"), &hosts);
        }
        let ready = object.list("endpoints").iter().filter(|e| e.at("conditions.ready") != false);
        let hosts: Vec<&str> = ready.flat_map(|e| e.list("addresses")).filter_map(Value::as_str).collect();
        put(object.list("ports"), &hosts);
    }
    let more = found.len().saturating_sub(MOST);
    let text = found.iter().take(MOST).cloned().collect::<Vec<String>>().join(",");
    match more {
        0 if old || behind.is_empty() => or_none(text),
        0 => text,
        more => format!("{text} + {more} more..."),
    }
}

/// A service.
pub(super) fn service(ctx: &mut Ctx<'_>, _: &Mapping, object: &Value) -> Done<Text> {
    let mut text = Text::default();
    text.field(0, "Name", object.name());
    text.field(0, "Namespace", object.namespace());
    text.labels(object);
    text.annotations(object);
    text.field(0, "Selector", or_none(selector(object.at("spec.selector"))));
    text.field(0, "Type", object.text("spec.type"));
    if object.has("spec.ipFamilyPolicy") {
        text.field(0, "IP Family Policy", object.text("spec.ipFamilyPolicy"));
    }
    text.field(0, "IP Families", joined(object.list("spec.ipFamilies")));
    text.field(0, "IP", object.text("spec.clusterIP"));
    text.field(0, "IPs", joined(object.list("spec.clusterIPs")));
    if !object.list("spec.externalIPs").is_empty() {
        text.field(0, "External IPs", joined(object.list("spec.externalIPs")));
    }
    if object.has("spec.externalName") {
        text.field(0, "External Name", object.text("spec.externalName"));
    }
    let ingress = object.list("status.loadBalancer.ingress").iter();
    let ingress: Vec<&str> = ingress
        .map(|entry| if entry.text("ip").is_empty() { entry.text("hostname") } else { entry.text("ip") })
        .collect();
    if !ingress.is_empty() {
        text.field(0, "LoadBalancer Ingress", ingress.join(", "));
    }
    // Whoever may not read them sees none.
    let behind = behind(ctx, object.namespace(), object.name()).unwrap_or_default();
    for port in object.list("spec.ports") {
        let name = if port.text("name").is_empty() { "<unset>" } else { port.text("name") };
        let protocol = port.text("protocol");
        text.field(0, "Port", format!("{name}\t{}/{protocol}", port.at("port")));
        let target = port.at("targetPort").shown();
        text.field(0, "TargetPort", format!("{target}/{protocol}"));
        if port.at("nodePort").as_i64().is_some_and(|number| number != 0) {
            text.field(0, "NodePort", format!("{name}\t{}/{protocol}", port.at("nodePort")));
        }
        text.field(0, "Endpoints", addresses(ctx.old(), &behind, port.text("name")));
    }
    text.field(0, "Session Affinity", object.text("spec.sessionAffinity"));
    let policies = [
        ("External Traffic Policy", "spec.externalTrafficPolicy", true),
        ("Internal Traffic Policy", "spec.internalTrafficPolicy", !ctx.old()),
    ];
    for (label, field, known) in policies {
        if known && !object.text(field).is_empty() {
            text.field(0, label, object.text(field));
        }
    }
    if !object.list("spec.loadBalancerSourceRanges").is_empty() {
        text.field(0, "LoadBalancer Source Ranges", joined(object.list("spec.loadBalancerSourceRanges")));
    }
    events(ctx, &mut text, object, "Service");
    Ok(text)
}

/// A backend, and what is behind it.
fn backend(ctx: &mut Ctx<'_>, namespace: &str, backend: &Value) -> String {
    let name = backend.text("service.name");
    let port = match backend.text("service.port.name") {
        "" => backend.at("service.port.number").to_string(),
        name => name.to_owned(),
    };
    let found = match ctx.old() {
        true => behind(ctx, namespace, name),
        false => ctx
            .fetch(&format!("/api/v1/namespaces/{namespace}/services/{name}"))
            .and_then(|_| behind(ctx, namespace, name)),
    };
    let addresses = found.map_or_else(
        |failure: Failure| format!("<error: {}>", failure.message()),
        |behind| addresses(ctx.old(), &behind, ""),
    );
    format!("{name}:{port} ({addresses})")
}

/// An ingress.
pub(super) fn ingress(ctx: &mut Ctx<'_>, _: &Mapping, object: &Value) -> Done<Text> {
    let mut text = Text::default();
    text.field(0, "Name", object.name());
    if !ctx.old() {
        text.labels(object);
    }
    text.field(0, "Namespace", object.namespace());
    let addresses = object.list("status.loadBalancer.ingress").iter();
    let addresses: Vec<&str> = addresses.map(|entry| entry.text("ip")).collect();
    text.field(0, "Address", addresses.join(","));
    if !ctx.old() {
        let class = object.text("spec.ingressClassName");
        text.field(0, "Ingress Class", or_none(class.to_owned()));
    }
    let default = match (object.has("spec.defaultBackend"), ctx.old()) {
        (true, _) => backend(ctx, object.namespace(), object.at("spec.defaultBackend")),
        (false, true) => {
            let default =
                serde_json::json!({"service": {"name": "default-http-backend", "port": {"number": 80}}});
            backend(ctx, "kube-system", &default)
        }
        (false, false) => "<default>".to_owned(),
    };
    text.field(0, "Default backend", default);
    if !object.list("spec.tls").is_empty() {
        text.line(0, "TLS:");
        for tls in object.list("spec.tls") {
            let hosts: Vec<&str> = tls.list("hosts").iter().filter_map(Value::as_str).collect();
            let line = match tls.text("secretName") {
                "" => format!("SNI routes {}", hosts.join(",")),
                secret => format!("{secret} terminates {}", hosts.join(",")),
            };
            text.line(1, line);
        }
    }
    text.line(0, "Rules:\n  Host\tPath\tBackends\n  ----\t----\t--------");
    for rule in object.list("spec.rules").to_vec() {
        let host = if rule.text("host").is_empty() { "*" } else { rule.text("host") };
        text.line(1, format!("{host}\t"));
        for path in rule.list("http.paths") {
            let behind = backend(ctx, object.namespace(), path.at("backend"));
            text.line(2, format!("\t{} \t{behind}", path.text("path")));
        }
    }
    if object.list("spec.rules").is_empty() {
        let default = match object.has("spec.defaultBackend") {
            true => backend(ctx, object.namespace(), object.at("spec.defaultBackend")),
            false => "<default>".to_owned(),
        };
        text.line(1, format!("*\t*\t{default}"));
    }
    text.annotations(object);
    events(ctx, &mut text, object, "Ingress");
    Ok(text)
}
