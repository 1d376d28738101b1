//! Tokens: a kubelet asks for those of its own pods, for audiences that they name.

use super::super::{Cx, Operation, Review, Stop};
use super::{pods, refuse};
use crate::api::differences::NODE_AUDIENCES;
use crate::api::{Attributes, Decision, Dig, RequestInfo};
use crate::json::Value;
use std::sync::Arc;

pub(super) fn token(cx: &Cx<'_>, review: &Review, node: &str) -> Result<(), Stop> {
    if review.operation != Operation::Create {
        return Ok(());
    }
    let bound = review.object.at("spec.boundObjectRef");
    let to_pod =
        bound.text("apiVersion") == "v1" && bound.text("kind") == "Pod" && !bound.text("name").is_empty();
    refuse(review, to_pod, || "node requested token not bound to a pod".to_owned())?;
    let uid = bound.text("uid");
    refuse(review, !uid.is_empty(), || "node requested token with a pod binding without a uid".to_owned())?;
    let pod = pods::find(cx, review, bound.text("name"))?;
    refuse(review, pod.uid() == uid, || {
        format!(
            "the UID in the bound object reference ({uid}) does not match the UID in record. The object might have been \
             deleted and then recreated"
        )
    })?;
    refuse(review, pod.text("spec.nodeName") == node, || {
        "node requested token bound to a pod scheduled on a different node".to_owned()
    })?;
    if cx.version.has(NODE_AUDIENCES) { audience(cx, review, &pod) } else { Ok(()) }
}

fn audience(cx: &Cx<'_>, review: &Review, pod: &Value) -> Result<(), Stop> {
    let audience = match review.object.list("spec.audiences") {
        [] => "",
        [audience] => audience.as_str().unwrap_or_default(),
        _ => return Err(review.forbidden("node may only request 0 or 1 audiences")),
    };
    let named = pod.list("spec.volumes").iter().any(|volume| volume_names(cx, pod, volume, audience));
    refuse(review, named || is_granted(cx, review, audience), || {
        let user = &review.user.name;
        format!(
            "audience \"{audience}\" not found in pod spec volume, {user} is not authorized to request tokens for this \
             audience"
        )
    })
}

/// Whether a volume of the pod holds a token for the audience, or is of a driver that wants one.
fn volume_names(cx: &Cx<'_>, pod: &Value, volume: &Value, audience: &str) -> bool {
    let projects = |source: &Value| {
        source.has("serviceAccountToken") && source.text("serviceAccountToken.audience") == audience
    };
    if volume.list("projected.sources").iter().any(projects) {
        return true;
    }
    let driver = match volume.at("csi.driver").as_str() {
        Some(driver) => driver.to_owned(),
        None => {
            claim_of(pod, volume).and_then(|claim| driver_of(cx, pod.namespace(), &claim)).unwrap_or_default()
        }
    };
    let wants = |driver: &Arc<Value>| {
        let mut requests = driver.list("spec.tokenRequests").iter();
        requests.any(|request| request.text("audience") == audience)
    };
    cx.cache.get("csidrivers.storage.k8s.io", "", &driver).is_some_and(wants)
}

/// The claim behind a volume: named, or made for the pod.
fn claim_of(pod: &Value, volume: &Value) -> Option<String> {
    if volume.has("ephemeral") {
        return Some(format!("{}-{}", pod.name(), volume.text("name")));
    }
    Some(volume.at("persistentVolumeClaim.claimName").as_str()?.to_owned())
}

fn driver_of(cx: &Cx<'_>, namespace: &str, claim: &str) -> Option<String> {
    let claim = cx.cache.get("persistentvolumeclaims", namespace, claim)?;
    let volume = cx.cache.get("persistentvolumes", "", claim.text("spec.volumeName"))?;
    Some(volume.text("spec.csi.driver").to_owned())
}

/// Whether an authorizer lets the node have tokens for the audience whatever the pod says.
fn is_granted(cx: &Cx<'_>, review: &Review, audience: &str) -> bool {
    let info = RequestInfo {
        is_resource: true,
        verb: "request-serviceaccounts-token-audience".to_owned(),
        version: "v1".to_owned(),
        namespace: review.namespace().to_owned(),
        resource: audience.to_owned(),
        name: review.name.clone(),
        ..RequestInfo::default()
    };
    let user = review.user.clone();
    (cx.authorize)(&Attributes { user, info }).0 == Decision::Allow
}
