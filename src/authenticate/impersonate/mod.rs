//! Acting as somebody else (`endpoints/filters/impersonation`).
//!
//! Each part of the wanted user (name, groups, uid, extra) must be allowed to whoever asks: by the verb `impersonate`, or
//! (KEP 5284, since 1.36) by a [`Mode`] that also says what may be done in that guise.
//!
//! # Differs from Kubernetes
//!
//! A real server remembers a mode's success for ten seconds, and goes on allowing that long. Of its memory of who
//! succeeded by which mode it forgets the oldest beyond 10,000 users; [`Memory`] forgets nobody.

mod headers;
mod mode;
#[cfg(test)]
mod tests;

pub(crate) use mode::{Memory, acting};

use super::Authenticated;
use crate::api::names;
use crate::api::{Attributes, By, Decision, Fact, Finding, Outcome, Response, Stage, Version};

/// Asks the authorizers whether something is allowed, and why not.
pub(super) type Ask<'a> = dyn FnMut(&Attributes) -> (Decision, String) + 'a;

/// Puts the impersonated user in the place of the one who asks, if `ask` says that they may.
pub(crate) fn impersonate(
    version: Version,
    mut request: Authenticated,
    memory: &mut Memory,
    ask: &mut Ask<'_>,
    findings: &mut Vec<Finding>,
) -> Result<Authenticated, Response> {
    let wanted = match headers::wanted(version, &request.request) {
        Ok(None) => return Ok(request),
        Ok(Some(wanted)) => wanted,
        Err((text, response)) => {
            let refused = Finding::new(Stage::Impersonate, By::Impersonation, Outcome::Refused, text);
            findings.push(refused.with(Fact::Unreadable));
            return Err(response);
        }
    };
    let asked = Attributes { user: request.user.clone(), info: request.info.clone() };
    match mode::first(version, &asked, &wanted, memory, ask) {
        Ok((mode, user)) => {
            let text = format!("{} acts as {} ({})", request.user.name, user.name, mode.verb());
            findings.push(Finding::new(Stage::Impersonate, By::Impersonation, Outcome::Passed, text));
            request.impersonator = Some(std::mem::replace(&mut request.user, user));
            Ok(request)
        }
        Err(refused) => {
            findings.push(Finding::refused(Stage::Impersonate, By::Impersonation, &refused));
            Err(refused.status.into())
        }
    }
}

/// Namespace and name of `system:serviceaccount:NS:NAME` (`serviceaccount.SplitUsername`).
fn service_account(user: &str) -> Option<(&str, &str)> {
    let (namespace, name) = crate::api::service_account(user)?;
    let valid = names::dns1123_label(namespace, Version::NEWEST).is_empty()
        && names::dns1123_subdomain(name).is_empty();
    valid.then_some((namespace, name))
}
