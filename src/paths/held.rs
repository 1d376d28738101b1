//! Which ways are open to whom: what an audit asks, path or not.

use super::carry::{Done, Run, pods};
use super::graph::{Access, Edge};
use super::node::{Acting, Node};
use super::search::Leap;
use super::ways::{Severity, WAYS};
use super::world::Bond;
use super::{Climbs, Ground, called, groups_of, is_of_the_system};
use crate::api::rbac::{PolicyRule, Who};
use crate::authorize::rbac::cover;
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;
use std::collections::BTreeMap;

/// A way that is open to somebody.
#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    /// The way's name, or [`EVERYTHING`].
    pub check: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// To whom.
    pub who: Who,
    /// Where; empty for the whole cluster.
    pub place: String,
    /// By which bindings, roles and rules.
    pub grounds: Vec<Ground>,
}

/// Who holds all rights in the whole cluster needs no way.
pub const EVERYTHING: &str = "everything";

type Try = fn(&mut Run, &str) -> Done;

/// The ways that are tried in a place before they are told of: a gate often stops them.
const TRIED: [(&str, Try); 1] = [("privileged-pods", pods::takes_privileged)];

/// What was found so far, and what was tried: by whom, where it matters who it is, by which way and where.
#[derive(Default)]
struct Finding {
    open: BTreeMap<(Who, usize, String), Open>,
    tried: BTreeMap<(Option<Who>, usize, String), bool>,
}

impl Climbs {
    /// The ways that are open to whom, by their own bindings: of users, groups and accounts that do not come with the server.
    /// Each is told once for each place. Where all rights are held, that is all that is told; what a group has is told of the
    /// group. To be somebody is no way up where all that they hold is held anyway, and a privileged pod is tried: a gate may stop
    /// it.
    pub fn open(&mut self) -> Vec<Open> {
        self.access_mut().everybody();
        let mut found = Finding::default();
        for node in self.access().graph.node_indices() {
            if let Node::Subject { who, acting: Acting::Not } = &self.access().graph[node]
                && !is_of_the_system(who)
            {
                self.open_to(node, who, &mut found);
            }
        }
        let Finding { open, .. } = found;
        let is_of_group = |(who, way, place): &(Who, usize, String), one: &Open| {
            let name = called(who);
            one.grounds.iter().any(|ground| ground.subject != name)
                && groups_of(who).any(|group| open.contains_key(&(group, *way, place.clone())))
        };
        let own = open.iter().filter(|(key, one)| !is_of_group(key, one));
        own.map(|(_, one)| one.clone()).collect()
    }

    fn open_to(&self, node: NodeIndex, who: &Who, found: &mut Finding) {
        self.leads(node, None, who, found);
        for edge in self.access().graph.edges(node) {
            if let Edge::Bound(bond) = edge.weight() {
                self.leads(edge.target(), Some((*bond, who.clone())), who, found);
            }
        }
    }

    /// What somebody can do by what they have, or a role of theirs gives.
    fn leads(&self, origin: NodeIndex, bond: Option<(usize, Who)>, who: &Who, found: &mut Finding) {
        let access = self.access();
        for edge in access.graph.edges(origin) {
            let (number, check, severity, place, grounds) = match edge.weight() {
                Edge::By(by) => {
                    let (way, place) = (&WAYS[by.way], access.space(by.place).to_string());
                    if found.open.contains_key(&(who.clone(), by.way + 1, place.clone()))
                        || !access.gives_more(who, edge.target())
                    {
                        continue;
                    }
                    let leap = Leap { origin, by: *by, through: vec![edge.target()] };
                    let grounds = access.grounds(&leap, bond.as_ref());
                    if !self.is_taken(by.way, who, &place, found) {
                        continue;
                    }
                    (by.way + 1, way.name, way.severity, place, grounds)
                }
                Edge::Allows => {
                    let grounds = access.allowing(&access.graph[origin], bond.as_ref());
                    (0, EVERYTHING, Severity::Critical, String::new(), grounds)
                }
                Edge::Is | Edge::Bound(_) => continue,
            };
            let open = Open { check, severity, who: who.clone(), place: place.clone(), grounds };
            found.open.entry((who.clone(), number, place)).or_insert(open);
        }
    }

    /// Whether no gate stops a way that is tried.
    fn is_taken(&self, way: usize, who: &Who, place: &str, found: &mut Finding) -> bool {
        let Some((_, tried)) = TRIED.iter().find(|(name, _)| *name == WAYS[way].name) else { return true };
        let key = (self.is_particular().then(|| who.clone()), way, place.to_owned());
        *found.tried.entry(key).or_insert_with(|| tried(&mut self.run(who), place).is_ok())
    }
}

impl Access {
    /// Whether whoever a way ends with, if it is somebody, holds more than whoever goes it.
    fn gives_more(&self, who: &Who, end: NodeIndex) -> bool {
        let Node::Subject { who: other, .. } = &self.graph[end] else { return true };
        other != who && (has_unbound(other) || !self.holds_all_of(who, other))
    }

    /// Whether somebody holds all that bindings give another one; what everybody of such a name has is not counted.
    fn holds_all_of(&self, who: &Who, other: &Who) -> bool {
        let counts = |(bond, by): &(&Bond, Who)| !bond.is_default || is_of_the_system(by);
        self.bonds_of(other).filter(counts).all(|(bond, _)| {
            let there = self.bonds_of(who).map(|(own, _)| own);
            let there = there.filter(|own| own.place.is_empty() || own.place == bond.place);
            let held: Vec<PolicyRule> =
                there.flat_map(|own| self.world.roles[own.role].rules.iter().cloned()).collect();
            let lacking = cover::lacking(&held, &self.world.roles[bond.role].rules);
            lacking.is_ok_and(|lacking| lacking.is_empty())
        })
    }
}

/// Whether somebody holds what no binding tells of: anything, or what a node needs.
fn has_unbound(who: &Who) -> bool {
    match who {
        Who::User(name) => name.starts_with("system:node:"),
        Who::Group(name) => ["system:masters", "system:nodes"].contains(&name.as_str()),
    }
}
