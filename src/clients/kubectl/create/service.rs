//! `create service clusterip|nodeport|loadbalancer|externalname`.

use super::super::Ctx;
use super::super::error::{Done, Failure, fail};
use crate::api::{Version, names};
use crate::json::{Value, json};

/// A port's number, as `strconv.ParseUint(text, 10, 16)` reads it.
fn number(text: &str) -> Done<u16> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().map_err(|_| {
        let why = if digits { "value out of range" } else { "invalid syntax" };
        Failure::plain(format!("strconv.ParseUint: parsing \"{text}\": {why}"))
    })
}

/// `80`, `80:8080` or `80:http`; what comes after another colon only goes into the name.
fn port(text: &str, version: Version) -> Done<Value> {
    let mut parts = text.split(':');
    let port = parts.next().unwrap_or_default();
    let number = number(port)?;
    let target: Value = match parts.next() {
        None => number.into(),
        Some(target) => match target.parse::<i64>() {
            Ok(target) if (1..=65535).contains(&target) => target.into(),
            Ok(_) => fail!("must be between 1 and 65535, inclusive"),
            Err(_) => {
                let wrong = names::port_name(target, version);
                if !wrong.is_empty() {
                    fail!("{}", wrong.join(","));
                }
                target.into()
            }
        },
    };
    Ok(json!({"name": text.replace(':', "-"), "port": number, "protocol": "TCP", "targetPort": target}))
}

/// Makes a service of a type; each flag belongs to one of them.
fn create(ctx: &mut Ctx<'_>, kind: &str) -> Done {
    let name = ctx.one_name()?;
    let version = ctx.client.version();
    let mut ports =
        ctx.flags.all("tcp").iter().map(|text| port(text, version)).collect::<Done<Vec<Value>>>()?;
    let headless = ctx.flags.text("clusterip") == "None";
    if ports.is_empty() && !headless && kind != "ExternalName" {
        fail!("at least one tcp port specifier must be provided");
    }
    if let Some(node_port) = ctx.flags.int("node-port").filter(|port| *port != 0) {
        ports.iter_mut().for_each(|port| port["nodePort"] = node_port.into());
    }
    let mut object = ctx.object("v1", "Service", &name, !ctx.old());
    object["metadata"]["labels"] = json!({"app": name});
    object["spec"] = json!({"selector": {"app": name}, "type": kind});
    if !ports.is_empty() {
        object["spec"]["ports"] = ports.into();
    }
    if let Some(address) = ctx.flags.filled("clusterip") {
        object["spec"]["clusterIP"] = address.into();
    }
    if kind == "ExternalName" {
        let name = ctx.flags.text("external-name");
        let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
        if name.is_empty() || !name.bytes().all(letter) {
            fail!("invalid service external name {name}");
        }
        object["spec"]["externalName"] = name.into();
    }
    object["status"] = json!({"loadBalancer": {}});
    ctx.create(object, Some(&format!("failed to create {kind} service: ")))
}

/// `kubectl create service clusterip NAME --tcp=80`.
pub(in super::super) fn cluster_ip(ctx: &mut Ctx<'_>) -> Done {
    create(ctx, "ClusterIP")
}

/// `kubectl create service nodeport NAME --tcp=80 --node-port=30080`.
pub(in super::super) fn node_port(ctx: &mut Ctx<'_>) -> Done {
    create(ctx, "NodePort")
}

/// `kubectl create service loadbalancer NAME --tcp=80`.
pub(in super::super) fn load_balancer(ctx: &mut Ctx<'_>) -> Done {
    create(ctx, "LoadBalancer")
}

/// `kubectl create service externalname NAME --external-name=example.com`.
pub(in super::super) fn external_name(ctx: &mut Ctx<'_>) -> Done {
    ctx.require(&["external-name"])?;
    create(ctx, "ExternalName")
}
