//! What a way up needs: rights, and of which names.

use crate::api::RequestInfo;
use crate::api::rbac::PolicyRule;
use crate::authorize::rbac::matching::{Named, named};
use crate::config::{Config, gates};
use std::collections::BTreeSet;

/// A right: one of some verbs on a resource.
#[derive(Clone, Copy, Debug)]
pub struct Need {
    /// One of these is enough.
    pub verbs: &'static [&'static str],
    /// And so is another verb, as long as a feature gate is off.
    pub unless: Option<(&'static str, &'static str)>,
    /// The API group.
    pub group: &'static str,
    /// The resource as rules write it: `pods/exec`.
    pub resource: &'static str,
    /// Whether only the whole cluster counts, because the resource is in no namespace.
    pub whole: bool,
    /// Whether it is asked for of what is new and has no name yet, whatever the verb.
    pub anew: bool,
}

/// What makes pods: its group and its resource.
pub(super) const PODS: [(&str, &str); 8] = [
    ("", "pods"),
    ("apps", "deployments"),
    ("apps", "daemonsets"),
    ("apps", "statefulsets"),
    ("apps", "replicasets"),
    ("batch", "jobs"),
    ("batch", "cronjobs"),
    ("", "replicationcontrollers"),
];

/// The verbs by which one of these runs a pod as somebody wants it: of a pod that is there, the volumes stay as they are.
pub(super) fn making(resource: &str) -> &'static [&'static str] {
    if resource == "pods" { &["create"] } else { &["create", "patch", "update"] }
}

/// A right that counts in a namespace, too.
pub(super) const fn need(
    verbs: &'static [&'static str],
    group: &'static str,
    resource: &'static str,
) -> Need {
    Need { verbs, unless: None, group, resource, whole: false, anew: false }
}

/// A right to what is in no namespace.
pub(super) const fn whole(
    verbs: &'static [&'static str],
    group: &'static str,
    resource: &'static str,
) -> Need {
    Need { whole: true, ..need(verbs, group, resource) }
}

/// The same of what is new: it has no name when that is asked.
pub(super) const fn anew(need: Need) -> Need {
    Need { anew: true, ..need }
}

/// A stream into a pod, which a WebSocket opens by `GET`.
pub(super) const fn stream(resource: &'static str) -> Need {
    Need { unless: Some(("get", gates::CREATE_FOR_STREAMS)), ..need(&["create"], "", resource) }
}

/// The feature gates on which needs hang and that are off in a cluster.
#[derive(Clone, Debug, Default)]
pub(super) struct Off(BTreeSet<&'static str>);

impl Off {
    /// Those of these needs that are off by a cluster's flags and its release.
    pub(super) fn of(needs: impl Iterator<Item = &'static Need>, config: &Config) -> Off {
        let gates = needs.filter_map(|need| need.unless).map(|(_, gate)| gate);
        Off(gates.filter(|gate| !config.feature(gate)).collect())
    }
}

/// Of which objects something may be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// Of all.
    Any,
    /// Of those.
    Only(BTreeSet<String>),
}

impl Names {
    /// Of none.
    pub(super) fn none() -> Names {
        Names::Only(BTreeSet::new())
    }

    pub(super) fn is_none(&self) -> bool {
        matches!(self, Names::Only(names) if names.is_empty())
    }

    /// Whether a name is among them.
    pub(super) fn has(&self, name: &str) -> bool {
        match self {
            Names::Any => true,
            Names::Only(names) => names.contains(name),
        }
    }

    /// Those of these that are among others.
    pub(super) fn meet(&self, other: &Names) -> Names {
        match (self, other) {
            (Names::Only(own), Names::Only(more)) => Names::Only(own.intersection(more).cloned().collect()),
            (Names::Any, names) | (names, Names::Any) => names.clone(),
        }
    }

    /// These and others.
    pub(super) fn and(self, other: &Names) -> Names {
        match (self, other) {
            (Names::Only(mut own), Names::Only(more)) => {
                own.extend(more.iter().cloned());
                Names::Only(own)
            }
            (Names::Any, _) | (_, Names::Any) => Names::Any,
        }
    }
}

impl Need {
    /// The verbs of which one is enough in a cluster.
    fn verbs_with(&self, off: &Off) -> impl Iterator<Item = &'static str> {
        let besides = self.unless.filter(|(_, gate)| off.0.contains(gate)).map(|(verb, _)| verb);
        self.verbs.iter().copied().chain(besides)
    }

    /// The request that a verb would be.
    fn asked(&self, verb: &str, name: &str) -> RequestInfo {
        let (resource, sub) = self.resource.split_once('/').unwrap_or((self.resource, ""));
        RequestInfo {
            is_resource: true,
            verb: verb.to_owned(),
            group: self.group.to_owned(),
            resource: resource.to_owned(),
            subresource: sub.to_owned(),
            name: name.to_owned(),
            ..RequestInfo::default()
        }
    }

    /// Of which names a rule gives it. What is created has no name yet, unless it is a subresource; who lists without a name
    /// has all of them, and a rule gives that by the empty name, too.
    pub(super) fn names(&self, rule: &PolicyRule, off: &Off) -> Names {
        let mut found = Names::none();
        for verb in self.verbs_with(off) {
            let named = named(verb, self.resource);
            let anew = self.anew || named == Named::Anew && verb == "create";
            let nameless = anew || named == Named::Selected || rule.resource_names.is_empty();
            if nameless && rule.allows(&self.asked(verb, "")) {
                return Names::Any;
            }
            if !anew {
                let names = rule.resource_names.iter().filter(|name| !name.is_empty());
                let allowed = names.filter(|name| rule.allows(&self.asked(verb, name)));
                found = found.and(&Names::Only(allowed.cloned().collect()));
            }
        }
        found
    }

    /// In words: `create pods/exec`.
    pub(super) fn words(&self) -> String {
        let unless = self.unless.map(|(verb, gate)| format!("; or {verb}, without {gate}"));
        format!("{} {}{}", self.verbs.join("|"), self.resource(), unless.unwrap_or_default())
    }

    /// The same in one cluster.
    pub(super) fn words_with(&self, off: &Off) -> String {
        format!("{} {}", self.verbs_with(off).collect::<Vec<_>>().join("|"), self.resource())
    }

    fn resource(&self) -> String {
        crate::api::rbac::typed(self.resource, self.group)
    }
}
