//! Who may do what in one cluster and may not in another, by whatever gives it: the rights that a change of roles and bindings
//! opens, and, asked the other way round, those that it takes away.

use super::dump::Dump;
use super::source::Line;
use crate::api::RequestInfo;
use crate::api::fact::Grounds;
use crate::api::rbac::{PolicyRule, Who};
use crate::authorize::rbac::Index;
use crate::authorize::rbac::gains::{self, Gain};
use crate::authorize::rbac::matching::Known;
use schemars::JsonSchema;
use serde::Serialize;

/// What somebody has by a rule in one cluster, and by none in the other.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Right {
    /// Who: a user or an account as `--as` names it, or `group NAME`.
    pub who: String,
    /// What they have, a rule for each thing: in the binding's namespace, or in the whole cluster.
    pub rights: Vec<PolicyRule>,
    /// By which rule of which binding's role.
    pub by: Grounds,
    /// Where what makes the difference is written: the binding, or the rule where they are bound to the role in both clusters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Line>,
    #[serde(skip)]
    whom: Who,
}

/// What people may do in the second cluster and not in the first: by user, then by group, the whole cluster first. What a group
/// gains is not told again of those who are in it, and of a rule counts what some request can match.
pub fn gained(before: &Dump, after: &Dump) -> Vec<Right> {
    let mut places = after.places();
    let known = Known::of(after.cluster.resources());
    let gains = gains::gains(index(before), index(after)).into_iter();
    let rights = gains.filter_map(|Gain { who, mut by, new, was_bound }| {
        let new: Vec<PolicyRule> = new.iter().flat_map(|rule| known.in_force(rule, &by.namespace)).collect();
        if new.is_empty() {
            return None;
        }
        let rule = places.of_rule(&by);
        let binding = places.of_binding(&by);
        by.source = rule.as_ref().map(Line::to_string);
        let at = if was_bound { rule.or(binding) } else { binding.or(rule) };
        Some(Right { who: who.to_string(), rights: new, by, at, whom: who })
    });
    rights.collect()
}

impl Right {
    /// Whether it is about a question. `*` as its verb or resource stands for any, `*` of the group `*` for a right to `*`, and that
    /// is about whatever of it is new.
    pub fn is_about(&self, asked: &RequestInfo, before: &Dump) -> bool {
        gains::are_about(&self.rights, index(before), &self.whom, &self.by.namespace, asked)
    }
}

fn index(dump: &Dump) -> &Index {
    dump.cluster.knowledge().rbac()
}
