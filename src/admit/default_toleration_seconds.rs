//! DefaultTolerationSeconds: a pod outlives its node's silence by five minutes
//! (`plugin/pkg/admission/defaulttolerationseconds`).

use super::{Cx, Outcome, Review, Run, Verdict, tolerations, written_pods};
use crate::api::Dig;
use crate::json::Value;

/// What the plugin does.
pub(super) const RUN: Run = Run { sees: written_pods, admit: Some(admit), ..Run::NOTHING };

const TAINTS: [&str; 2] = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];
const SECONDS: u64 = 300;

fn admit(_: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let said = |taint: &str| {
        let about = |toleration: &Value| {
            let (key, effect) = (toleration.text("key"), toleration.text("effect"));
            (key == taint || key.is_empty()) && (effect == "NoExecute" || effect.is_empty())
        };
        review.object.list("spec.tolerations").iter().any(about)
    };
    let missing: Vec<&str> = TAINTS.into_iter().filter(|taint| !said(taint)).collect();
    if missing.is_empty() {
        return Ok(Verdict::Skipped);
    }
    for taint in missing {
        let mut toleration = tolerations::of_key(taint, "NoExecute");
        toleration.set("tolerationSeconds", SECONDS);
        review.object.push("spec.tolerations", toleration);
    }
    Ok(Verdict::Changed(format!("it stays {SECONDS} seconds on a node that is silent")))
}
