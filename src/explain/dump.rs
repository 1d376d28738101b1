//! A cluster as a dump has it: RBAC and other objects, as stored, and what somebody may do there.
//!
//! No controller runs: what the dump says is what there is, but for aggregated cluster roles, which have what is in the roles
//! that they select besides what the dump says they have: manifests leave that to the controller. A dump that holds some of
//! the roles or bindings that come with a server holds all of its kind; where it holds none, those of the release are there.

use super::Explanation;
use super::source::{self, Written};
use crate::api::fact::{Grounds, Hint, Thing};
use crate::api::resources::Resource;
use crate::api::{Attributes, Dig, RequestInfo, Resources, User, Version};
use crate::authorize::aggregation;
use crate::authorize::rbac::PolicyRule;
use crate::bootstrap;
use crate::cluster::{Cluster, Moment, Question, RequestReport, START};
use crate::config::Config;
use crate::error::Error;
use crate::store::Key;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A cluster that was read from files.
pub struct Dump {
    /// The cluster.
    pub cluster: Cluster,
    /// Where its objects are written.
    written: Vec<Written>,
    /// The kinds that this release does not serve, and how many objects there are of each.
    unknown: BTreeMap<String, usize>,
    /// How many objects say no namespace though they are in one.
    homeless: usize,
    /// The namespace that they were put into.
    home: String,
    /// Whether it says which namespaces there are; one of roles and bindings alone does not.
    lists_namespaces: bool,
}

impl Dump {
    /// The cluster of a release that holds those objects; whose manifests name no namespace are in `home`, as with kubectl's
    /// `-n`, or in `default`.
    ///
    /// # Errors
    ///
    /// A set-up of the release that cannot be made.
    pub fn new(version: Version, mut written: Vec<Written>, home: Option<&str>) -> Result<Dump, Error> {
        let mut config = Config::new(version);
        let none = |_: &str| Err(std::io::Error::other("no file is read"));
        config.apply([("controllers", "-*")], &none)?;
        let start = Timestamp::from_second(START).map_err(Error::of)?;
        let mut cluster = Cluster::new(config, start)?;
        let mut unknown = BTreeMap::new();
        let mut homeless = 0;
        // What definitions add is known once they are there.
        let all = written.iter_mut().map(|written| std::mem::take(&mut written.object));
        let (definitions, others): (Vec<Value>, Vec<Value>) =
            all.partition(|object| object.text("kind") == "CustomResourceDefinition");
        let mut place = |cluster: &Cluster, mut object: Value| {
            let Some(row) = row(cluster.resources(), &object) else {
                *unknown.entry(object.text("kind").to_owned()).or_default() += 1;
                return None;
            };
            if row.namespaced && object.namespace().is_empty() {
                homeless += 1;
                object.set("metadata.namespace", home.unwrap_or("default"));
            }
            let namespace = if row.namespaced { object.namespace() } else { "" };
            Some((Key::new(&row.storage(), namespace, object.name()), object))
        };
        let definitions: Vec<(Key, Value)> =
            definitions.into_iter().filter_map(|object| place(&cluster, object)).collect();
        cluster.restore(definitions);
        let objects: Vec<(Key, Value)> =
            others.into_iter().filter_map(|object| place(&cluster, object)).collect();
        let in_full: BTreeSet<Arc<str>> = objects
            .iter()
            .filter(|(_, object)| bootstrap::is_default(object))
            .map(|(key, _)| key.resource.clone())
            .collect();
        let defaults: Vec<Key> = cluster
            .store()
            .objects()
            .iter()
            .filter(|(key, object)| in_full.contains(&key.resource) && bootstrap::is_default(object))
            .map(|(key, _)| key)
            .collect();
        let namespaces: BTreeSet<Arc<str>> = objects.iter().map(|(key, _)| key.namespace.clone()).collect();
        let lists_namespaces = objects.iter().any(|(key, _)| &*key.resource == "namespaces");
        cluster.forget(&defaults);
        cluster.restore(objects);
        aggregate(&mut cluster);
        let home = home.unwrap_or("default").to_owned();
        let mut dump = Dump { cluster, written, unknown, homeless, home, lists_namespaces };
        dump.in_namespaces(namespaces.iter().map(|namespace| &**namespace));
        Ok(dump)
    }

    /// What was left out of the cluster, or had to be assumed.
    pub fn notes(&self) -> Vec<String> {
        let version = self.cluster.version();
        let unknown = self.unknown.iter().map(|(kind, count)| {
            format!("{count} of kind `{kind}` left out, which Kubernetes {version} does not serve by itself")
        });
        let homeless = (self.homeless > 0).then(|| {
            let (count, home) = (self.homeless, &self.home);
            format!("what names no namespace ({count} of the objects) is taken to be in `{home}`; -n names another")
        });
        unknown.chain(homeless).collect()
    }

    /// A namespace that something is in is there, if the dump says so or not.
    fn in_namespaces<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        let namespace = |name: &str| {
            json!({
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": {"name": name},
                "status": {"phase": "Active"},
            })
        };
        let objects = self.cluster.store().objects();
        let missing: Vec<(Key, Value)> = names
            .filter(|name| !name.is_empty() && objects.get("namespaces", "", name).is_none())
            .map(|name| (Key::new("namespaces", "", name), namespace(name)))
            .collect();
        self.cluster.restore(missing);
    }

    /// Whom its roles and bindings allow something, with the rule that does and where it is written; with `anywhere`, in
    /// whichever namespace.
    pub fn who_can(&self, info: &RequestInfo, anywhere: bool) -> Vec<Grounds> {
        let mut holders = self.cluster.who_can(info, anywhere);
        // Many hold it by one rule, and what is written is long.
        let mut places: BTreeMap<(String, String, String, usize), Option<String>> = BTreeMap::new();
        for held in &mut holders {
            let number = held.rule.as_ref().map_or(0, |rule| rule.number);
            let (kind, name) = (&held.role.kind, &held.role.name);
            let namespace = if kind == "ClusterRole" { "" } else { held.namespace.as_str() };
            let place = places.entry((kind.clone(), namespace.to_owned(), name.clone(), number));
            let find = || source::find(&self.written, kind, namespace, name, number);
            held.source = place.or_insert_with(find).clone();
        }
        holders
    }

    /// The file and the line of a rule of that number (from 1) of a role, or (with 0) of any object, if it is written in one.
    pub fn line_of_rule(
        &self,
        kind: &str,
        namespace: &str,
        name: &str,
        rule: usize,
    ) -> Option<(String, usize)> {
        let found = source::of(&self.written, kind, namespace, name)?;
        Some((found.path.to_string(), found.line_of_rule(rule)))
    }

    /// Whether somebody may do that, and why.
    pub fn explain(&mut self, user: User, info: RequestInfo, question: &str) -> Explanation {
        let namespace = info.namespace.clone();
        let attributes = Attributes { user: user.authenticated(), info };
        let (status, trace) = self.cluster.ask(&attributes);
        if !self.lists_namespaces {
            // It may be there all the same, and a cure need not make it.
            self.in_namespaces(std::iter::once(namespace.as_str()));
        }
        let moment = Moment { cluster: self.cluster.fork(), question: Question::Access(attributes) };
        let mut explanation = super::explain(&RequestReport::of_question(question, status, trace, moment));
        if !self.lists_namespaces {
            explanation.hints().for_each(unheard_of);
        }
        explanation.locate(&|role, namespace, rule| {
            source::find(&self.written, &role.kind, namespace, &role.name, rule)
        });
        explanation
    }
}

/// What a dump does not tell of may still be there.
fn unheard_of(hint: &mut Hint) {
    if let Hint::Unknown { what: Thing::Namespace, name, nearest } = hint {
        let (namespace, nearest) = (std::mem::take(name), nearest.take());
        *hint = Hint::NothingIn { namespace, nearest };
    }
}

/// The resource of an object, in whichever version it is written.
fn row<'t>(table: &'t Resources, object: &Value) -> Option<&'t Arc<Resource>> {
    let (group, _) = object.text("apiVersion").split_once('/').unwrap_or(("", object.text("apiVersion")));
    table.of_kind(group, object.text("kind"))
}

/// Gives aggregated cluster roles the rules of those that they select, those of the release too.
fn aggregate(cluster: &mut Cluster) {
    const ROLES: &str = "clusterroles.rbac.authorization.k8s.io";
    loop {
        let roles = || cluster.store().objects().all(ROLES).map(|role| &**role);
        let filled = roles().filter_map(|role| {
            let mut rules = PolicyRule::list(role);
            let (had, gathered) = (rules.len(), aggregation::rules(role, roles())?);
            rules.extend(gathered.into_iter().filter(|rule| !rules.contains(rule)).collect::<Vec<_>>());
            let mut filled = (rules.len() > had).then(|| role.clone())?;
            filled.set("rules", json!(rules));
            Some((Key::new(ROLES, "", role.name()), filled))
        });
        let filled: Vec<(Key, Value)> = filled.collect();
        // What one gathered another may gather.
        if filled.is_empty() {
            return;
        }
        cluster.restore(filled);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::question::{self, Place};

    fn code(dump: &mut Dump, user: &str, words: &str) -> u16 {
        let info = question::read(words, dump.cluster.resources(), Place::Default).expect("a question").info;
        dump.explain(User::named(user), info, words).code
    }

    const MANIFESTS: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: sum}
aggregationRule: {clusterRoleSelectors: [{matchLabels: {to: sum}}]}
rules: []
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: part, labels: {to: sum, rbac.authorization.k8s.io/aggregate-to-view: \"true\"}}
rules: [{apiGroups: [metrics.k8s.io], resources: [pods], verbs: [list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: alice}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: sum}
subjects: [{kind: User, name: alice}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: carol}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
subjects: [{kind: User, name: carol}]
";

    #[test]
    fn roles_of_manifests_are_aggregated_and_those_of_the_release_too() {
        let written = source::read("m.yaml", MANIFESTS.to_owned()).expect("manifests");
        let mut dump = Dump::new(Version::DEFAULT, written, Some("shop")).expect("a cluster");
        assert_eq!(code(&mut dump, "alice", "list pods.metrics.k8s.io -n any"), 200);
        // By way of view, which edit gathers.
        assert_eq!(code(&mut dump, "carol", "list pods.metrics.k8s.io -n shop"), 200);
        assert_eq!(code(&mut dump, "carol", "list pods.metrics.k8s.io"), 403);
        let note = "what names no namespace (1 of the objects) is taken to be in `shop`; -n names another";
        assert_eq!(dump.notes(), [note]);
    }
}
