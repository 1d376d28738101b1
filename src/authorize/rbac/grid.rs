//! Verb by resource: what rules name, in the order in which people know it.

use crate::api::RequestInfo;
use crate::api::rbac::{PolicyRule, VERBS};

/// A resource or a path, as rules name it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Thing {
    /// Whether it is a path that is no resource.
    pub(crate) path: bool,
    /// Whether it stands for all of them; those come last.
    pub(crate) all: bool,
    /// `pods`, `pods/log`, `/healthz`, `*`.
    pub(crate) name: String,
    /// The API group.
    pub(crate) group: String,
}

impl Thing {
    /// What a request is for.
    pub(crate) fn of(info: &RequestInfo) -> Thing {
        match info.is_resource {
            true => Thing::resource(&info.full_resource(), &info.group),
            false => Thing { path: true, all: false, name: info.path.clone(), group: String::new() },
        }
    }

    fn resource(name: &str, group: &str) -> Thing {
        Thing { path: false, all: name == "*", name: name.to_owned(), group: group.to_owned() }
    }

    /// All that a rule names.
    pub(crate) fn named(rule: &PolicyRule) -> impl Iterator<Item = Thing> {
        let of = |group: &'_ String| {
            let group = group.clone();
            rule.resources.iter().map(move |name| Thing::resource(name, &group))
        };
        let url =
            |url: &String| Thing { path: true, all: url == "*", name: url.clone(), group: String::new() };
        rule.api_groups.iter().flat_map(of).chain(rule.non_resource_urls.iter().map(url))
    }

    /// A verb on it, as a rule.
    pub(crate) fn rule(&self, verb: &str, names: &[String]) -> PolicyRule {
        let (verbs, name) = (vec![verb.to_owned()], vec![self.name.clone()]);
        match self.path {
            true => PolicyRule { verbs, non_resource_urls: name, ..PolicyRule::default() },
            false => PolicyRule {
                verbs,
                api_groups: vec![self.group.clone()],
                resources: name,
                resource_names: names.to_vec(),
                non_resource_urls: Vec::new(),
            },
        }
    }

    /// A verb on it, as a request.
    pub(crate) fn info(&self, verb: &str) -> RequestInfo {
        let verb = verb.to_owned();
        if self.path {
            return RequestInfo { verb, path: self.name.clone(), ..RequestInfo::default() };
        }
        let (resource, subresource) = self.name.split_once('/').unwrap_or((&self.name, ""));
        let (resource, subresource) = (resource.to_owned(), subresource.to_owned());
        let group = self.group.clone();
        RequestInfo { verb, is_resource: true, resource, subresource, group, ..RequestInfo::default() }
    }
}

/// Verbs, each once: those that people know first, then others by name, all of them last.
pub(crate) fn in_order(mut verbs: Vec<String>) -> Vec<String> {
    let rank = |verb: &String| {
        let known = VERBS.iter().take_while(|verb| **verb != "use").position(|known| known == verb);
        (verb == "*", known.unwrap_or(VERBS.len()), verb.clone())
    };
    verbs.sort_by_key(rank);
    verbs.dedup();
    verbs
}
