//! Daemon sets (`pkg/apis/apps/v1/defaults.go`, `pkg/registry/apps/daemonset`, `pkg/apis/apps/validation`).

use super::Kind;
use super::columns::{AGE, CONTAINERS, IMAGES, NAME, SELECTOR, count, labels};
use super::field::{Field, is_none};
use super::parts::selector;
use super::parts::strategy::spec_with_generation;
use super::pod::template;
use super::pod::{defaults, warnings};
use crate::api::differences::SURGE_OF_DAEMONS;
use crate::api::{Dig, Version};
use crate::json::{Value, json};

/// How often the template has changed; a field of an API that is gone.
const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";
/// The row of daemon sets.
pub(super) const KIND: Kind = Kind {
    defaults: set_defaults,
    prepare,
    validate: |set| validate(set.child("spec"), None),
    whole_update: false,
    validate_update,
    warn: warnings::template,
    columns: &[
        NAME,
        count("Desired", "status.desiredNumberScheduled"),
        count("Current", "status.currentNumberScheduled"),
        count("Ready", "status.numberReady"),
        count("Up-to-date", "status.updatedNumberScheduled"),
        count("Available", "status.numberAvailable"),
        labels("Node Selector", "spec.template.spec.nodeSelector"),
        AGE,
        CONTAINERS,
        IMAGES,
        SELECTOR,
    ],
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

fn validate(spec: Field<'_>, old: Option<&Value>) {
    let (selector, pods) = (spec.child("selector"), spec.child("template"));
    selector::validate(selector);
    if selector::is_usable(selector.value) {
        template::is_selected(pods, selector.value);
    }
    if selector.value.is_object() && selector::is_empty(selector.value) {
        selector::invalid(selector, "empty selector is invalid for daemonset");
    }
    template::validate(pods, old.map(|spec| spec.at("template")));
    template::runs_on(pods, "DaemonSet");
    spec.child("minReadySeconds").nonnegative();
    validate_strategy(spec.child("updateStrategy"));
    spec.child("revisionHistoryLimit").nonnegative();
}

fn validate_strategy(strategy: Field<'_>) {
    let known =
        template::strategy_type(strategy, "apps.DaemonSetUpdateStrategy", &["RollingUpdate", "OnDelete"]);
    if !known || strategy.text("type") == "OnDelete" {
        return;
    }
    let rolling = strategy.child("rollingUpdate");
    if rolling.is_null() {
        return rolling.required("");
    }
    let (unavailable, surge) = (rolling.child("maxUnavailable"), rolling.child("maxSurge"));
    unavailable.count_or_percent();
    surge.count_or_percent();
    unavailable.at_most_all();
    surge.at_most_all();
    match (is_none(unavailable.value), is_none(surge.value)) {
        (false, false) => surge.invalid_count("may not be set when maxUnavailable is non-zero"),
        (true, true) if strategy.version().has(SURGE_OF_DAEMONS) => {
            unavailable.required("cannot be 0 when maxSurge is 0");
        }
        (true, true) => unavailable.invalid_count("cannot be 0"),
        (true, false) | (false, true) => {}
    }
}

fn validate_update(new: Field<'_>, old: &Value, subresource: &str) {
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
        new.child("status").counters(&keys, &[]);
        return new.child("status.collisionCount").not_lowered(old.at("status.collisionCount"));
    }
    validate(new.child("spec"), Some(old.at("spec")));
    selector::immutable(new.child("spec.selector"), old.at("spec.selector"));
}
