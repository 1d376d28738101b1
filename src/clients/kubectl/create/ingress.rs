//! `create ingress`.

use super::super::Ctx;
use super::super::error::{Done, Failure, fail};
use crate::api::Dig;
use crate::json::{Value, json};
use std::collections::BTreeSet;

/// `SERVICE:PORT`, the port a number or a name.
fn backend(text: &str) -> Option<Value> {
    let (service, port) = text.split_once(':')?;
    if service.is_empty() || port.is_empty() || port.contains(':') {
        return None;
    }
    let port = match port.parse::<i64>() {
        Ok(number) => json!({"number": number}),
        Err(_) => json!({"name": port}),
    };
    Some(json!({"service": {"name": service, "port": port}}))
}

/// `HOST/PATH=SERVICE:PORT[,tls[=SECRET]]`.
struct Rule {
    host: String,
    path: Value,
    /// The secret of `tls`, which may be left empty.
    tls: Option<String>,
}

fn rule(text: &str) -> Option<Rule> {
    let (place, rest) = text.split_once('=')?;
    let (host, path) = place.split_at(place.find('/')?);
    let (service, tls) = match rest.split_once(',') {
        Some((service, "tls")) => (service, Some(String::new())),
        Some((service, tls)) => (service, Some(tls.strip_prefix("tls=")?.to_owned())),
        None => (rest, None),
    };
    let (path, kind) = match path.strip_suffix('*') {
        Some(path) => (path, "Prefix"),
        None => (path, "Exact"),
    };
    let path = json!({"backend": backend(service)?, "path": path, "pathType": kind});
    Some(Rule { host: host.to_owned(), path, tls })
}

/// What belongs to the same text together, in the order in which the texts come.
fn grouped<'a, T>(pairs: impl Iterator<Item = (&'a str, T)>) -> Vec<(&'a str, Vec<T>)> {
    pairs.fold(Vec::new(), |mut groups: Vec<(&str, Vec<T>)>, (of, one)| {
        match groups.iter_mut().find(|(known, _)| *known == of) {
            Some((_, group)) => group.push(one),
            None => groups.push((of, vec![one])),
        }
        groups
    })
}

/// The rules with their paths, one entry a host.
fn by_host(rules: &[Rule]) -> Vec<Value> {
    let hosts = grouped(rules.iter().map(|rule| (rule.host.as_str(), &rule.path)));
    let entries = hosts.into_iter().map(|(host, paths)| {
        let mut entry = json!({"http": {"paths": paths}});
        if !host.is_empty() {
            entry["host"] = host.into();
        }
        entry
    });
    entries.collect()
}

/// The hosts of each secret; those without one stand together.
fn tls(rules: &[Rule]) -> Vec<Value> {
    let of_rules = rules.iter().filter_map(|rule| Some((rule.tls.as_deref()?, rule.host.as_str())));
    let entries = grouped(of_rules).into_iter().map(|(secret, mut hosts)| {
        let mut seen = BTreeSet::new();
        hosts.retain(|host| !host.is_empty() && seen.insert(*host));
        let mut entry = json!({});
        if !hosts.is_empty() {
            entry["hosts"] = json!(hosts);
        }
        if !secret.is_empty() {
            entry["secretName"] = secret.into();
        }
        entry
    });
    entries.collect()
}

/// `kubectl create ingress NAME --rule=…`.
pub(in super::super) fn ingress(ctx: &mut Ctx<'_>) -> Done {
    let name = ctx.one_name()?;
    let default = ctx.flags.text("default-backend");
    if default.is_empty() && !ctx.flags.has("rule") {
        fail!(
            "not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)"
        );
    }
    let mut rules = Vec::new();
    for text in ctx.flags.all("rule") {
        let form = "and should be in format host/path=svcname:svcport[,tls[=secret]]";
        let read = rule(text).ok_or_else(|| Failure::plain(format!("rule {text} is invalid {form}")))?;
        rules.push(read);
    }
    let mut object = ctx.object("networking.k8s.io/v1", "Ingress", &name, true);
    for text in ctx.flags.all("annotation") {
        let (key, value) = text.split_once('=').ok_or_else(|| {
            Failure::plain(format!("annotation {text} is invalid and should be in format key=[value]"))
        })?;
        object.make("metadata.annotations")[key] = value.into();
    }
    object["spec"] = json!({});
    if let Some(class) = ctx.flags.filled("class") {
        object["spec"]["ingressClassName"] = class.into();
    }
    if !default.is_empty() {
        object["spec"]["defaultBackend"] = backend(default)
            .ok_or_else(|| Failure::plain("default-backend should be in format servicename:serviceport"))?;
    }
    if !rules.is_empty() {
        object["spec"]["rules"] = by_host(&rules).into();
        let tls = tls(&rules);
        if !tls.is_empty() {
            object["spec"]["tls"] = tls.into();
        }
    }
    object["status"] = json!({"loadBalancer": {}});
    ctx.create(object, Some("failed to create ingress: "))
}
