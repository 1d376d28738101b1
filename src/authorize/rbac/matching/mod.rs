//! What of a rule can match: which of its verbs on which of its resources somebody can ask for at all, and where.
//!
//! A rule gives the verbs that its words name, whether a server has them or not: `pods` of the group `apps` is granted like any
//! other, and no request is ever for it. Whoever tells what somebody may tells of what [can match](Known::in_force), and whoever
//! tells what never matches, of the rest.
//!
//! What is unknown can match: a group that neither the release nor a definition has may be another server's, and of what other
//! releases have nobody knows if the server isn't one of them.

mod known;
mod named;
mod words;

pub(crate) use known::{Known, Served};
pub(crate) use named::{Named, is_idle, named};
pub(crate) use words::{Flaw, of_group, of_method, of_path, of_resource, of_verb};

use crate::api::Resources;
use crate::api::rbac::PolicyRule;
use crate::api::virtual_resources::acted_for;

/// What a word of `resources` means in one of a rule's API groups.
pub(crate) enum Meant<'k> {
    /// Any resource, or what may be another server's.
    Open,
    /// What other releases have, in words.
    Elsewhere(String),
    /// Nothing that anybody can ask for.
    Nothing,
    /// What is served: of one group, or of each that has it.
    Served(Vec<Thing<'k>>),
}

/// A resource or a subresource of a group.
#[derive(Clone, Copy)]
pub(crate) struct Thing<'k> {
    pub(crate) group: &'k str,
    pub(crate) resource: &'k str,
    pub(crate) part: &'k str,
    pub(crate) served: &'k Served<'k>,
}

/// What is asked of a namespace object's path: it is in itself (`requestinfo.go`). What is asked of all of them is in none.
const OF_ALL: [&str; 3] = ["create", "list", "deletecollection"];

impl Thing<'_> {
    pub(crate) fn has(&self, verb: &str) -> bool {
        self.served.has_verb(self.group, self.resource, self.part, verb)
    }

    /// Whether a verb on it is asked for in a namespace; `*` stands for any.
    pub(crate) fn is_in_namespace(&self, verb: &str) -> bool {
        let verb = acted_for(verb).unwrap_or(verb);
        self.served.is_in_namespace(verb) || self.is_namespace() && !OF_ALL.contains(&verb)
    }

    /// Whether it is of namespaces.
    pub(crate) fn is_namespace(&self) -> bool {
        self.group.is_empty() && self.resource == "namespaces"
    }

    /// Whether somebody can ask for a verb on it in a place with one of those names: the whole cluster is the empty place, and no
    /// name is any.
    fn is_asked(&self, verb: &str, namespace: &str, names: &[String]) -> bool {
        let own_name =
            || !self.is_namespace() || names.is_empty() || names.iter().any(|name| name == namespace);
        (verb == "*" || self.has(verb)) && (namespace.is_empty() || self.is_in_namespace(verb) && own_name())
    }
}

/// Resources that never were more than alpha, and of which the table of resources has nothing.
const NOT_IN_TABLE: [(&str, &str); 2] =
    [("networking.k8s.io", "clustercidrs"), ("coordination.k8s.io", "leasecandidates")];

/// A group whose resources moved to others before the first release that is modelled; roles name it beside these.
pub(crate) const RETIRED: &str = "extensions";

impl Known<'_> {
    /// What a word of `resources` means in an API group, which may be `*`.
    pub(crate) fn meant<'k>(&'k self, group: &'k str, word: &'k str) -> Meant<'k> {
        if of_group(group).is_some() || of_resource(word).is_some() {
            return Meant::Nothing;
        }
        let (plain, part) = word.split_once('/').unwrap_or((word, ""));
        let is_known = group == "*" || self.has_group(group);
        if word == "*" || !is_known {
            return Meant::Open;
        }
        if plain == "*" {
            return if self.with_part(group, part).is_empty() { Meant::Nothing } else { Meant::Open };
        }
        let groups = if group == "*" { self.groups(plain) } else { vec![group] };
        let thing = |group| Some(Thing { group, resource: plain, part, served: self.get(group, plain)? });
        let whole: Vec<Thing<'_>> = groups.into_iter().filter_map(thing).collect();
        let is_there = !whole.is_empty();
        let has_part = |thing: &Thing<'_>| thing.served.has_part(thing.group, plain, part);
        let things: Vec<Thing<'_>> = whole.into_iter().filter(has_part).collect();
        if !things.is_empty() {
            return Meant::Served(things);
        }
        match self.elsewhere(word, |table| has(table, group, plain, if is_there { part } else { "" })) {
            Some(text) => Meant::Elsewhere(text),
            // `*` means any server's groups, also one that nobody told of; what kubectl alone knows is no server's.
            None if group == "*" && !is_there && self.typed(plain).is_none() => Meant::Open,
            None if !is_there && self.table.is_custom(group) && self.typed(plain).is_none() => Meant::Open,
            None if group == RETIRED => Meant::Open,
            None => Meant::Nothing,
        }
    }

    /// What of a rule can match where it is bound, the whole cluster being the empty place: the rule itself where all of it can.
    pub(crate) fn in_force(&self, rule: &PolicyRule, namespace: &str) -> Vec<PolicyRule> {
        let mut pieces = Vec::new();
        let mut is_whole = true;
        for group in &rule.api_groups {
            for word in &rule.resources {
                let verbs = self.asked(rule, group, word, namespace);
                is_whole &= verbs.len() == rule.verbs.len();
                let piece = PolicyRule {
                    verbs,
                    api_groups: vec![group.clone()],
                    resources: vec![word.clone()],
                    resource_names: rule.resource_names.clone(),
                    non_resource_urls: Vec::new(),
                };
                pieces.extend(Some(piece).filter(|piece| !piece.verbs.is_empty()));
            }
        }
        let is_path = |path: &&String| namespace.is_empty() && of_path(path).is_none();
        let paths: Vec<String> = rule.non_resource_urls.iter().filter(is_path).cloned().collect();
        let methods: Vec<String> =
            rule.verbs.iter().filter(|verb| of_method(verb).is_none()).cloned().collect();
        if !rule.non_resource_urls.is_empty() {
            is_whole &= paths.len() == rule.non_resource_urls.len() && methods.len() == rule.verbs.len();
        }
        if !paths.is_empty() && !methods.is_empty() {
            pieces.push(PolicyRule { verbs: methods, non_resource_urls: paths, ..PolicyRule::default() });
        }
        if is_whole && !pieces.is_empty() { vec![rule.clone()] } else { pieces }
    }

    /// The verbs of a rule that somebody can ask for on one of its resources.
    fn asked(&self, rule: &PolicyRule, group: &str, word: &str, namespace: &str) -> Vec<String> {
        let meant = self.meant(group, word);
        let names = &rule.resource_names;
        let can = |verb: &&String| {
            let is_served = match &meant {
                Meant::Open | Meant::Elsewhere(_) => true,
                Meant::Nothing => false,
                Meant::Served(things) => things.iter().any(|thing| thing.is_asked(verb, namespace, names)),
            };
            is_served && of_verb(verb).is_none() && !is_idle(verb, word, names)
        };
        rule.verbs.iter().filter(can).cloned().collect()
    }
}

/// Whether a table has a resource, or a subresource of it.
fn has(table: &Resources, group: &str, plain: &str, part: &str) -> bool {
    let of = |own: &str| group == "*" || own == group;
    let unmodelled = || NOT_IN_TABLE.iter().any(|(own, name)| *name == plain && part.is_empty() && of(own));
    unmodelled() || table.iter().any(|row| row.name == plain && row.subresource == part && of(&row.group))
}
