//! Roles and bindings, found from the subjects (`pkg/registry/rbac/validation.DefaultRuleResolver`).
//!
//! A real server walks all bindings for each request. Here a request costs as much as it has bindings: they are kept by
//! subject and namespace. All maps are persistent, so that a fork of a cluster shares them.

use super::rule::{GROUP, PolicyRule, RoleRef, Subject, Who};
use crate::api::field::quote;
use crate::api::{Dig, User};
use imbl::{OrdMap, OrdSet};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Namespace and name; the namespace is empty for what belongs to the cluster.
pub type Key = (String, String);

/// A role binding, or a cluster role binding if its namespace is empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Binding {
    /// The namespace in which it grants.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// The name.
    pub name: String,
    /// The role.
    pub role_ref: RoleRef,
    /// To whom.
    pub subjects: Vec<Subject>,
}

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
    roles: OrdMap<Key, Arc<[PolicyRule]>>,
    bindings: OrdMap<Key, Arc<Binding>>,
    reach: OrdMap<(Who, String), OrdSet<String>>,
}

impl Binding {
    fn read(namespace: &str, name: &str, object: &Value) -> Binding {
        Binding {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            role_ref: RoleRef::read(object.at("roleRef")),
            subjects: object.list("subjects").iter().map(Subject::read).collect(),
        }
    }

    /// `ClusterRoleBinding`, or `RoleBinding`.
    pub fn kind(&self) -> &'static str {
        if self.namespace.is_empty() {
            "ClusterRoleBinding"
        } else {
            "RoleBinding"
        }
    }

    /// The first subject that a user is.
    pub fn subject(&self, user: &User) -> Option<&Subject> {
        self.subjects
            .iter()
            .find(|subject| match subject.who(&self.namespace) {
                Some(Who::User(name)) => name == user.name,
                Some(Who::Group(name)) => user.in_group(&name),
                None => false,
            })
    }

    /// Why the role cannot be read, as a lister says it.
    pub fn role_error(&self) -> String {
        match self.role_ref.kind.as_str() {
            kind @ ("Role" | "ClusterRole") => {
                format!("{}.{GROUP} {} not found", kind.to_lowercase(), quote(&self.role_ref.name))
            }
            kind => format!("unsupported role reference kind: {}", quote(kind)),
        }
    }
}

impl Index {
    /// The index of objects given as resource, namespace, name and object.
    pub fn rebuild<'a>(objects: impl IntoIterator<Item = (&'a str, &'a str, &'a str, &'a Value)>) -> Index {
        let mut index = Index::default();
        for (resource, namespace, name, object) in objects {
            index.apply(resource, namespace, name, Some(object));
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
                    for who in binding.subjects.iter().filter_map(|s| s.who(namespace)) {
                        self.reach
                            .entry((who, namespace.to_owned()))
                            .or_default()
                            .insert(name.to_owned());
                    }
                    self.bindings.insert(key, Arc::new(binding));
                }
            }
            _ => {}
        }
    }

    fn unreach(&mut self, binding: &Binding) {
        for who in binding.subjects.iter().filter_map(|s| s.who(&binding.namespace)) {
            let key = (who, binding.namespace.clone());
            if let Some(names) = self.reach.get_mut(&key) {
                names.remove(&binding.name);
                // An empty set would tell a kept index from a rebuilt one.
                if names.is_empty() {
                    self.reach.remove(&key);
                }
            }
        }
    }

    /// What reaches a user: the cluster's bindings, then those of the namespace, each by name.
    pub fn grants(&self, user: &User, namespace: &str) -> Vec<Grant<'_>> {
        let mut keys = BTreeSet::new();
        for who in Who::of(user) {
            for scope in ["", namespace] {
                let names = self.reach.get(&(who.clone(), scope.to_owned()));
                keys.extend(
                    names
                        .into_iter()
                        .flatten()
                        .map(|name| (scope.to_owned(), name.clone())),
                );
            }
        }
        let bindings = keys.iter().filter_map(|key: &Key| self.bindings.get(key));
        bindings
            .filter_map(|binding| {
                let subject = binding.subject(user)?;
                let rules = self.role(&binding.role_ref, &binding.namespace);
                Some(Grant {
                    binding,
                    subject,
                    rules,
                })
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
        self.roles
            .get(&(namespace.to_owned(), reference.name.clone()))
            .map(|rules| &**rules)
    }

    /// All bindings, the cluster's first, each namespace's by name.
    pub fn bindings(&self) -> impl Iterator<Item = &Binding> {
        self.bindings.values().map(|binding| &**binding)
    }
}
