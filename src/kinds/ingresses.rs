//! Ingresses (`pkg/apis/networking/validation`, `pkg/registry/networking/ingress/strategy.go`).

use super::columns::{AGE, Column, NAME, Print, joined, or, with};
use super::field::Field;
use super::parts::references::{show_group, typed_local};
use super::parts::strategy::{keep, spec_with_generation};
use super::parts::{addresses, meta, ports};
use super::pod::items_mut;
use super::{Forms, Kind, When};
use crate::api::differences::{
    CLASS_ANNOTATION_WARNED_OF, CLASSES_MAY_AGREE, EXTENSIONS_FORGOTTEN, SERVICE_NAME_IS_LABEL,
};
use crate::api::names::{
    NameRule, dns1035_label, dns1123_label, dns1123_subdomain, wildcard_dns1123_subdomain,
};
use crate::api::{Dig, Version};
use crate::json::{Value, json};

const CLASS: &str = "kubernetes.io/ingress.class";
const PATH_TYPES: [&str; 3] = ["Exact", "ImplementationSpecific", "Prefix"];
const BAD_SEQUENCES: [&str; 5] = ["//", "/./", "/../", "%2f", "%2F"];
const BAD_ENDS: [&str; 2] = ["/..", "/."];

/// The row of ingresses.
pub(super) const KIND: Kind = Kind {
    group_told: |version| (!version.has(EXTENSIONS_FORGOTTEN)).then_some("extensions"),
    ..of("networking.k8s.io")
};

/// Ingresses as they were served at first.
pub(super) const EARLIER: Kind = of("extensions");

const fn of(group: &'static str) -> Kind {
    Kind {
        defaults: |ingress, _| {
            inbound(ingress);
            show_group(ingress, "spec.defaultBackend.resource");
            for rule in items_mut(ingress, "spec.rules") {
                items_mut(rule, "http.paths").for_each(|path| show_group(path, "backend.resource"));
            }
        },
        prepare,
        forms: Some(Forms {
            like: None,
            kept: |ingress, _| inbound(ingress),
            shown: |ingress, _| outbound(ingress),
        }),
        validate: |ingress| {
            validate(ingress, Known::nothing());
            validate_class(ingress);
        },
        validate_update: |new, old, subresource| match subresource {
            "status" => validate_status(new.child("status.loadBalancer"), old),
            _ => {
                meta::whole(new, NameRule::Subdomain);
                validate(new, Known::of(old, new.version()));
            }
        },
        warn: |ingress, when, version| match when {
            When::Created if version.has(CLASS_ANNOTATION_WARNED_OF) => class_warning(ingress),
            When::Created | When::Arrived | When::Updated(_) => Vec::new(),
        },
        columns: COLUMNS,
        ..Kind::plain(group, "ingresses")
    }
}

const COLUMNS: &[Column] = &[
    NAME,
    or("Class", "spec.ingressClassName", "<none>"),
    with("Hosts", hosts),
    with("Address", addresses),
    with("Ports", |object, _| if object.list("spec.tls").is_empty() { "80" } else { "80, 443" }.into()),
    AGE,
];

/// Whether an object speaks of backends as v1beta1 does.
fn is_beta(ingress: &Value) -> bool {
    ingress.text("apiVersion").ends_with("/v1beta1")
}

/// An ingress of v1beta1 in the form of v1, in which all are stored and checked (`pkg/apis/networking/v1beta1/{conversion,defaults}.go`).
fn inbound(ingress: &mut Value) {
    if !is_beta(ingress) {
        return;
    }
    if let Some(backend) = ingress.take_out("spec.backend") {
        ingress.set("spec.defaultBackend", backend);
    }
    let name = |backend: &mut Value| {
        if let Some(name) = backend.take_out("serviceName") {
            backend.set("service.name", name);
        }
        match backend.take_out("servicePort") {
            Some(port @ Value::String(_)) => backend.set("service.port.name", port),
            Some(port) => backend.set("service.port.number", port),
            None => {}
        }
    };
    ingress.at_mut("spec.defaultBackend").into_iter().for_each(name);
    for rule in items_mut(ingress, "spec.rules") {
        for path in items_mut(rule, "http.paths") {
            path.set_default("pathType", "ImplementationSpecific");
            path.at_mut("backend").into_iter().for_each(name);
        }
    }
}

/// A stored ingress as v1beta1 has it, where that is asked for.
fn outbound(ingress: &mut Value) {
    if !is_beta(ingress) {
        return;
    }
    let name = |backend: &mut Value| {
        let Some(service) = backend.take_out("service") else { return };
        backend.set("serviceName", service.text("name"));
        let port = service.at("port");
        backend
            .set("servicePort", if port.has("name") { port.at("name") } else { port.at("number") }.clone());
    };
    ingress.at_mut("spec.defaultBackend").into_iter().for_each(name);
    if let Some(backend) = ingress.take_out("spec.defaultBackend") {
        ingress.set("spec.backend", backend);
    }
    for rule in items_mut(ingress, "spec.rules") {
        for path in items_mut(rule, "http.paths") {
            path.at_mut("backend").into_iter().for_each(name);
        }
    }
}

fn prepare(ingress: &mut Value, old: Option<&Value>, subresource: &str, version: Version) {
    spec_with_generation(ingress, old, subresource, version);
    match old {
        None => ingress.set("status", json!({"loadBalancer": {}})),
        Some(old) if subresource.is_empty() => keep(ingress, old, "status"),
        Some(_) => {}
    }
}

/// What is wrong in a stored ingress and may stay so.
struct Known {
    secret_names: bool,
    wildcard_rules: bool,
    relaxed_services: bool,
}

impl Known {
    const fn nothing() -> Known {
        Known { secret_names: false, wildcard_rules: false, relaxed_services: false }
    }

    fn of(old: &Value, version: Version) -> Known {
        let errors = crate::api::Errors::new(version);
        let stored = Field::of(old, &errors);
        let is_bad = |name: &str| !name.is_empty() && !dns1123_subdomain(name).is_empty();
        let secret_names = old.list("spec.tls").iter().any(|tls| is_bad(tls.text("secretName")));
        for rule in stored.items("spec.rules").filter(|rule| rule.text("host").contains('*')) {
            validate_paths(rule.child("http"), &Known::nothing());
        }
        let paths = old.list("spec.rules").iter().flat_map(|rule| rule.list("http.paths"));
        let mut backends = paths.map(|path| path.at("backend")).chain([old.at("spec.defaultBackend")]);
        let relaxed_services = backends.any(|backend| {
            let name = backend.text("service.name");
            dns1123_label(name, version).is_empty() && !dns1035_label(name).is_empty()
        });
        Known { secret_names, wildcard_rules: !errors.is_empty(), relaxed_services }
    }
}

fn validate(ingress: Field<'_>, known: Known) {
    let (spec, backend) = (ingress.child("spec"), ingress.child("spec.defaultBackend"));
    let rules = spec.child("rules");
    if rules.list("").is_empty() && backend.is_null() {
        let go = if rules.is_null() { "[]networking.IngressRule(nil)" } else { "[]networking.IngressRule{}" };
        spec.invalid_go(go, rules.value, "either `defaultBackend` or `rules` must be specified");
    }
    if !backend.is_null() {
        validate_backend(backend, &known);
    }
    for rule in rules.items("") {
        let host = rule.child("host");
        if !host.text("").is_empty() {
            validate_host(host);
        }
        if !(host.text("").contains('*') && known.wildcard_rules) {
            validate_paths(rule.child("http"), &known);
        }
    }
    for tls in spec.items("tls") {
        tls.items("hosts").for_each(validate_name);
        if !known.secret_names {
            tls.child("secretName").named_if_set(dns1123_subdomain);
        }
    }
    let class = spec.child("ingressClassName");
    if !class.is_null() {
        class.invalid_each(dns1123_subdomain(class.text("")));
    }
}

fn validate_host(host: Field<'_>) {
    if addresses::sloppy(host.text("")).is_some() {
        host.invalid("must be a DNS name, not an IP address");
    }
    validate_name(host);
}

fn validate_name(host: Field<'_>) {
    let text = host.text("");
    host.invalid_each(match text.contains('*') {
        true => wildcard_dns1123_subdomain(text),
        false => dns1123_subdomain(text),
    });
}

fn validate_paths(http: Field<'_>, known: &Known) {
    if http.is_null() {
        return;
    }
    http.child("paths").filled();
    http.items("paths").for_each(|path| validate_path(path, known));
}

fn validate_path(path: Field<'_>, known: &Known) {
    let (kind, text) = (path.child("pathType"), path.string("path"));
    let absolute = || {
        if !text.text("").starts_with('/') {
            text.invalid("must be an absolute path");
        }
    };
    match kind.text("") {
        "" if kind.is_null() => return kind.required("pathType must be specified"),
        "Exact" | "Prefix" => {
            absolute();
            for bad in BAD_SEQUENCES.into_iter().filter(|bad| text.text("").contains(bad)) {
                text.invalid(format_args!("must not contain '{bad}'"));
            }
            for bad in BAD_ENDS.into_iter().filter(|bad| text.text("").ends_with(bad)) {
                text.invalid(format_args!("cannot end with '{bad}'"));
            }
        }
        "ImplementationSpecific" if text.text("").is_empty() => {}
        "ImplementationSpecific" => absolute(),
        _ => kind.not_supported(&PATH_TYPES),
    }
    validate_backend(path.child("backend"), known);
}

fn validate_backend(backend: Field<'_>, known: &Known) {
    let service = backend.child("service");
    match (backend.has("resource"), !service.is_null()) {
        (true, true) => backend.invalid_as("", "cannot set both resource and service backends"),
        (true, false) => typed_local(backend.child("resource")),
        (false, true) => validate_service(backend, service, known),
        (false, false) => backend.invalid_as("", "resource or service backend is required"),
    }
}

fn validate_service(backend: Field<'_>, service: Field<'_>, known: &Known) {
    let version = service.version();
    let relaxed = known.relaxed_services || version.has(SERVICE_NAME_IS_LABEL);
    service.child("name").named(|name| match relaxed {
        true => dns1123_label(name, version),
        false => dns1035_label(name),
    });
    let (name, number) = (service.child("port.name"), service.child("port.number"));
    match (!name.text("").is_empty(), number.number("").unwrap_or_default() != 0) {
        (true, true) => backend.invalid_as("", "cannot set both port name & port number"),
        (true, false) => ports::name(name),
        (false, true) => ports::number(number),
        (false, false) => backend.required("port name or number is required"),
    }
}

/// The annotation that was there before the field, beside it.
fn validate_class(ingress: Field<'_>) {
    let class = ingress.child("spec.ingressClassName");
    let Some(annotated) = ingress.value.annotation(CLASS).filter(|_| !class.is_null()) else { return };
    let told = Value::from(annotated);
    let annotation = ingress.told_as("annotations.kubernetes.io/ingress.class", &told);
    if !ingress.version().has(CLASSES_MAY_AGREE) {
        annotation.invalid("can not be set when the class field is also set");
    } else if annotated != class.text("") {
        annotation.invalid("must match `ingressClassName` when both are specified");
    }
}

fn class_warning(ingress: &Value) -> Vec<String> {
    let warned = ingress.annotation(CLASS).is_some() && !ingress.has("spec.ingressClassName");
    let text = format!("annotation \"{CLASS}\" is deprecated, please use 'spec.ingressClassName' instead");
    warned.then_some(text).into_iter().collect()
}

/// Where load balancers say they are reached (`ValidateIngressLoadBalancerStatus`).
fn validate_status(balancer: Field<'_>, old: &Value) {
    let stored: Vec<&str> =
        old.list("status.loadBalancer.ingress").iter().map(|ingress| ingress.text("ip")).collect();
    for ingress in balancer.items("ingress") {
        let (address, host) = (ingress.child("ip"), ingress.child("hostname"));
        if !address.text("").is_empty() {
            addresses::balanced(address, &stored);
        }
        if !host.text("").is_empty() {
            host.invalid_each(dns1123_subdomain(host.text("")));
            if addresses::sloppy(host.text("")).is_some() {
                host.invalid("must be a DNS name, not an IP address");
            }
        }
    }
}

fn hosts(object: &Value, _: Print) -> Value {
    let hosts = object.list("spec.rules").iter().map(|rule| rule.text("host"));
    let hosts: Vec<&str> = hosts.filter(|host| !host.is_empty()).collect();
    match hosts.as_slice() {
        [] => "*".into(),
        [a, b, c, more @ ..] if !more.is_empty() => format!("{a},{b},{c} + {} more...", more.len()).into(),
        few => few.join(",").into(),
    }
}

fn addresses(object: &Value, _: Print) -> Value {
    joined(balancers(object), "")
}

/// The addresses of load balancers, or their names.
pub(super) fn balancers(object: &Value) -> impl Iterator<Item = &str> {
    object.list("status.loadBalancer.ingress").iter().map(|ingress| match ingress.text("ip") {
        "" => ingress.text("hostname"),
        ip => ip,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ingresses_of_v1beta1_are_kept_as_v1_and_shown_as_they_came() {
        let backend = json!({"serviceName": "cart", "servicePort": 80});
        let path = json!({"path": "/", "pathType": "ImplementationSpecific", "backend": backend});
        let sent = json!({
            "apiVersion": "extensions/v1beta1",
            "spec": {"backend": {"serviceName": "web", "servicePort": "http"}, "rules": [{"http": {"paths": [path]}}]},
        });
        let mut ingress = sent.clone();
        inbound(&mut ingress);
        let service = json!({"name": "cart", "port": {"number": 80}});
        assert_eq!(ingress.at("spec.rules")[0]["http"]["paths"][0]["backend"]["service"], service);
        assert_eq!(ingress.text("spec.defaultBackend.service.port.name"), "http");
        outbound(&mut ingress);
        assert_eq!(ingress, sent);
    }
}
