//! The decision: the first rule of the first binding that allows a request.

use super::index::Index;
use super::near;
use super::reach::Bond;
use super::role::{Role, Sieve};
use crate::api::Attributes;
use crate::api::fact::Grounds;
use crate::api::rbac::Binding;
use std::sync::Arc;

/// What RBAC says of a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ruling {
    /// A rule allows it.
    Granted(Granted),
    /// None does, and RBAC has no opinion; with the bindings whose roles could not be read.
    NoOpinion(Vec<Arc<Binding>>),
}

/// What allows a request. Nothing is told of it before somebody asks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Granted {
    binding: Arc<Binding>,
    subject: usize,
    role: Arc<Role>,
    rule: usize,
}

impl Granted {
    /// In the server's words.
    pub(crate) fn words(&self) -> String {
        let subject = &self.binding.subjects[self.subject];
        format!("allowed by {}", self.binding.describe(subject))
    }

    /// As a fact.
    pub(crate) fn grounds(&self) -> Grounds {
        let rule = (self.rule, &self.role.rules()[self.rule]);
        near::grounds(&self.binding, self.binding.subjects.get(self.subject), Some(rule))
    }
}

/// Decides a request.
///
/// A real server walks all bindings, the cluster's and then the namespace's, each by name, and takes the first that allows
/// it. Here each user and group has its own in that order: of those that allow it, the earliest is the same.
pub(crate) fn decide(index: &Index, Attributes { user, info }: &Attributes) -> Ruling {
    let asked = Sieve::of(info);
    let mut first: Option<(&Bond, &Arc<Role>, usize)> = None;
    let mut unread = Vec::new();
    for bonds in index.reach.of(user) {
        for bond in bonds.within(&info.namespace) {
            if first.is_some_and(|(first, ..)| first.order() <= bond.order()) {
                break;
            }
            let Some(role) = bond.role.and_then(|number| index.roles.at(number)) else {
                unread.push(bond.binding.clone());
                continue;
            };
            if let Some(rule) = role.allows(info, asked) {
                first = Some((bond, role, rule));
                break;
            }
        }
    }
    match first {
        Some((bond, role, rule)) => Ruling::Granted(Granted {
            binding: bond.binding.clone(),
            subject: bond.subject as usize,
            role: role.clone(),
            rule,
        }),
        None => Ruling::NoOpinion(unread),
    }
}
