//! What somebody may do in a namespace, as far as authorizers can list it (`authorizer.RuleResolver`, for
//! SelfSubjectRulesReview).

use super::rbac::{self, PolicyRule};
use super::{Authorizers, Knowledge, Mode};
use crate::api::User;

/// The rules that a user holds in a namespace, in the order of the authorizers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// On resources.
    pub resource: Vec<PolicyRule>,
    /// On URLs.
    pub non_resource: Vec<PolicyRule>,
    /// What could not be found out; empty if nothing.
    pub error: String,
}

/// Lists the rules. `system:masters` counts for nothing here: it is no mode.
pub fn rules_for(by: &Authorizers, knowledge: &Knowledge, user: &User, namespace: &str) -> Rules {
    let mut rules = Rules::default();
    for mode in by.modes() {
        let held = match mode {
            Mode::Rbac => {
                let (held, errors) = rbac::rules_for(knowledge.rbac(), user, namespace);
                rules.error = rbac::aggregate(&errors).unwrap_or_default();
                held
            }
            Mode::Abac => by.policies().rules_for(user, namespace),
            Mode::AlwaysAllow => rbac::everything().to_vec(),
            Mode::AlwaysDeny | Mode::Node | Mode::Webhook => Vec::new(),
        };
        rules.add(held);
    }
    rules
}

impl Rules {
    fn add(&mut self, held: Vec<PolicyRule>) {
        for rule in held {
            if !rule.resources.is_empty() {
                self.resource.push(PolicyRule { non_resource_urls: Vec::new(), ..rule.clone() });
            }
            if !rule.non_resource_urls.is_empty() {
                let PolicyRule { verbs, non_resource_urls, .. } = rule;
                self.non_resource.push(PolicyRule { verbs, non_resource_urls, ..PolicyRule::default() });
            }
        }
    }
}
