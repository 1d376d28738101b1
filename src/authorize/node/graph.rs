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

/// All edges, by where they start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Graph(OrdMap<Key, OrdSet<Key>>);

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
            if let Some(ends) = self.0.get_mut(&from) {
                ends.remove(&to);
                // An empty set would tell a kept graph from a rebuilt one.
                if ends.is_empty() {
                    self.0.remove(&from);
                }
            }
        }
        self.add(event.new.as_deref().map(of).unwrap_or_default());
    }

    fn add(&mut self, edges: Vec<(Key, Key)>) {
        for (from, to) in edges {
            self.0.entry(from).or_default().insert(to);
        }
    }

    /// Whether a node needs an object.
    pub(crate) fn leads(&self, from: Key, node: &str) -> bool {
        let end = Key::new("nodes", "", node);
        let mut seen = BTreeSet::new();
        let mut open = vec![from];
        while let Some(key) = open.pop() {
            if key == end {
                return true;
            }
            // A node leads nowhere, and nothing leads through another node.
            open.extend(self.0.get(&key).into_iter().flatten().filter(|next| !seen.contains(*next)).cloned());
            seen.insert(key);
        }
        false
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
