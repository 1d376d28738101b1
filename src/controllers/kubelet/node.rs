//! A node registers itself and is ready (`pkg/kubelet/kubelet_node_status.go`).

use super::super::{Cx, Plan, calls};
use super::{by, host_ip, number};
use crate::api::time;
use crate::json::{Value, json};
use crate::store::Key;

pub(super) fn reconcile(cx: &Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let Some(number) = number(cx.config, &key.name) else { return plan };
    match cx.cache.of(key) {
        None => plan.requests.push(by(&key.name, calls::create("nodes", &node(cx, &key.name, number)))),
        Some(stored) if !calls::is_ready(stored) => {
            let path = format!("{}/{}/status", calls::path("v1", "nodes", ""), key.name);
            let status = json!({"status": {"conditions": conditions(cx, true)}});
            plan.requests.push(by(&key.name, calls::merge(path, &status)));
        }
        Some(_) => {}
    }
    plan
}

fn node(cx: &Cx<'_>, name: &str, number: usize) -> Value {
    let capacity = json!({"cpu": "4", "ephemeral-storage": "100Gi", "memory": "16Gi", "pods": "110"});
    json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {
                "beta.kubernetes.io/arch": "amd64", "beta.kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
                "kubernetes.io/hostname": name, "kubernetes.io/os": "linux",
            },
        },
        "spec": {},
        "status": {
            "addresses": [
                {"type": "InternalIP", "address": host_ip(number)}, {"type": "Hostname", "address": name},
            ],
            "capacity": capacity, "allocatable": capacity, "conditions": conditions(cx, false),
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "nodeInfo": {
                "architecture": "amd64", "bootID": "", "containerRuntimeVersion": "containerd://1.7.0",
                "kernelVersion": "6.1.0", "kubeProxyVersion": format!("v{}.0", cx.version),
                "kubeletVersion": format!("v{}.0", cx.version), "machineID": "", "operatingSystem": "linux",
                "osImage": "Linux", "systemUUID": "",
            },
        },
    })
}

fn conditions(cx: &Cx<'_>, ready: bool) -> Value {
    let now = time(cx.now);
    let condition = |kind: &str, status: bool, reason: &str, message: &str| {
        json!({
            "type": kind, "status": if status { "True" } else { "False" }, "reason": reason, "message": message,
            "lastHeartbeatTime": now, "lastTransitionTime": now,
        })
    };
    json!([
        condition(
            "MemoryPressure",
            false,
            "KubeletHasSufficientMemory",
            "kubelet has sufficient memory available"
        ),
        condition("DiskPressure", false, "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        condition("PIDPressure", false, "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        match ready {
            true => condition("Ready", true, "KubeletReady", "kubelet is posting ready status"),
            false => condition("Ready", false, "KubeletNotReady", "container runtime network not ready"),
        },
    ])
}
