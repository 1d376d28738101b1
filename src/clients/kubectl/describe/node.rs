//! Nodes.

use super::super::Ctx;
use super::super::error::Done;
use super::super::print::age;
use super::text::{Text, or, or_none, time};
use crate::api::{Dig, Quantity};
use crate::json::Value;

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
pub(super) fn node(ctx: &mut Ctx<'_>, object: &Value, text: &mut Text) -> Done {
    let roles: Vec<&str> =
        object.entries("metadata.labels").filter_map(|(key, _)| key.strip_prefix(ROLE)).collect();
    text.field("Roles", or_none(roles.join(",")));
    text.metadata(object);
    text.field("CreationTimestamp", time(object.text("metadata.creationTimestamp")));
    text.list("Taints", &taints(object));
    text.field("Unschedulable", object.flag("spec.unschedulable"));
    lease(ctx, text, object.name());
    conditions(text, object);
    text.line(0, "Addresses:");
    for address in object.list("status.addresses") {
        text.field_at(1, address.text("type"), address.text("address"));
    }
    for (label, field) in [("Capacity", "status.capacity"), ("Allocatable", "status.allocatable")] {
        text.line(0, format_args!("{label}:"));
        object.entries(field).for_each(|(resource, amount)| text.field_at(1, resource, amount.shown()));
    }
    text.line(0, "System Info:");
    for (label, field) in SYSTEM.iter().filter(|(_, field)| ctx.old() || *field != "kubeProxyVersion") {
        text.field_at(1, label, object.text(&format!("status.nodeInfo.{field}")));
    }
    text.present(object, &[("PodCIDR", "spec.podCIDR"), ("ProviderID", "spec.providerID")]);
    pods(ctx, text, object)
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
        Err(failure) => text.field("Lease", format_args!("Failed to get lease: {}", failure.message())),
        Ok(lease) => {
            text.line(0, "Lease:");
            text.field_at(1, "HolderIdentity", or(lease.text("spec.holderIdentity"), "<unset>"));
            text.field_at(1, "AcquireTime", time(lease.text("spec.acquireTime")));
            text.field_at(1, "RenewTime", time(lease.text("spec.renewTime")));
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
    let pods = match ctx.items("/api/v1/pods", &[("fieldSelector", &selector), ("limit", ctx.chunk())]) {
        Err(failure) if failure.is("Forbidden") => {
            text.field("Pods", "not authorized");
            return Ok(());
        }
        pods => pods?,
    };
    let now = ctx.client.now();
    let age_head = if ctx.old() { "AGE" } else { "Age" };
    text.field("Non-terminated Pods", format_args!("({} in total)", pods.len()));
    text.line(
        1,
        format!("Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\t{age_head}"),
    );
    text.line(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---");
    const COLUMNS: [(&str, &str); 4] =
        [("cpu", "requests"), ("cpu", "limits"), ("memory", "requests"), ("memory", "limits")];
    for pod in &pods {
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
