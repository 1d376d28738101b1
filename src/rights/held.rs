//! What somebody may: verb by resource, each by the rules that give it.

use crate::api::User;
use crate::api::fact::Grounds;
use crate::authorize::rbac::grid::{Thing, in_order};
use crate::authorize::rbac::matching::Known;
use crate::authorize::rbac::{PolicyRule, held};
use crate::explain::dump::Dump;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// All that RBAC gives somebody.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rights {
    /// Who.
    pub user: String,
    /// Their groups; those that no binding can tell of are not known.
    pub groups: Vec<String>,
    /// Whether they may anything, before anybody looks at a rule: the group `system:masters`.
    pub anything: bool,
    /// The rights, those in the whole cluster first.
    pub rights: Vec<Right>,
    /// What gives them.
    pub grounds: Vec<Grounds>,
}

/// Verbs on a resource or a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Right {
    /// Where; empty in the whole cluster.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// The API group of a resource; `*` is each.
    pub group: String,
    /// The resource: `pods`, `pods/log`, `*`; empty where it is a path.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub resource: String,
    /// The path that is no resource.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// The names that it is limited to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// The verbs, in the order in which people know them.
    pub verbs: Vec<Held>,
}

/// A verb that somebody holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Held {
    /// The verb; `*` is each.
    pub verb: String,
    /// By which of the grounds: their numbers, from 1.
    pub by: Vec<usize>,
}

impl Rights {
    /// All verbs that are held, in the order in which people know them.
    pub fn verbs(&self) -> Vec<String> {
        let all = self.rights.iter().flat_map(|right| &right.verbs);
        in_order(all.map(|held| held.verb.clone()).collect())
    }
}

/// What the roles and bindings of a dump give somebody, in a namespace or in all of them: what some request can match.
pub fn what_can(dump: &Dump, user: &User, namespace: Option<&str>) -> Rights {
    let known = Known::of(dump.cluster.resources());
    let mut grounds = held(dump.cluster.knowledge().rbac(), user, namespace);
    let in_force = |held: &Grounds| {
        held.rule.as_ref().map(|rule| known.in_force(&rule.rule, &held.namespace)).unwrap_or_default()
    };
    grounds.retain(|held| !in_force(held).is_empty());
    dump.locate(&mut grounds);
    let rules: Vec<Vec<PolicyRule>> = grounds.iter().map(in_force).collect();
    // By where they count.
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, held) in grounds.iter().enumerate() {
        places.entry(&held.namespace).or_default().push(at);
    }
    let cluster = places.get("").cloned().unwrap_or_default();
    let mut rights = Vec::new();
    for (place, own) in &places {
        let wider: &[usize] = if place.is_empty() { &[] } else { &cluster };
        rights.extend(of_place(&known, place, &rules, own, wider));
    }
    let (name, groups) = (user.name.clone(), user.groups.clone());
    Rights { user: name, groups, anything: user.in_group("system:masters"), rights, grounds }
}

/// The rights that are given in a place, by what gives them there and by what gives them in the whole cluster.
fn of_place(
    known: &Known<'_>,
    place: &str,
    rules: &[Vec<PolicyRule>],
    own: &[usize],
    wider: &[usize],
) -> Vec<Right> {
    let mut things = BTreeSet::new();
    for rule in own.iter().flat_map(|at| &rules[*at]) {
        let mut names = rule.resource_names.clone();
        names.sort();
        things.extend(Thing::named(rule).map(|thing| (thing, names.clone())));
    }
    let all = || own.iter().chain(wider);
    let verbs = in_order(all().flat_map(|at| &rules[*at]).flat_map(|rule| rule.verbs.clone()).collect());
    let right = |(thing, names): (Thing, Vec<String>)| {
        let allows = |at: &usize, verb: &str| {
            let mut info = thing.info(verb);
            place.clone_into(&mut info.namespace);
            let mut named = |name: &str| {
                name.clone_into(&mut info.name);
                rules[*at].iter().any(|rule| rule.allows(&info))
            };
            if names.is_empty() { named("") } else { names.iter().all(|name| named(name)) }
        };
        // What a rule about more than this thing has is not asked of it.
        let is_asked = |verb: &&String| {
            let alone = thing.rule(verb, &names);
            !known.in_force(&alone, place).is_empty()
        };
        let held = |verb: &String| {
            let by: Vec<usize> = all().filter(|at| allows(at, verb)).map(|at| at + 1).collect();
            (!by.is_empty()).then(|| Held { verb: verb.clone(), by })
        };
        let verbs: Vec<Held> = verbs.iter().filter(is_asked).filter_map(held).collect();
        let Thing { path, name, group, .. } = thing;
        let (resource, path) = if path { (String::new(), name) } else { (name, String::new()) };
        (!verbs.is_empty()).then(|| Right {
            namespace: place.to_owned(),
            group,
            resource,
            path,
            names,
            verbs,
        })
    };
    things.into_iter().filter_map(right).collect()
}
