//! The fewest rules to take away so that nobody gets there.
//!
//! A rule is one rule, in however many places it is held: a cut is a set of rules such that every path needs one of them. The
//! smallest is found by a tree of choices: the shortest path needs each of its rules, so one of them is in any cut; each is
//! taken away in turn on a fork, where the question is asked again, first of sets of one, then of two, and so on. So each cut
//! is proven as it is found, by the server's own answers, and none is smaller.
//!
//! Of a role that comes with the server nothing is taken away: the server puts it back when it starts. There, it is the subject
//! of the binding that goes.

use super::prove::Climbs;
use super::{Declared, Ground, Path, Target, called, is_default};
use crate::api::rbac::{Binding, PolicyRule, Who};
use crate::api::{Dig, Request, User};
use crate::authorize::aggregation;
use crate::cluster::Cluster;
use crate::json::{Value, json};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

/// Sets of more than this are not looked for: what is found then may not be the smallest.
const DEPTH: usize = 4;
/// Nor is the question asked more often than this.
const ASKED: usize = 300;

/// What must be taken away.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cut {
    /// What goes.
    pub removed: Vec<Removed>,
    /// Whether it is known that nothing smaller will do.
    pub fewest: bool,
}

/// A rule that goes from a role, or a subject from a binding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Removed {
    /// `ClusterRole`, `Role`, `ClusterRoleBinding`, `RoleBinding`.
    pub kind: String,
    /// Its namespace; empty for what is the cluster's.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The rule's number, from 1, where it is a role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<usize>,
    /// Who goes, where it is a binding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
}

impl Removed {
    /// In words: `rule 2 of ClusterRole ci`.
    pub fn words(&self) -> String {
        let slash = if self.namespace.is_empty() { "" } else { "/" };
        let place = format!("{} {}{slash}{}", self.kind, self.namespace, self.name);
        match (&self.rule, &self.subject) {
            (Some(rule), _) => format!("rule {rule} of {place}"),
            (None, Some(subject)) => format!("{subject} from {place}"),
            (None, None) => place,
        }
    }
}

/// Something that may go, by what it says: numbers change when others go.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Item {
    resource: &'static str,
    namespace: String,
    name: String,
    what: What,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Rule(PolicyRule),
    Subject(String),
}

/// The question, and how often it was asked.
struct Search<'a> {
    who: &'a Who,
    target: &'a Target,
    declared: &'a [Declared],
    asked: usize,
}

/// The cheapest cut between somebody and a target, and the cluster after it; none where nothing can go.
pub fn cut(cluster: &Cluster, who: &Who, target: &Target, declared: &[Declared]) -> Option<(Cut, Cluster)> {
    let mut search = Search { who, target, declared, asked: 0 };
    let exact = (1..=DEPTH).find_map(|depth| search.within(cluster, depth));
    let fewest = exact.is_some();
    let items = exact.or_else(|| search.some(cluster))?;
    let mut after = cluster.fork();
    items.iter().for_each(|item| item.goes(&mut after));
    let mut removed: Vec<Removed> = items.iter().map(|item| item.told(cluster)).collect();
    removed.sort();
    Some((Cut { removed, fewest }, after))
}

impl Search<'_> {
    fn path(&mut self, cluster: &Cluster) -> Option<Path> {
        self.asked += 1;
        Climbs::new(cluster.fork(), self.target.clone(), self.declared).one(self.who)
    }

    /// So many that no path is left, or none.
    fn within(&mut self, cluster: &Cluster, depth: usize) -> Option<Vec<Item>> {
        if self.asked > ASKED {
            return None;
        }
        let Some(path) = self.path(cluster) else { return Some(Vec::new()) };
        if depth == 0 {
            return None;
        }
        items(cluster, &path).into_iter().find_map(|item| {
            let mut without = cluster.fork();
            item.goes(&mut without);
            let mut rest = self.within(&without, depth - 1)?;
            rest.push(item);
            Some(rest)
        })
    }

    /// A cut that may not be the smallest: of each path what comes first, and then only what is needed of it.
    fn some(&mut self, cluster: &Cluster) -> Option<Vec<Item>> {
        let (mut without, mut gone) = (cluster.fork(), Vec::new());
        while let Some(path) = self.path(&without) {
            let item = items(&without, &path).into_iter().next()?;
            item.goes(&mut without);
            gone.push(item);
        }
        let mut needed = gone.clone();
        for item in &gone {
            let rest: Vec<Item> = needed.iter().filter(|other| *other != item).cloned().collect();
            let mut without = cluster.fork();
            rest.iter().for_each(|item| item.goes(&mut without));
            if self.path(&without).is_none() {
                needed = rest;
            }
        }
        Some(needed)
    }
}

/// What a path needs and can be taken away, the first thing first.
fn items(cluster: &Cluster, path: &Path) -> Vec<Item> {
    let grounds = path.leaps.iter().flat_map(|leap| &leap.grounds).chain(&path.held);
    let mut found: Vec<Item> = Vec::new();
    for item in grounds.filter_map(|ground| Item::of(cluster, ground)) {
        if !found.contains(&item) {
            found.push(item);
        }
    }
    found
}

impl Item {
    fn of(cluster: &Cluster, ground: &Ground) -> Option<Item> {
        let item = |(resource, namespace): (&'static str, &str), name: &str, what: What| Item {
            resource,
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            what,
        };
        let place = ground.role_place();
        if !ground.role.is_empty() && !ground.is_of_default_role(cluster) {
            let role = cluster.store().objects().get(place.0, place.1, &ground.role)?;
            let rule = PolicyRule::list(role).into_iter().nth(ground.rule - 1)?;
            let by_server =
                parts(cluster, role, &rule).iter().any(|part| is_default(cluster, place.0, "", part));
            if !by_server {
                return Some(item(place, &ground.role, What::Rule(rule)));
            }
        }
        let place = ground.binding_place();
        let is_own = !ground.binding.is_empty() && !is_default(cluster, place.0, place.1, &ground.binding);
        is_own.then(|| item(place, &ground.binding, What::Subject(ground.subject.clone())))
    }

    /// Takes it away, as an administrator would, and of a role that gathers from its parts, too.
    fn goes(&self, cluster: &mut Cluster) {
        let Some(object) = cluster.store().objects().get(self.resource, &self.namespace, &self.name).cloned()
        else {
            return;
        };
        match &self.what {
            What::Rule(rule) => {
                for name in parts(cluster, &object, rule).into_iter().chain([self.name.clone()]) {
                    let Some(role) = cluster.store().objects().get(self.resource, &self.namespace, &name)
                    else {
                        continue;
                    };
                    let rules = PolicyRule::list(role).into_iter().filter(|other| other != rule);
                    let patch = json!({"rules": rules.collect::<Vec<_>>()});
                    self.patch(cluster, &name, &patch);
                }
            }
            What::Subject(subject) => {
                let binding = Binding::read(&self.namespace, &self.name, &object);
                let stays = binding
                    .subjects
                    .iter()
                    .zip(object.list("subjects"))
                    .filter(|(of, _)| of.who(&self.namespace).is_none_or(|who| called(&who) != *subject));
                let stays: Vec<&Value> = stays.map(|(_, stored)| stored).collect();
                self.patch(cluster, &self.name, &json!({"subjects": stays}));
            }
        }
    }

    fn patch(&self, cluster: &mut Cluster, name: &str, patch: &Value) {
        let plural = self.resource.split('.').next().unwrap_or_default();
        let root = "/apis/rbac.authorization.k8s.io/v1";
        let path = match self.namespace.as_str() {
            "" => format!("{root}/{plural}/{name}"),
            namespace => format!("{root}/namespaces/{namespace}/{plural}/{name}"),
        };
        let request = Request::new("PATCH", path).by(User::new("admin", &["system:masters"]));
        cluster.handle_now(request.body("application/merge-patch+json", patch.clone()));
        cluster.catch_up();
    }

    fn told(&self, cluster: &Cluster) -> Removed {
        let kind = match self.resource.split('.').next().unwrap_or_default() {
            "clusterroles" => "ClusterRole",
            "roles" => "Role",
            "clusterrolebindings" => "ClusterRoleBinding",
            _ => "RoleBinding",
        };
        let stored = cluster.store().objects().get(self.resource, &self.namespace, &self.name);
        let (rule, subject) = match &self.what {
            What::Rule(rule) => {
                let rules = stored.map(|role| PolicyRule::list(role)).unwrap_or_default();
                (rules.iter().position(|other| other == rule).map(|at| at + 1), None)
            }
            What::Subject(subject) => (None, Some(subject.clone())),
        };
        let (namespace, name) = (self.namespace.clone(), self.name.clone());
        Removed { kind: kind.to_owned(), namespace, name, rule, subject }
    }
}

/// The names of the parts from which a role that gathers has a rule, and theirs.
fn parts(cluster: &Cluster, role: &Value, rule: &PolicyRule) -> Vec<String> {
    const ROLES: &str = "clusterroles.rbac.authorization.k8s.io";
    let all: Vec<_> = cluster.store().objects().all(ROLES).collect();
    let (mut found, mut open) = (BTreeSet::new(), vec![role.name().to_owned()]);
    while let Some(name) = open.pop() {
        let Some(whole) = all.iter().find(|role| role.name() == name && role.namespace().is_empty()) else {
            continue;
        };
        let gathered =
            |part: &Value| aggregation::rules(whole, [part]).is_some_and(|rules| rules.contains(rule));
        for part in all.iter().filter(|part| gathered(part)) {
            if found.insert(part.name().to_owned()) {
                open.push(part.name().to_owned());
            }
        }
    }
    found.into_iter().collect()
}
