//! Role based access control (`plugin/pkg/auth/authorizer/rbac`): what is not granted is not allowed.

mod changes;
pub(crate) mod cover;
pub(crate) mod escalation;
pub(crate) mod index;
mod mistake;
pub(crate) mod near;
pub(crate) mod rule;

pub(crate) use crate::api::rbac::{Binding, GROUP, PolicyRule, RoleRef, Subject, Who};
pub(crate) use escalation::Write;
pub(crate) use index::{Grant, Index};

use crate::api::fact::Grounds;
use crate::api::{Attributes, User};
use std::collections::BTreeSet;

/// What RBAC says of a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ruling {
    /// A rule allows it: which, and in the server's words.
    Granted(Box<Grounds>, String),
    /// None does, and RBAC has no opinion; with what is wrong with roles that could not be read.
    NoOpinion(Vec<String>),
}

/// Decides a request: the first rule of the first binding that allows it.
pub(crate) fn decide(index: &Index, Attributes { user, info }: &Attributes) -> Ruling {
    let mut errors = Vec::new();
    for Grant { binding, subject, rules } in index.grants(user, &info.namespace) {
        let Some(rules) = rules else {
            errors.push(binding.role_error());
            continue;
        };
        if let Some(place) = rules.iter().position(|rule| rule.allows(info)) {
            let rule = rules.get(place).map(|rule| (place, rule));
            let words = format!("allowed by {}", binding.describe(subject));
            return Ruling::Granted(Box::new(near::grounds(binding, Some(subject), rule)), words);
        }
    }
    Ruling::NoOpinion(errors)
}

/// All rules that a user holds in a namespace, and the errors about roles that could not be read.
pub(crate) fn rules_for(index: &Index, user: &User, namespace: &str) -> (Vec<PolicyRule>, Vec<String>) {
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

/// Errors as one text, each once.
pub(crate) fn aggregate(errors: &[String]) -> Option<String> {
    let once: BTreeSet<&str> = errors.iter().map(String::as_str).collect();
    crate::api::field::aggregate(&Vec::from_iter(once))
}

#[cfg(test)]
mod tests;
