//! Certificates: a kubelet asks for its own, and for those of the pods that run on it.

use super::super::{Cx, Operation, Review, Stop, certificates};
use super::{pods, refuse, unexpected};
use crate::api::field::quote;
use crate::api::{Dig, Status};

/// A request to the kubelets' signers is about the node itself.
pub(super) fn request(review: &Review, node: &str) -> Result<(), Stop> {
    let signer = review.object.text("spec.signerName");
    let of_kubelets = ["kubernetes.io/kubelet-serving", "kubernetes.io/kube-apiserver-client-kubelet"];
    if review.operation != Operation::Create || !of_kubelets.contains(&signer) {
        return Ok(());
    }
    let subject = certificates::subject(&review.object)
        .map_err(|why| review.forbidden(format!("unable to parse csr: {why}")))?;
    refuse(review, subject.common_name == format!("system:node:{node}"), || {
        format!("can only create a node CSR with CN=system:node:{node}")
    })
}

/// A request for a pod's certificate names the pod, its account and its node as they are (`admitPodCertificateRequest`).
/// What may only be unknown as yet is no refusal: the kubelet tries again.
pub(super) fn pod_request(cx: &Cx<'_>, review: &Review, node: &str) -> Result<(), Stop> {
    refuse(review, cx.config.feature("PodCertificateRequest"), || {
        "PodCertificateRequest feature gate is disabled".to_owned()
    })?;
    if review.operation != Operation::Create {
        return Err(unexpected(review));
    }
    let subresource = &review.resource.subresource;
    refuse(review, subresource.is_empty(), || format!("unexpected subresource \"{subresource}\""))?;
    let said = |field: &str| review.object.at("spec").text(field);
    let later = |why: String| Err(Stop::from(Status::plain(500, "", why)));
    refuse(review, said("nodeName") == node, || {
        let named = quote(said("nodeName"));
        format!(
            "PodCertificateRequest.Spec.NodeName={named}, which is not the requesting node {}",
            quote(node)
        )
    })?;
    let pod = quote(&format!("{}/{}", review.namespace(), said("podName")));
    let Some(found) = cx.cache.get("nodes", "", node) else {
        return later(format!(
            "while retrieving node {0} named in the PodCertificateRequest: node {0} not found",
            quote(node)
        ));
    };
    if found.uid() != said("nodeUID") {
        return later(format!(
            "PodCertificateRequest for pod {pod} names node UID {}, inconsistent with the running node ({})",
            quote(said("nodeUID")),
            quote(found.uid())
        ));
    }
    let Some(running) = cx.cache.get("pods", review.namespace(), said("podName")) else {
        return later(format!(
            "while retrieving pod {pod} named in the PodCertificateRequest: pod {} not found",
            quote(said("podName"))
        ));
    };
    if running.uid() != said("podUID") {
        return later(format!(
            "PodCertificateRequest for pod {pod} contains pod UID ({}) which differs from running pod {}",
            quote(said("podUID")),
            quote(running.uid())
        ));
    }
    refuse(review, running.text("spec.nodeName") == node, || {
        format!("pod {pod} is not running on node {} named in the PodCertificateRequest", quote(node))
    })?;
    let mirror = running.annotation(pods::MIRROR).is_some();
    refuse(review, !mirror, || format!("pod {pod} is a mirror pod"))?;
    let (account, of_pod) = (said("serviceAccountName"), running.text("spec.serviceAccountName"));
    refuse(review, account == of_pod, || {
        format!(
            "PodCertificateRequest for pod {pod} contains serviceAccountName ({}) that differs from running pod ({})",
            quote(account),
            quote(of_pod)
        )
    })?;
    let Some(found) = cx.cache.get("serviceaccounts", review.namespace(), account) else {
        return later(format!(
            "while retrieving service account {} named in the PodCertificateRequest: serviceaccount {} not found",
            quote(&format!("{}/{account}", review.namespace())),
            quote(account)
        ));
    };
    match found.uid() == said("serviceAccountUID") {
        true => Ok(()),
        false => later(format!(
            "PodCertificateRequest for pod {pod} names service account UID {}, which differs from the running service \
             account ({})",
            quote(said("serviceAccountUID")),
            quote(found.uid())
        )),
    }
}
