//! Role based access control (`plugin/pkg/auth/authorizer/rbac`): what is not granted is not allowed.

mod changes;
pub mod cover;
pub mod escalation;
pub mod evidence;
pub mod index;
pub mod objects;
pub mod rule;

pub use escalation::{Write, everything};
pub use evidence::{Evidence, Grounds, NearMiss, Why, comes_with_server, near_misses};
pub use index::{Grant, Index};
pub use objects::{Binding, GROUP, PolicyRule, RoleRef, Subject, Who};
pub use rule::Field;

use crate::api::{Attributes, Decision, User};

/// What RBAC says of a request, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Allow, or no opinion: RBAC never denies.
    pub decision: Decision,
    /// The reason in the server's words; empty for a plain refusal.
    pub reason: String,
    /// Roles that could not be read.
    pub errors: Vec<String>,
    /// The facts behind it.
    pub evidence: Evidence,
}

/// Decides a request: the first rule of the first binding that allows it.
pub fn decide(index: &Index, attributes: &Attributes) -> Outcome {
    let Attributes { user, info } = attributes;
    let grants = index.grants(user, &info.namespace);
    let mut errors = Vec::new();
    for grant in &grants {
        let Some(rules) = grant.rules else {
            errors.push(grant.binding.role_error());
            continue;
        };
        if let Some(rule) = rules.iter().position(|rule| rule.allows(info)) {
            return Outcome {
                decision: Decision::Allow,
                reason: format!("RBAC: allowed by {}", grant.binding.describe(grant.subject)),
                errors,
                evidence: Evidence::allowed(grant, rule),
            };
        }
    }
    Outcome {
        decision: Decision::NoOpinion,
        reason: aggregate(&errors).map(|text| format!("RBAC: {text}")).unwrap_or_default(),
        evidence: Evidence::refused(&grants, info),
        errors,
    }
}

/// All rules that a user holds in a namespace, and the errors about roles that could not be read.
pub fn rules_for(index: &Index, user: &User, namespace: &str) -> (Vec<PolicyRule>, Vec<String>) {
    let mut rules = Vec::new();
    let mut errors = Vec::new();
    for grant in index.grants(user, namespace) {
        match grant.rules {
            Some(held) => rules.extend_from_slice(held),
            None => errors.push(grant.binding.role_error()),
        }
    }
    (rules, errors)
}

/// Errors as one text (`utilerrors.Aggregate`): each once, several in brackets.
pub fn aggregate(errors: &[String]) -> Option<String> {
    let mut once: Vec<&str> = errors.iter().map(String::as_str).collect();
    once.sort_unstable();
    once.dedup();
    match once.as_slice() {
        [] => None,
        [error] => Some((*error).to_owned()),
        errors => Some(format!("[{}]", errors.join(", "))),
    }
}

#[cfg(test)]
mod tests;
