//! Nodes.

use super::super::Ctx;
use super::super::error::Done;
use super::super::mapping::Mapping;
use super::super::print::age;
use super::super::send::query;
use super::{Text, chunk, events, time};
use crate::api::{Dig, Quantity};
use serde_json::Value;

const ROLE: &str = "node-role.kubernetes.io/";

/// System information: label and field.
const SYSTEM: &[(&str, &str)] = &[
    ("Machine ID", "machineID"),
    ("System UUID", "systemUUID"),
    ("Boot ID", "bootID"),
    ("Kernel Version", "kernelVersion"),
    ("OS Image", "osImage"),
    ("Operating System", "operatingSystem"),
    ("Architecture", "architecture"),
    ("Container Runtime Version", "containerRuntimeVersion"),
    ("Kubelet Version", "kubeletVersion"),
    ("Kube-Proxy Version", "kubeProxyVersion"),
];

/// A node with its pods.
pub(super) fn node(ctx: &mut Ctx<'_>, _: &Mapping, object: &Value) -> Done<Text> {
    let mut text = Text::default();
    let roles: Vec<&str> =
        object.entries("metadata.labels").filter_map(|(key, _)| key.strip_prefix(ROLE)).collect();
    text.field(0, "Name", object.name());
    text.field(0, "Roles", if roles.is_empty() { "<none>".to_owned() } else { roles.join(",") });
    text.labels(object);
    text.annotations(object);
    text.field(0, "CreationTimestamp", time(object.text("metadata.creationTimestamp")));
    text.map("Taints", taints(object));
    text.field(0, "Unschedulable", object.flag("spec.unschedulable").to_string());
    lease(ctx, &mut text, object.name());
    conditions(&mut text, object);
    text.line(0, "Addresses:");
    for address in object.list("status.addresses") {
        text.field(1, address.text("type"), address.text("address"));
    }
    for (label, field) in [("Capacity", "status.capacity"), ("Allocatable", "status.allocatable")] {
        text.line(0, format!("{label}:"));
        for (resource, amount) in object.entries(field) {
            text.field(1, resource, amount.as_str().map_or_else(|| amount.to_string(), str::to_owned));
        }
    }
    text.line(0, "System Info:");
    for (label, field) in SYSTEM.iter().filter(|(_, field)| ctx.old() || *field != "kubeProxyVersion") {
        text.field(1, label, object.text(&format!("status.nodeInfo.{field}")));
    }
    for (label, field) in [("PodCIDR", "spec.podCIDR"), ("ProviderID", "spec.providerID")] {
        if !object.text(field).is_empty() {
            text.field(0, label, object.text(field));
        }
    }
    pods(ctx, &mut text, object)?;
    events(ctx, &mut text, object, "Node");
    Ok(text)
}

/// The taints of a node, in order.
fn taints(node: &Value) -> Vec<String> {
    let text = |taint: &Value| {
        let value = match taint.text("value") {
            "" => String::new(),
            value => format!("={value}"),
        };
        format!("{}{value}:{}", taint.text("key"), taint.text("effect"))
    };
    let mut all: Vec<String> = node.list("spec.taints").iter().map(text).collect();
    all.sort();
    all
}

fn lease(ctx: &mut Ctx<'_>, text: &mut Text, name: &str) {
    let path = format!("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/{name}");
    match ctx.fetch(&path) {
        Err(failure) => text.field(0, "Lease", format!("Failed to get lease: {}", failure.message())),
        Ok(lease) => {
            text.line(0, "Lease:");
            let holder = lease.text("spec.holderIdentity");
            text.field(1, "HolderIdentity", if holder.is_empty() { "<unset>" } else { holder });
            text.field(1, "AcquireTime", time(lease.text("spec.acquireTime")));
            text.field(1, "RenewTime", time(lease.text("spec.renewTime")));
        }
    }
}

fn conditions(text: &mut Text, node: &Value) {
    if node.list("status.conditions").is_empty() {
        return;
    }
    let heads = ["Type", "Status", "LastHeartbeatTime", "LastTransitionTime", "Reason", "Message"];
    text.line(0, "Conditions:");
    text.line(1, heads.join("\t"));
    text.line(1, heads.map(|head| "-".repeat(head.len())).join("\t"));
    for c in node.list("status.conditions") {
        let (heartbeat, change) = (time(c.text("lastHeartbeatTime")), time(c.text("lastTransitionTime")));
        let cells =
            [c.text("type"), c.text("status"), &heartbeat, &change, c.text("reason"), c.text("message")];
        text.line(1, cells.join(" \t"));
    }
}

/// What a pod's containers ask for, or may have at most.
fn sum(pod: &Value, list: &str, resource: &str) -> Quantity {
    let of = |container: &Value| {
        let amount = container.at(&format!("resources.{list}")).get(resource);
        amount.and_then(Value::as_str).and_then(|text| text.parse::<Quantity>().ok())
    };
    let mut total = Quantity::whole(0);
    pod.list("spec.containers").iter().filter_map(of).for_each(|amount| total.add(&amount));
    let first = pod.list("spec.initContainers").iter().filter_map(of).max();
    first.filter(|first| *first > total).unwrap_or(total)
}

/// An amount, and how much of the node it is.
fn share(amount: &Quantity, node: &Value, resource: &str) -> String {
    let all = node.at("status.allocatable").get(resource).and_then(Value::as_str);
    let all = all.and_then(|text| text.parse::<Quantity>().ok());
    let percent = all.filter(|all| !all.is_zero()).map(|all| match resource {
        "cpu" => amount.milli_value() * 100 / all.milli_value().max(1),
        _ => amount.value() * 100 / all.value().max(1),
    });
    format!("{amount} ({}%)", percent.unwrap_or_default())
}

fn pods(ctx: &mut Ctx<'_>, text: &mut Text, node: &Value) -> Done {
    let selector = format!("spec.nodeName={},status.phase!=Failed,status.phase!=Succeeded", node.name());
    let path = query("/api/v1/pods", &[("fieldSelector", &selector), ("limit", chunk(ctx))]);
    let list = match ctx.fetch(&path) {
        Ok(list) => list,
        Err(failure) if failure.is("Forbidden") => {
            text.field(0, "Pods", "not authorized");
            return Ok(());
        }
        Err(failure) => return Err(failure),
    };
    let pods = list.list("items");
    let now = ctx.client.now();
    let age_head = if ctx.old() { "AGE" } else { "Age" };
    text.field(0, "Non-terminated Pods", format!("({} in total)", pods.len()));
    text.line(
        1,
        format!("Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\t{age_head}"),
    );
    text.line(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---");
    const COLUMNS: [(&str, &str); 4] =
        [("cpu", "requests"), ("cpu", "limits"), ("memory", "requests"), ("memory", "limits")];
    for pod in pods {
        let cells = COLUMNS.map(|(resource, list)| share(&sum(pod, list, resource), node, resource));
        let age = age(pod.text("metadata.creationTimestamp"), now);
        text.line(1, format!("{}\t{}\t\t{}\t{age}", pod.namespace(), pod.name(), cells.join("\t")));
    }
    text.line(
        0,
        "Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)\n  Resource\tRequests\tLimits\n  --------\t--------\t------",
    );
    for resource in ["cpu", "memory", "ephemeral-storage"] {
        let total = |list: &str| {
            let mut total = Quantity::whole(0);
            pods.iter().for_each(|pod| total.add(&sum(pod, list, resource)));
            share(&total, node, resource)
        };
        text.line(1, format!("{resource}\t{}\t{}", total("requests"), total("limits")));
    }
    Ok(())
}
