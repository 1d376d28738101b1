//! PodTolerationRestriction: the taints that pods of a namespace tolerate, by annotations of the namespace or by the
//! plugin's configuration (`plugin/pkg/admission/podtolerationrestriction`).

use super::{Cx, Operation, Outcome, Review, Run, Stop, Verdict, resource_list, tolerations, written_pods};
use crate::api::Dig;
use crate::json::Value;

/// What the plugin does.
pub(super) const RUN: Run = Run { sees: written_pods, admit: Some(admit), validate: Some(validate) };

const NAME: &str = "PodTolerationRestriction";
const DEFAULTS: &str = "scheduler.alpha.kubernetes.io/defaultTolerations";
const WHITELIST: &str = "scheduler.alpha.kubernetes.io/tolerationsWhitelist";

/// The tolerations of an annotation of the namespace, if it has that annotation.
fn of_namespace(cx: &Cx<'_>, review: &Review, key: &str) -> Result<Option<Vec<Value>>, Stop> {
    let namespace = cx.namespace(review.namespace())?;
    match namespace.annotation(key) {
        None | Some("") => Ok(None),
        Some(text) => match serde_json::from_str(text) {
            Ok(list) => Ok(Some(list)),
            Err(error) => Err(Stop::error(error.to_string())),
        },
    }
}

fn admit(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let own = review.object.list("spec.tolerations");
    let mut all = own.to_vec();
    if review.operation == Operation::Create {
        let defaults = of_namespace(cx, review, DEFAULTS)?;
        let defaults = defaults.unwrap_or_else(|| cx.plugins.configuration(NAME).list("default").to_vec());
        all = match defaults.is_empty() || own.is_empty() {
            false => tolerations::merge(&defaults, own),
            true => [defaults, own.to_vec()].concat(),
        };
    }
    if !resource_list::is_best_effort(&review.object) {
        let pressure = tolerations::of_key("node.kubernetes.io/memory-pressure", "NoSchedule");
        all = tolerations::merge(&all, &[pressure]);
    }
    let changed = all != own;
    if changed {
        review.object.set("spec.tolerations", all);
    }
    let passed = validate(cx, review)?;
    Ok(if changed { Verdict::Changed("it got its namespace's tolerations".to_owned()) } else { passed })
}

fn validate(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let own = review.object.list("spec.tolerations");
    if own.is_empty() {
        return Ok(Verdict::Skipped);
    }
    let (whitelist, scope) = match of_namespace(cx, review, WHITELIST)? {
        Some(list) => (list, "namespace"),
        None => (cx.plugins.configuration(NAME).list("whitelist").to_vec(), "cluster"),
    };
    let listed = |toleration: &Value| whitelist.iter().any(|wide| tolerations::covers(wide, toleration));
    if !whitelist.is_empty() && !own.iter().all(listed) {
        return Err(Stop::error(format!(
            "pod tolerations (possibly merged with namespace default tolerations) conflict with its {scope} whitelist"
        )));
    }
    Ok(Verdict::Passed("its tolerations are allowed".to_owned()))
}
