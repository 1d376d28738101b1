//! Objects by resource, namespace and name: an ordered, persistent map.

use crate::api::Dig;
use crate::json::Value;
use imbl::OrdMap;
use std::fmt;
use std::ops::Bound;
use std::sync::Arc;

/// Where an object is kept: the plural resource with its group (`deployments.apps`, `pods`), namespace, name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// `pods`, `deployments.apps`, ….
    pub resource: Arc<str>,
    /// Empty for cluster-scoped objects.
    pub namespace: Arc<str>,
    /// The object's name.
    pub name: Arc<str>,
}

impl Key {
    /// The key of an object.
    pub fn new(resource: &str, namespace: &str, name: &str) -> Key {
        Key { resource: resource.into(), namespace: namespace.into(), name: name.into() }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.namespace {
            "" => write!(f, "{}/{}", self.resource, self.name),
            namespace => write!(f, "{}/{namespace}/{}", self.resource, self.name),
        }
    }
}

type ByName = OrdMap<Arc<str>, Arc<Value>>;
type ByNamespace = OrdMap<Arc<str>, ByName>;

/// Objects at one revision.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Objects {
    all: OrdMap<Arc<str>, ByNamespace>,
    /// The pods by the node they are on, as the API server's own cache has them (`spec.nodeName`).
    on_nodes: OrdMap<String, ByKey>,
}

/// By namespace and name.
type ByKey = OrdMap<(Arc<str>, Arc<str>), Arc<Value>>;

impl Objects {
    /// One object.
    pub fn get(&self, resource: &str, namespace: &str, name: &str) -> Option<&Arc<Value>> {
        self.all.get(resource)?.get(namespace)?.get(name)
    }

    /// The object of a key.
    pub fn of(&self, key: &Key) -> Option<&Arc<Value>> {
        self.get(&key.resource, &key.namespace, &key.name)
    }

    /// All objects of a resource, by namespace and name.
    pub fn all(&self, resource: &str) -> impl Iterator<Item = &Arc<Value>> {
        self.all.get(resource).into_iter().flat_map(|by| by.values().flat_map(|names| names.values()))
    }

    /// The objects of a resource in one namespace, by name.
    pub fn list(&self, resource: &str, namespace: &str) -> impl Iterator<Item = &Arc<Value>> {
        self.all.get(resource).and_then(|by| by.get(namespace)).into_iter().flat_map(|names| names.values())
    }

    /// The pods that are on a node, or (empty) on none yet, by namespace and name.
    pub fn on_node(&self, node: &str) -> impl Iterator<Item = &Arc<Value>> {
        self.on_nodes.get(node).into_iter().flat_map(|pods| pods.values())
    }

    /// How many these are.
    pub fn count_on_node(&self, node: &str) -> usize {
        self.on_nodes.get(node).map_or(0, OrdMap::len)
    }

    /// The objects of a resource, of one namespace or (empty) of all, from a key on, in the order of etcd's keys, which is
    /// that of `namespace/name` as a text: `a-b/x` comes before `a/x`. In one namespace the key is the name.
    pub fn ordered<'a>(
        &'a self,
        resource: &str,
        namespace: &str,
        from: &'a str,
    ) -> impl Iterator<Item = &'a Arc<Value>> {
        self.parts(resource, namespace, from).into_iter().flat_map(|(names, from)| {
            names.range::<_, str>((from, Bound::Unbounded)).map(|(_, object)| object)
        })
    }

    /// How many objects [`Objects::ordered`] goes through.
    pub fn count(&self, resource: &str, namespace: &str, from: &str) -> usize {
        let counted = |(names, from): (&ByName, Bound<&str>)| match from {
            Bound::Unbounded => names.len(),
            from => names.range::<_, str>((from, Bound::Unbounded)).count(),
        };
        self.parts(resource, namespace, from).into_iter().map(counted).sum()
    }

    /// The objects of a resource that have a name, in the same order.
    pub fn named<'a>(
        &'a self,
        resource: &str,
        namespace: &str,
        name: &'a str,
    ) -> impl Iterator<Item = &'a Arc<Value>> {
        self.parts(resource, namespace, "").into_iter().filter_map(move |(names, _)| names.get(name))
    }

    /// Namespaces in the order of keys, each with where it begins.
    fn parts<'a>(
        &'a self,
        resource: &str,
        namespace: &str,
        from: &'a str,
    ) -> Vec<(&'a ByName, Bound<&'a str>)> {
        let begin = |from: &'a str| if from.is_empty() { Bound::Unbounded } else { Bound::Included(from) };
        let Some(by) = self.all.get(resource) else { return Vec::new() };
        if !namespace.is_empty() {
            return by.get(namespace).map(|names| (names, begin(from))).into_iter().collect();
        }
        let prefix =
            |namespace: &str| if namespace.is_empty() { String::new() } else { format!("{namespace}/") };
        let mut parts: Vec<_> = by.iter().map(|(namespace, names)| (prefix(namespace), names)).collect();
        parts.sort_by(|a, b| a.0.cmp(&b.0));
        let rest = parts.into_iter().filter_map(|(prefix, names)| match from.strip_prefix(prefix.as_str()) {
            Some(from) => Some((names, begin(from))),
            None => (from < prefix.as_str()).then_some((names, Bound::Unbounded)),
        });
        rest.collect()
    }

    /// Every object with its key, by resource, namespace and name.
    pub fn iter(&self) -> impl Iterator<Item = (Key, &Arc<Value>)> {
        self.all.iter().flat_map(|(resource, by)| {
            by.iter().flat_map(move |(namespace, names)| {
                names.iter().map(move |(name, object)| {
                    let key =
                        Key { resource: resource.clone(), namespace: namespace.clone(), name: name.clone() };
                    (key, object)
                })
            })
        })
    }

    /// The objects of one namespace, or (empty) all, that are asked for by resource and content, with their keys.
    pub fn those<'a>(
        &'a self,
        namespace: &'a str,
        is_one: impl Fn(&str, &Value) -> bool + Copy + 'a,
    ) -> impl Iterator<Item = (Key, &'a Arc<Value>)> {
        let within =
            move |(of, _): &(&'a Arc<str>, &'a ByName)| namespace.is_empty() || of.as_ref() == namespace;
        self.all.iter().flat_map(move |(resource, by)| {
            by.iter().filter(within).flat_map(move |(namespace, names)| {
                names.iter().filter(move |(_, object)| is_one(resource, object)).map(move |(name, object)| {
                    let key =
                        Key { resource: resource.clone(), namespace: namespace.clone(), name: name.clone() };
                    (key, object)
                })
            })
        })
    }

    pub(super) fn insert(&mut self, key: &Key, object: Arc<Value>) -> Option<Arc<Value>> {
        let new = Some(object.clone());
        let of = self.all.entry(key.resource.clone()).or_default().entry(key.namespace.clone()).or_default();
        let old = of.insert(key.name.clone(), object);
        self.moves(key, old.as_ref(), new);
        old
    }

    pub(super) fn remove(&mut self, key: &Key) -> Option<Arc<Value>> {
        let old = self.all.get_mut(&*key.resource)?.get_mut(&*key.namespace)?.remove(&*key.name);
        self.moves(key, old.as_ref(), None);
        old
    }

    /// A pod comes to a node, changes there, or goes.
    fn moves(&mut self, key: &Key, old: Option<&Arc<Value>>, new: Option<Arc<Value>>) {
        if &*key.resource != "pods" {
            return;
        }
        let node = |pod: &Arc<Value>| pod.text("spec.nodeName").to_owned();
        let at = (key.namespace.clone(), key.name.clone());
        let left = old.map(node).filter(|left| new.as_ref().map(node).as_ref() != Some(left));
        if let Some(pods) = left.and_then(|left| self.on_nodes.get_mut(&left)) {
            pods.remove(&at);
        }
        if let Some(pod) = new {
            self.on_nodes.entry(node(&pod)).or_default().insert(at, pod);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;

    #[test]
    fn pods_are_found_by_their_node_wherever_they_move() {
        let mut objects = Objects::default();
        let key = |name: &str| Key::new("pods", "red", name);
        let pod = |name: &str, node: &str| {
            Arc::new(json!({"metadata": {"name": name, "namespace": "red"}, "spec": {"nodeName": node}}))
        };
        let on = |objects: &Objects, node: &str| {
            let there: Vec<String> = objects.on_node(node).map(|pod| pod.name().to_owned()).collect();
            assert_eq!(objects.count_on_node(node), there.len());
            there
        };
        objects.insert(&key("b"), pod("b", ""));
        objects.insert(&key("a"), pod("a", ""));
        assert_eq!(on(&objects, ""), ["a", "b"]);
        objects.insert(&key("b"), pod("b", "n1"));
        objects.insert(&key("b"), pod("b", "n1"));
        assert_eq!((on(&objects, ""), on(&objects, "n1")), (vec!["a".to_owned()], vec!["b".to_owned()]));
        objects.remove(&key("b"));
        assert_eq!(on(&objects, "n1"), [""; 0]);
    }
}
