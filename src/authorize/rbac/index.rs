//! Roles and bindings, found from the subjects (`pkg/registry/rbac/validation.DefaultRuleResolver`).
//!
//! A real server walks all bindings for each request. Here a request costs as much as it has bindings: they are kept by
//! user and group. All maps are persistent, so that a fork of a cluster shares them.

use super::reach::{Bond, Reach};
use super::role::Role;
use super::roles::{self, Key, Roles};
use crate::api::User;
use crate::api::rbac::{Binding, PolicyRule, RoleRef, Subject};
use crate::json::Value;
use crate::store::Objects;
use imbl::OrdMap;
use std::collections::BTreeSet;
use std::sync::Arc;

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
    pub(super) bindings: OrdMap<Key, Arc<Binding>>,
    pub(super) roles: Roles,
    pub(super) reach: Reach,
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
                self.roles.set(key, object.map(|role| Role::of(PolicyRule::list(role))));
            }
            "rolebindings" | "clusterrolebindings" => {
                if let Some(old) = self.bindings.remove(&key) {
                    self.reach.remove(&old);
                    roles::meant(&old.role_ref, namespace)
                        .into_iter()
                        .for_each(|role| self.roles.unbind(role));
                }
                if let Some(object) = object {
                    let binding = Arc::new(Binding::read(namespace, name, object));
                    let role = roles::meant(&binding.role_ref, namespace);
                    self.reach.add(&binding, role.map(|role| self.roles.bind(role)));
                    self.bindings.insert(key, binding);
                }
            }
            _ => {}
        }
    }

    /// What reaches a user: the cluster's bindings, then those of the namespace, each by name.
    pub fn grants(&self, user: &User, namespace: &str) -> Vec<Grant<'_>> {
        let mut bonds: Vec<&Bond> = self.reach.of(user).flat_map(|bonds| bonds.within(namespace)).collect();
        bonds.sort_by_key(|bond| bond.order());
        bonds.dedup_by_key(|bond| Arc::as_ptr(&bond.binding));
        let grants = bonds.into_iter().map(|bond| Grant {
            binding: &bond.binding,
            subject: &bond.binding.subjects[bond.subject as usize],
            rules: bond.role.and_then(|number| self.roles.at(number)).map(|role| role.rules()),
        });
        grants.collect()
    }

    /// The rules of the role that a binding of that namespace refers to.
    pub fn role(&self, reference: &RoleRef, namespace: &str) -> Option<&[PolicyRule]> {
        let role = self.roles.get(&roles::meant(reference, namespace)?)?;
        Some(role.rules())
    }

    /// Whether a rule names a verb.
    pub fn names_verb(&self, verb: &str) -> bool {
        let names = |rule: &PolicyRule| rule.verbs.iter().any(|known| known == verb);
        self.roles.all().any(|role| role.rules().iter().any(names))
    }

    /// Whether a binding reaches a user through more than the groups that everybody is in.
    pub fn names(&self, user: &User) -> bool {
        const EVERYBODY: [&str; 2] = ["system:authenticated", "system:serviceaccounts"];
        let own = user.groups.iter().filter(|group| !EVERYBODY.contains(&group.as_str()));
        let user = User { groups: own.cloned().collect(), ..user.clone() };
        self.reach.of(&user).next().is_some()
    }

    /// The users that bindings name, in order.
    pub fn users(&self) -> BTreeSet<&str> {
        self.reach.users().collect()
    }

    /// Whether a binding names a user.
    pub fn names_user(&self, name: &str) -> bool {
        self.reach.has_user(name)
    }

    /// Whether a binding names a group.
    pub fn names_group(&self, name: &str) -> bool {
        self.reach.has_group(name)
    }

    /// All bindings, the cluster's first, each namespace's by name.
    pub fn bindings(&self) -> impl Iterator<Item = &Binding> {
        self.bindings.values().map(|binding| &**binding)
    }
}
