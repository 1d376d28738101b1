//! Roles and bindings, found from the subjects (`pkg/registry/rbac/validation.DefaultRuleResolver`).
//!
//! A real server walks all bindings for each request. Here a request costs as much as it has bindings: they are kept by
//! subject and namespace. All maps are persistent, so that a fork of a cluster shares them.

use crate::api::User;
use crate::api::rbac::{Binding, PolicyRule, RoleRef, Subject, Who};
use crate::store::Objects;
use imbl::{OrdMap, OrdSet};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Namespace and name; the namespace is empty for what belongs to the cluster.
pub(crate) type Key = (String, String);

/// A binding that reaches a user, with the subject through which it does, and the role's rules.
#[derive(Clone, Debug)]
pub struct Grant<'a> {
    /// The binding.
    pub binding: &'a Binding,
    /// The first of its subjects that the user is.
    pub subject: &'a Subject,
    /// The role's rules; none if there is no such role.
    pub rules: Option<&'a [PolicyRule]>,
}

/// All roles and bindings of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    pub(super) roles: OrdMap<Key, Arc<[PolicyRule]>>,
    pub(super) bindings: OrdMap<Key, Arc<Binding>>,
    reach: OrdMap<(Who, String), OrdSet<String>>,
}

impl Index {
    /// The index of all objects of a store.
    pub fn of(objects: &Objects) -> Index {
        let mut index = Index::default();
        for (key, object) in objects.iter() {
            if let Some(resource) = key.resource.strip_suffix(".rbac.authorization.k8s.io") {
                index.apply(resource, &key.namespace, &key.name, Some(object));
            }
        }
        index
    }

    /// Takes note of a write (`None`: a deletion) to `roles`, `clusterroles`, `rolebindings` or `clusterrolebindings`;
    /// other resources mean nothing here.
    pub fn apply(&mut self, resource: &str, namespace: &str, name: &str, object: Option<&Value>) {
        let key = (namespace.to_owned(), name.to_owned());
        match resource {
            "roles" | "clusterroles" => {
                match object {
                    Some(role) => self.roles.insert(key, PolicyRule::list(role).into()),
                    None => self.roles.remove(&key),
                };
            }
            "rolebindings" | "clusterrolebindings" => {
                if let Some(old) = self.bindings.remove(&key) {
                    self.unreach(&old);
                }
                if let Some(object) = object {
                    let binding = Binding::read(namespace, name, object);
                    for place in binding.reach() {
                        self.reach.entry(place).or_default().insert(name.to_owned());
                    }
                    self.bindings.insert(key, Arc::new(binding));
                }
            }
            _ => {}
        }
    }

    fn unreach(&mut self, binding: &Binding) {
        for place in binding.reach() {
            if let Some(names) = self.reach.get_mut(&place) {
                names.remove(&binding.name);
                // An empty set would tell a kept index from a rebuilt one.
                if names.is_empty() {
                    self.reach.remove(&place);
                }
            }
        }
    }

    /// What reaches a user: the cluster's bindings, then those of the namespace, each by name.
    pub fn grants(&self, user: &User, namespace: &str) -> Vec<Grant<'_>> {
        let mut keys = BTreeSet::new();
        for who in Who::of(user) {
            for scope in ["", namespace] {
                for name in self.reach.get(&(who.clone(), scope.to_owned())).into_iter().flatten() {
                    keys.insert((scope.to_owned(), name.clone()));
                }
            }
        }
        let bindings = keys.iter().filter_map(|key: &Key| self.bindings.get(key));
        bindings
            .filter_map(|binding| {
                let subject = binding.subject(user)?;
                let rules = self.role(&binding.role_ref, &binding.namespace);
                Some(Grant { binding, subject, rules })
            })
            .collect()
    }

    /// The rules of the role that a binding of that namespace refers to.
    pub fn role(&self, reference: &RoleRef, namespace: &str) -> Option<&[PolicyRule]> {
        let namespace = match reference.kind.as_str() {
            "ClusterRole" => "",
            "Role" if !namespace.is_empty() => namespace,
            _ => return None,
        };
        self.roles.get(&(namespace.to_owned(), reference.name.clone())).map(|rules| &**rules)
    }

    /// Whether a rule names a verb.
    pub fn names_verb(&self, verb: &str) -> bool {
        let names = |rule: &PolicyRule| rule.verbs.iter().any(|known| known == verb);
        self.roles.values().any(|rules| rules.iter().any(names))
    }

    /// Whether a binding reaches a user through more than the groups that everybody is in.
    pub fn names(&self, user: &User) -> bool {
        const EVERYBODY: [&str; 2] = ["system:authenticated", "system:serviceaccounts"];
        let own = |who: &Who| !matches!(who, Who::Group(group) if EVERYBODY.contains(&group.as_str()));
        let reached: Vec<Who> = Who::of(user).filter(own).collect();
        self.reach.keys().any(|(who, _)| reached.contains(who))
    }

    /// The users that bindings name.
    pub fn users(&self) -> impl Iterator<Item = &str> {
        self.reach.keys().filter_map(|(who, _)| match who {
            Who::User(name) => Some(name.as_str()),
            Who::Group(_) => None,
        })
    }

    /// All bindings, the cluster's first, each namespace's by name.
    pub fn bindings(&self) -> impl Iterator<Item = &Binding> {
        self.bindings.values().map(|binding| &**binding)
    }
}
