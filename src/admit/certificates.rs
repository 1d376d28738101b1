//! The plugins about certificates: who may have what signed (`plugin/pkg/admission/certificates`).

use super::{Cx, Operation, Outcome, Review, Run, Stop, Verdict};
use crate::api::fact::Wanted;
use crate::api::field::{Errors, quote};
use crate::api::{Attributes, Decision, Dig, Fact, RequestInfo};
use crate::certificates::{SigningRequest, Subject};
use crate::json::Value;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const GROUP: &str = "certificates.k8s.io";
const REQUESTS: &str = "certificatesigningrequests";
const POD_REQUESTS: &str = "podcertificaterequests";

/// What CertificateApproval does.
pub(super) const APPROVAL: Run = Run { validate: Some(approval), ..Run::NOTHING };

/// What CertificateSigning does.
pub(super) const SIGNING: Run = Run { validate: Some(signing), ..Run::NOTHING };

/// What CertificateSubjectRestriction does.
pub(super) const SUBJECT_RESTRICTION: Run = Run { validate: Some(subject_restriction), ..Run::NOTHING };

/// What ClusterTrustBundleAttest does.
pub(super) const ATTEST: Run = Run { validate: Some(attest), ..Run::NOTHING };

fn approval(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let updated = review.operation == Operation::Update && review.is_subresource(GROUP, REQUESTS, "approval");
    match review.old.as_ref().filter(|_| updated) {
        Some(old) => demand(cx, review, "approve", old.text("spec.signerName"), "approve requests with"),
        None => Ok(Verdict::Skipped),
    }
}

fn signing(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let of_pods = review.is_subresource(GROUP, POD_REQUESTS, "status");
    if let Some(old) = review.old.as_ref().filter(|_| of_pods) {
        return may_sign_for_pods(cx, review, old.text("spec.signerName"));
    }
    let updated = review.operation == Operation::Update && review.is_subresource(GROUP, REQUESTS, "status");
    let changed = |old: &Value| {
        let same = |field| old.at(field) == review.object.at(field);
        let same_conditions = old.list("status.conditions") == review.object.list("status.conditions");
        !same("status.certificate") || !same_conditions
    };
    match review.old.as_ref().filter(|old| updated && changed(old)) {
        Some(old) => demand(cx, review, "sign", old.text("spec.signerName"), "sign requests with"),
        None => Ok(Verdict::Skipped),
    }
}

/// Who may write the status of a pod certificate request; a real server asks with the object's rules.
fn may_sign_for_pods(cx: &Cx<'_>, review: &Review, signer: &str) -> Outcome {
    if may_use(cx, review, "sign", signer) {
        return Ok(Verdict::Passed(format!("the user may sign for {signer}")));
    }
    let errors = Errors::new(cx.version);
    let user = quote(&review.user.name);
    let why = format!("User {user} is not permitted to \"sign\" for signer {}", quote(signer));
    errors.forbidden("spec.signerName", why);
    let invalid = errors.into_status(GROUP, "PodCertificateRequest", &review.name);
    invalid.map(|()| Verdict::Skipped).map_err(Stop::from)
}

fn attest(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let signer = review.object.text("spec.signerName");
    let bundle = review.writes() && review.is(GROUP, "clustertrustbundles");
    if !bundle || signer.is_empty() || !cx.config.feature("ClusterTrustBundle") {
        return Ok(Verdict::Skipped);
    }
    let same = |old: &Value| old.at("spec") == review.object.at("spec");
    if review.old.as_ref().is_some_and(|old| same(old)) {
        return Ok(Verdict::Skipped);
    }
    demand(cx, review, "attest", signer, "attest for")
}

/// A verb on a signer.
fn right(verb: &str, name: String) -> RequestInfo {
    RequestInfo {
        is_resource: true,
        verb: verb.to_owned(),
        group: GROUP.to_owned(),
        version: "*".to_owned(),
        resource: "signers".to_owned(),
        name,
        ..RequestInfo::default()
    }
}

/// Whether the user has the right to a signer, by its name or for all of its domain.
fn may_use(cx: &Cx<'_>, review: &Review, verb: &str, signer: &str) -> bool {
    let domain = signer.split('/').next().unwrap_or_default();
    [signer.to_owned(), format!("{domain}/*")].into_iter().any(|name| {
        let attributes = Attributes { user: review.user.clone(), info: right(verb, name) };
        (cx.authorize)(&attributes).0 == Decision::Allow
    })
}

/// Refuses whoever has no right to a signer.
fn demand(cx: &Cx<'_>, review: &Review, verb: &str, signer: &str, words: &str) -> Outcome {
    if may_use(cx, review, verb, signer) {
        return Ok(Verdict::Passed(format!("the user may {verb} for {signer}")));
    }
    let fact = Fact::MayNot(Wanted::of(&right(verb, signer.to_owned())));
    Err(review.refusal(fact, format!("user not permitted to {words} signerName \"{signer}\"")).into())
}

fn subject_restriction(_: &mut Cx<'_>, review: &mut Review) -> Outcome {
    const SIGNER: &str = "kubernetes.io/kube-apiserver-client";
    let created = review.operation == Operation::Create && review.is(GROUP, REQUESTS);
    if !created || review.object.text("spec.signerName") != SIGNER {
        return Ok(Verdict::Skipped);
    }
    let subject =
        subject(&review.object).map_err(|why| review.forbidden(format!("failed to parse CSR: {why}")))?;
    match subject.organizations.iter().any(|group| group == "system:masters") {
        true => {
            Err(review.forbidden(format!("use of {SIGNER} signer with system:masters group is not allowed")))
        }
        false => Ok(Verdict::Passed("it doesn't ask for system:masters".to_owned())),
    }
}

/// Whom a request asks a certificate for: `spec.request` is PEM in base64.
pub(super) fn subject(request: &Value) -> Result<Subject, String> {
    let pem = STANDARD.decode(request.text("spec.request")).map_err(|error| error.to_string())?;
    Ok(SigningRequest::from_pem(&String::from_utf8_lossy(&pem))?.subject())
}
