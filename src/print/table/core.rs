//! The rows of core kinds other than pods and workloads.

use super::Print;
use super::cells::{age, count, joined, labels, or, since, text};
use crate::api::Dig;
use serde_json::{Value, json};

pub(super) fn namespace(object: &Value, print: Print) -> Vec<Value> {
    vec![object.name().into(), text(object, "status.phase"), age(object, print)]
}

pub(super) fn secret(object: &Value, print: Print) -> Vec<Value> {
    let data = object.entries("data").count();
    vec![object.name().into(), text(object, "type"), data.into(), age(object, print)]
}

pub(super) fn config_map(object: &Value, print: Print) -> Vec<Value> {
    let data = object.entries("data").count() + object.entries("binaryData").count();
    vec![object.name().into(), data.into(), age(object, print)]
}

pub(super) fn service_account(object: &Value, print: Print) -> Vec<Value> {
    vec![object.name().into(), object.list("secrets").len().into(), age(object, print)]
}

pub(super) fn service(object: &Value, print: Print) -> Vec<Value> {
    let kind = match object.text("spec.type") {
        "" => "ClusterIP",
        kind => kind,
    };
    let addresses = object.list("spec.externalIPs").iter().filter_map(Value::as_str);
    let balanced =
        object.list("status.loadBalancer.ingress").iter().map(|ingress| match ingress.text("ip") {
            "" => ingress.text("hostname"),
            ip => ip,
        });
    let external = match kind {
        "ExternalName" => object.text("spec.externalName").to_owned(),
        "LoadBalancer" => joined(&balanced.chain(addresses).collect::<Vec<_>>(), "<pending>"),
        _ => joined(&addresses.collect::<Vec<_>>(), "<none>"),
    };
    let ports: Vec<String> = object
        .list("spec.ports")
        .iter()
        .map(|port| match (count(port, "port"), count(port, "nodePort"), port.text("protocol")) {
            (number, 0, protocol) => format!("{number}/{protocol}"),
            (number, node, protocol) => format!("{number}:{node}/{protocol}"),
        })
        .collect();
    let ports: Vec<&str> = ports.iter().map(String::as_str).collect();
    vec![
        object.name().into(),
        kind.into(),
        or(object, "spec.clusterIP", "<none>"),
        external.into(),
        joined(&ports, "<none>").into(),
        age(object, print),
        labels(object.at("spec.selector")).into(),
    ]
}

pub(super) fn endpoints(object: &Value, print: Print) -> Vec<Value> {
    let mut all = Vec::new();
    for subset in object.list("subsets") {
        let addresses = subset.list("addresses").iter().map(|address| address.text("ip"));
        match subset.list("ports") {
            [] => all.extend(addresses.map(str::to_owned)),
            ports => {
                for port in ports {
                    let number = count(port, "port");
                    all.extend(addresses.clone().map(|address| format!("{address}:{number}")));
                }
            }
        }
    }
    let more = all.len().saturating_sub(3);
    all.truncate(3);
    let shown = match (all.is_empty(), more) {
        (true, _) => "<none>".to_owned(),
        (false, 0) => all.join(","),
        (false, more) => format!("{} + {more} more...", all.join(",")),
    };
    vec![object.name().into(), shown.into(), age(object, print)]
}

pub(super) fn node(object: &Value, print: Print) -> Vec<Value> {
    let ready = object.list("status.conditions").iter().find(|c| c.text("type") == "Ready");
    let mut status = match ready.map(|c| c.text("status")) {
        Some("True") => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    }
    .to_owned();
    if object.flag("spec.unschedulable") {
        status += ",SchedulingDisabled";
    }
    let mut roles: Vec<&str> = object
        .entries("metadata.labels")
        .filter_map(|(key, value)| match key.strip_prefix("node-role.kubernetes.io/") {
            Some(role) => Some(role),
            None if key == "kubernetes.io/role" => value.as_str(),
            None => None,
        })
        .filter(|role| !role.is_empty())
        .collect();
    roles.sort_unstable();
    roles.dedup();
    let address = |kind: &str| {
        let found = object.list("status.addresses").iter().find(|a| a.text("type") == kind);
        Value::from(found.map_or("<none>", |a| a.text("address")))
    };
    vec![
        object.name().into(),
        status.into(),
        joined(&roles, "<none>").into(),
        age(object, print),
        text(object, "status.nodeInfo.kubeletVersion"),
        address("InternalIP"),
        address("ExternalIP"),
        or(object, "status.nodeInfo.osImage", "<unknown>"),
        or(object, "status.nodeInfo.kernelVersion", "<unknown>"),
        or(object, "status.nodeInfo.containerRuntimeVersion", "<unknown>"),
    ]
}

pub(super) fn event(object: &Value, print: Print) -> Vec<Value> {
    let first = match object.text("firstTimestamp") {
        "" => since(object.text("eventTime"), print),
        at => since(at, print),
    };
    let last = match (object.text("series.lastObservedTime"), object.text("lastTimestamp")) {
        ("", "") => first.clone(),
        ("", at) | (at, _) => since(at, print),
    };
    let of = object.at("involvedObject");
    let kind = of.text("kind").to_lowercase();
    let target = match of.text("name") {
        "" => kind,
        name => format!("{kind}/{name}"),
    };
    let component = match object.text("source.component") {
        "" => object.text("reportingComponent"),
        component => component,
    };
    let source = match object.text("source.host") {
        "" => component.to_owned(),
        host => format!("{component}, {host}"),
    };
    let times = match (object.at("series.count").as_i64(), count(object, "count")) {
        (Some(times), _) => times,
        (None, 0) => 1,
        (None, times) => times,
    };
    vec![
        last.into(),
        text(object, "type"),
        text(object, "reason"),
        target.into(),
        text(of, "fieldPath"),
        source.into(),
        object.text("message").trim().into(),
        first.into(),
        json!(times),
        object.name().into(),
    ]
}

fn modes(list: &[Value]) -> Value {
    let short = |mode: &Value| match mode.as_str().unwrap_or_default() {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        "ReadWriteOncePod" => "RWOP",
        _ => "",
    };
    list.iter().map(short).collect::<Vec<_>>().join(",").into()
}

fn volume_mode(object: &Value) -> Value {
    or(object, "spec.volumeMode", "<unset>")
}

pub(super) fn volume(object: &Value, print: Print) -> Vec<Value> {
    let claim = object.at("spec.claimRef");
    let claim = match claim.is_null() {
        true => String::new(),
        false => format!("{}/{}", claim.text("namespace"), claim.text("name")),
    };
    let phase = match object.has("metadata.deletionTimestamp") {
        true => "Terminating",
        false => object.text("status.phase"),
    };
    vec![
        object.name().into(),
        text(object, "spec.capacity.storage"),
        modes(object.list("spec.accessModes")),
        text(object, "spec.persistentVolumeReclaimPolicy"),
        phase.into(),
        claim.into(),
        text(object, "spec.storageClassName"),
        text(object, "status.reason"),
        age(object, print),
        volume_mode(object),
    ]
}

pub(super) fn claim(object: &Value, print: Print) -> Vec<Value> {
    let bound = !object.text("spec.volumeName").is_empty();
    let phase = match object.has("metadata.deletionTimestamp") {
        true => "Terminating",
        false => object.text("status.phase"),
    };
    vec![
        object.name().into(),
        phase.into(),
        text(object, "spec.volumeName"),
        if bound { text(object, "status.capacity.storage") } else { "".into() },
        if bound { modes(object.list("status.accessModes")) } else { "".into() },
        text(object, "spec.storageClassName"),
        age(object, print),
        volume_mode(object),
    ]
}

pub(super) fn component(object: &Value, _: Print) -> Vec<Value> {
    let healthy = object.list("conditions").iter().find(|c| c.text("type") == "Healthy");
    let said = |key: &str| healthy.map_or(Value::from(""), |c| text(c, key));
    let status = match healthy.map(|c| c.text("status")) {
        Some("True") => "Healthy",
        Some("False") => "Unhealthy",
        _ => "Unknown",
    };
    vec![object.name().into(), status.into(), said("message"), said("error")]
}

pub(super) fn quota(object: &Value, print: Print) -> Vec<Value> {
    let (mut requests, mut limits) = (Vec::new(), Vec::new());
    for (name, hard) in object.entries("status.hard") {
        let used = object.entry("status.used", name).unwrap_or("0");
        let shown = format!("{name}: {used}/{}", hard.as_str().unwrap_or_default());
        let limit = name.starts_with("limits.") || name.contains(".limits.");
        if limit { limits.push(shown) } else { requests.push(shown) }
    }
    let (name, age) = (Value::from(object.name()), age(object, print));
    let (requests, limits) = (Value::from(requests.join(", ")), Value::from(limits.join(", ")));
    match print.version.before(31) {
        true => vec![name, age, requests, limits],
        false => vec![name, requests, limits, age],
    }
}
