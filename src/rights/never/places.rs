//! Rules that are given in a namespace and are about what is asked for in none.

use super::super::{Findings, checks, listed};
use crate::api::rbac::PolicyRule;
use crate::authorize::rbac::matching::{Known, Meant, Thing};

/// A resource of a rule that gives less in a namespace than it says, or nothing.
pub(super) struct Outside {
    /// Its place in the rule.
    number: usize,
    /// What nobody asks for there: the resource, or some of its verbs.
    what: String,
    /// Whether that is all that the rule says of it.
    pub(super) is_all: bool,
}

/// What of a rule is asked for in no namespace.
pub(super) fn outside(known: &Known<'_>, rule: &PolicyRule) -> Vec<Outside> {
    let one = |(number, word): (usize, &String)| {
        let things = things(known, rule, word);
        things.first()?;
        let asked = |verb: &&String| *verb == "*" || things.iter().any(|thing| thing.has(verb));
        let asked: Vec<&String> = rule.verbs.iter().filter(asked).collect();
        let is_out = |verb: &&&String| !things.iter().any(|thing| thing.is_in_namespace(verb));
        let out: Vec<&str> = asked.iter().filter(is_out).map(|verb| verb.as_str()).collect();
        let is_all = out.len() == asked.len();
        // A namespace is in itself: of those it is said which verbs are asked of all of them.
        let what = match is_all && !things.iter().any(Thing::is_namespace) {
            true => word.clone(),
            false => format!("{} of {word}", listed(out.iter().copied())),
        };
        (!out.is_empty()).then_some(Outside { number, what, is_all })
    };
    rule.resources.iter().enumerate().filter_map(one).collect()
}

/// What is served of a word in the groups of its rule.
fn things<'k>(known: &'k Known<'_>, rule: &'k PolicyRule, word: &'k str) -> Vec<Thing<'k>> {
    let served = |group: &'k String| match known.meant(group, word) {
        Meant::Served(things) => things,
        Meant::Open | Meant::Elsewhere(_) | Meant::Nothing => Vec::new(),
    };
    rule.api_groups.iter().flat_map(served).collect()
}

/// The words for what a rule has outside of namespaces.
pub(super) fn in_words(all: &[Outside]) -> String {
    listed(all.iter().map(|outside| outside.what.as_str()))
}

/// Looks at a rule of a role that is in a namespace.
pub(super) fn check(known: &Known<'_>, at: usize, rule: &PolicyRule, findings: &mut Findings<'_>) {
    let namespace = findings.at.key.namespace.clone();
    if namespace.is_empty() {
        return;
    }
    for Outside { number, what, .. } in outside(known, rule) {
        let text = format!("{what} is in no namespace: it takes a ClusterRole and a ClusterRoleBinding");
        findings.add_to_rule(&checks::CLUSTER_SCOPED, at, &format!("resources[{number}]"), text);
    }
    let names = &rule.resource_names;
    if names.is_empty() || names.iter().any(|name| *name == *namespace) {
        return;
    }
    for (number, word) in rule.resources.iter().enumerate() {
        let things = things(known, rule, word);
        let is_own = |thing: &Thing<'_>| {
            thing.is_namespace() && rule.verbs.iter().any(|verb| thing.is_in_namespace(verb))
        };
        if !things.is_empty() && things.iter().all(is_own) {
            let text = format!(
                "{word}: a role in {namespace} reaches no other namespace than {namespace}, which resourceNames do not name"
            );
            findings.add_to_rule(&checks::CLUSTER_SCOPED, at, &format!("resources[{number}]"), text);
        }
    }
}
