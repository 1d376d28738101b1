//! A cluster as a dump has it: RBAC and other objects, as stored, and what somebody may do there.
//!
//! No controller runs: what the dump says is what there is. A dump that holds some of the roles or bindings that come
//! with a server holds all of its kind; where it holds none, those of the release are there.

use super::Explanation;
use super::source::{self, Written};
use crate::api::fact::{Hint, Thing};
use crate::api::{Attributes, Dig, RequestInfo, Resources, User, Version};
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
    pub unknown: BTreeMap<String, usize>,
    /// Whether it says which namespaces there are; one of roles and bindings alone does not.
    lists_namespaces: bool,
}

impl Dump {
    /// The cluster of a release that holds those objects.
    ///
    /// # Errors
    ///
    /// A set-up of the release that cannot be made.
    pub fn new(version: Version, mut written: Vec<Written>) -> Result<Dump, Error> {
        let mut config = Config::new(version);
        let none = |_: &str| Err(std::io::Error::other("no file is read"));
        config.apply([("controllers", "-*")], &none)?;
        let start = Timestamp::from_second(START).map_err(Error::of)?;
        let mut cluster = Cluster::new(config, start)?;
        let mut unknown = BTreeMap::new();
        // What definitions add is known once they are there.
        let all = written.iter_mut().map(|written| std::mem::take(&mut written.object));
        let (definitions, others): (Vec<Value>, Vec<Value>) =
            all.partition(|object| object.text("kind") == "CustomResourceDefinition");
        let mut place = |cluster: &Cluster, object: Value| match key(cluster.resources(), &object) {
            Some(key) => Some((key, object)),
            None => {
                *unknown.entry(object.text("kind").to_owned()).or_default() += 1;
                None
            }
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
        let mut dump = Dump { cluster, written, unknown, lists_namespaces };
        dump.in_namespaces(namespaces.iter().map(|namespace| &**namespace));
        Ok(dump)
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

/// Where an object is stored, in whichever version it is written.
fn key(table: &Resources, object: &Value) -> Option<Key> {
    let (group, _) = object.text("apiVersion").split_once('/').unwrap_or(("", object.text("apiVersion")));
    let kind = object.text("kind");
    let row = table.of_kind(group, kind)?;
    let namespace = match (row.namespaced, object.namespace()) {
        (true, "") => "default",
        (true, namespace) => namespace,
        (false, _) => "",
    };
    Some(Key::new(&row.storage(), namespace, object.name()))
}
