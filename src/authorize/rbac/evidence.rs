//! Why RBAC said what it said: the rule that allowed, or those that came nearest.

use super::index::{Grant, Index};
use super::objects::{Binding, PolicyRule, RoleRef, Subject};
use super::rule::Field;
use crate::api::{Attributes, RequestInfo};
use serde::Serialize;

/// How many near misses a refusal carries.
const KEPT: usize = 5;

/// The facts behind a verdict of RBAC.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Evidence {
    /// A rule that allows the request.
    Allowed(Box<Grounds>),
    /// The bindings that reach the user, the nearest first, and why none allows.
    Refused(Vec<NearMiss>),
}

/// A binding with the subject that matched, and a rule of its role.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Grounds {
    /// `ClusterRoleBinding` or `RoleBinding`.
    pub kind: &'static str,
    /// The binding's namespace; empty for a cluster role binding.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// The binding's name.
    pub binding: String,
    /// The subject through which it reaches the user; none if it doesn't.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// The role.
    pub role: RoleRef,
    /// The rule and its place in the role; none if the role isn't there or has no rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<(usize, PolicyRule)>,
}

/// A binding that nearly allowed a request.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NearMiss {
    /// The binding and the nearest rule of its role.
    #[serde(flatten)]
    pub grounds: Grounds,
    /// Why it doesn't allow: one reason or several, the most basic first.
    pub why: Vec<Why>,
}

/// Why a binding doesn't allow a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Why {
    /// There is no such role.
    RoleMissing,
    /// The role has no rules.
    RoleEmpty,
    /// The user is none of its subjects.
    Subject,
    /// It grants in another namespace.
    Namespace,
    /// The rule says otherwise in this field.
    Rule(Field),
}

impl Evidence {
    pub(super) fn allowed(grant: &Grant<'_>, rule: usize) -> Evidence {
        let rule = grant.rules.and_then(|rules| Some((rule, rules.get(rule)?.clone())));
        Evidence::Allowed(Box::new(Grounds::new(grant.binding, Some(grant.subject), rule)))
    }

    pub(super) fn refused(grants: &[Grant<'_>], ask: &RequestInfo) -> Evidence {
        let misses = grants.iter().map(|grant| {
            let (rule, why) = nearest_rule(grant.rules, ask);
            Miss { binding: grant.binding, subject: Some(grant.subject), rule, why }
        });
        Evidence::Refused(nearest(misses.collect(), KEPT))
    }
}

impl Grounds {
    fn new(binding: &Binding, subject: Option<&Subject>, rule: Option<(usize, PolicyRule)>) -> Grounds {
        Grounds {
            kind: binding.kind(),
            namespace: binding.namespace.clone(),
            binding: binding.name.clone(),
            subject: subject.cloned(),
            role: binding.role_ref.clone(),
            rule,
        }
    }
}

/// The bindings of the whole cluster that come nearest to allowing a request: also those whose rule fits and whose
/// subject or namespace doesn't. Walks everything; only asked for an explanation.
pub fn near_misses(index: &Index, attributes: &Attributes, limit: usize) -> Vec<NearMiss> {
    let Attributes { user, info } = attributes;
    let misses = index.bindings().filter_map(|binding| {
        let (rule, failed) = nearest_rule(index.role(&binding.role_ref, &binding.namespace), info);
        let subject = binding.subject(user);
        let elsewhere = !binding.namespace.is_empty() && binding.namespace != info.namespace;
        let mut why: Vec<Why> = Vec::new();
        why.extend(subject.is_none().then_some(Why::Subject));
        why.extend(elsewhere.then_some(Why::Namespace));
        why.extend(failed);
        (!why.is_empty()).then_some(Miss { binding, subject, rule, why })
    });
    nearest(misses.collect(), limit)
}

/// A binding that does not allow a request, before anybody wants to read of it.
struct Miss<'a> {
    binding: &'a Binding,
    subject: Option<&'a Subject>,
    rule: Option<(usize, &'a PolicyRule)>,
    why: Vec<Why>,
}

/// The rule that fails on the fewest fields, and on which.
fn nearest_rule<'a>(
    rules: Option<&'a [PolicyRule]>,
    ask: &RequestInfo,
) -> (Option<(usize, &'a PolicyRule)>, Vec<Why>) {
    let Some(rules) = rules else {
        return (None, vec![Why::RoleMissing]);
    };
    let misses = |rule: &PolicyRule| rule.misses(ask).map(Why::Rule).collect::<Vec<_>>();
    let tried = rules.iter().enumerate().map(|(place, rule)| ((place, rule), misses(rule)));
    match tried.min_by_key(|(_, why)| weight(why)) {
        Some((rule, why)) => (Some(rule), why),
        None => (None, vec![Why::RoleEmpty]),
    }
}

/// The nearest of them first; those equally near stay in order.
fn nearest(mut misses: Vec<Miss<'_>>, limit: usize) -> Vec<NearMiss> {
    misses.sort_by_cached_key(|miss| weight(&miss.why) + by_default(miss.binding));
    misses.truncate(limit);
    let told = |miss: Miss<'_>| NearMiss {
        grounds: Grounds::new(
            miss.binding,
            miss.subject,
            miss.rule.map(|(place, rule)| (place, rule.clone())),
        ),
        why: miss.why,
    };
    misses.into_iter().map(told).collect()
}

/// What came with the server says less than what somebody made.
fn by_default(binding: &Binding) -> usize {
    if comes_with_server(&binding.name) { 5 } else { 0 }
}

/// Whether a binding is called as those are that come with a server.
pub fn comes_with_server(binding: &str) -> bool {
    binding.starts_with("system:") || binding == "cluster-admin"
}

/// How far off: a wrong resource says more than a wrong verb or name.
fn weight(why: &[Why]) -> usize {
    let one = |why: &Why| match why {
        Why::Rule(Field::ResourceNames) => 2,
        Why::Rule(Field::Verbs) | Why::Namespace => 3,
        Why::RoleMissing => 4,
        Why::Rule(Field::Resources | Field::NonResourceUrls) => 5,
        Why::Rule(Field::ApiGroups) => 6,
        // A binding that reaches the user at all is nearer than one that doesn't.
        Why::Subject => 20,
        Why::RoleEmpty => 30,
    };
    let elsewhere = [Field::Resources, Field::ApiGroups, Field::Verbs].map(Why::Rule);
    let something_else = if elsewhere.iter().all(|field| why.contains(field)) { 20 } else { 0 };
    why.iter().map(one).sum::<usize>() + something_else
}
