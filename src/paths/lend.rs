//! What somebody may do who acts as somebody else for some verbs only (KEP-5284): what they may act for, and the other one may do.
//!
//! Of a role that the other one holds and a role by which somebody may act for something, what is in both is a role, too. What the
//! server asks by itself about a request (`bind`, `escalate`, `approve`) it asks of the other one alone.
//!
//! Differs from Kubernetes: who acts as a node is followed to the tokens of what runs there, by a way of its own, and no further.

use super::graph::Access;
use super::lent::{Both, Key, Lender, asked_besides, for_what, in_both};
use super::world::Role;
use crate::api::rbac::PolicyRule;
use std::sync::Arc;

impl Access {
    /// The number of whoever holds these roles; none where they allow to act for nothing.
    pub(super) fn lender(&mut self, mode: &'static str, held: &[(usize, Arc<str>)]) -> Option<usize> {
        let acts = |(role, _): &(usize, Arc<str>)| {
            self.world.roles[*role].rules.iter().any(|rule| !for_what(rule, mode).is_empty())
        };
        if !held.iter().any(acts) {
            return None;
        }
        let mut held = held.to_vec();
        held.sort();
        held.dedup();
        let (lender, next) = (Lender { mode, held }, self.lent.lenders.len());
        let lenders = &mut self.lent.lenders;
        Some(*self.lent.numbers.entry(lender.clone()).or_insert_with(|| {
            lenders.push(lender);
            next
        }))
    }

    /// What a role in a place comes to for whoever acts for some verbs.
    pub(super) fn lent(&self, lender: usize, role: usize, place: &Arc<str>) -> Vec<(usize, Arc<str>)> {
        let made = self.pairs(lender, role, place);
        let known = |(key, place): (Key, Arc<str>)| Some(((*self.lent.roles.get(&key)?)?, place));
        made.into_iter().filter_map(known).collect()
    }

    /// The same, made where it is not known yet.
    pub(super) fn lend(&mut self, lender: usize, role: usize, place: &Arc<str>) -> Vec<(usize, Arc<str>)> {
        for (key, _) in self.pairs(lender, role, place) {
            if !self.lent.roles.contains_key(&key) {
                let made = self.both(key);
                self.lent.roles.insert(key, made);
            }
        }
        self.lent(lender, role, place)
    }

    /// The roles that may come of it, and where both count.
    fn pairs(&self, lender: usize, role: usize, place: &Arc<str>) -> Vec<(Key, Arc<str>)> {
        let Lender { mode, held } = &self.lent.lenders[lender];
        let there = |at: &Arc<str>| match (&**at, &**place) {
            ("", _) => Some(place.clone()),
            (own, other) => (other.is_empty() || own == other).then(|| at.clone()),
        };
        held.iter().filter_map(|(by, at)| Some(((*mode, *by, role), there(at)?))).collect()
    }

    fn both(&mut self, (mode, by, of): Key) -> Option<usize> {
        let (lender, other) = (&self.world.roles[by], &self.world.roles[of]);
        let (mut rules, mut from) = (Vec::new(), Vec::new());
        for (at, rule) in other.rules.iter().enumerate() {
            for (number, acts) in lender.rules.iter().enumerate() {
                let acts = PolicyRule { verbs: for_what(acts, mode), ..acts.clone() };
                if let Some(both) = in_both(rule, &acts) {
                    rules.push(both);
                    from.push((at, Some(number)));
                }
            }
        }
        if rules.is_empty() {
            return None;
        }
        for (at, rule) in other.rules.iter().enumerate() {
            rules.push(asked_besides(rule));
            from.push((at, None));
        }
        let both = Some(Both { of, by, rules: from });
        let role = Role::of((&other.namespace, &other.name), rules, None, &self.world.off);
        self.world.roles.push(Role { both, ..role });
        Some(self.world.roles.len() - 1)
    }
}
