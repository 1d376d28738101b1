//! Horizontal pod autoscalers.

use super::Kind;
use super::columns::{Columns, Print, age, count, joined};
use crate::api::Dig;
use serde_json::{Value, json};

/// The row of horizontal pod autoscalers.
pub(super) const KIND: Kind = Kind {
    columns: &[Columns::new("Name|Reference|Targets|MinPods|MaxPods|Replicas|Age", row)],
    ..Kind::plain("autoscaling", "horizontalpodautoscalers")
};

fn row(object: &Value, print: Print) -> Vec<Value> {
    let target = object.at("spec.scaleTargetRef");
    let least =
        object.at("spec.minReplicas").as_i64().map_or("<unset>".to_owned(), |least| least.to_string());
    let wanted = object.at("spec.targetCPUUtilizationPercentage").as_i64();
    let metrics: Vec<String> = object
        .list("spec.metrics")
        .iter()
        .map(|metric| {
            let average = metric.at("resource.target.averageUtilization").as_i64();
            let name = metric.text("resource.name");
            average.map_or("<unknown>".to_owned(), |average| format!("{name}: <unknown>/{average}%"))
        })
        .chain(wanted.map(|wanted| format!("cpu: <unknown>/{wanted}%")))
        .collect();
    let metrics: Vec<&str> = metrics.iter().map(String::as_str).collect();
    vec![
        object.name().into(),
        format!("{}/{}", target.text("kind"), target.text("name")).into(),
        joined(&metrics, "<none>").into(),
        least.into(),
        json!(count(object, "spec.maxReplicas")),
        json!(count(object, "status.currentReplicas")),
        age(object, print),
    ]
}
