//! ExtendedResourceToleration: a pod that asks for a special resource tolerates the taint of that name
//! (`plugin/pkg/admission/extendedresourcetoleration`).

use super::{Cx, Outcome, Review, Run, Verdict, tolerations, written_pods};
use crate::api::Dig;
use crate::json::Value;
use std::collections::BTreeSet;

/// What the plugin does.
pub(super) const RUN: Run = Run { sees: written_pods, admit: Some(admit), ..Run::NOTHING };

fn admit(_: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let init = review.object.list("spec.initContainers");
    let containers = review.object.list("spec.containers").iter().chain(init);
    let names: BTreeSet<String> = containers
        .flat_map(|container| container.entries("resources.requests"))
        .filter(|(name, _)| is_extended(name))
        .map(|(name, _)| name.to_string())
        .collect();
    let mut own = review.object.list("spec.tolerations").to_vec();
    let before = own.len();
    for name in &names {
        let toleration = tolerations::of_key(name, "NoSchedule");
        let matches = |own: &Value| {
            let fields = ["key", "operator", "effect", "value"];
            fields.iter().all(|field| own.text(field) == toleration.text(field))
        };
        if !own.iter().any(matches) {
            own.push(toleration);
        }
    }
    if own.len() == before {
        return Ok(Verdict::Skipped);
    }
    review.object.set("spec.tolerations", own);
    let names: Vec<String> = names.into_iter().collect();
    Ok(Verdict::Changed(format!("it tolerates {}", names.join(", "))))
}

/// A resource of a domain that isn't Kubernetes' own.
fn is_extended(name: &str) -> bool {
    name.contains('/') && !name.contains("kubernetes.io/") && !name.starts_with("requests.")
}
