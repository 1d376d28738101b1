//! Deployments and replica sets.

use super::super::Ctx;
use super::super::error::Done;
use super::super::mapping::Mapping;
use super::super::send::query;
use super::{Text, chunk, events, pod, selector, time};
use crate::api::Dig;
use serde_json::Value;

fn number(object: &Value, path: &str) -> i64 {
    object.at(path).as_i64().unwrap_or_default()
}

/// The template of a workload's pods.
pub(super) fn template(ctx: &Ctx<'_>, text: &mut Text, template: &Value) {
    text.line(0, "Pod Template:");
    let pairs: Vec<String> = template
        .entries("metadata.labels")
        .map(|(k, v)| format!("{k}={}", v.as_str().unwrap_or_default()))
        .collect();
    indented_map(text, "  Labels", &pairs);
    let pairs: Vec<String> = template
        .entries("metadata.annotations")
        .map(|(k, v)| format!("{k}: {}", v.as_str().unwrap_or_default()))
        .collect();
    if !pairs.is_empty() {
        indented_map(text, "  Annotations", &pairs);
    }
    if !template.text("spec.serviceAccountName").is_empty() {
        text.field(1, "Service Account", template.text("spec.serviceAccountName"));
    }
    if !template.list("spec.initContainers").is_empty() {
        pod::containers(text, "Init Containers", template, &Value::Null, "  ");
    }
    pod::containers(text, "Containers", template, &Value::Null, "  ");
    pod::volumes(text, template.list("spec.volumes"), "  ");
    if !ctx.old() {
        let nodes = template
            .entries("spec.nodeSelector")
            .map(|(k, v)| format!("{k}={}", v.as_str().unwrap_or_default()));
        indented_map(text, "  Node-Selectors", &nodes.collect::<Vec<_>>());
        indented_map(text, "  Tolerations", &pod::tolerations(template));
    }
}

fn indented_map(text: &mut Text, label: &str, pairs: &[String]) {
    text.map(label, pairs.to_vec());
}

/// A deployment.
pub(super) fn deployment(ctx: &mut Ctx<'_>, _: &Mapping, object: &Value) -> Done<Text> {
    let mut text = Text::default();
    text.field(0, "Name", object.name());
    text.field(0, "Namespace", object.namespace());
    text.field(0, "CreationTimestamp", time(object.text("metadata.creationTimestamp")));
    text.labels(object);
    text.annotations(object);
    let labels = selector(object.at("spec.selector.matchLabels"));
    text.field(0, "Selector", &labels);
    let counts = format!(
        "{} desired | {} updated | {} total | {} available | {} unavailable",
        number(object, "spec.replicas"),
        number(object, "status.updatedReplicas"),
        number(object, "status.replicas"),
        number(object, "status.availableReplicas"),
        number(object, "status.unavailableReplicas")
    );
    text.field(0, "Replicas", counts);
    text.field(0, "StrategyType", object.text("spec.strategy.type"));
    text.field(0, "MinReadySeconds", number(object, "spec.minReadySeconds").to_string());
    if object.has("spec.strategy.rollingUpdate") {
        let part = |key: &str| object.at(&format!("spec.strategy.rollingUpdate.{key}")).shown();
        text.field(
            0,
            "RollingUpdateStrategy",
            format!("{} max unavailable, {} max surge", part("maxUnavailable"), part("maxSurge")),
        );
    }
    template(ctx, &mut text, object.at("spec.template"));
    conditions(&mut text, object);
    // Kubectl asks for the events first and prints them last.
    let mut end = Text::default();
    events(ctx, &mut end, object, "Deployment");
    let path = format!("/apis/apps/v1/namespaces/{}/replicasets", object.namespace());
    let sets = ctx.fetch(&query(&path, &[("labelSelector", &labels), ("limit", chunk(ctx))]));
    if let Ok(sets) = sets {
        replica_sets(&mut text, object, sets.list("items"));
    }
    text.0.push_str(&end.0);
    Ok(text)
}

fn conditions(text: &mut Text, object: &Value) {
    if object.list("status.conditions").is_empty() {
        return;
    }
    text.line(0, "Conditions:\n  Type\tStatus\tReason\n  ----\t------\t------");
    for c in object.list("status.conditions") {
        text.line(1, format!("{} \t{}\t{}", c.text("type"), c.text("status"), c.text("reason")));
    }
}

fn replica_sets(text: &mut Text, object: &Value, sets: &[Value]) {
    let owned = |set: &&Value| {
        set.list("metadata.ownerReferences")
            .iter()
            .any(|o| o.flag("controller") && o.text("uid") == object.uid())
    };
    let (new, old): (Vec<&Value>, Vec<&Value>) = sets.iter().filter(owned).partition(|set| {
        set.annotation("deployment.kubernetes.io/revision")
            == object.annotation("deployment.kubernetes.io/revision")
    });
    let told = |set: &&Value| {
        format!(
            "{} ({}/{} replicas created)",
            set.name(),
            number(set, "status.replicas"),
            number(set, "spec.replicas")
        )
    };
    let listed = |sets: Vec<String>| {
        if sets.is_empty() { "<none>".to_owned() } else { sets.join(", ") }
    };
    text.field(0, "OldReplicaSets", listed(old.iter().map(told).collect()));
    text.field(0, "NewReplicaSet", listed(new.iter().map(told).collect()));
}

/// A replica set.
pub(super) fn replica_set(ctx: &mut Ctx<'_>, _: &Mapping, object: &Value) -> Done<Text> {
    let mut text = Text::default();
    text.field(0, "Name", object.name());
    text.field(0, "Namespace", object.namespace());
    let labels = selector(object.at("spec.selector.matchLabels"));
    text.field(0, "Selector", &labels);
    text.labels(object);
    text.annotations(object);
    if let Some(owner) = pod::controller(object) {
        text.field(0, "Controlled By", owner);
    }
    text.field(
        0,
        "Replicas",
        format!(
            "{} current / {} desired",
            number(object, "status.replicas"),
            number(object, "spec.replicas")
        ),
    );
    let path = format!("/api/v1/namespaces/{}/pods", object.namespace());
    match ctx.fetch(&query(&path, &[("labelSelector", &labels), ("limit", chunk(ctx))])) {
        Ok(pods) => {
            let mine = |p: &&Value| {
                p.list("metadata.ownerReferences")
                    .iter()
                    .any(|o| o.flag("controller") && o.text("uid") == object.uid())
            };
            let count = |phase: &str| {
                pods.list("items").iter().filter(mine).filter(|p| p.text("status.phase") == phase).count()
            };
            let status = format!(
                "{} Running / {} Waiting / {} Succeeded / {} Failed",
                count("Running"),
                count("Pending"),
                count("Succeeded"),
                count("Failed")
            );
            text.field(0, "Pods Status", status);
        }
        Err(failure) => {
            text.field(0, "Pods Status", format!("error in fetching pods: {}", failure.message()))
        }
    }
    template(ctx, &mut text, object.at("spec.template"));
    if !object.list("status.conditions").is_empty() {
        conditions(&mut text, object);
    }
    events(ctx, &mut text, object, "ReplicaSet");
    Ok(text)
}
