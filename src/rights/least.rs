//! The least that allows what was seen in an audit log: a role and a binding for each user and namespace, and for the cluster.
//!
//! What somebody holds already is not given again. Names are taken over only where that is asked for, and never where a request
//! has none for its authorization: of `create` of a resource itself and of `deletecollection`, nor of `list` and `watch`, which
//! have one only by a field selector. Whom somebody may act as is always given by name.
//!
//! What the server asks its authorizers for besides is known as far as the log tells it.

use crate::api::rbac::{GROUP, PolicyRule};
use crate::api::virtual_resources;
use crate::api::{Attributes, Decision, RequestInfo, Resources, User, Version, service_account};
use crate::authorize::rbac::cover::lacking;
use crate::authorize::rbac::grid::in_order;
use crate::explain::dump::Dump;
use crate::json::{Value, json};
use crate::question::logged;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What was seen: by user, each request once.
#[derive(Clone, Debug, Default)]
pub struct Log {
    asked: BTreeMap<String, BTreeMap<Asked, User>>,
}

/// All of a request that an authorizer decides by.
type Asked = (String, String, String, String, String, String, String);

impl Log {
    /// Takes note of a line of the log, of a server of that release.
    ///
    /// # Errors
    ///
    /// That it is no audit event.
    pub fn add(&mut self, line: &str, version: Version) -> Result<(), String> {
        for request in logged(line, version)? {
            request.asked.into_iter().for_each(|(user, info)| self.ask(&user, info));
        }
        Ok(())
    }

    /// The users that were seen.
    pub fn users(&self) -> impl Iterator<Item = &str> {
        self.asked.keys().map(String::as_str)
    }

    fn ask(&mut self, user: &User, info: RequestInfo) {
        let path = if info.is_resource { String::new() } else { info.path };
        let asked = (info.namespace, info.group, info.resource, info.subresource, info.name, info.verb, path);
        self.asked.entry(user.name.clone()).or_default().insert(asked, user.clone());
    }
}

/// Roles and bindings, as `kubectl apply` takes them.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Least {
    /// `v1`.
    pub api_version: &'static str,
    /// `List`.
    pub kind: &'static str,
    /// The objects.
    pub items: Vec<Value>,
    /// What there is to say of each user.
    #[serde(skip)]
    pub notes: Vec<String>,
}

/// The least that allows all that was seen, beside what is held in a dump; with the names of what was asked for, or without;
/// of one user, if one is named.
pub fn least(dump: &Dump, log: &Log, names: bool, only: Option<&str>) -> Least {
    let mut making = Making { dump, taken: BTreeSet::new(), items: Vec::new() };
    let mut notes = Vec::new();
    for (name, asked) in log.asked.iter().filter(|(name, _)| only.is_none_or(|only| only == *name)) {
        let mut lacking = Vec::new();
        let mut nameless = 0;
        for (asked, user) in asked {
            let info = question(asked);
            nameless += usize::from(info.verb.is_empty());
            let said = dump.cluster.decide(&Attributes { user: user.clone(), info: info.clone() });
            if said.decision != Decision::Allow && !info.verb.is_empty() {
                lacking.push(info);
            }
        }
        let node = name.starts_with("system:node:");
        let held = asked.len() - lacking.len() - nameless;
        let rest = match (lacking.len(), node) {
            (0, _) => String::new(),
            (_, true) => "; a node's rights are the Node authorizer's, and left out".to_owned(),
            (count, false) => format!("; {count} given here"),
        };
        let nameless =
            if nameless > 0 { format!("; {nameless} without a verb left out") } else { String::new() };
        notes.push(format!("{name}: {} asked for, {held} held already{rest}{nameless}", asked.len()));
        if !node && !lacking.is_empty() {
            making.give(name, &lacking, names);
        }
    }
    Least { api_version: "v1", kind: "List", items: making.items, notes }
}

fn question((namespace, group, resource, subresource, name, verb, path): &Asked) -> RequestInfo {
    RequestInfo {
        is_resource: path.is_empty(),
        namespace: namespace.clone(),
        group: group.clone(),
        resource: resource.clone(),
        subresource: subresource.clone(),
        name: name.clone(),
        verb: verb.clone(),
        path: path.clone(),
        ..RequestInfo::default()
    }
}

/// The objects so far.
struct Making<'a> {
    dump: &'a Dump,
    /// The names that are given, each for all that a user gets.
    taken: BTreeSet<String>,
    items: Vec<Value>,
}

impl Making<'_> {
    /// Makes what a user lacks.
    fn give(&mut self, user: &str, lacks: &[RequestInfo], names: bool) {
        let table = self.dump.cluster.resources();
        let mut places: BTreeMap<&str, Vec<PolicyRule>> = BTreeMap::new();
        for info in lacks {
            places.entry(place(info, table)).or_default().push(piece(info, names));
        }
        // What is given in the whole cluster is given in each namespace.
        let wide = places.get("").cloned().unwrap_or_default();
        let covered = |rule: &PolicyRule| {
            lacking(&wide, std::slice::from_ref(rule)).is_ok_and(|lacking| lacking.is_empty())
        };
        for (place, rules) in &mut places {
            rules.retain(|rule| place.is_empty() || !covered(rule));
        }
        places.retain(|_, rules| !rules.is_empty());
        let name = self.name(user, places.keys().copied());
        for (place, rules) in places {
            self.items.extend(objects(user, &name, place, &joined(&rules)));
        }
    }

    /// A name that neither the dump nor another user has.
    fn name<'p>(&mut self, user: &str, places: impl Iterator<Item = &'p str> + Clone) -> String {
        let user =
            service_account(user).map_or(user.to_owned(), |(namespace, name)| format!("{namespace}:{name}"));
        let first = format!("least:{}", user.replace(['/', '%'], "-"));
        let objects = self.dump.cluster.store().objects();
        let there = |name: &str| {
            let mut all = places.clone().flat_map(|place| KINDS.map(|(resource, _)| (resource, place)));
            all.any(|(resource, place)| objects.get(&format!("{resource}.{GROUP}"), place, name).is_some())
        };
        let numbered = (2..).map(|number| format!("{first}-{number}"));
        let mut names = std::iter::once(first.clone()).chain(numbered);
        let free = names.find(|name| !self.taken.contains(name) && !there(name)).unwrap_or(first);
        self.taken.insert(free.clone());
        free
    }
}

/// The resources and kinds of a role and a binding: in the cluster, and in a namespace.
const KINDS: [(&str, &str); 4] = [
    ("clusterroles", "ClusterRole"),
    ("clusterrolebindings", "ClusterRoleBinding"),
    ("roles", "Role"),
    ("rolebindings", "RoleBinding"),
];

/// The namespace in which a request is allowed; empty where it takes the whole cluster.
fn place<'i>(info: &'i RequestInfo, table: &Resources) -> &'i str {
    let row = table.preferred(&info.group, &info.resource).map(|row| row.namespaced);
    let right = || virtual_resources::named(&info.group, &info.resource).map(|right| right.namespaced);
    // A namespace is in itself: a role there is enough for what is asked about it.
    if row.or_else(right).unwrap_or(true) || info.resource == "namespaces" && info.group.is_empty() {
        &info.namespace
    } else {
        ""
    }
}

/// A rule for a request alone.
fn piece(info: &RequestInfo, names: bool) -> PolicyRule {
    let verbs = vec![info.verb.clone()];
    if !info.is_resource {
        return PolicyRule { verbs, non_resource_urls: vec![info.path.clone()], ..PolicyRule::default() };
    }
    let unnamed = match info.verb.as_str() {
        "list" | "watch" | "deletecollection" => true,
        "create" => info.subresource.is_empty() || !names,
        verb => !names && !verb.starts_with("impersonate"),
    };
    let name = Some(&info.name).filter(|name| !unnamed && !name.is_empty());
    PolicyRule {
        verbs,
        api_groups: vec![info.group.clone()],
        resources: vec![info.full_resource()],
        resource_names: name.cloned().into_iter().collect(),
        ..PolicyRule::default()
    }
}

/// Rules that allow the same as these, and are few: first by name, then by verb, then by resource.
fn joined(pieces: &[PolicyRule]) -> Vec<PolicyRule> {
    let one = |list: &[String]| list.first().cloned().unwrap_or_default();
    let (urls, resources): (Vec<&PolicyRule>, Vec<&PolicyRule>) =
        pieces.iter().partition(|piece| !piece.non_resource_urls.is_empty());
    // A request that is allowed for any name needs none.
    let mut names: BTreeMap<_, Option<BTreeSet<String>>> = BTreeMap::new();
    for piece in resources {
        let thing = (one(&piece.api_groups), one(&piece.resources), one(&piece.verbs));
        let named = names.entry(thing).or_insert_with(|| Some(BTreeSet::new()));
        match (piece.resource_names.first(), named.as_mut()) {
            (Some(name), Some(all)) => drop(all.insert(name.clone())),
            _ => *named = None,
        }
    }
    let mut verbs: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for ((group, resource, verb), names) in names {
        verbs.entry((group, resource, names.unwrap_or_default())).or_default().push(verb);
    }
    let mut things: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for ((group, resource, names), verbs) in verbs {
        things.entry((group, names, in_order(verbs))).or_default().push(resource);
    }
    let mut methods: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for piece in urls {
        methods.entry(one(&piece.non_resource_urls)).or_default().insert(one(&piece.verbs));
    }
    let mut paths: BTreeMap<BTreeSet<String>, Vec<String>> = BTreeMap::new();
    for (path, verbs) in methods {
        paths.entry(verbs).or_default().push(path);
    }
    let rule =
        |((group, names, verbs), resources): ((String, BTreeSet<String>, Vec<String>), Vec<String>)| {
            PolicyRule {
                verbs,
                api_groups: vec![group],
                resources,
                resource_names: names.into_iter().collect(),
                ..PolicyRule::default()
            }
        };
    let url = |(verbs, non_resource_urls): (BTreeSet<String>, Vec<String>)| PolicyRule {
        verbs: verbs.into_iter().collect(),
        non_resource_urls,
        ..PolicyRule::default()
    };
    things.into_iter().map(rule).chain(paths.into_iter().map(url)).collect()
}

/// A role and its binding, in a namespace or in the whole cluster.
fn objects(user: &str, name: &str, place: &str, rules: &[PolicyRule]) -> [Value; 2] {
    let api_version = format!("{GROUP}/v1");
    let [role, binding] = match place {
        "" => [KINDS[0].1, KINDS[1].1],
        _ => [KINDS[2].1, KINDS[3].1],
    };
    let metadata = match place {
        "" => json!({"name": name}),
        namespace => json!({"name": name, "namespace": namespace}),
    };
    let subject = match service_account(user) {
        Some((namespace, name)) => json!({"kind": "ServiceAccount", "name": name, "namespace": namespace}),
        None => json!({"apiGroup": GROUP, "kind": "User", "name": user}),
    };
    [
        json!({"apiVersion": api_version, "kind": role, "metadata": metadata, "rules": rules}),
        json!({
            "apiVersion": api_version, "kind": binding, "metadata": metadata,
            "roleRef": {"apiGroup": GROUP, "kind": role, "name": name}, "subjects": [subject],
        }),
    ]
}
