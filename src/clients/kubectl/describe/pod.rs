//! Pods, and the parts that templates share with them.

use super::super::Ctx;
use super::super::error::Done;
use super::super::mapping::Mapping;
use super::{Text, events, time};
use crate::api::Dig;
use serde_json::Value;

/// `ReplicaSet/web-1`, if something controls the object.
pub(super) fn controller(object: &Value) -> Option<String> {
    let owner = object.list("metadata.ownerReferences").iter().find(|o| o.flag("controller"))?;
    Some(format!("{}/{}", owner.text("kind"), owner.text("name")))
}

/// A pod.
pub(super) fn pod(ctx: &mut Ctx<'_>, _: &Mapping, object: &Value) -> Done<Text> {
    let mut text = Text::default();
    text.field(0, "Name", object.name());
    text.field(0, "Namespace", object.namespace());
    if object.has("spec.priority") {
        text.field(0, "Priority", object.at("spec.priority").to_string());
    }
    if !object.text("spec.priorityClassName").is_empty() {
        text.field(0, "Priority Class Name", object.text("spec.priorityClassName"));
    }
    if !ctx.old() && !object.text("spec.serviceAccountName").is_empty() {
        text.field(0, "Service Account", object.text("spec.serviceAccountName"));
    }
    match object.text("spec.nodeName") {
        "" => text.field(0, "Node", "<none>"),
        node => text.field(0, "Node", format!("{node}/{}", object.text("status.hostIP"))),
    }
    if object.has("status.startTime") {
        text.field(0, "Start Time", time(object.text("status.startTime")));
    }
    text.labels(object);
    text.annotations(object);
    if object.has("metadata.deletionTimestamp") {
        text.field(
            0,
            "Status",
            format!(
                "Terminating (lasts {})",
                super::super::print::age(object.text("metadata.deletionTimestamp"), ctx.client.now())
            ),
        );
        let grace = object.at("metadata.deletionGracePeriodSeconds").as_i64().unwrap_or_default();
        text.field(0, "Termination Grace Period", format!("{grace}s"));
    } else {
        text.field(0, "Status", object.text("status.phase"));
    }
    for (label, key) in [("Reason", "status.reason"), ("Message", "status.message")] {
        if !object.text(key).is_empty() {
            text.field(0, label, object.text(key));
        }
    }
    text.field(0, "IP", object.text("status.podIP"));
    match object.list("status.podIPs") {
        [] => text.field(0, "IPs", "<none>"),
        ips => {
            text.line(0, "IPs:");
            ips.iter().for_each(|ip| text.field(1, "IP", ip.text("ip")));
        }
    }
    if let Some(owner) = controller(object) {
        text.field(0, "Controlled By", owner);
    }
    if !object.list("spec.initContainers").is_empty() {
        containers(&mut text, "Init Containers", object, object, "");
    }
    containers(&mut text, "Containers", object, object, "");
    if !object.list("status.conditions").is_empty() {
        text.line(0, "Conditions:\n  Type\tStatus");
        for c in object.list("status.conditions") {
            text.line(1, format!("{} \t{} ", c.text("type"), c.text("status")));
        }
    }
    volumes(&mut text, object.list("spec.volumes"), "");
    if !object.text("status.qosClass").is_empty() {
        text.field(0, "QoS Class", object.text("status.qosClass"));
    }
    text.labels_at("Node-Selectors", object.at("spec.nodeSelector"));
    text.map("Tolerations", tolerations(object));
    events(ctx, &mut text, object, "");
    Ok(text)
}

/// The tolerations of a pod, in the order of their texts' keys.
pub(super) fn tolerations(pod: &Value) -> Vec<String> {
    let mut all: Vec<&Value> = pod.list("spec.tolerations").iter().collect();
    all.sort_by_key(|t| t.text("key").to_owned());
    all.iter()
        .map(|t| {
            let mut text = t.text("key").to_owned();
            if !t.text("value").is_empty() {
                text.push_str(&format!("={}", t.text("value")));
            }
            if !t.text("effect").is_empty() {
                text.push_str(&format!(":{}", t.text("effect")));
            }
            if t.text("operator") == "Exists" && t.text("value").is_empty() {
                let space = if t.text("key").is_empty() && t.text("effect").is_empty() { "" } else { " " };
                text.push_str(&format!("{space}op=Exists"));
            }
            if let Some(seconds) = t.at("tolerationSeconds").as_i64() {
                text.push_str(&format!(" for {seconds}s"));
            }
            text
        })
        .collect()
}

/// The containers of a pod or, without a status, of a template (whose names stand one column to the left).
pub(super) fn containers(text: &mut Text, label: &str, pod: &Value, status: &Value, space: &str) {
    let (field, states) = match label {
        "Init Containers" => ("spec.initContainers", "status.initContainerStatuses"),
        _ => ("spec.containers", "status.containerStatuses"),
    };
    text.line(0, format!("{space}{label}:"));
    let inner = "    ";
    for container in pod.list(field) {
        let name = container.text("name");
        text.line(0, format!("{}{name}:", if space.is_empty() { "  " } else { "   " }));
        let state = status.list(states).iter().find(|s| s.text("name") == name);
        let mut put = |label: &str, value: &str| text.line(0, format!("{inner}{label}:\t{value}"));
        if let Some(state) = state {
            put("Container ID", state.text("containerID"));
        }
        put("Image", container.text("image"));
        if let Some(state) = state {
            put("Image ID", state.text("imageID"));
        }
        let ports = |key: &str| {
            let ports: Vec<String> = container
                .list("ports")
                .iter()
                .map(|p| {
                    let protocol = if p.text("protocol").is_empty() { "TCP" } else { p.text("protocol") };
                    format!("{}/{protocol}", p.at(key).as_i64().unwrap_or_default())
                })
                .collect();
            (
                if ports.len() > 1 { "s" } else { "" },
                if ports.is_empty() { "<none>".to_owned() } else { ports.join(", ") },
            )
        };
        let (s, list) = ports("containerPort");
        put(&format!("Port{s}"), &list);
        let (s, list) = ports("hostPort");
        put(&format!("Host Port{s}"), &list);
        for (label, key) in [("Command", "command"), ("Args", "args")] {
            words(text, inner, label, container.list(key));
        }
        if let Some(state) = state {
            container_state(text, inner, "State", state.at("state"));
            if state.at("lastState.terminated").is_object() {
                container_state(text, inner, "Last State", state.at("lastState"));
            }
            text.line(0, format!("{inner}Ready:\t{}", if state.flag("ready") { "True" } else { "False" }));
            text.line(
                0,
                format!("{inner}Restart Count:\t{}", state.at("restartCount").as_i64().unwrap_or_default()),
            );
        }
        for (label, key) in [("Limits", "resources.limits"), ("Requests", "resources.requests")] {
            if container.entries(key).next().is_some() {
                text.line(0, format!("{inner}{label}:"));
                for (resource, amount) in container.entries(key) {
                    text.line(0, format!("{inner}  {resource}:\t{}", amount.shown()));
                }
            }
        }
        environment(text, inner, container);
        mounts(text, inner, container);
    }
}

fn words(text: &mut Text, inner: &str, label: &str, list: &[Value]) {
    if list.is_empty() {
        return;
    }
    text.line(0, format!("{inner}{label}:"));
    for word in list.iter().filter_map(Value::as_str).flat_map(|w| w.split('\n')) {
        text.line(0, format!("{inner}  {word}"));
    }
}

fn container_state(text: &mut Text, inner: &str, label: &str, state: &Value) {
    let put = |text: &mut Text, label: &str, value: &str| text.line(0, format!("{inner}{label}:\t{value}"));
    if state.at("running").is_object() {
        text.line(0, format!("{inner}{label}:\tRunning"));
        put(text, "  Started", &time(state.text("running.startedAt")));
    } else if state.at("terminated").is_object() {
        text.line(0, format!("{inner}{label}:\tTerminated"));
        for (label, key) in [("  Reason", "terminated.reason"), ("  Message", "terminated.message")] {
            if !state.text(key).is_empty() {
                put(text, label, state.text(key));
            }
        }
        put(text, "  Exit Code", &state.at("terminated.exitCode").as_i64().unwrap_or_default().to_string());
        put(text, "  Started", &time(state.text("terminated.startedAt")));
        put(text, "  Finished", &time(state.text("terminated.finishedAt")));
    } else {
        text.line(0, format!("{inner}{label}:\tWaiting"));
        if !state.text("waiting.reason").is_empty() {
            put(text, "  Reason", state.text("waiting.reason"));
        }
    }
}

fn environment(text: &mut Text, inner: &str, container: &Value) {
    if container.list("env").is_empty() {
        text.line(0, format!("{inner}Environment:\t<none>"));
        return;
    }
    text.line(0, format!("{inner}Environment:"));
    for env in container.list("env") {
        let from = |what: &str, of: &str| {
            let source = env.at(&format!("valueFrom.{what}"));
            let optional = source.flag("optional");
            format!(
                "<set to the key '{}' {of} '{}'>\tOptional: {optional}",
                source.text("key"),
                source.text("name")
            )
        };
        let value = if env.has("valueFrom.secretKeyRef") {
            from("secretKeyRef", "in secret")
        } else if env.has("valueFrom.configMapKeyRef") {
            from("configMapKeyRef", "of config map")
        } else if env.has("valueFrom.fieldRef") {
            format!(
                " ({}:{})",
                env.text("valueFrom.fieldRef.apiVersion"),
                env.text("valueFrom.fieldRef.fieldPath")
            )
        } else {
            env.text("value").to_owned()
        };
        text.line(0, format!("{inner}  {}:\t{value}", env.text("name")));
    }
}

fn mounts(text: &mut Text, inner: &str, container: &Value) {
    if container.list("volumeMounts").is_empty() {
        text.line(0, format!("{inner}Mounts:\t<none>"));
        return;
    }
    text.line(0, format!("{inner}Mounts:"));
    let mut all: Vec<&Value> = container.list("volumeMounts").iter().collect();
    all.sort_by_key(|m| m.text("mountPath").to_owned());
    for mount in all {
        let mut flags = vec![if mount.flag("readOnly") { "ro".to_owned() } else { "rw".to_owned() }];
        if !mount.text("subPath").is_empty() {
            flags.push(format!("path=\"{}\"", mount.text("subPath")));
        }
        text.line(
            0,
            format!("{inner}  {} from {} ({})", mount.text("mountPath"), mount.text("name"), flags.join(",")),
        );
    }
}

/// The volumes of a pod or template.
pub(super) fn volumes(text: &mut Text, volumes: &[Value], space: &str) {
    if volumes.is_empty() {
        text.line(0, format!("{space}Volumes:\t<none>"));
        return;
    }
    text.line(0, format!("{space}Volumes:"));
    for volume in volumes {
        text.line(0, format!("{}{}:", if space.is_empty() { "  " } else { "   " }, volume.text("name")));
        for (label, value) in volume_lines(volume) {
            text.line(0, format!("    {label}:\t{value}"));
        }
    }
}

fn volume_lines(volume: &Value) -> Vec<(&'static str, String)> {
    let text = |path: &str| volume.text(path).to_owned();
    let optional = |path: &str| volume.flag(path).to_string();
    if volume.has("secret") {
        return vec![
            ("Type", "Secret (a volume populated by a Secret)".to_owned()),
            ("SecretName", text("secret.secretName")),
            ("Optional", optional("secret.optional")),
        ];
    }
    if volume.has("configMap") {
        return vec![
            ("Type", "ConfigMap (a volume populated by a ConfigMap)".to_owned()),
            ("Name", text("configMap.name")),
            ("Optional", optional("configMap.optional")),
        ];
    }
    if volume.has("emptyDir") {
        let limit = match volume.at("emptyDir.sizeLimit") {
            Value::Null => "<unset>".to_owned(),
            other => other.shown(),
        };
        return vec![
            ("Type", "EmptyDir (a temporary directory that shares a pod's lifetime)".to_owned()),
            ("Medium", text("emptyDir.medium")),
            ("SizeLimit", limit),
        ];
    }
    if volume.has("hostPath") {
        return vec![
            ("Type", "HostPath (bare host directory volume)".to_owned()),
            ("Path", text("hostPath.path")),
            ("HostPathType", text("hostPath.type")),
        ];
    }
    if volume.has("projected") {
        return projected(volume);
    }
    vec![("<unknown>", String::new())]
}

fn projected(volume: &Value) -> Vec<(&'static str, String)> {
    let mut lines =
        vec![("Type", "Projected (a volume that contains injected data from multiple sources)".to_owned())];
    for source in volume.list("projected.sources") {
        if source.has("secret") {
            lines.push(("SecretName", source.text("secret.name").to_owned()));
            lines.push(("Optional", source.flag("secret.optional").to_string()));
        } else if source.has("downwardAPI") {
            lines.push(("DownwardAPI", "true".to_owned()));
        } else if source.has("configMap") {
            lines.push(("ConfigMapName", source.text("configMap.name").to_owned()));
            lines.push(("Optional", source.flag("configMap.optional").to_string()));
        } else if source.has("serviceAccountToken") {
            let seconds = source.at("serviceAccountToken.expirationSeconds").as_i64().unwrap_or_default();
            lines.push(("TokenExpirationSeconds", seconds.to_string()));
        }
    }
    lines
}
