//! PersistentVolumeClaimResize: a claim grows only where its class lets it
//! (`plugin/pkg/admission/storage/persistentvolume/resize`).

use super::super::{Cx, Operation, Outcome, Review, Run, Verdict, resource_list};
use super::class_name;
use crate::api::Dig;

/// What the plugin does.
pub(crate) const RUN: Run = Run { validate: Some(validate), ..Run::NOTHING };

fn validate(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let updated = review.operation == Operation::Update && review.is("", "persistentvolumeclaims");
    let Some(old) = review.old.as_ref().filter(|_| updated) else {
        return Ok(Verdict::Skipped);
    };
    let [before, after] = [&**old, &review.object]
        .map(|claim| resource_list::read(claim, "spec.resources.requests").remove("storage"));
    if after <= before {
        return Ok(Verdict::Skipped);
    }
    if old.text("status.phase") != "Bound" {
        return Err(review.forbidden("Only bound persistent volume claims can be expanded"));
    }
    let name = class_name(&review.object).filter(|_| class_name(old) == class_name(&review.object));
    let class = name.and_then(|name| cx.cache.get("storageclasses.storage.k8s.io", "", name));
    match class.is_some_and(|class| class.flag("allowVolumeExpansion")) {
        true => Ok(Verdict::Passed("its class lets it grow".to_owned())),
        false => Err(review.forbidden(
            "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support \
             resize",
        )),
    }
}
