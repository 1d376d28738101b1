//! Horizontal pod autoscalers (`pkg/apis/autoscaling/{v1,v2}/defaults.go`, `pkg/registry/autoscaling`).

mod validate;
mod versions;

use super::columns::{AGE, NAME, Print, joined, number, with};
use super::parts::strategy::spec_and_status;
use super::{Forms, Kind};
use crate::api::{Dig, Version};
use crate::json::{Value, json};

/// Which load of the processor is kept up unless an autoscaler says otherwise, in percent.
const LOAD: i64 = 80;

/// The row of horizontal pod autoscalers.
pub(super) const KIND: Kind = Kind {
    defaults: set_defaults,
    prepare,
    forms: Some(Forms {
        like: None,
        kept: |object, _| versions::inbound(object),
        shown: |object, version| {
            if object.text("apiVersion") == "autoscaling/v2" && object.has("status") {
                object.set_default("status.currentMetrics", Value::Null);
            }
            versions::outbound(object, version);
        },
    }),
    validate: |object| validate::spec(object.child("spec"), None),
    validate_update: |new, old, subresource| match subresource {
        "status" => validate::status(new.child("status")),
        _ => validate::spec(new.child("spec"), Some(old.at("spec"))),
    },
    columns: &[
        NAME,
        with("Reference", |object, _| {
            let target = object.at("spec.scaleTargetRef");
            format!("{}/{}", target.text("kind"), target.text("name")).into()
        }),
        with("Targets", targets),
        with("MinPods", |object, _| {
            object
                .at("spec.minReplicas")
                .as_i64()
                .map_or("<unset>".to_owned(), |least| least.to_string())
                .into()
        }),
        with("MaxPods", |object, _| number(object, "spec.maxReplicas").into()),
        with("Replicas", |object, _| number(object, "status.currentReplicas").into()),
        AGE,
    ],
    ..Kind::plain("autoscaling", "horizontalpodautoscalers")
};

fn set_defaults(object: &mut Value, _: Version) {
    let spec = object.make("spec");
    spec.set_default("minReplicas", 1);
    let Some(behavior) = spec.at_mut("behavior").filter(|behavior| behavior.is_object()) else { return };
    let policy = |kind: &str, value: i64| json!({"type": kind, "value": value, "periodSeconds": 15});
    let (up, down) = (vec![policy("Pods", 4), policy("Percent", 100)], vec![policy("Percent", 100)]);
    behavior.set_default("scaleUp.stabilizationWindowSeconds", 0);
    for (rules, policies) in [("scaleUp", up), ("scaleDown", down)] {
        let rules = behavior.make(rules);
        rules.set_default("selectPolicy", "Max");
        rules.set_default("policies", policies);
    }
}

fn prepare(object: &mut Value, old: Option<&Value>, subresource: &str, version: Version) {
    if object.list("spec.metrics").is_empty() {
        object.set("spec.metrics", vec![versions::cpu(LOAD)]);
    }
    spec_and_status(object, old, subresource, version);
    if old.is_none() {
        object.set("status", json!({"desiredReplicas": 0}));
    }
}

fn targets(object: &Value, _: Print) -> Value {
    let metric = |metric: &Value| {
        let average = metric.at("resource.target.averageUtilization").as_i64();
        let name = metric.text("resource.name");
        average.map_or("<unknown>".to_owned(), |average| format!("{name}: <unknown>/{average}%"))
    };
    joined(object.list("spec.metrics").iter().map(metric), "<none>")
}
