//! What of a cluster the access graph is made of, read once.

use super::Declared;
use super::lent::Both;
use super::need::{Names, Off, PODS};
use super::node::account_user;
use super::ways::{WAYS, Way};
use crate::api::differences::CONSTRAINED_IMPERSONATION;
use crate::api::rbac::{Binding, PolicyRule, RoleRef, Who};
use crate::api::{Dig, GroupResource, service_account};
use crate::bootstrap;
use crate::cluster::Cluster;
use crate::json::Value;
use crate::store::Objects;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A role, and which needs its rules meet.
#[derive(Clone, Debug)]
pub(super) struct Role {
    /// Empty for a cluster role.
    pub(super) namespace: String,
    /// Empty for the rights of whoever may do anything.
    pub(super) name: String,
    pub(super) rules: Vec<PolicyRule>,
    /// Whether a controller fills it.
    pub(super) gathers: Option<Arc<Value>>,
    /// Of what it is made, where it is what two have in common.
    pub(super) both: Option<Both>,
    /// By the number of the need.
    pub(super) meets: BTreeMap<u8, Names>,
    /// The same, a bit each.
    pub(super) bits: u128,
}

/// A binding with its role.
#[derive(Clone, Debug)]
pub(super) struct Bond {
    pub(super) binding: Binding,
    pub(super) role: usize,
    pub(super) place: Arc<str>,
    /// Whether it comes with a server.
    pub(super) is_default: bool,
}

/// A pod in which somebody who is there finds a token.
#[derive(Clone, Debug)]
pub(super) struct Pod {
    pub(super) namespace: Arc<str>,
    pub(super) name: String,
    pub(super) account: String,
    pub(super) node: String,
}

/// What was read.
#[derive(Clone, Debug, Default)]
pub(super) struct World {
    pub(super) roles: Vec<Role>,
    pub(super) bonds: Vec<Bond>,
    pub(super) bound: BTreeMap<Who, Vec<usize>>,
    pub(super) accounts: BTreeMap<Arc<str>, BTreeSet<String>>,
    pub(super) pods: BTreeMap<Arc<str>, Vec<Pod>>,
    /// The names of what runs pods, by resource and namespace.
    pub(super) workloads: BTreeMap<(&'static str, Arc<str>), Vec<String>>,
    /// The secrets with tokens, and the accounts that they are of.
    pub(super) tokens: BTreeMap<Arc<str>, Vec<(String, String)>>,
    /// The cluster roles with their labels, for those that gather.
    pub(super) labelled: Vec<Arc<Value>>,
    pub(super) declared: Vec<Declared>,
    /// What is enough for a need hangs on it.
    pub(super) off: Off,
    /// Whether somebody may act as somebody else for some verbs only.
    pub(super) acts_for_some: bool,
}

/// The numbers of a way's needs.
pub(super) fn numbers(way: usize) -> std::ops::Range<u8> {
    let before: usize = WAYS[..way].iter().map(|way| way.needs.len()).sum();
    let number = |at: usize| u8::try_from(at).expect("there are fewer than 128 needs");
    number(before)..number(before + WAYS[way].needs.len())
}

/// The needs, a bit each.
pub(super) fn bits(way: usize) -> u128 {
    numbers(way).fold(0, |bits, number| bits | 1 << number)
}

impl Role {
    pub(super) fn of(
        (namespace, name): (&str, &str),
        rules: Vec<PolicyRule>,
        gathers: Option<Arc<Value>>,
        off: &Off,
    ) -> Role {
        let mut meets = BTreeMap::new();
        let mut bits = 0;
        for (number, need) in (0..).zip(WAYS.iter().flat_map(|way: &Way| way.needs)) {
            let names = rules.iter().fold(Names::none(), |all, rule| all.and(&need.names(rule, off)));
            if !names.is_none() {
                meets.insert(number, names);
                bits |= 1 << number;
            }
        }
        Role {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            rules,
            gathers,
            both: None,
            meets,
            bits,
        }
    }
}

impl World {
    pub(super) fn of(cluster: &Cluster, declared: &[Declared]) -> World {
        let objects = cluster.store().objects();
        let off = Off::of(WAYS.iter().flat_map(|way| way.needs), cluster.config());
        let everything = Role::of(("", ""), PolicyRule::everything().to_vec(), None, &off);
        let declared = declared.to_vec();
        let acts_for_some = cluster.version().has(CONSTRAINED_IMPERSONATION);
        let mut world = World { roles: vec![everything], declared, off, acts_for_some, ..World::default() };
        world.read_roles(objects);
        world.read_bindings(cluster);
        for account in objects.all("serviceaccounts") {
            let of = world.accounts.entry(account.namespace().into()).or_default();
            of.insert(account.name().to_owned());
        }
        world.read_pods(objects);
        for (group, resource) in PODS.into_iter().filter(|(_, resource)| *resource != "pods") {
            for object in objects.all(&GroupResource::new(group, resource).to_string()) {
                let there = world.workloads.entry((resource, object.namespace().into())).or_default();
                there.push(object.name().to_owned());
            }
        }
        for secret in objects.all("secrets") {
            let account = secret.annotation("kubernetes.io/service-account.name").unwrap_or_default();
            let known = world.accounts.get(secret.namespace()).is_some_and(|of| of.contains(account));
            if secret.text("type") == "kubernetes.io/service-account-token" && known {
                let of = world.tokens.entry(secret.namespace().into()).or_default();
                of.push((secret.name().to_owned(), account.to_owned()));
            }
        }
        world
    }

    fn read_roles(&mut self, objects: &Objects) {
        for resource in ["clusterroles.rbac.authorization.k8s.io", "roles.rbac.authorization.k8s.io"] {
            for role in objects.all(resource) {
                let gathers = role.has("aggregationRule").then(|| role.clone());
                let called = (role.namespace(), role.name());
                self.roles.push(Role::of(called, PolicyRule::list(role), gathers, &self.off));
            }
        }
        self.labelled = objects.all("clusterroles.rbac.authorization.k8s.io").cloned().collect();
    }

    fn read_bindings(&mut self, cluster: &Cluster) {
        let known: BTreeMap<(&str, &str), usize> =
            (0..).zip(&self.roles).skip(1).map(|(at, role)| ((&*role.namespace, &*role.name), at)).collect();
        let mut places: BTreeSet<Arc<str>> = BTreeSet::new();
        for binding in cluster.knowledge().rbac().bindings() {
            let RoleRef { kind, name, .. } = &binding.role_ref;
            let of = if kind == "ClusterRole" { "" } else { binding.namespace.as_str() };
            let Some(role) = known.get(&(of, name.as_str())).copied() else { continue };
            let place = places.get(binding.namespace.as_str()).cloned().unwrap_or_else(|| {
                let place: Arc<str> = binding.namespace.as_str().into();
                places.insert(place.clone());
                place
            });
            for who in binding.reach().map(|(who, _)| who).collect::<BTreeSet<Who>>() {
                self.bound.entry(who).or_default().push(self.bonds.len());
            }
            let is_default = World::is_default(cluster, binding);
            self.bonds.push(Bond { binding: binding.clone(), role, place, is_default });
        }
    }

    /// Where an account's token is in no file, nobody who is there finds it.
    fn read_pods(&mut self, objects: &Objects) {
        for pod in objects.all("pods") {
            let namespace = pod.namespace();
            let account = match pod.text("spec.serviceAccountName") {
                "" => "default",
                account => account,
            };
            let Some(stored) = objects.get("serviceaccounts", namespace, account) else { continue };
            let says = |object: &Value, field: &str| object.at(field).as_bool();
            let mounts = says(pod, "spec.automountServiceAccountToken")
                .or_else(|| says(stored, "automountServiceAccountToken"))
                .unwrap_or(true);
            let ended = matches!(pod.text("status.phase"), "Succeeded" | "Failed");
            if mounts && !ended {
                let (name, node) = (pod.name().to_owned(), pod.text("spec.nodeName").to_owned());
                let pod = Pod { namespace: namespace.into(), name, account: account.to_owned(), node };
                self.pods.entry(namespace.into()).or_default().push(pod);
            }
        }
    }

    /// All pods.
    pub(super) fn all_pods(&self) -> impl Iterator<Item = &Pod> {
        self.pods.values().flatten()
    }

    /// The users of whom anybody has heard, accounts too.
    pub(super) fn users(&self) -> BTreeSet<String> {
        let bound = self.bound.keys().filter_map(|who| match who {
            Who::User(name) => Some(name.clone()),
            Who::Group(_) => None,
        });
        let named = self
            .accounts
            .iter()
            .flat_map(|(namespace, names)| names.iter().map(move |name| account_user(namespace, name)));
        bound.filter(|name| self.is_known(name)).chain(named).collect()
    }

    /// Whether a user may be there: an account is, if it is stored.
    fn is_known(&self, user: &str) -> bool {
        service_account(user).is_none_or(|(namespace, name)| {
            self.accounts.get(namespace).is_some_and(|names| names.contains(name))
        })
    }

    /// Whether a binding comes with a server.
    pub(super) fn is_default(cluster: &Cluster, binding: &Binding) -> bool {
        let resource = match binding.namespace.as_str() {
            "" => "clusterrolebindings.rbac.authorization.k8s.io",
            _ => "rolebindings.rbac.authorization.k8s.io",
        };
        let stored = cluster.store().objects().get(resource, &binding.namespace, &binding.name);
        stored.is_some_and(|object| bootstrap::is_default(object))
    }
}
