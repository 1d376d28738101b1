//! How far somebody gets: the access graph of a cluster, the ways up in it, and what cuts them.
//!
//! The access [graph] has who holds what, and where each right leads by one of the known [ways](ways::WAYS). A path through it
//! is a guess until it is [carried out](carry), request by request, on a fork of the cluster, by whoever climbs: what a gate
//! stops there (Pod Security, a policy, quota, an authorizer) is no path, and the gate is told. Then the search goes on without
//! it. The search knows roles and places, not pairs of accounts; what was carried out once for a role in a place is not
//! carried out again for the next who holds it.
//!
//! Differs from Kubernetes: only what the dump tells of is known: which users are in which groups is not, nor which nodes
//! hold the cluster's own keys. Of what a kubelet may, only tokens of what runs on its node are climbed.

mod carry;
mod cut;
mod draw;
mod gain;
mod gains;
mod graph;
mod grounds;
mod held;
mod lend;
mod lent;
mod need;
mod node;
mod picture;
mod prepare;
mod prove;
mod search;
mod seen;
mod ways;
mod world;

pub use carry::{Step, Stopped};
pub use cut::{Cut, Removed, cut};
pub use draw::{Arrow, Drawing, Drawn, Scope, Shape};
pub use grounds::Ground;
pub use held::{EVERYTHING, Open};
pub use need::Need;
pub use picture::{LeftOut, MOST};
pub use prepare::prepared;
pub use prove::{Blocked, Climb, Climbs};
pub use seen::{Seen, Used};
pub use ways::{Severity, WAYS, Way};

use crate::api::RequestInfo;
use crate::api::rbac::{PolicyRule, Who};
use crate::authorize::rbac::gains::anybody;
use crate::bootstrap;
use crate::cluster::Cluster;
use crate::error::Error;
use crate::explain::dump::Dump;
use crate::golang::yaml;
use crate::json::{Value, json};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where a path leads.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// Something that may be done, by one request or another that tells the same; everything in the whole cluster is `*` on `*`.
    Questions(Vec<RequestInfo>),
    /// Somebody.
    Subject(Who),
}

impl Target {
    /// All rights in the whole cluster.
    pub fn everything() -> Target {
        let all = || "*".to_owned();
        Target::question(RequestInfo {
            is_resource: true,
            verb: all(),
            group: all(),
            resource: all(),
            ..RequestInfo::default()
        })
    }

    /// That this may be done.
    pub fn question(info: RequestInfo) -> Target {
        Target::Questions(vec![info])
    }

    /// That somebody reads something: to list or to watch it tells what is in it, too.
    pub fn reading(info: &RequestInfo) -> Target {
        let by = |verb: &str| RequestInfo { verb: verb.to_owned(), ..info.clone() };
        Target::Questions(ways::READ.iter().map(|verb| by(verb)).collect())
    }

    /// The requests of which one is enough.
    fn questions(&self) -> &[RequestInfo] {
        match self {
            Target::Questions(all) => all,
            Target::Subject(_) => &[],
        }
    }

    /// In words: `cluster-admin`, `get secrets in shop`, `read secrets in shop`.
    pub fn words(&self) -> String {
        let (info, verbs) = match self {
            Target::Subject(who) => return called(who),
            Target::Questions(all) => (&all[0], if all.len() == 1 { all[0].verb.as_str() } else { "read" }),
        };
        if *self == Target::everything() {
            return "cluster-admin".to_owned();
        }
        let after = |sign: &str, part: &str| match part {
            "" => String::new(),
            part => format!("{sign}{part}"),
        };
        format!("{verbs} {}{}{}", what(info), after(" ", &info.name), after(" in ", &info.namespace))
    }

    /// Whether rules allow it, held in a place.
    fn is_allowed(&self, rules: &[PolicyRule], place: &str) -> bool {
        self.questions().iter().any(|info| allows(rules, place, info))
    }
}

/// What a request is about, as it is typed: `pods/log`, a path.
fn what(info: &RequestInfo) -> String {
    if !info.is_resource {
        return info.path.clone();
    }
    let resource = match info.subresource.as_str() {
        "" => info.resource.clone(),
        sub => format!("{}/{sub}", info.resource),
    };
    crate::api::rbac::typed(&resource, &info.group)
}

/// Whether rules allow a request, held in a place.
fn allows(rules: &[PolicyRule], place: &str, info: &RequestInfo) -> bool {
    (place.is_empty() || place == info.namespace) && rules.iter().any(|rule| rule.allows(info))
}

/// A path: what somebody does, one leap after the other, until the target is reached.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Path {
    /// Who.
    pub from: String,
    /// What is reached.
    pub to: String,
    /// How much is done; nothing where it is held.
    pub length: usize,
    /// What is done, in order.
    pub leaps: Vec<Leap>,
    /// By which binding, role and rule the target is allowed in the end.
    pub held: Vec<Ground>,
}

impl Path {
    /// By which rules each leap is allowed, in order, and the target in the end.
    pub fn grounds(&self) -> impl Iterator<Item = &Ground> {
        self.leaps.iter().flat_map(|leap| &leap.grounds).chain(&self.held)
    }

    /// In one line: whoever it is about, and each leap with what is gained.
    pub fn in_short(&self) -> String {
        let leaps = self.leaps.iter().map(|leap| format!(" -> {} -> {}", leap.way, leap.gained));
        let held = if self.leaps.is_empty() { " holds it" } else { "" };
        format!("{}{held}{}", self.from, leaps.collect::<String>())
    }
}

/// What is done in one go.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Leap {
    /// The way: `create-pods`.
    pub way: String,
    /// What is done, in words.
    pub what: String,
    /// How bad it is.
    pub severity: Severity,
    /// Who does it.
    pub by: String,
    /// What it leads through: `pod shop/web`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub through: Vec<String>,
    /// What is gained: `system:serviceaccount:shop:ci`.
    pub gained: String,
    /// By which bindings, roles and rules it is allowed.
    pub grounds: Vec<Ground>,
    /// The requests by which it was carried out.
    pub steps: Vec<Step>,
}

/// A kind of object at which a controller acts by rights of its own.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Declared {
    /// The API group of the objects.
    pub group: String,
    /// Their resource: `applications`.
    pub resource: String,
    /// The account of the controller: `argocd/application-controller`.
    pub account: String,
    /// What an object of theirs has besides its name.
    #[serde(default = "nothing")]
    pub object: Value,
}

fn nothing() -> Value {
    json!({})
}

impl Declared {
    /// Reads a file of them: a list.
    ///
    /// # Errors
    ///
    /// What is no such list, and an account without its namespace.
    pub fn read(path: &str, text: &str) -> Result<Vec<Declared>, Error> {
        let all: Vec<Declared> = yaml::typed(text).map_err(|why| why.in_file(path, text))?;
        match all.iter().find(|declared| !declared.account.contains('/')) {
            Some(wrong) => Err(Error::new(format!("{path}: `{}` is no account", wrong.account))
                .hint("an account is written as NAMESPACE/NAME")),
            None => Ok(all),
        }
    }

    /// The user that the controller is.
    fn user(&self) -> String {
        let (namespace, name) = self.account.split_once('/').unwrap_or(("", &self.account));
        node::account_user(namespace, name)
    }

    /// What whoever makes an object asks.
    fn asked(&self, place: &str) -> RequestInfo {
        RequestInfo {
            is_resource: true,
            verb: "create".to_owned(),
            group: self.group.clone(),
            resource: self.resource.clone(),
            namespace: place.to_owned(),
            ..RequestInfo::default()
        }
    }
}

/// Everybody's shortest path to a target, by whoever has one and does not come with the server; each was carried out.
///
/// # Errors
///
/// A set-up of the dump's cluster that cannot be made.
pub fn shortest(dump: &Dump, target: &Target) -> Result<BTreeMap<Who, Path>, Error> {
    let mut climbs = Climbs::new(prepared(dump)?, target.clone(), &[]);
    let everybody = climbs.everybody();
    Ok(climbs.all(&everybody).into_iter().map(|climb| (climb.who, climb.path)).collect())
}

/// Whether somebody comes with a server, or is one of its components.
pub fn is_of_the_system(who: &Who) -> bool {
    match who {
        Who::User(name) => match crate::api::service_account(name) {
            Some((namespace, _)) => namespace.starts_with("kube-"),
            None => name.starts_with("system:"),
        },
        Who::Group(name) => {
            let everybody = ["system:authenticated", "system:unauthenticated", "system:serviceaccounts"];
            let open = everybody.contains(&name.as_str()) || name.starts_with("system:serviceaccounts:");
            name.starts_with("system:") && !open
        }
    }
}

/// The groups of everybody who has a name, or is in a group: what they have is no more than whoever is in them has.
pub fn groups_of(who: &Who) -> impl Iterator<Item = Who> {
    let own = |group: &String| !matches!(who, Who::Group(name) if name == group);
    let groups = match who {
        Who::Group(name) if name == "system:unauthenticated" => Vec::new(),
        who => anybody(who).groups,
    };
    groups.into_iter().filter(own).map(Who::Group).collect::<Vec<_>>().into_iter()
}

/// Whether a stored role or binding comes with a server.
fn is_default(cluster: &Cluster, resource: &str, namespace: &str, name: &str) -> bool {
    let stored = cluster.store().objects().get(resource, namespace, name);
    stored.is_some_and(|object| bootstrap::is_default(object))
}

/// As whom somebody is known on the command line.
pub fn called(who: &Who) -> String {
    who.to_string()
}
