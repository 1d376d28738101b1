//! What comes nearest to allowing a request that nothing allows. Walks all bindings: only asked for an explanation.

use super::index::Index;
use super::mistake;
use crate::api::fact::{Grounds, How, Mistake, NearMiss, Rule, Why};
use crate::api::rbac::{Binding, Field, PolicyRule, Subject};
use crate::api::{Attributes, RequestInfo};

/// What is further off than this is near to nobody: a binding to others, or a rule about other things altogether.
const FAR: usize = 20;

/// A binding, its subject that matched, and a rule of its role with the place from 0.
pub(super) fn grounds(
    binding: &Binding,
    subject: Option<&Subject>,
    rule: Option<(usize, &PolicyRule)>,
) -> Grounds {
    Grounds {
        kind: binding.kind(),
        namespace: binding.namespace.clone(),
        binding: binding.name.clone(),
        subject: subject.cloned(),
        role: binding.role_ref.clone(),
        rule: rule.map(|(place, rule)| Rule { number: place + 1, rule: rule.clone() }),
        source: None,
    }
}

/// The bindings that come nearest to allowing a request, the nearest first; those to others only where their subject
/// looks like a mistake.
pub(crate) fn near_misses(index: &Index, attributes: &Attributes, limit: usize) -> Vec<NearMiss> {
    let mut misses = misses(index, attributes);
    misses.retain(|miss| miss.distance < FAR);
    told(misses, limit)
}

/// The bindings of which just one thing would have to be otherwise, those to others included.
pub(crate) fn one_step_away(index: &Index, attributes: &Attributes, limit: usize) -> Vec<NearMiss> {
    let mut misses = misses(index, attributes);
    misses.retain(|miss| miss.why.len() == 1);
    told(misses, limit)
}

/// A binding that does not allow a request, before anybody wants to read of it.
struct Miss<'a> {
    binding: &'a Binding,
    subject: Option<&'a Subject>,
    rule: Option<(usize, &'a PolicyRule)>,
    why: Vec<Why>,
    distance: usize,
}

fn misses<'a>(index: &'a Index, Attributes { user, info }: &Attributes) -> Vec<Miss<'a>> {
    let miss = |binding: &'a Binding| {
        let (rule, failed) = nearest_rule(index.role(&binding.role_ref, &binding.namespace), info);
        let subject = binding.subject(user);
        let elsewhere = !binding.namespace.is_empty() && binding.namespace != info.namespace;
        let mut why = Vec::new();
        if subject.is_none() {
            why.push(Why::Subject { mistake: mistake::of_binding(binding, user) });
        }
        why.extend(elsewhere.then_some(Why::Namespace));
        why.extend(failed);
        let distance = weight(&why) + by_default(binding);
        (!why.is_empty()).then_some(Miss { binding, subject, rule, why, distance })
    };
    index.bindings().filter_map(miss).collect()
}

/// The rule that fails on the fewest fields, and on which.
fn nearest_rule<'a>(
    rules: Option<&'a [PolicyRule]>,
    ask: &RequestInfo,
) -> (Option<(usize, &'a PolicyRule)>, Vec<Why>) {
    let Some(rules) = rules else {
        return (None, vec![Why::RoleMissing]);
    };
    let misses = |rule: &PolicyRule| rule.misses(ask).map(|field| Why::Rule { field }).collect::<Vec<_>>();
    let tried = rules.iter().enumerate().map(|(place, rule)| ((place, rule), misses(rule)));
    match tried.min_by_key(|(_, why)| weight(why)) {
        Some((rule, why)) => (Some(rule), why),
        None => (None, vec![Why::RoleEmpty]),
    }
}

/// The nearest of them first; those equally near stay in order.
fn told(mut misses: Vec<Miss<'_>>, limit: usize) -> Vec<NearMiss> {
    misses.sort_by_key(|miss| miss.distance);
    misses.truncate(limit);
    let told =
        |miss: Miss<'_>| NearMiss { grounds: grounds(miss.binding, miss.subject, miss.rule), why: miss.why };
    misses.into_iter().map(told).collect()
}

/// What came with the server says less than what somebody made.
fn by_default(binding: &Binding) -> usize {
    if comes_with_server(&binding.name) { 5 } else { 0 }
}

/// Whether a binding is called as those are that come with a server.
fn comes_with_server(binding: &str) -> bool {
    binding.starts_with("system:") || binding == "cluster-admin"
}

/// How far off: a wrong resource says more than a wrong verb or name.
fn weight(why: &[Why]) -> usize {
    let one = |why: &Why| match why {
        Why::Subject { mistake: Some(Mistake { how: How::OtherNamespace, .. }) } => 1,
        Why::Subject { mistake: Some(_) } | Why::Rule { field: Field::ResourceNames } => 2,
        Why::Rule { field: Field::Verbs } | Why::Namespace => 3,
        Why::RoleMissing | Why::RoleEmpty => 4,
        Why::Rule { field: Field::Resources | Field::NonResourceUrls } => 5,
        Why::Rule { field: Field::ApiGroups } => 6,
        Why::Subject { mistake: None } => FAR,
    };
    let fails = |field: Field| why.contains(&Why::Rule { field });
    let something_else = fails(Field::Resources) && (fails(Field::ApiGroups) || fails(Field::Verbs))
        || fails(Field::NonResourceUrls) && fails(Field::Verbs);
    why.iter().map(one).sum::<usize>() + if something_else { FAR } else { 0 }
}
