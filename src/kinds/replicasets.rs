//! Replica sets (`pkg/apis/apps/v1/defaults.go`, `pkg/registry/apps/replicaset`, `pkg/apis/apps/validation`).

use super::Kind;
use super::columns::{AGE, CONTAINERS, Column, IMAGES, NAME, SELECTOR, count};
use super::field::Field;
use super::parts::selector;
use super::parts::strategy::spec_with_generation;
use super::pod::template;
use super::pod::{defaults, warnings};
use crate::api::{Dig, Version};
use crate::json::{Value, json};

/// The columns of what keeps a number of pods.
pub(super) const COLUMNS: &[Column] = &[
    NAME,
    count("Desired", "spec.replicas"),
    count("Current", "status.replicas"),
    count("Ready", "status.readyReplicas"),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
];

/// The row of replica sets.
pub(super) const KIND: Kind = Kind {
    defaults: |set, version| {
        let spec = set.make("spec");
        defaults::spec(spec.make("template.spec"), version);
        spec.set_default("replicas", 1);
    },
    prepare,
    validate: |set| validate(set.child("spec"), None),
    whole_update: false,
    validate_update,
    warn: warnings::template,
    columns: COLUMNS,
    ..Kind::plain("apps", "replicasets")
};

fn prepare(set: &mut Value, old: Option<&Value>, subresource: &str, version: Version) {
    spec_with_generation(set, old, subresource, version);
    if old.is_none() {
        set.set("status", json!({"replicas": 0}));
    }
}

fn validate(spec: Field<'_>, old: Option<&Value>) {
    spec.child("replicas").nonnegative();
    spec.child("minReadySeconds").nonnegative();
    // The words are those of deployments in Kubernetes, too.
    let words = ["empty selector is invalid for deployment", "invalid label selector", "ReplicaSet"];
    template::selected_by(spec, old, words);
}

fn validate_update(new: Field<'_>, old: &Value, subresource: &str) {
    if subresource == "status" {
        return validate_status(new.child("status"));
    }
    validate(new.child("spec"), Some(old.at("spec")));
    selector::immutable(new.child("spec.selector"), old.at("spec.selector"));
}

/// Checks the counters, which replication controllers have as well.
pub(super) fn validate_status(status: Field<'_>) {
    status.counters(
        &["replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration"],
        &[
            ("fullyLabeledReplicas", "replicas", "status.replicas"),
            ("readyReplicas", "replicas", "status.replicas"),
            ("availableReplicas", "replicas", "status.replicas"),
            ("availableReplicas", "readyReplicas", "readyReplicas"),
        ],
    );
}
