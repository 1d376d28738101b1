//! Deployments, replica sets, daemon sets.

use super::super::Ctx;
use super::super::error::Done;
use super::super::print::pairs;
use super::text::{Text, or_none, selector, time};
use super::{events, pod};
use crate::api::Dig;
use crate::json::Value;

/// The template of a workload's pods.
pub(super) fn template(ctx: &Ctx<'_>, text: &mut Text, template: &Value) {
    text.line(0, "Pod Template:");
    text.list("  Labels", &pairs(template.at("metadata.labels")));
    let annotations = template.entries("metadata.annotations");
    let annotations: Vec<String> =
        annotations.map(|(key, value)| format!("{key}: {}", value.as_str().unwrap_or_default())).collect();
    if !annotations.is_empty() {
        text.list("  Annotations", &annotations);
    }
    text.present(template, &[("  Service Account", "spec.serviceAccountName")]);
    pod::containers(text, template, None);
    pod::volumes(text, template.list("spec.volumes"), "  ");
    if !ctx.old() {
        text.list("  Node-Selectors", &pairs(template.at("spec.nodeSelector")));
        text.list("  Tolerations", &pod::tolerations(template));
    }
}

/// A deployment.
pub(super) fn deployment(ctx: &mut Ctx<'_>, object: &Value, text: &mut Text) -> Done {
    let selector = selector(object.at("spec.selector.matchLabels"));
    text.namespace(object);
    text.field("CreationTimestamp", time(object.text("metadata.creationTimestamp")));
    text.metadata(object);
    text.field("Selector", &selector);
    let counts = [
        ("spec.replicas", "desired"),
        ("status.updatedReplicas", "updated"),
        ("status.replicas", "total"),
        ("status.availableReplicas", "available"),
        ("status.unavailableReplicas", "unavailable"),
    ];
    text.field("Replicas", counts.map(|(path, word)| format!("{} {word}", object.number(path))).join(" | "));
    text.field("StrategyType", object.text("spec.strategy.type"));
    text.field("MinReadySeconds", object.number("spec.minReadySeconds"));
    if object.has("spec.strategy.rollingUpdate") {
        let part = |key: &str| object.at(&format!("spec.strategy.rollingUpdate.{key}")).shown();
        let (unavailable, surge) = (part("maxUnavailable"), part("maxSurge"));
        text.field("RollingUpdateStrategy", format_args!("{unavailable} max unavailable, {surge} max surge"));
    }
    template(ctx, text, object.at("spec.template"));
    conditions(text, object);
    // Kubectl asks for the events first and prints them last.
    let mut end = Text::default();
    events(ctx, &mut end, object, "Deployment");
    let path = format!("/apis/apps/v1/namespaces/{}/replicasets", object.namespace());
    if let Ok(sets) = ctx.items(&path, &[("labelSelector", &selector), ("limit", ctx.chunk())]) {
        replica_sets(text, object, &sets);
    }
    text.0.push_str(&end.0);
    Ok(())
}

fn conditions(text: &mut Text, object: &Value) {
    if object.list("status.conditions").is_empty() {
        return;
    }
    text.line(0, "Conditions:\n  Type\tStatus\tReason\n  ----\t------\t------");
    for c in object.list("status.conditions") {
        text.line(1, format_args!("{} \t{}\t{}", c.text("type"), c.text("status"), c.text("reason")));
    }
}

fn replica_sets(text: &mut Text, object: &Value, sets: &[Value]) {
    const REVISION: &str = "deployment.kubernetes.io/revision";
    let owned = sets.iter().filter(|set| set.is_controlled_by(object));
    let (new, old): (Vec<&Value>, Vec<&Value>) =
        owned.partition(|set| set.annotation(REVISION) == object.annotation(REVISION));
    for (label, sets) in [("OldReplicaSets", old), ("NewReplicaSet", new)] {
        let told = sets.iter().map(|set| {
            let (made, wanted) = (set.number("status.replicas"), set.number("spec.replicas"));
            format!("{} ({made}/{wanted} replicas created)", set.name())
        });
        text.field(label, or_none(told.collect::<Vec<_>>().join(", ")));
    }
}

/// A replica set.
pub(super) fn replica_set(ctx: &mut Ctx<'_>, object: &Value, text: &mut Text) -> Done {
    text.namespace(object);
    text.field("Selector", selector(object.at("spec.selector.matchLabels")));
    text.metadata(object);
    pod::controlled_by(text, object);
    let (current, desired) = (object.number("status.replicas"), object.number("spec.replicas"));
    text.field("Replicas", format_args!("{current} current / {desired} desired"));
    pods_status(ctx, text, object);
    template(ctx, text, object.at("spec.template"));
    conditions(text, object);
    Ok(())
}

/// A daemon set.
pub(super) fn daemon_set(ctx: &mut Ctx<'_>, object: &Value, text: &mut Text) -> Done {
    if !ctx.old() {
        text.namespace(object);
    }
    text.field("Selector", selector(object.at("spec.selector.matchLabels")));
    text.field("Node-Selector", or_none(selector(object.at("spec.template.spec.nodeSelector"))));
    text.metadata(object);
    let counts = [
        ("Desired Number of Nodes Scheduled", "status.desiredNumberScheduled"),
        ("Current Number of Nodes Scheduled", "status.currentNumberScheduled"),
        ("Number of Nodes Scheduled with Up-to-date Pods", "status.updatedNumberScheduled"),
        ("Number of Nodes Scheduled with Available Pods", "status.numberAvailable"),
        ("Number of Nodes Misscheduled", "status.numberMisscheduled"),
    ];
    for (label, path) in counts {
        text.line(0, format_args!("{label}: {}", object.number(path)));
    }
    pods_status(ctx, text, object);
    template(ctx, text, object.at("spec.template"));
    Ok(())
}

/// How many pods of a workload are in which phase.
fn pods_status(ctx: &mut Ctx<'_>, text: &mut Text, object: &Value) {
    const PHASES: [(&str, &str); 4] =
        [("Running", "Running"), ("Pending", "Waiting"), ("Succeeded", "Succeeded"), ("Failed", "Failed")];
    let path = format!("/api/v1/namespaces/{}/pods", object.namespace());
    let labels = selector(object.at("spec.selector.matchLabels"));
    let status = match ctx.items(&path, &[("labelSelector", &labels), ("limit", ctx.chunk())]) {
        Err(failure) => format!("error in fetching pods: {}", failure.message()),
        Ok(pods) => {
            let mine: Vec<&Value> = pods.iter().filter(|pod| pod.is_controlled_by(object)).collect();
            let count = |phase: &str| mine.iter().filter(|pod| pod.text("status.phase") == phase).count();
            PHASES.map(|(phase, word)| format!("{} {word}", count(phase))).join(" / ")
        }
    };
    text.field("Pods Status", status);
}
