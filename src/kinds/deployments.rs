//! Deployments (`pkg/apis/apps/v1/defaults.go`, `pkg/registry/apps/deployment`, `pkg/apis/apps/validation`).

use super::Kind;
use super::columns::{AGE, CONTAINERS, Column, IMAGES, NAME, SELECTOR, count, number, with};
use super::field::{Field, is_none};
use super::parts::selector;
use super::parts::strategy::{count_changes, keep, spec_and_status};
use super::pod::template;
use super::pod::{defaults, warnings};
use crate::api::{Dig, Version};
use crate::json::{Value, json};

/// How many of the wanted pods are ready.
pub(super) const READY: Column = with("Ready", |object, _| {
    format!("{}/{}", number(object, "status.readyReplicas"), number(object, "spec.replicas")).into()
});

/// The row of deployments.
pub(super) const KIND: Kind = Kind {
    defaults: set_defaults,
    prepare,
    validate: |deployment| validate(deployment.child("spec"), None),
    whole_update: false,
    validate_update,
    warn: warnings::template,
    columns: &[
        NAME,
        READY,
        count("Up-to-date", "status.updatedReplicas"),
        count("Available", "status.availableReplicas"),
        AGE,
        CONTAINERS,
        IMAGES,
        SELECTOR,
    ],
    ..Kind::plain("apps", "deployments")
};

fn set_defaults(deployment: &mut Value, version: Version) {
    let spec = deployment.make("spec");
    defaults::spec(spec.make("template.spec"), version);
    spec.set_default("replicas", 1);
    if spec.text("strategy.type").is_empty() {
        spec.set("strategy.type", "RollingUpdate");
    }
    if spec.text("strategy.type") == "RollingUpdate" {
        spec.set_default("strategy.rollingUpdate.maxUnavailable", "25%");
        spec.set_default("strategy.rollingUpdate.maxSurge", "25%");
    }
    spec.set_default("revisionHistoryLimit", 10);
    spec.set_default("progressDeadlineSeconds", 600);
}

fn prepare(deployment: &mut Value, old: Option<&Value>, subresource: &str, version: Version) {
    spec_and_status(deployment, old, subresource, version);
    match old {
        None => deployment.set("status", json!({})),
        Some(old) if subresource == "status" => return keep(deployment, old, "metadata.labels"),
        Some(_) => {}
    }
    count_changes(deployment, old, &["spec", "metadata.annotations"]);
}

fn validate(spec: Field<'_>, old: Option<&Value>) {
    spec.child("replicas").nonnegative();
    let words = ["empty selector is invalid for deployment", "invalid label selector", "ReplicaSet"];
    template::selected_by(spec, old, words);
    validate_strategy(spec.child("strategy"));
    spec.child("minReadySeconds").nonnegative();
    spec.child("revisionHistoryLimit").nonnegative();
    let deadline = spec.child("progressDeadlineSeconds");
    deadline.nonnegative();
    let ready = spec.number("minReadySeconds").unwrap_or_default();
    if deadline.number("").is_some_and(|deadline| deadline <= ready) {
        deadline.invalid("must be greater than minReadySeconds");
    }
}

fn validate_strategy(strategy: Field<'_>) {
    if !template::strategy_type(strategy, "apps.DeploymentStrategy", &["Recreate", "RollingUpdate"]) {
        return;
    }
    let rolling = strategy.child("rollingUpdate");
    match (strategy.text("type"), rolling.is_null()) {
        ("Recreate", true) => {}
        ("Recreate", false) => rolling.forbidden("may not be specified when strategy `type` is 'Recreate'"),
        (_, true) => rolling.required("this should be defaulted and never be nil"),
        (_, false) => {
            let (unavailable, surge) = (rolling.child("maxUnavailable"), rolling.child("maxSurge"));
            unavailable.count_or_percent();
            surge.count_or_percent();
            if is_none(unavailable.value) && is_none(surge.value) {
                unavailable.invalid_count("may not be 0 when `maxSurge` is 0");
            }
            unavailable.at_most_all();
        }
    }
}

fn validate_update(new: Field<'_>, old: &Value, subresource: &str) {
    if subresource == "status" {
        let keys = [
            "observedGeneration",
            "replicas",
            "updatedReplicas",
            "readyReplicas",
            "availableReplicas",
            "unavailableReplicas",
            "collisionCount",
        ];
        let bounds = [
            ("updatedReplicas", "replicas", "status.replicas"),
            ("readyReplicas", "replicas", "status.replicas"),
            ("availableReplicas", "replicas", "status.replicas"),
            ("availableReplicas", "readyReplicas", "readyReplicas"),
        ];
        new.child("status").counters(&keys, &bounds);
        return new.child("status.collisionCount").not_lowered(old.at("status.collisionCount"));
    }
    validate(new.child("spec"), Some(old.at("spec")));
    selector::immutable(new.child("spec.selector"), old.at("spec.selector"));
}
