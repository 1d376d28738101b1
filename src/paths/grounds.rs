//! By which bindings, roles and rules a leap is allowed.

use super::gain::Gain;
use super::graph::Access;
use super::lent::for_what;
use super::node::{EVERYTHING, Node};
use super::search::Leap;
use super::ways::WAYS;
use super::world::Bond;
use super::{called, is_default, what};
use crate::api::rbac::{PolicyRule, Who, listed};
use crate::api::{RequestInfo, service_account};
use crate::cluster::Cluster;
use crate::explain::source::{Line, Places};
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// A rule that allows something, and how it comes to whoever holds it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Ground {
    /// The kind of the binding; empty where what is held was gained on the way.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub binding_kind: String,
    /// The binding.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub binding: String,
    /// Whom it binds, of those that whoever climbs is.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub subject: String,
    /// Where it holds; empty for the whole cluster.
    pub namespace: String,
    /// The kind of the role.
    pub role_kind: String,
    /// The role; empty where it is all rights, however they were gained.
    pub role: String,
    /// The rule's number, from 1.
    pub rule: usize,
    /// What it allows here: `create pods`.
    pub allows: String,
    /// The names of the objects that the rule is limited to.
    #[serde(skip)]
    pub names: Vec<String>,
}

/// A rule by the numbers of its role and its place.
type Met = (usize, Arc<str>, usize, String);

impl Access {
    /// The rules by which a leap is allowed.
    pub(super) fn grounds(&self, leap: &Leap, bond: Option<&(usize, Who)>) -> Vec<Ground> {
        let origin = &self.graph[leap.origin];
        let held = self.held_by(origin);
        let place = self.space(leap.by.place);
        let way = &WAYS[leap.by.way];
        let end = &self.graph[leap.end()];
        let off = &self.world.off;
        let mut met: Vec<Met> = Vec::new();
        for need in way.needs {
            let counts = held.iter().filter(|(_, of)| of.is_empty() || of == place && !need.whole);
            let all = counts.flat_map(|(role, of)| {
                let rules = self.world.roles[*role].rules.iter().enumerate();
                rules.map(move |(number, rule)| (*role, of.clone(), number, need.names(rule, off)))
            });
            let all: Vec<_> = all.filter(|(.., names)| !names.is_none()).collect();
            let fits = all.iter().find(|(.., names)| name_of(end).is_none_or(|name| names.has(&name)));
            met.extend(
                fits.or(all.first())
                    .map(|(role, of, number, _)| (*role, of.clone(), *number, need.words_with(off))),
            );
        }
        for info in self.asked_besides(leap) {
            let words = format!("{} {}", info.verb, crate::api::rbac::typed(&info.resource, &info.group));
            met.extend(self.first_allowing(&held, &info).map(|(role, of, number)| (role, of, number, words)));
        }
        met.extend(way.gain.acts_for_some().and_then(|(mode, _)| self.first_acting(&held, mode)));
        met.into_iter().flat_map(|met| self.ground(origin, bond, met)).collect()
    }

    /// The first rule by which somebody may act for something.
    fn first_acting(&self, held: &[(usize, Arc<str>)], mode: &str) -> Option<Met> {
        held.iter().find_map(|(role, of)| {
            let rules = self.world.roles[*role].rules.iter().enumerate();
            let mut acting = rules.map(|(number, rule)| (number, rule, for_what(rule, mode)));
            let (number, rule, verbs) = acting.find(|(.., verbs)| !verbs.is_empty())?;
            let what = if rule.resources.is_empty() { &rule.non_resource_urls } else { &rule.resources };
            let words = format!("act so for {} {}", verbs.join("|"), listed(what));
            Some((*role, of.clone(), number, words))
        })
    }

    /// What must be allowed besides the needs of the table.
    fn asked_besides(&self, leap: &Leap) -> Vec<RequestInfo> {
        let held = self.held_by(&self.graph[leap.origin]);
        let verbs = match WAYS[leap.by.way].gain {
            Gain::Deletion => ["patch", "update"],
            Gain::Mounted => {
                let may = |info: &RequestInfo| self.first_allowing(&held, info).is_some();
                return self.mounting(may).take(1).collect();
            }
            _ => return self.declared_by(leap),
        };
        let target = self.target().questions().first().into_iter();
        let asked = target.flat_map(|info| {
            verbs.iter().map(|verb| RequestInfo { verb: (*verb).to_owned(), ..info.clone() })
        });
        asked.filter(|info| self.first_allowing(&held, info).is_some()).take(1).collect()
    }

    fn declared_by(&self, leap: &Leap) -> Vec<RequestInfo> {
        if WAYS[leap.by.way].gain != Gain::Controller {
            return Vec::new();
        }
        vec![self.world.declared[leap.by.declared].asked(self.space(leap.by.place))]
    }

    /// The first rule that allows a request.
    fn first_allowing(
        &self,
        held: &[(usize, Arc<str>)],
        info: &RequestInfo,
    ) -> Option<(usize, Arc<str>, usize)> {
        let allows = |rules: &[PolicyRule]| rules.iter().position(|rule| rule.allows(info));
        held.iter().filter(|(_, of)| of.is_empty() || **of == *info.namespace).find_map(|(role, of)| {
            allows(&self.world.roles[*role].rules).map(|number| (*role, of.clone(), number))
        })
    }

    /// The rules by which whoever is at a node is allowed what is asked about.
    pub(super) fn allowing(&self, node: &Node, bond: Option<&(usize, Who)>) -> Vec<Ground> {
        let held = self.held_by(node);
        let mut asked = self.target().questions().iter();
        let found = asked.find_map(|info| Some((info, self.first_allowing(&held, info)?)));
        let Some((info, (role, of, number))) = found else { return Vec::new() };
        let words = format!("{} {}", info.verb, what(info));
        self.ground(node, bond, (role, of, number, words))
    }

    /// A rule that is met; of a role that is what two have in common, the rules of both.
    fn ground(&self, origin: &Node, bond: Option<&(usize, Who)>, met: Met) -> Vec<Ground> {
        let (role, place, number, allows) = met;
        let Some(both) = &self.world.roles[role].both else {
            return vec![self.of_rule(origin, bond, (role, place, number, allows))];
        };
        let (of, by) = both.rules[number];
        let by = by.map(|by| (both.by, place.clone(), by, format!("act for {allows}")));
        let all = by.into_iter().chain([(both.of, place, of, allows)]);
        all.map(|met| self.of_rule(origin, bond, met)).collect()
    }

    fn of_rule(
        &self,
        origin: &Node,
        bond: Option<&(usize, Who)>,
        (role, place, number, allows): Met,
    ) -> Ground {
        // What two have in common may count in fewer places than what each has.
        let is_it =
            |(bond, _): &(&Bond, Who)| bond.role == role && (bond.place == place || bond.place.is_empty());
        let bond = match origin {
            Node::Subject { who, .. } => self.bonds_of(who).find(is_it),
            _ => bond.map(|(bond, who)| (&self.world.bonds[*bond], who.clone())).filter(is_it),
        };
        let (bond, subject) = bond.unzip();
        let of = &self.world.roles[role];
        let kind = if of.namespace.is_empty() { "ClusterRole" } else { "Role" };
        Ground {
            binding_kind: bond.map(|bond| bond.binding.kind().to_owned()).unwrap_or_default(),
            binding: bond.map(|bond| bond.binding.name.clone()).unwrap_or_default(),
            subject: subject.as_ref().map(called).unwrap_or_default(),
            namespace: place.to_string(),
            role_kind: if role == EVERYTHING { String::new() } else { kind.to_owned() },
            role: of.name.clone(),
            rule: number + 1,
            allows,
            names: of.rules[number].resource_names.clone(),
        }
    }
}

impl Ground {
    /// Whether its role comes with a server.
    pub(super) fn is_of_default_role(&self, cluster: &Cluster) -> bool {
        let (resource, namespace) = self.role_place();
        is_default(cluster, resource, namespace, &self.role)
    }

    /// Where its role is stored.
    pub(super) fn role_place(&self) -> (&'static str, &str) {
        match self.role_kind.as_str() {
            "ClusterRole" => ("clusterroles.rbac.authorization.k8s.io", ""),
            _ => ("roles.rbac.authorization.k8s.io", &self.namespace),
        }
    }

    /// Where its binding is stored.
    pub(super) fn binding_place(&self) -> (&'static str, &str) {
        match self.binding_kind.as_str() {
            "ClusterRoleBinding" => ("clusterrolebindings.rbac.authorization.k8s.io", ""),
            _ => ("rolebindings.rbac.authorization.k8s.io", &self.namespace),
        }
    }

    /// Where it is written: the line of the rule, or of the binding where the role is in no file.
    pub fn written(&self, places: &mut Places<'_>) -> Option<Line> {
        let of_role = places.line(&self.role_kind, self.role_place().1, &self.role, self.rule);
        of_role.or_else(|| places.line(&self.binding_kind, self.binding_place().1, &self.binding, 0))
    }

    /// In words: `RoleBinding shop/ci, ClusterRole edit, rule 3: create pods`.
    pub fn words(&self) -> String {
        let slash =
            |of: &str, name: &str| if of.is_empty() { name.to_owned() } else { format!("{of}/{name}") };
        let binding = match self.binding_kind.as_str() {
            "" => String::new(),
            kind => format!("{kind} {}, ", slash(self.binding_place().1, &self.binding)),
        };
        match self.role.as_str() {
            "" => format!("{binding}gained before: {}", self.allows),
            role => {
                let role = slash(self.role_place().1, role);
                format!("{binding}{} {role}, rule {}: {}", self.role_kind, self.rule, self.allows)
            }
        }
    }
}

/// The name that the end of a leap has for rules.
fn name_of(end: &Node) -> Option<String> {
    match end {
        Node::Subject { who: Who::User(name), .. } => {
            Some(service_account(name).map_or(name.clone(), |(_, account)| account.to_owned()))
        }
        Node::Subject { who: Who::Group(name), .. } => Some(name.clone()),
        _ => None,
    }
}
