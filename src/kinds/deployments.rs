//! Deployments (`pkg/apis/apps/v1/defaults.go`, `pkg/registry/apps/deployment`, `pkg/apis/apps/validation`).

use super::Kind;
use super::columns::{Columns, Print, count, workload};
use super::parts::checks::{at_most_all, count_or_percent, counters, is_none, nonnegative};
use super::parts::selector;
use super::parts::strategy::{count_changes, keep, spec_and_status};
use super::parts::template;
use super::pod::{defaults, warnings};
use crate::api::Path;
use crate::api::field::Errors;
use crate::api::value::Dig;
use crate::api::version::Version;
use serde_json::{Value, json};

/// The row of deployments.
pub(super) const KIND: Kind = Kind {
    defaults: set_defaults,
    prepare,
    validate: |deployment, errors| validate(deployment.at("spec"), None, errors),
    whole_update: false,
    validate_update,
    warn: warnings::template,
    columns: &[Columns::new("Name|Ready|Up-to-date#|Available#|Age|Containers*|Images*|Selector*", row)],
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

fn validate(spec: &Value, old: Option<&Value>, errors: &Errors) {
    let path = Path::new("spec");
    nonnegative(spec, &path, "replicas", errors);
    let words = ["empty selector is invalid for deployment", "invalid label selector", "ReplicaSet"];
    template::selected_by(spec, old, words, &path, errors);
    validate_strategy(spec.at("strategy"), &path.child("strategy"), errors);
    nonnegative(spec, &path, "minReadySeconds", errors);
    nonnegative(spec, &path, "revisionHistoryLimit", errors);
    if let Some(deadline) = spec.at("progressDeadlineSeconds").as_i64() {
        nonnegative(spec, &path, "progressDeadlineSeconds", errors);
        if deadline <= spec.at("minReadySeconds").as_i64().unwrap_or_default() {
            let detail = "must be greater than minReadySeconds";
            errors.invalid(path.child("progressDeadlineSeconds"), deadline, detail);
        }
    }
}

fn validate_strategy(strategy: &Value, path: &Path<'_>, errors: &Errors) {
    if !template::strategy_type(strategy, path, &["Recreate", "RollingUpdate"], errors) {
        return;
    }
    let (rolling, path) = (strategy.at("rollingUpdate"), path.child("rollingUpdate"));
    match (strategy.text("type"), rolling) {
        ("Recreate", Value::Null) => {}
        ("Recreate", _) => {
            let detail = "may not be specified when strategy `type` is 'Recreate'";
            errors.forbidden(path, detail);
        }
        (_, Value::Null) => errors.required(path, "this should be defaulted and never be nil"),
        _ => {
            let (unavailable, surge) = (rolling.at("maxUnavailable"), rolling.at("maxSurge"));
            let at = path.child("maxUnavailable");
            count_or_percent(unavailable, &at, errors);
            count_or_percent(surge, &path.child("maxSurge"), errors);
            if is_none(unavailable) && is_none(surge) {
                errors.invalid(at, unavailable, "may not be 0 when `maxSurge` is 0");
            }
            at_most_all(unavailable, &at, errors);
        }
    }
}

fn validate_update(new: &Value, old: &Value, subresource: &str, errors: &Errors) {
    if subresource == "status" {
        return counters(
            new.at("status"),
            &[
                "observedGeneration",
                "replicas",
                "updatedReplicas",
                "readyReplicas",
                "availableReplicas",
                "unavailableReplicas",
                "collisionCount",
            ],
            &[
                ("updatedReplicas", "replicas", "status.replicas"),
                ("readyReplicas", "replicas", "status.replicas"),
                ("availableReplicas", "replicas", "status.replicas"),
                ("availableReplicas", "readyReplicas", "readyReplicas"),
            ],
            errors,
        );
    }
    validate(new.at("spec"), Some(old.at("spec")), errors);
    selector::immutable(new, old, errors);
}

fn row(object: &Value, print: Print) -> Vec<Value> {
    let ready = format!("{}/{}", count(object, "status.readyReplicas"), count(object, "spec.replicas"));
    let cells = vec![
        ready.into(),
        json!(count(object, "status.updatedReplicas")),
        json!(count(object, "status.availableReplicas")),
    ];
    workload(object, print, cells, true)
}
