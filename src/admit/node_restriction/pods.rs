//! Pods: a kubelet makes mirror pods, writes the status of its own, and takes its own away.

use super::super::{Cx, Operation, Review, Stop};
use super::{refuse, unexpected};
use crate::api::differences::NODE_RESOURCE_CLAIMS;
use crate::api::{Dig, GroupResource, Status};
use crate::json::Value;
use crate::kinds::pod::references;
use std::sync::Arc;

pub(super) const MIRROR: &str = "kubernetes.io/config.mirror";

pub(super) fn pod(cx: &Cx<'_>, review: &Review, node: &str) -> Result<(), Stop> {
    match review.operation {
        Operation::Create => create(cx, review, node),
        Operation::Delete => {
            let pod = find(cx, review, &review.name)?;
            refuse(review, pod.text("spec.nodeName") == node, || {
                format!("node \"{node}\" can only delete pods with spec.nodeName set to itself")
            })
        }
        Operation::Update | Operation::Connect => Err(review.forbidden(format!(
            "unexpected operation \"UPDATE\", node \"{node}\" can only create and delete mirror pods"
        ))),
    }
}

/// A pod that the plugin's cache knows of; who asks a cache for what it has not is told of a `pod`, not of `pods`.
pub(super) fn find(cx: &Cx<'_>, review: &Review, name: &str) -> Result<Arc<Value>, Stop> {
    let pod = cx.cache.get("pods", review.namespace(), name).cloned();
    pod.ok_or_else(|| Status::not_found(&GroupResource::new("", "pod"), name).into())
}

fn create(cx: &Cx<'_>, review: &Review, node: &str) -> Result<(), Stop> {
    let pod = &review.object;
    refuse(review, pod.annotation(MIRROR).is_some(), || {
        format!("pod does not have \"{MIRROR}\" annotation, node \"{node}\" can only create mirror pods")
    })?;
    let can = |with: &str| format!("node \"{node}\" can only create pods with {with}");
    refuse(review, pod.text("spec.nodeName") == node, || can("spec.nodeName set to itself"))?;
    owner(cx, review, node, can)?;
    let cannot = |what: &str| format!("node \"{node}\" can not create pods that reference {what}");
    refuse(review, pod.text("spec.serviceAccountName").is_empty(), || cannot("a service account"))?;
    refuse(review, references::secrets(pod).is_empty(), || cannot("secrets"))?;
    refuse(review, references::config_maps(pod).is_empty(), || cannot("configmaps"))?;
    let volumes = pod.list("spec.volumes");
    let sources = || volumes.iter().flat_map(|volume| volume.list("projected.sources"));
    let bundles = sources().any(|source| source.has("clusterTrustBundle"));
    refuse(review, !bundles, || cannot("clustertrustbundles"))?;
    let certificates = sources().any(|source| source.has("podCertificate"));
    refuse(review, !certificates, || cannot("podcertificates"))?;
    let devices = cx.version.has(NODE_RESOURCE_CLAIMS) && !pod.list("spec.resourceClaims").is_empty();
    refuse(review, !devices, || cannot("resourceclaims"))?;
    let claims = volumes.iter().any(|volume| volume.has("persistentVolumeClaim"));
    refuse(review, !claims, || cannot("persistentvolumeclaims"))
}

/// A mirror pod has one owner: the node.
fn owner(cx: &Cx<'_>, review: &Review, node: &str, can: impl Fn(&str) -> String) -> Result<(), Stop> {
    let owner = match review.object.list("metadata.ownerReferences") {
        [] => return Err(review.forbidden(can("an owner reference set to itself"))),
        [owner] => owner,
        _ => return Err(review.forbidden(can("a single owner reference set to itself"))),
    };
    let itself =
        owner.text("apiVersion") == "v1" && owner.text("kind") == "Node" && owner.text("name") == node;
    refuse(review, itself, || can("an owner reference set to itself"))?;
    refuse(review, owner.flag("controller"), || can("a controller owner reference set to itself"))?;
    refuse(review, !owner.flag("blockOwnerDeletion"), || {
        format!("node \"{node}\" must not set blockOwnerDeletion on an owner reference")
    })?;
    let Some(found) = cx.cache.get("nodes", "", node) else {
        return Err(Status::not_found(&GroupResource::new("", "node"), node).into());
    };
    let (expected, got) = (owner.text("uid"), found.uid());
    refuse(review, expected == got, || format!("node {node} UID mismatch: expected {expected} got {got}"))
}

pub(super) fn status(review: &Review, node: &str) -> Result<(), Stop> {
    let Some(old) = review.old.as_ref().filter(|_| review.operation == Operation::Update) else {
        return Err(unexpected(review));
    };
    refuse(review, old.text("spec.nodeName") == node, || {
        format!("node \"{node}\" can only update pod status for pods with spec.nodeName set to itself")
    })?;
    let labels = |pod: &Value| pod.entries("metadata.labels").map(|(k, v)| (k.clone(), v.clone())).collect();
    let (before, after): (Vec<_>, Vec<_>) = (labels(old), labels(&review.object));
    refuse(review, before == after, || format!("node \"{node}\" cannot update labels through pod status"))?;
    let claims = |pod: &Value| pod.list("status.resourceClaimStatuses").to_vec();
    refuse(review, claims(old) == claims(&review.object), || {
        format!("node \"{node}\" cannot update resource claim statues")
    })?;
    let extended = |pod: &Value| pod.at("status.extendedResourceClaimStatus").clone();
    refuse(review, extended(old) == extended(&review.object), || {
        format!("node \"{node}\" cannot update extended resource claim status")
    })
}

pub(super) fn eviction(cx: &Cx<'_>, review: &Review, node: &str) -> Result<(), Stop> {
    if review.operation != Operation::Create {
        return Err(unexpected(review));
    }
    let names = [review.name.as_str(), review.object.name()];
    let Some(name) = names.into_iter().find(|name| !name.is_empty()) else {
        return Err(review.forbidden("could not determine pod from request data"));
    };
    let pod = find(cx, review, name)?;
    refuse(review, pod.text("spec.nodeName") == node, || {
        format!("node {node} can only evict pods with spec.nodeName set to itself")
    })
}
