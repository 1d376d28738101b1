//! Daemon sets (`pkg/apis/apps/v1/defaults.go`, `pkg/registry/apps/daemonset`, `pkg/apis/apps/validation`).

use super::Kind;
use super::columns::{Columns, Print, count, labels, workload};
use super::parts::checks::{at_most_all, count_or_percent, counters, is_none, nonnegative};
use super::parts::selector;
use super::parts::strategy::spec_with_generation;
use super::parts::template;
use super::pod::{defaults, warnings};
use crate::api::Path;
use crate::api::differences::SURGE_OF_DAEMONS;
use crate::api::field::Errors;
use crate::api::value::Dig;
use crate::api::version::Version;
use serde_json::{Value, json};

/// How often the template has changed; a field of an API that is gone.
const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";
/// The row of daemon sets.
pub(super) const KIND: Kind = Kind {
    defaults: set_defaults,
    prepare,
    validate: |set, errors| validate(set.at("spec"), None, errors),
    whole_update: false,
    validate_update,
    warn: warnings::template,
    columns: &[Columns::new(
        "Name|Desired#|Current#|Ready#|Up-to-date#|Available#|Node Selector|Age|Containers*|Images*|Selector*",
        row,
    )],
    ..Kind::plain("apps", "daemonsets")
};

fn set_defaults(set: &mut Value, version: Version) {
    let spec = set.make("spec");
    defaults::spec(spec.make("template.spec"), version);
    if spec.text("updateStrategy.type").is_empty() {
        spec.set("updateStrategy.type", "RollingUpdate");
    }
    if spec.text("updateStrategy.type") == "RollingUpdate" {
        spec.set_default("updateStrategy.rollingUpdate.maxUnavailable", 1);
        if version.has(SURGE_OF_DAEMONS) {
            spec.set_default("updateStrategy.rollingUpdate.maxSurge", 0);
        }
    }
    spec.set_default("revisionHistoryLimit", 10);
}

fn prepare(set: &mut Value, old: Option<&Value>, subresource: &str, version: Version) {
    spec_with_generation(set, old, subresource, version);
    let generation = match old {
        None => {
            let counts =
                ["currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady"];
            set.set(
                "status",
                Value::Object(counts.map(|key| (key.to_owned(), json!(0))).into_iter().collect()),
            );
            1
        }
        Some(old) => {
            let stored = old.annotation(TEMPLATE_GENERATION).and_then(|text| text.parse().ok());
            let changed = set.at("spec.template") != old.at("spec.template");
            stored.unwrap_or(0) + i64::from(changed)
        }
    };
    set.make("metadata.annotations")[TEMPLATE_GENERATION] = generation.to_string().into();
}

fn validate(spec: &Value, old: Option<&Value>, errors: &mut Errors) {
    let path = Path::new("spec");
    let (selector, at) = (spec.at("selector"), path.child("selector"));
    let (pods, template_path) = (spec.at("template"), path.child("template"));
    selector::validate(selector, &at, errors);
    if selector::is_usable(selector) {
        template::is_selected(pods, selector, &template_path, errors);
    }
    if selector.is_object() && selector::is_empty(selector) {
        selector::invalid(selector, &at, "empty selector is invalid for daemonset", errors);
    }
    template::validate(pods, old.map(|spec| spec.at("template")), &template_path, errors);
    template::runs_on(pods, "DaemonSet", &template_path, errors);
    nonnegative(spec, &path, "minReadySeconds", errors);
    validate_strategy(spec.at("updateStrategy"), &path.child("updateStrategy"), errors);
    nonnegative(spec, &path, "revisionHistoryLimit", errors);
}

fn validate_strategy(strategy: &Value, path: &Path<'_>, errors: &mut Errors) {
    let known = template::strategy_type(strategy, path, &["RollingUpdate", "OnDelete"], errors);
    if !known || strategy.text("type") == "OnDelete" {
        return;
    }
    let (rolling, path) = (strategy.at("rollingUpdate"), path.child("rollingUpdate"));
    if rolling.is_null() {
        return errors.required(path, "");
    }
    let (unavailable, surge) = (rolling.at("maxUnavailable"), rolling.at("maxSurge"));
    let (unavailable_at, surge_at) = (path.child("maxUnavailable"), path.child("maxSurge"));
    count_or_percent(unavailable, &unavailable_at, errors);
    count_or_percent(surge, &surge_at, errors);
    at_most_all(unavailable, &unavailable_at, errors);
    at_most_all(surge, &surge_at, errors);
    match (is_none(unavailable), is_none(surge)) {
        (false, false) => {
            let detail = "may not be set when maxUnavailable is non-zero";
            errors.invalid(surge_at, surge, detail);
        }
        (true, true) if errors.version().has(SURGE_OF_DAEMONS) => {
            errors.required(unavailable_at, "cannot be 0 when maxSurge is 0");
        }
        (true, true) => errors.invalid(unavailable_at, unavailable, "cannot be 0"),
        (true, false) | (false, true) => {}
    }
}

fn validate_update(new: &Value, old: &Value, subresource: &str, errors: &mut Errors) {
    if subresource == "status" {
        let keys = [
            "currentNumberScheduled",
            "numberMisscheduled",
            "desiredNumberScheduled",
            "numberReady",
            "observedGeneration",
            "updatedNumberScheduled",
            "numberAvailable",
            "numberUnavailable",
            "collisionCount",
        ];
        return counters(new.at("status"), &keys, &[], errors);
    }
    validate(new.at("spec"), Some(old.at("spec")), errors);
    selector::immutable(new, old, errors);
}

fn row(object: &Value, print: Print) -> Vec<Value> {
    let mut cells = [
        "status.desiredNumberScheduled",
        "status.currentNumberScheduled",
        "status.numberReady",
        "status.updatedNumberScheduled",
        "status.numberAvailable",
    ]
    .map(|path| json!(count(object, path)))
    .to_vec();
    cells.push(labels(object.at("spec.template.spec.nodeSelector")).into());
    workload(object, print, cells, true)
}
