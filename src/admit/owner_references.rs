//! OwnerReferencesPermissionEnforcement: who sets an owner may delete the object, and who makes the owner wait for it may
//! set the owner's finalizers (`plugin/pkg/admission/gc`).

use super::{Cx, Operation, Outcome, Review, Run, Stop, Verdict};
use crate::api::fact::Wanted;
use crate::api::{Attributes, Decision, Dig, Fact, RequestInfo};
use crate::json::Value;

/// What the plugin does.
pub(super) const RUN: Run = Run { validate: Some(validate), ..Run::NOTHING };

const OWNERS: &str = "metadata.ownerReferences";

fn validate(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    // A pod's status is the kubelets' to write, and no kubelet may delete all pods.
    let exempt = review.is_subresource("", "pods", "status");
    let before = review.old.as_ref().map(|old| old.list(OWNERS)).unwrap_or_default();
    let after = review.object.list(OWNERS);
    if !review.writes() || exempt || before == after {
        return Ok(Verdict::Skipped);
    }
    // Who makes an object could delete it.
    if review.operation != Operation::Create {
        let info = RequestInfo {
            is_resource: true,
            verb: "delete".to_owned(),
            group: review.resource.group.to_string(),
            version: review.resource.version.to_string(),
            namespace: review.namespace().to_owned(),
            resource: review.resource.name.to_string(),
            subresource: review.resource.subresource.to_string(),
            name: review.name.clone(),
            ..RequestInfo::default()
        };
        demand(cx, review, info, "cannot set an ownerRef on a resource you can't delete")?;
    }
    let blocks = |reference: &&Value| reference.flag("blockOwnerDeletion");
    let blocked = |new: &Value| before.iter().filter(blocks).any(|old| old.text("uid") == new.text("uid"));
    for reference in after.iter().filter(blocks).filter(|new| !blocked(new)) {
        let info = finalizers(cx, review, reference)?;
        let why = "cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on";
        demand(cx, review, info, why)?;
    }
    Ok(Verdict::Passed("the owners may be set".to_owned()))
}

/// The right to an owner's finalizers.
fn finalizers(cx: &Cx<'_>, review: &Review, owner: &Value) -> Result<RequestInfo, Stop> {
    let (api_version, kind) = (owner.text("apiVersion"), owner.text("kind"));
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let row = cx.resources
        .by_kind(group, version, kind)
        .ok_or_else(|| {
            review.forbidden(format!(
                "cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion {api_version} \
                 Kind {kind}: no matches for kind \"{kind}\" in version \"{api_version}\""
            ))
        })?;
    Ok(RequestInfo {
        is_resource: true,
        verb: "update".to_owned(),
        group: group.to_owned(),
        version: version.to_owned(),
        namespace: if row.namespaced { review.namespace().to_owned() } else { String::new() },
        resource: row.name.to_string(),
        subresource: "finalizers".to_owned(),
        name: owner.text("name").to_owned(),
        ..RequestInfo::default()
    })
}

fn demand(cx: &Cx<'_>, review: &Review, info: RequestInfo, why: &str) -> Result<(), Stop> {
    let wanted = Wanted::of(&info);
    match (cx.authorize)(&Attributes { user: review.user.clone(), info }) {
        (Decision::Allow, _) => Ok(()),
        (Decision::Deny | Decision::NoOpinion, reason) => {
            Err(review.refusal(Fact::MayNot(wanted), format!("{why}: {reason}, <nil>")).into())
        }
    }
}
