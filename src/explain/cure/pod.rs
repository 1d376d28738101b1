//! The same pod, changed so that a policy takes it: what the policy asks for, and nothing else.

use crate::api::Dig;
use crate::json::{Value, json};

const CONTAINERS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];

/// A pod that keeps to a level of the Pod Security Standards.
pub(super) fn hardened(pod: &Value, level: &str) -> Value {
    let mut pod = pod.clone();
    for field in ["hostNetwork", "hostPID", "hostIPC"] {
        pod.take_out(&format!("spec.{field}"));
    }
    let restricted = level == "restricted";
    if restricted {
        pod.make("spec.securityContext")["runAsNonRoot"] = json!(true);
        pod.make("spec.securityContext")["seccompProfile"] = json!({"type": "RuntimeDefault"});
    }
    each_container(&mut pod, |container| {
        container.take_out("securityContext.privileged");
        for port in container.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
            port.take_out("hostPort");
        }
        if restricted {
            container.make("securityContext")["allowPrivilegeEscalation"] = json!(false);
            container.make("securityContext")["capabilities"] = json!({"drop": ["ALL"]});
        } else {
            container.take_out("securityContext.capabilities.add");
        }
    });
    pod
}

/// A pod whose containers say how much of each resource they want (`requests.cpu`, `limits.memory`, `cpu`).
pub(super) fn with_resources(pod: &Value, resources: &[&str]) -> Value {
    let mut pod = pod.clone();
    each_container(&mut pod, |container| {
        for resource in resources {
            let (list, resource) = resource.split_once('.').unwrap_or(("requests", resource));
            let amount = match resource {
                "cpu" => "100m",
                "memory" | "ephemeral-storage" => "64Mi",
                _ => "1",
            };
            let amounts = container.make(&format!("resources.{list}"));
            if amounts.get(resource).is_none() {
                amounts[resource] = json!(amount);
            }
        }
    });
    pod
}

fn each_container(pod: &mut Value, mut change: impl FnMut(&mut Value)) {
    for list in CONTAINERS {
        let containers =
            pod.get_mut("spec").and_then(|spec| spec.get_mut(list)).and_then(Value::as_array_mut);
        containers.into_iter().flatten().for_each(&mut change);
    }
}
