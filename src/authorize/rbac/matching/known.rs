//! What is served, by the words of rules.

use crate::api::rbac::VERBS;
use crate::api::resources::{Resource, chosen};
use crate::api::virtual_resources::{RIGHTS, Right, acted_for};
use crate::api::{Resources, Version};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What rules may be about: what the cluster serves, and what only authorizers know.
pub(crate) struct Known<'a> {
    pub(crate) table: &'a Resources,
    /// By name: the groups that have it.
    served: BTreeMap<&'a str, BTreeMap<&'a str, Served<'a>>>,
    /// All that each release has, also what it does not serve by itself; made where somebody asks.
    releases: OnceCell<Vec<Arc<Resources>>>,
}

/// A resource of a group.
#[derive(Default)]
pub(crate) struct Served<'a> {
    /// Whether its objects are in namespaces.
    namespaced: bool,
    /// The verbs that stand for rights and are asked for in namespaces, whatever its objects are in.
    rights_in_namespaces: BTreeSet<&'a str>,
    /// Whether it is custom: what its controllers ask for besides is not known.
    custom: bool,
    /// The verbs by subresource; those of the resource itself under the empty text.
    parts: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Known<'a> {
    pub(crate) fn of(table: &'a Resources) -> Known<'a> {
        let mut served: BTreeMap<&str, BTreeMap<&str, Served<'_>>> = BTreeMap::new();
        for row in table.iter() {
            let Resource { group, name, subresource, namespaced, custom, verbs, .. } = &**row;
            let one = served.entry(name).or_default().entry(group).or_default();
            one.namespaced |= namespaced;
            one.custom |= custom.is_some();
            one.parts.entry(subresource).or_default().extend(verbs.iter().copied());
        }
        for right in RIGHTS {
            let Right { group, resource, subresource, verbs, namespaced } = right;
            let is_one = ![group, resource, subresource].contains(&&"*") && table.has_group(group);
            if !is_one || !right.is_asked_for(table) {
                continue;
            }
            let one = served.entry(resource).or_default().entry(group).or_default();
            one.rights_in_namespaces.extend(verbs.iter().copied().filter(|_| *namespaced));
            one.parts.entry(subresource).or_default().extend(verbs.iter().copied());
        }
        Known { table, served, releases: OnceCell::new() }
    }

    /// Whether anything of a group is known.
    pub(crate) fn has_group(&self, group: &str) -> bool {
        self.table.has_group(group)
    }

    /// The resource of that name in a group.
    pub(crate) fn get(&self, group: &str, resource: &str) -> Option<&Served<'a>> {
        self.served.get(resource)?.get(group)
    }

    /// The groups that have a resource of that name.
    pub(crate) fn groups(&self, resource: &str) -> Vec<&'a str> {
        self.served.get(resource).into_iter().flat_map(BTreeMap::keys).copied().collect()
    }

    /// The resources of a group that have a subresource.
    pub(crate) fn with_part(&self, group: &str, part: &str) -> Vec<&'a str> {
        let has = |of: &BTreeMap<&str, Served<'a>>| {
            of.iter().any(|(own, served)| (group == "*" || *own == group) && served.has_part(group, "", part))
        };
        self.served.iter().filter(|(_, of)| has(of)).map(|(name, _)| *name).collect()
    }

    /// Who serves something that is not served here: this release where it is told to, or others. None if nobody does.
    pub(crate) fn elsewhere(&self, what: &str, has: impl Fn(&Resources) -> bool) -> Option<String> {
        let all = self
            .releases
            .get_or_init(|| Version::all().map(|version| chosen(version, &|_, _| true)).collect());
        let mut having = all.iter().filter(|table| has(table)).map(|table| table.version()).peekable();
        let (first, own) = (*having.peek()?, self.table.version());
        let having: Vec<Version> = having.collect();
        Some(match having.contains(&own) {
            true => format!("Kubernetes {own} serves {what} only where --runtime-config says so"),
            false => {
                let last = having.last().copied().unwrap_or(first);
                match Version::all().find(|version| *version > last).filter(|gone| *gone <= own) {
                    Some(gone) => format!("Kubernetes {own} does not serve {what}: {gone} removed it"),
                    None => format!("Kubernetes {own} does not serve {what}; {first} to {last} do"),
                }
            }
        })
    }

    /// The plural that a word in small letters stands for with kubectl, and its group.
    pub(crate) fn typed(&self, word: &str) -> Option<(&'a str, &'a Resource)> {
        let row = self.table.lookup(word)?;
        Some((&row.name, row))
    }
}

impl<'a> Served<'a> {
    /// The subresources.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &'a str> {
        self.parts.keys().copied().filter(|part| !part.is_empty())
    }

    /// Whether it has a subresource.
    pub(crate) fn has_part(&self, group: &str, resource: &str, part: &str) -> bool {
        part.is_empty()
            || self.parts.contains_key(part)
            || RIGHTS.iter().any(|right| right.is_of(group, resource, part))
    }

    /// Whether somebody asks for a verb on it; of custom resources, anything may be asked for.
    pub(crate) fn has_verb(&self, group: &str, resource: &str, part: &str, verb: &str) -> bool {
        let custom = self.custom && part.is_empty() && !VERBS.contains(&verb);
        let right = |right: &Right| right.is_of(group, resource, part) && right.verbs.contains(&verb);
        custom
            || acted_for(verb).is_some_and(|verb| self.has_verb(group, resource, part, verb))
            || self.parts.get(part).is_some_and(|verbs| verbs.contains(verb))
            || RIGHTS.iter().any(right)
    }

    /// Whether a verb on it is asked for in a namespace: on its objects, or as a right. `*` stands for any.
    pub(crate) fn is_in_namespace(&self, verb: &str) -> bool {
        self.namespaced
            || self.rights_in_namespaces.contains(verb)
            || verb == "*" && !self.rights_in_namespaces.is_empty()
    }

    /// The verbs of it or of a subresource.
    pub(crate) fn verbs(&self, part: &str) -> Vec<&'a str> {
        self.parts.get(part).into_iter().flatten().copied().collect()
    }
}
