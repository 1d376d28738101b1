//! Which objects lead to which node (`plugin/pkg/auth/authorizer/node/graph.go`).
//!
//! ```text
//! node ← pod ← secret, config map, service account, resource claim
//!        pod ← claim ← volume ← secret
//! node ← volume attachment, resource slice, pod certificate request, config map of its own
//! ```
//!
//! An edge leads from what is read to what needs it; each edge comes from one object alone, so a write takes out the
//! edges of the object before and puts in those of the object after. The maps are persistent: a fork shares them.
//!
//! INVARIANT (kept-equals-rebuilt): the graph after any writes is the graph of the objects that are left.

use crate::api::Dig;
use crate::json::Value;
use crate::kinds::pod::references;
use crate::store::{Event, Key, Objects};
use imbl::{OrdMap, OrdSet};
use std::collections::BTreeSet;
use std::sync::Arc;

/// All edges, by where they start and by where they end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Graph {
    ahead: Edges,
    back: Edges,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Edges(OrdMap<Key, OrdSet<Key>>);

impl Edges {
    fn add(&mut self, at: Key, other: Key) {
        self.0.entry(at).or_default().insert(other);
    }

    fn remove(&mut self, at: &Key, other: &Key) {
        if let Some(others) = self.0.get_mut(at) {
            others.remove(other);
            // An empty set would tell a kept graph from a rebuilt one.
            if others.is_empty() {
                self.0.remove(at);
            }
        }
    }

    fn of(&self, at: &Key) -> impl Iterator<Item = &Key> {
        self.0.get(at).into_iter().flatten()
    }
}

/// What was come upon from one side, and what is left to look at.
struct Search<'g> {
    edges: &'g Edges,
    seen: BTreeSet<&'g Key>,
    open: Vec<Box<dyn Iterator<Item = &'g Key> + 'g>>,
}

impl<'g> Search<'g> {
    fn new(edges: &'g Edges, from: &'g Key) -> Search<'g> {
        Search { edges, seen: BTreeSet::from([from]), open: vec![Box::new(edges.of(from))] }
    }

    /// Follows one edge: where it goes, if there is one left.
    fn step(&mut self) -> Option<&'g Key> {
        loop {
            match self.open.last_mut()?.next() {
                Some(key) => {
                    if self.seen.insert(key) {
                        self.open.push(Box::new(self.edges.of(key)));
                    }
                    return Some(key);
                }
                None => drop(self.open.pop()),
            }
        }
    }
}

impl Graph {
    /// The graph of all objects of a store.
    pub(crate) fn of(objects: &Objects) -> Graph {
        let mut graph = Graph::default();
        for resource in SOURCES {
            for object in objects.all(resource) {
                graph.add(edges(resource, object));
            }
        }
        graph
    }

    /// Whether a write changes an edge.
    pub(crate) fn hangs_on(event: &Event) -> bool {
        let of =
            |object: &Option<Arc<Value>>| object.as_deref().map(|object| edges(&event.key.resource, object));
        of(&event.old).unwrap_or_default() != of(&event.new).unwrap_or_default()
    }

    /// Takes note of a write.
    pub(crate) fn apply(&mut self, event: &Event) {
        let of = |object: &Value| edges(&event.key.resource, object);
        for (from, to) in event.old.as_deref().map(of).unwrap_or_default() {
            self.ahead.remove(&from, &to);
            self.back.remove(&to, &from);
        }
        self.add(event.new.as_deref().map(of).unwrap_or_default());
    }

    pub(super) fn add(&mut self, edges: Vec<(Key, Key)>) {
        for (from, to) in edges {
            self.ahead.add(from.clone(), to.clone());
            self.back.add(to, from);
        }
    }

    /// Whether a node needs an object. All pods of a namespace need what every pod has, and a node has few of them: the search
    /// goes from both ends, edge by edge, and is over with the side that has less to look at.
    pub(crate) fn leads(&self, from: &Key, node: &str) -> bool {
        let end = Key::new("nodes", "", node);
        let (mut ahead, mut back) = (Search::new(&self.ahead, from), Search::new(&self.back, &end));
        loop {
            let Some(key) = ahead.step() else { return false };
            if back.seen.contains(key) {
                return true;
            }
            let Some(key) = back.step() else { return false };
            if ahead.seen.contains(key) {
                return true;
            }
        }
    }
}

/// The resources whose objects make edges.
const SOURCES: [&str; 6] = [
    "nodes",
    "pods",
    "persistentvolumes",
    "volumeattachments.storage.k8s.io",
    "resourceslices.resource.k8s.io",
    "podcertificaterequests.certificates.k8s.io",
];

/// The edges that one object makes.
fn edges(resource: &str, object: &Value) -> Vec<(Key, Key)> {
    let node = |path: &str| match object.text(path) {
        "" => None,
        name => Some(Key::new("nodes", "", name)),
    };
    let this = || Key::new(resource, object.namespace(), object.name());
    match resource {
        "pods" => node("spec.nodeName").map(|node| of_pod(object, this(), node)).unwrap_or_default(),
        "persistentvolumes" => of_volume(object, this()),
        "volumeattachments.storage.k8s.io"
        | "resourceslices.resource.k8s.io"
        | "podcertificaterequests.certificates.k8s.io" => {
            node("spec.nodeName").map(|node| (this(), node)).into_iter().collect()
        }
        // Known until 1.21 (`DynamicKubeletConfig`).
        "nodes" => match object.at("spec.configSource.configMap") {
            Value::Object(_) => {
                let text = |field: &str| object.at("spec.configSource.configMap").text(field);
                vec![(Key::new("configmaps", text("namespace"), text("name")), this())]
            }
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn of_pod(pod: &Value, this: Key, node: Key) -> Vec<(Key, Key)> {
    let mut edges = vec![(this.clone(), node)];
    // A mirror pod is the node's own make: it must not give the node anything.
    if pod.annotation("kubernetes.io/config.mirror").is_some() {
        return edges;
    }
    let mut add =
        |resource: &str, name: &str| edges.push((Key::new(resource, pod.namespace(), name), this.clone()));
    let account = pod.text("spec.serviceAccountName");
    if !account.is_empty() {
        add("serviceaccounts", account);
    }
    references::secrets(pod).into_iter().for_each(|name| add("secrets", name));
    references::config_maps(pod).into_iter().for_each(|name| add("configmaps", name));
    references::claims(pod).iter().for_each(|name| add("persistentvolumeclaims", name));
    references::resource_claims(pod).into_iter().for_each(|name| add("resourceclaims.resource.k8s.io", name));
    edges
}

fn of_volume(volume: &Value, this: Key) -> Vec<(Key, Key)> {
    if !volume.has("spec.claimRef") {
        return Vec::new();
    }
    let text = |field: &str| volume.at("spec.claimRef").text(field);
    let claim = Key::new("persistentvolumeclaims", text("namespace"), text("name"));
    let mut edges = vec![(this.clone(), claim)];
    let secrets = references::volume_secrets(volume).into_iter();
    edges.extend(secrets.map(|(namespace, name)| (Key::new("secrets", namespace, name), this.clone())));
    edges
}
