//! Services and ingresses, with the endpoints behind them.

use super::super::Ctx;
use super::super::error::Done;
use super::text::{Text, or, or_none, selector};
use crate::api::Dig;
use crate::json::{Value, json};

/// How many addresses are told.
const MOST: usize = 3;

/// What is behind a service: its endpoints to the old client, its slices to today's.
fn behind(ctx: &mut Ctx<'_>, namespace: &str, name: &str) -> Done<Vec<Value>> {
    if ctx.old() {
        return Ok(vec![ctx.fetch(&format!("/api/v1/namespaces/{namespace}/endpoints/{name}"))?]);
    }
    let path = format!("/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices");
    let label = format!("kubernetes.io/service-name={name}");
    ctx.items(&path, &[("labelSelector", &label)])
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
        let ready =
            object.list("endpoints").iter().filter(|e| e.at("conditions.ready").as_bool() != Some(false));
        let hosts: Vec<&str> = ready.flat_map(|e| e.texts("addresses")).collect();
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
pub(super) fn service(ctx: &mut Ctx<'_>, object: &Value, text: &mut Text) -> Done {
    let joined = |path: &str| or_none(object.texts(path).join(","));
    text.namespace(object);
    text.metadata(object);
    text.field("Selector", or_none(selector(object.at("spec.selector"))));
    text.field("Type", object.text("spec.type"));
    text.present(object, &[("IP Family Policy", "spec.ipFamilyPolicy")]);
    text.field("IP Families", joined("spec.ipFamilies"));
    text.field("IP", object.text("spec.clusterIP"));
    text.field("IPs", joined("spec.clusterIPs"));
    if !object.list("spec.externalIPs").is_empty() {
        text.field("External IPs", joined("spec.externalIPs"));
    }
    text.present(object, &[("External Name", "spec.externalName")]);
    let ingress: Vec<String> = object
        .list("status.loadBalancer.ingress")
        .iter()
        .map(|entry| or(entry.text("ip"), entry.text("hostname")))
        .collect();
    if !ingress.is_empty() {
        text.field("LoadBalancer Ingress", ingress.join(", "));
    }
    // Whoever may not read them sees none.
    let behind = behind(ctx, object.namespace(), object.name()).unwrap_or_default();
    for port in object.list("spec.ports") {
        let (name, protocol) = (or(port.text("name"), "<unset>"), port.text("protocol"));
        text.field("Port", format_args!("{name}\t{}/{protocol}", port.at("port")));
        text.field("TargetPort", format_args!("{}/{protocol}", port.at("targetPort").shown()));
        if port.number("nodePort") != 0 {
            text.field("NodePort", format_args!("{name}\t{}/{protocol}", port.at("nodePort")));
        }
        text.field("Endpoints", addresses(ctx.old(), &behind, port.text("name")));
    }
    text.field("Session Affinity", object.text("spec.sessionAffinity"));
    text.present(object, &[("External Traffic Policy", "spec.externalTrafficPolicy")]);
    if !ctx.old() {
        text.present(object, &[("Internal Traffic Policy", "spec.internalTrafficPolicy")]);
    }
    if !object.list("spec.loadBalancerSourceRanges").is_empty() {
        text.field("LoadBalancer Source Ranges", joined("spec.loadBalancerSourceRanges"));
    }
    Ok(())
}

/// A backend, and what is behind it.
fn backend(ctx: &mut Ctx<'_>, namespace: &str, backend: &Value) -> String {
    let name = backend.text("service.name");
    let port = or(backend.text("service.port.name"), &backend.at("service.port.number").to_string());
    let service = match ctx.old() {
        true => Ok(Value::Null),
        false => ctx.fetch(&format!("/api/v1/namespaces/{namespace}/services/{name}")),
    };
    let addresses = match service.and_then(|_| behind(ctx, namespace, name)) {
        Ok(behind) => addresses(ctx.old(), &behind, ""),
        Err(failure) => format!("<error: {}>", failure.message()),
    };
    format!("{name}:{port} ({addresses})")
}

/// An ingress.
pub(super) fn ingress(ctx: &mut Ctx<'_>, object: &Value, text: &mut Text) -> Done {
    let new = !ctx.old();
    if new {
        text.labels(object);
    }
    text.namespace(object);
    let addresses = object.list("status.loadBalancer.ingress").iter();
    let addresses: Vec<&str> = addresses.map(|entry| entry.text("ip")).collect();
    text.field("Address", addresses.join(","));
    if new {
        text.field("Ingress Class", or_none(object.text("spec.ingressClassName")));
    }
    let default = match (object.has("spec.defaultBackend"), new) {
        (true, _) => backend(ctx, object.namespace(), object.at("spec.defaultBackend")),
        (false, true) => "<default>".to_owned(),
        (false, false) => {
            let default = json!({"service": {"name": "default-http-backend", "port": {"number": 80}}});
            backend(ctx, "kube-system", &default)
        }
    };
    text.field("Default backend", default);
    if !object.list("spec.tls").is_empty() {
        text.line(0, "TLS:");
        for tls in object.list("spec.tls") {
            let hosts = tls.texts("hosts").join(",");
            match tls.text("secretName") {
                "" => text.line(1, format_args!("SNI routes {hosts}")),
                secret => text.line(1, format_args!("{secret} terminates {hosts}")),
            }
        }
    }
    text.line(0, "Rules:\n  Host\tPath\tBackends\n  ----\t----\t--------");
    for rule in object.list("spec.rules") {
        text.line(1, format_args!("{}\t", or(rule.text("host"), "*")));
        for path in rule.list("http.paths") {
            let behind = backend(ctx, object.namespace(), path.at("backend"));
            text.line(2, format_args!("\t{} \t{behind}", path.text("path")));
        }
    }
    if object.list("spec.rules").is_empty() {
        let default = match object.has("spec.defaultBackend") {
            true => backend(ctx, object.namespace(), object.at("spec.defaultBackend")),
            false => "<default>".to_owned(),
        };
        text.line(1, format_args!("*\t*\t{default}"));
    }
    text.annotations(object);
    Ok(())
}
