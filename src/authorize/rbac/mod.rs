//! Role based access control (`plugin/pkg/auth/authorizer/rbac`): what is not granted is not allowed.

mod changes;
pub(crate) mod cover;
mod decide;
pub(crate) mod escalation;
pub(crate) mod gains;
pub(crate) mod grid;
mod holders;
pub(crate) mod index;
pub(crate) mod matching;
mod mistake;
pub(crate) mod near;
mod reach;
mod role;
mod roles;
pub(crate) mod rule;

pub(crate) use crate::api::rbac::{Binding, GROUP, PolicyRule, RoleRef, Subject, Who};
pub(crate) use decide::{Granted, Ruling, decide};
pub(crate) use escalation::Write;
pub(crate) use holders::{held, holders};
pub(crate) use index::{Grant, Index};
pub(crate) use mistake::{account_meant, groups_meant, is_no_account, who_meant};

use crate::api::User;
use std::collections::BTreeSet;
use std::sync::Arc;

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

/// What is wrong with roles that could not be read, as one text.
pub(crate) fn unread(bindings: &[Arc<Binding>]) -> Option<String> {
    aggregate(&bindings.iter().map(|binding| binding.role_error()).collect::<Vec<_>>())
}

/// Errors as one text, each once.
pub(crate) fn aggregate(errors: &[String]) -> Option<String> {
    let once: BTreeSet<&str> = errors.iter().map(String::as_str).collect();
    crate::api::field::aggregate(&Vec::from_iter(once))
}

#[cfg(test)]
pub(crate) mod tests;
