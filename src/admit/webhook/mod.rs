//! Admission webhooks: somebody outside changes a write, or refuses it (`apiserver/pkg/admission/plugin/webhook`).
//!
//! [`hook`] says which webhooks there are and which of them want to see a write, [`review`] what is sent, [`response`]
//! what comes back, [`mutating`] and [`validating`] what follows from it.
//!
//! INVARIANT (no-lockout): webhooks never see webhook configurations and admission policies, so that a broken one can
//! always be removed.
//!
//! # Differs from Kubernetes
//! Of several validating webhooks that refuse, the first one in order speaks; in a real server the quickest does.
//! Objects of another version are sent with that version's name and unconverted fields.

mod hook;
mod mutating;
mod response;
mod review;
mod validating;

pub(crate) use hook::address as webhook_address;

use super::{Review, Run};

/// The name of the plugin whose webhooks change writes.
pub(super) const MUTATING: &str = "MutatingAdmissionWebhook";
/// The name of the plugin whose webhooks refuse writes.
pub(super) const VALIDATING: &str = "ValidatingAdmissionWebhook";

/// Calls the mutating webhooks, one after the other.
pub(super) const ADMIT: Run =
    Run { sees: |_, review| !is_exempt(review), admit: Some(mutating::admit), ..Run::NOTHING };
/// Calls the validating webhooks, all at once.
pub(super) const VALIDATE: Run =
    Run { sees: |_, review| !is_exempt(review), validate: Some(validating::validate), ..Run::NOTHING };

/// Whether webhooks and policies are never asked about a write (`rules.IsExemptAdmissionConfigurationResource`).
fn is_exempt(review: &Review) -> bool {
    const EXEMPT: [&str; 6] = [
        "ValidatingWebhookConfiguration",
        "MutatingWebhookConfiguration",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
    ];
    let row = &review.resource;
    &*row.kind_group == "admissionregistration.k8s.io" && EXEMPT.contains(&&*row.kind)
}
