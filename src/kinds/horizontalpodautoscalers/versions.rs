//! The versions of an autoscaler (`pkg/apis/autoscaling/{v1,v2beta1}/conversion.go`): it is stored in the form of v2, and
//! v1 has what it lacks in annotations.
//!
//! # Differs from Kubernetes
//!
//! Of a status v1 shows the numbers, no metrics and conditions.

use crate::api::{Dig, Version, internal};
use crate::json::{Map, Value, json};

const METRICS: &str = "autoscaling.alpha.kubernetes.io/metrics";
const BEHAVIOR: &str = "autoscaling.alpha.kubernetes.io/behavior";

/// A source of metrics: its type, its field, and of each part the old name and where it stands in the new form.
type Source = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// The sources of metrics: type, field, and where each target's old name stands in the new form.
const SOURCES: [Source; 5] = [
    (
        "Object",
        "object",
        &[
            ("target", "describedObject"),
            ("metricName", "metric.name"),
            ("selector", "metric.selector"),
            ("targetValue", "target.value"),
            ("averageValue", "target.averageValue"),
        ],
    ),
    (
        "Pods",
        "pods",
        &[
            ("metricName", "metric.name"),
            ("selector", "metric.selector"),
            ("targetAverageValue", "target.averageValue"),
        ],
    ),
    (
        "Resource",
        "resource",
        &[
            ("name", "name"),
            ("targetAverageUtilization", "target.averageUtilization"),
            ("targetAverageValue", "target.averageValue"),
        ],
    ),
    (
        "External",
        "external",
        &[
            ("metricName", "metric.name"),
            ("metricSelector", "metric.selector"),
            ("targetValue", "target.value"),
            ("targetAverageValue", "target.averageValue"),
        ],
    ),
    (
        "ContainerResource",
        "containerResource",
        &[
            ("name", "name"),
            ("targetAverageUtilization", "target.averageUtilization"),
            ("targetAverageValue", "target.averageValue"),
            ("container", "container"),
        ],
    ),
];

/// Whether a metric is the one that v1 has a field for.
fn is_cpu(metric: &Value) -> bool {
    metric.text("type") == "Resource"
        && metric.text("resource.name") == "cpu"
        && metric.has("resource.target.averageUtilization")
}

/// Turns an object of an older version into the stored form.
pub(super) fn inbound(object: &mut Value) {
    match object.text("apiVersion") {
        "autoscaling/v1" => from_v1(object),
        "autoscaling/v2beta1" => {
            let metrics: Vec<Value> = object.list("spec.metrics").iter().map(newer).collect();
            if object.has("spec.metrics") {
                object.set("spec.metrics", metrics);
            }
        }
        _ => {}
    }
}

fn from_v1(object: &mut Value) {
    let mut metrics: Vec<Value> = Vec::new();
    if let Some(parsed) = annotation(object, METRICS) {
        metrics.extend(parsed.as_array().into_iter().flatten().map(newer));
    }
    if let Some(percent) =
        object.at_mut("spec").and_then(|spec| spec.take_out("targetCPUUtilizationPercentage"))
    {
        metrics.push(cpu(percent));
    }
    if let Some(behavior) = annotation(object, BEHAVIOR) {
        object.set("spec.behavior", small(&behavior));
    }
    if !metrics.is_empty() {
        object.set("spec.metrics", metrics);
    }
    if let Some(annotations) = object.at_mut("metadata.annotations").and_then(Value::as_object_mut) {
        annotations.remove(METRICS);
        annotations.remove(BEHAVIOR);
        if annotations.is_empty() {
            object.take_out("metadata.annotations");
        }
    }
}

fn annotation(object: &Value, key: &str) -> Option<Value> {
    serde_json::from_str(object.annotation(key)?).ok()
}

/// The metric that every autoscaler has unless it says otherwise.
pub(super) fn cpu(percent: impl Into<Value>) -> Value {
    let target = json!({"type": "Utilization", "averageUtilization": percent.into()});
    json!({"type": "Resource", "resource": {"name": "cpu", "target": target}})
}

/// A metric of v2beta1 in the form of v2.
fn newer(metric: &Value) -> Value {
    let mut new = json!({"type": metric.text("type")});
    for (_, key, fields) in SOURCES.iter().filter(|(_, key, _)| metric.has(key)) {
        let source = metric.at(key);
        for (old, path) in *fields {
            if source.has(old) {
                new.set(&format!("{key}.{path}"), source.at(old).clone());
            }
        }
        let target = new.make(key).make("target");
        let kind = match (target.has("averageUtilization"), target.has("averageValue"), target.has("value")) {
            (true, ..) => "Utilization",
            (_, true, _) => "AverageValue",
            (_, _, true) => "Value",
            _ => "AverageValue",
        };
        target.set("type", kind);
    }
    new
}

/// A metric of v2 in the form of v2beta1.
fn older(metric: &Value) -> Value {
    let mut old = json!({"type": metric.text("type")});
    for (_, key, fields) in SOURCES.iter().filter(|(_, key, _)| metric.has(key)) {
        for (name, path) in *fields {
            let found = metric.at(key).at(path);
            if !found.is_null() {
                old.set(&format!("{key}.{name}"), found.clone());
            }
        }
    }
    old
}

/// Turns a stored object into an older version, which it says it is of.
pub(super) fn outbound(object: &mut Value, version: Version) {
    match object.text("apiVersion") {
        "autoscaling/v1" => to_v1(object, version),
        "autoscaling/v2beta1" => {
            let metrics: Vec<Value> = object.list("spec.metrics").iter().map(older).collect();
            if object.has("spec.metrics") {
                object.set("spec.metrics", metrics);
            }
            if let Some(behavior) = object.at_mut("spec").and_then(|spec| spec.take_out("behavior")) {
                write_behavior(object, &behavior, version);
            }
        }
        _ => {}
    }
}

fn to_v1(object: &mut Value, version: Version) {
    let Some(spec) = object.at_mut("spec") else { return };
    let metrics = spec.take_out("metrics").unwrap_or_default();
    let behavior = spec.take_out("behavior").unwrap_or_default();
    let mut others = Vec::new();
    for metric in metrics.list("") {
        match is_cpu(metric) {
            true => {
                let percent = metric.at("resource.target.averageUtilization").clone();
                spec.set("targetCPUUtilizationPercentage", percent);
            }
            false => others.push(in_order(metric)),
        }
    }
    if !others.is_empty() {
        let text = format!("[{}]", others.join(","));
        object.make("metadata.annotations")[METRICS] = text.into();
    }
    if !behavior.is_null() {
        write_behavior(object, &behavior, version);
    }
    if let Some(status) = object.at_mut("status") {
        for key in ["currentMetrics", "conditions"] {
            status.take_out(key);
        }
        status.set_default("currentReplicas", 0);
    }
}

fn write_behavior(object: &mut Value, behavior: &Value, version: Version) {
    if let Some((_, text)) = internal::shown("autoscaling.HorizontalPodAutoscalerBehavior", behavior, version)
    {
        object.make("metadata.annotations")[BEHAVIOR] = text.into();
    }
}

/// A metric of v1 as JSON, its fields in the order of the type.
fn in_order(metric: &Value) -> String {
    let old = older(metric);
    let mut parts = vec![format!("\"type\":{}", old.at("type"))];
    for (_, key, fields) in SOURCES.iter().filter(|(_, key, _)| old.has(key)) {
        let shown = fields.iter().filter(|(name, _)| old.at(key).has(name));
        let shown: Vec<String> =
            shown.map(|(name, _)| format!("\"{name}\":{}", old.at(key).at(name))).collect();
        parts.push(format!("\"{key}\":{{{}}}", shown.join(",")));
    }
    format!("{{{}}}", parts.join(","))
}

/// What Go wrote of its own type, with the API's names; nothing of what is null.
fn small(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let small_key = |key: &str| {
                let mut letters = key.chars();
                let first = letters.next().map(|c| c.to_ascii_lowercase());
                first.into_iter().chain(letters).collect::<String>()
            };
            let kept = fields.iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(key, value)| (small_key(key), small(value))).collect::<Map>())
        }
        Value::Array(items) => items.iter().map(small).collect(),
        other => other.clone(),
    }
}
