//! SecurityContextDeny: no pod that chooses its own user, SELinux label or groups
//! (`plugin/pkg/admission/securitycontext/scdeny`, gone since 1.30).

use super::{Cx, Outcome, Review, Run, Verdict, written_pods};
use crate::api::Dig;

/// What the plugin does.
pub(super) const RUN: Run = Run { sees: written_pods, validate: Some(validate), ..Run::NOTHING };

/// Fields of the pod's security context, as the refusal spells them.
const OF_POD: [(&str, &str); 4] = [
    ("supplementalGroups", "SupplementalGroups"),
    ("seLinuxOptions", "SELinuxOptions"),
    ("runAsUser", "RunAsUser"),
    ("fsGroup", "FSGroup"),
];

/// Fields of a container's security context, as the refusal spells them.
const OF_CONTAINER: [(&str, &str); 2] = [("seLinuxOptions", "SELinuxOptions"), ("runAsUser", "RunAsUser")];

fn validate(_: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let context = review.object.at("spec.securityContext");
    if let Some((_, field)) = OF_POD.iter().find(|(key, _)| context.has(key)) {
        return Err(review.forbidden(format!("pod.Spec.SecurityContext.{field} is forbidden")));
    }
    let init = review.object.list("spec.initContainers");
    for container in init.iter().chain(review.object.list("spec.containers")) {
        let context = container.at("securityContext");
        if let Some((_, field)) = OF_CONTAINER.iter().find(|(key, _)| context.has(key)) {
            return Err(review.forbidden(format!("SecurityContext.{field} is forbidden")));
        }
    }
    Ok(Verdict::Passed("no security context is denied".to_owned()))
}
