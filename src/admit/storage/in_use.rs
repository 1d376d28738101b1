//! StorageObjectInUseProtection: volumes and claims stay as long as they are used
//! (`plugin/pkg/admission/storage/storageobjectinuseprotection`).

use super::super::{Cx, Operation, Outcome, Review, Run, Verdict};
use crate::api::Dig;
use crate::api::differences::ATTRIBUTES_CLASSES_IN_USE;

/// What the plugin does.
pub(crate) const RUN: Run = Run { admit: Some(admit), ..Run::NOTHING };

fn admit(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let finalizer = match (&*review.resource.group, &*review.resource.name, &*review.resource.subresource) {
        ("", "persistentvolumes", "") => "kubernetes.io/pv-protection",
        ("", "persistentvolumeclaims", "") => "kubernetes.io/pvc-protection",
        ("storage.k8s.io", "volumeattributesclasses", "") if cx.version.has(ATTRIBUTES_CLASSES_IN_USE) => {
            "kubernetes.io/vac-protection"
        }
        _ => return Ok(Verdict::Skipped),
    };
    let protected = review.object.list("metadata.finalizers").iter().any(|own| own == finalizer);
    if review.operation != Operation::Create || protected {
        return Ok(Verdict::Skipped);
    }
    review.object.push("metadata.finalizers", finalizer.into());
    Ok(Verdict::Changed(format!("finalizer {finalizer}")))
}
