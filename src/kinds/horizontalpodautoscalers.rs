//! Horizontal pod autoscalers.

use super::Kind;
use super::columns::{AGE, NAME, Print, joined, number, with};
use crate::api::Dig;
use serde_json::Value;

/// The row of horizontal pod autoscalers.
pub(super) const KIND: Kind = Kind {
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

fn targets(object: &Value, _: Print) -> Value {
    let wanted = object.at("spec.targetCPUUtilizationPercentage").as_i64();
    let metric = |metric: &Value| {
        let average = metric.at("resource.target.averageUtilization").as_i64();
        let name = metric.text("resource.name");
        average.map_or("<unknown>".to_owned(), |average| format!("{name}: <unknown>/{average}%"))
    };
    let metrics = object.list("spec.metrics").iter().map(metric);
    joined(metrics.chain(wanted.map(|wanted| format!("cpu: <unknown>/{wanted}%"))), "<none>")
}
