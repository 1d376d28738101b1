//! What an autoscaler must be like (`pkg/apis/autoscaling/validation`).

use crate::api::Dig;
use crate::api::differences::{HPA_CONTAINERS, HPA_WORDED};
use crate::api::names::path_segment;
use crate::json::Value;
use crate::kinds::field::Field;
use crate::kinds::parts::quantities::{self, invalid_whole, quantity};

/// A source of metrics: its type, its field, and how it is checked.
type Source = (&'static str, &'static str, fn(Field<'_>));

const STABLE_SECONDS_MAX: i64 = 3600;
const PERIOD_SECONDS_MAX: i64 = 1800;
const TYPES: [&str; 5] = ["ContainerResource", "External", "Object", "Pods", "Resource"];
/// The sources of metrics in the order in which they are looked at: type, field, and what is checked of it.
const SOURCES: [Source; 5] = [
    ("Object", "object", object),
    ("External", "external", external),
    ("Pods", "pods", pods),
    ("Resource", "resource", resource),
    ("ContainerResource", "containerResource", container_resource),
];

/// Checks a spec; a version of what is scaled that was wrong may stay so.
pub(super) fn spec(spec: Field<'_>, old: Option<&Value>) {
    let (least, most) = (spec.child("minReplicas"), spec.child("maxReplicas"));
    if least.number("").is_some_and(|least| least < 1) {
        least.invalid("must be greater than or equal to 1");
    }
    let number = most.number("").unwrap_or_default();
    match (number, spec.version().has(HPA_WORDED)) {
        (1.., _) => {}
        (0, true) => most.required("must be set and greater than 0"),
        (_, true) => most.invalid("must be greater than or equal to 1"),
        (_, false) => most.invalid_as(number, "must be greater than 0"),
    }
    if least.number("").is_some_and(|least| number < least) {
        most.invalid_as(number, "must be greater than or equal to `minReplicas`");
    }
    let was_wrong =
        old.is_some_and(|old| wrong_version(old.text("scaleTargetRef.apiVersion"), false).is_some());
    reference(spec.child("scaleTargetRef"), (!was_wrong).then_some(false));
    let metrics = spec.child("metrics");
    metrics.items("").for_each(metric);
    let external = |metric: &Value| matches!(metric.text("type"), "Object" | "External");
    if least.number("") == Some(0) && !metrics.list("").iter().any(external) {
        metrics.forbidden(
            "must specify at least one Object or External metric to support scaling to zero replicas",
        );
    }
    for key in ["behavior.scaleUp", "behavior.scaleDown"] {
        if spec.has(key) {
            rules(spec.child(key));
        }
    }
}

/// Checks a status.
pub(super) fn status(status: Field<'_>) {
    status.counters(&["currentReplicas", "desiredReplicas"], &[]);
}

/// What is wrong with an API version.
fn wrong_version(text: &str, coreless: bool) -> Option<String> {
    match text.matches('/').count() {
        2.. => Some(format!("unexpected GroupVersion string: {text}")),
        0 if !coreless => Some("apiVersion must specify API group".to_owned()),
        _ => None,
    }
}

/// Checks a reference; `core` says whether it may be of no group, and nothing that its version is not looked at.
fn reference(reference: Field<'_>, core: Option<bool>) {
    for key in ["kind", "name"] {
        segment(reference.child(key), "");
    }
    let version = reference.string("apiVersion");
    let Some(core) = core.filter(|_| version.version().has(HPA_WORDED)) else { return };
    if let Some(wrong) = wrong_version(version.text(""), core) {
        version.invalid(wrong);
    }
}

/// A name that must be there and be a part of a path.
fn segment(name: Field<'_>, missing: &str) {
    match name.text("") {
        "" => name.required(missing),
        text => name.invalid_each(path_segment(text, false)),
    }
}

fn metric(metric: Field<'_>) {
    let kind = metric.string("type");
    if kind.text("").is_empty() {
        kind.required("must specify a metric source type");
    }
    let known = TYPES.contains(&kind.text(""));
    if !known {
        kind.not_supported(&TYPES);
    }
    let present: Vec<_> = SOURCES.into_iter().filter(|(_, key, _)| metric.has(key)).collect();
    if let Some((_, key, check)) = present.first() {
        check(metric.child(key));
    }
    let expected = SOURCES.into_iter().find(|(source, ..)| *source == kind.text("")).map(|(_, key, _)| key);
    match expected {
        Some(key) if !metric.has(key) => {
            let off = key == "containerResource" && !metric.version().has(HPA_CONTAINERS);
            let only = if off { " (only allowed when HPAContainerMetrics feature is enabled)" } else { "" };
            let detail = format_args!("must populate information for the given metric source{only}");
            metric.child(key).required(detail);
        }
        Some(_) => {}
        None => kind.not_supported(&TYPES),
    }
    if present.len() != 1 {
        for (_, key, _) in present.iter().filter(|(_, key, _)| Some(*key) != expected) {
            metric.child(key).forbidden("must populate the given metric source only");
        }
    }
}

fn object(source: Field<'_>) {
    reference(source.child("describedObject"), Some(true));
    segment(source.child("metric.name"), "must specify a metric name");
    let target = source.child("target");
    validate_target(target);
    if !target.has("value") && !target.has("averageValue") {
        target.child("averageValue").required("must set either a target value or averageValue");
    }
}

fn external(source: Field<'_>) {
    segment(source.child("metric.name"), "must specify a metric name");
    let target = source.child("target");
    validate_target(target);
    match (target.has("value"), target.has("averageValue")) {
        (false, false) => {
            let detail = "must set either a target value for metric or a per-pod target";
            target.child("averageValue").required(detail);
        }
        (true, true) => {
            let detail = "may not set both a target value for metric and a per-pod target";
            target.child("value").forbidden(detail);
        }
        _ => {}
    }
}

fn pods(source: Field<'_>) {
    segment(source.child("metric.name"), "must specify a metric name");
    let target = source.child("target");
    validate_target(target);
    if quantity(target.value.at("averageValue")).is_none_or(|amount| amount.sign() != 1) {
        target.child("averageValue").required("must specify a positive target averageValue");
    }
}

fn resource(source: Field<'_>) {
    if source.text("name").is_empty() {
        source.child("name").required("must specify a resource name");
    }
    utilization_or_value(source.child("target"));
}

fn container_resource(source: Field<'_>) {
    if source.text("name").is_empty() {
        source.child("name").required("must specify a resource name");
    }
    if source.text("container").is_empty() {
        source.child("container").required("must specify a container");
    }
    utilization_or_value(source.child("target"));
}

fn utilization_or_value(target: Field<'_>) {
    validate_target(target);
    match (target.has("averageUtilization"), target.has("averageValue")) {
        (false, false) => {
            let detail = "must set either a target raw value or a target utilization";
            target.child("averageUtilization").required(detail);
        }
        (true, true) => {
            let detail = "may not set both a target raw value and a target utilization";
            target.child("averageValue").forbidden(detail);
        }
        _ => {}
    }
}

fn validate_target(target: Field<'_>) {
    let kind = target.string("type");
    if kind.text("").is_empty() {
        kind.required("must specify a metric target type");
    }
    if !matches!(kind.text(""), "Utilization" | "Value" | "AverageValue") {
        kind.invalid("must be either Utilization, Value, or AverageValue");
    }
    for key in ["value", "averageValue"] {
        let field = target.child(key);
        if quantity(field.value).is_some_and(|amount| amount.sign() != 1) {
            invalid_whole(field, field.value, "must be positive");
        }
    }
    let utilization = target.child("averageUtilization");
    if utilization.number("").is_some_and(|percent| percent < 1) {
        utilization.invalid("must be greater than 0");
    }
}

fn rules(rules: Field<'_>) {
    let stable = rules.child("stabilizationWindowSeconds");
    if stable.number("").is_some_and(|seconds| seconds < 0) {
        stable.invalid("must be greater than or equal to zero");
    }
    if stable.number("").is_some_and(|seconds| seconds > STABLE_SECONDS_MAX) {
        stable.invalid(format_args!("must be less than or equal to {STABLE_SECONDS_MAX}"));
    }
    rules.child("selectPolicy").one_of_if_set(&["Disabled", "Max", "Min"]);
    if rules.list("policies").is_empty() {
        rules.child("policies").required("must specify at least one Policy");
    }
    rules.items("policies").for_each(policy);
    quantities::nonnegative(rules.child("tolerance"));
}

fn policy(policy: Field<'_>) {
    let kind = policy.string("type");
    if !matches!(kind.text(""), "Percent" | "Pods") {
        kind.not_supported(&["Percent", "Pods"]);
    }
    for key in ["value", "periodSeconds"] {
        let number = policy.number(key).unwrap_or_default();
        if number <= 0 {
            policy.child(key).invalid_as(number, "must be greater than zero");
        }
        if key == "periodSeconds" && number > PERIOD_SECONDS_MAX {
            let detail = format!("must be less than or equal to {PERIOD_SECONDS_MAX}");
            policy.child(key).invalid(detail);
        }
    }
}
