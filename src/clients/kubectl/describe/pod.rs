//! Pods, and the parts that templates share with them.

use super::super::Ctx;
use super::super::error::Done;
use super::super::print::{age, pairs};
use super::text::{Text, or_none, or_unset, time, yes_no};
use crate::api::Dig;
use crate::json::Value;

/// `ReplicaSet/web-1`, if something controls the object.
pub(super) fn controlled_by(text: &mut Text, object: &Value) {
    if let Some(owner) = object.controller() {
        text.field("Controlled By", format_args!("{}/{}", owner.text("kind"), owner.text("name")));
    }
}

/// A pod.
pub(super) fn pod(ctx: &mut Ctx<'_>, object: &Value, text: &mut Text) -> Done {
    text.namespace(object);
    text.present(object, &[("Priority", "spec.priority"), ("Priority Class Name", "spec.priorityClassName")]);
    if !ctx.old() {
        text.present(object, &[("Service Account", "spec.serviceAccountName")]);
    }
    match object.text("spec.nodeName") {
        "" => text.field("Node", "<none>"),
        node => text.field("Node", format_args!("{node}/{}", object.text("status.hostIP"))),
    }
    if object.has("status.startTime") {
        text.field("Start Time", time(object.text("status.startTime")));
    }
    text.metadata(object);
    match object.text("metadata.deletionTimestamp") {
        "" => text.field("Status", object.text("status.phase")),
        since => {
            text.field("Status", format_args!("Terminating (lasts {})", age(since, ctx.client.now())));
            let grace = object.number("metadata.deletionGracePeriodSeconds");
            text.field("Termination Grace Period", format_args!("{grace}s"));
        }
    }
    text.present(object, &[("Reason", "status.reason"), ("Message", "status.message")]);
    text.field("IP", object.text("status.podIP"));
    match object.list("status.podIPs") {
        [] => text.field("IPs", "<none>"),
        ips => {
            text.line(0, "IPs:");
            ips.iter().for_each(|ip| text.field_at(1, "IP", ip.text("ip")));
        }
    }
    controlled_by(text, object);
    containers(text, object, Some(object));
    if !object.list("status.conditions").is_empty() {
        text.line(0, "Conditions:\n  Type\tStatus");
        for c in object.list("status.conditions") {
            text.line(1, format_args!("{} \t{} ", c.text("type"), c.text("status")));
        }
    }
    volumes(text, object.list("spec.volumes"), "");
    text.present(object, &[("QoS Class", "status.qosClass")]);
    text.list("Node-Selectors", &pairs(object.at("spec.nodeSelector")));
    text.list("Tolerations", &tolerations(object));
    Ok(())
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

/// The containers of a pod with their states or, without, of a template (whose names stand one column to the left).
pub(super) fn containers(text: &mut Text, pod: &Value, status: Option<&Value>) {
    let (space, before_name) = if status.is_some() { ("", "  ") } else { ("  ", "   ") };
    let kinds = [
        ("Init Containers", "spec.initContainers", "status.initContainerStatuses"),
        ("Containers", "spec.containers", "status.containerStatuses"),
    ];
    for (label, list, states) in kinds {
        if list == "spec.initContainers" && pod.list(list).is_empty() {
            continue;
        }
        text.line(0, format_args!("{space}{label}:"));
        for container in pod.list(list) {
            let name = container.text("name");
            text.line(0, format_args!("{before_name}{name}:"));
            let state = status.and_then(|status| status.list(states).iter().find(|s| s.text("name") == name));
            one_container(text, container, state);
        }
    }
}

fn one_container(text: &mut Text, container: &Value, state: Option<&Value>) {
    if let Some(state) = state {
        text.field_at(2, "Container ID", state.text("containerID"));
    }
    text.field_at(2, "Image", container.text("image"));
    if let Some(state) = state {
        text.field_at(2, "Image ID", state.text("imageID"));
    }
    for (label, key) in [("Port", "containerPort"), ("Host Port", "hostPort")] {
        let ports = container.list("ports").iter().map(|port| {
            let protocol = if port.text("protocol").is_empty() { "TCP" } else { port.text("protocol") };
            format!("{}/{protocol}", port.number(key))
        });
        let ports: Vec<String> = ports.collect();
        let s = if ports.len() > 1 { "s" } else { "" };
        text.field_at(2, &format!("{label}{s}"), or_none(ports.join(", ")));
    }
    for (label, key) in [("Command", "command"), ("Args", "args")] {
        if !container.list(key).is_empty() {
            text.line(2, format_args!("{label}:"));
            let lines = container.texts(key).into_iter().flat_map(|word| word.split('\n'));
            lines.for_each(|line| text.line(3, line));
        }
    }
    if let Some(state) = state {
        container_state(text, "State", state.at("state"));
        if state.at("lastState.terminated").is_object() {
            container_state(text, "Last State", state.at("lastState"));
        }
        text.field_at(2, "Ready", yes_no(state.flag("ready")));
        text.field_at(2, "Restart Count", state.number("restartCount"));
    }
    for (label, key) in [("Limits", "resources.limits"), ("Requests", "resources.requests")] {
        for (at, (resource, amount)) in container.entries(key).enumerate() {
            if at == 0 {
                text.line(2, format_args!("{label}:"));
            }
            text.field_at(3, resource, amount.shown());
        }
    }
    environment(text, container);
    mounts(text, container);
}

fn container_state(text: &mut Text, label: &str, state: &Value) {
    let maybe = |text: &mut Text, label: &str, key: &str| {
        if !state.text(key).is_empty() {
            text.field_at(3, label, state.text(key));
        }
    };
    if state.at("running").is_object() {
        text.field_at(2, label, "Running");
        text.field_at(3, "Started", time(state.text("running.startedAt")));
    } else if state.at("terminated").is_object() {
        text.field_at(2, label, "Terminated");
        maybe(text, "Reason", "terminated.reason");
        maybe(text, "Message", "terminated.message");
        text.field_at(3, "Exit Code", state.number("terminated.exitCode"));
        text.field_at(3, "Started", time(state.text("terminated.startedAt")));
        text.field_at(3, "Finished", time(state.text("terminated.finishedAt")));
    } else {
        text.field_at(2, label, "Waiting");
        maybe(text, "Reason", "waiting.reason");
    }
}

fn environment(text: &mut Text, container: &Value) {
    if container.list("env").is_empty() {
        text.field_at(2, "Environment", "<none>");
        return;
    }
    text.line(2, "Environment:");
    for env in container.list("env") {
        let from = |what: &str, of: &str| {
            let source = env.at(&format!("valueFrom.{what}"));
            let (key, name, optional) = (source.text("key"), source.text("name"), source.flag("optional"));
            format!("<set to the key '{key}' {of} '{name}'>\tOptional: {optional}")
        };
        let field = env.at("valueFrom.fieldRef");
        let value = if env.has("valueFrom.secretKeyRef") {
            from("secretKeyRef", "in secret")
        } else if env.has("valueFrom.configMapKeyRef") {
            from("configMapKeyRef", "of config map")
        } else if !field.is_null() {
            format!(" ({}:{})", field.text("apiVersion"), field.text("fieldPath"))
        } else {
            env.text("value").to_owned()
        };
        text.field_at(3, env.text("name"), value);
    }
}

fn mounts(text: &mut Text, container: &Value) {
    if container.list("volumeMounts").is_empty() {
        text.field_at(2, "Mounts", "<none>");
        return;
    }
    text.line(2, "Mounts:");
    let mut all: Vec<&Value> = container.list("volumeMounts").iter().collect();
    all.sort_by_key(|mount| mount.text("mountPath"));
    for mount in all {
        let mode = if mount.flag("readOnly") { "ro" } else { "rw" };
        let path = match mount.text("subPath") {
            "" => String::new(),
            path => format!(",path=\"{path}\""),
        };
        let (at, from) = (mount.text("mountPath"), mount.text("name"));
        text.line(3, format_args!("{at} from {from} ({mode}{path})"));
    }
}

/// A kind of volume: the field, what it is called, and the fields that are told of it.
type Volume = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const VOLUMES: &[Volume] = &[
    (
        "secret",
        "Secret (a volume populated by a Secret)",
        &[("SecretName", "secretName"), ("Optional", "optional")],
    ),
    (
        "configMap",
        "ConfigMap (a volume populated by a ConfigMap)",
        &[("Name", "name"), ("Optional", "optional")],
    ),
    (
        "emptyDir",
        "EmptyDir (a temporary directory that shares a pod's lifetime)",
        &[("Medium", "medium"), ("SizeLimit", "sizeLimit")],
    ),
    ("hostPath", "HostPath (bare host directory volume)", &[("Path", "path"), ("HostPathType", "type")]),
    ("projected", "Projected (a volume that contains injected data from multiple sources)", &[]),
];

/// The same of the sources of a projected volume.
const SOURCES: &[(&str, &[(&str, &str)])] = &[
    ("secret", &[("SecretName", "name"), ("Optional", "optional")]),
    ("downwardAPI", &[("DownwardAPI", "")]),
    ("configMap", &[("ConfigMapName", "name"), ("Optional", "optional")]),
    ("serviceAccountToken", &[("TokenExpirationSeconds", "expirationSeconds")]),
];

/// The volumes of a pod or template.
pub(super) fn volumes(text: &mut Text, volumes: &[Value], space: &str) {
    if volumes.is_empty() {
        text.line(0, format_args!("{space}Volumes:\t<none>"));
        return;
    }
    text.line(0, format_args!("{space}Volumes:"));
    let before_name = if space.is_empty() { "  " } else { "   " };
    for volume in volumes {
        text.line(0, format_args!("{before_name}{}:", volume.text("name")));
        match VOLUMES.iter().find(|(field, ..)| volume.has(field)) {
            None => text.field_at(2, "<unknown>", ""),
            Some((field, kind, told)) => {
                text.field_at(2, "Type", kind);
                volume_fields(text, volume.at(field), told);
            }
        }
        for source in volume.list("projected.sources") {
            if let Some((field, told)) = SOURCES.iter().find(|(field, _)| source.has(field)) {
                volume_fields(text, source.at(field), told);
            }
        }
    }
}

fn volume_fields(text: &mut Text, source: &Value, told: &[(&str, &str)]) {
    for (label, field) in told {
        let value = match *field {
            "" => "true".to_owned(),
            "optional" => source.flag(field).to_string(),
            "expirationSeconds" => source.number(field).to_string(),
            "sizeLimit" => or_unset(source.at(field)),
            _ => source.text(field).to_owned(),
        };
        text.field_at(2, label, value);
    }
}
