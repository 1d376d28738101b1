//! Which ways are open to whom: what an audit asks, path or not.

use super::graph::Edge;
use super::node::Node;
use super::search::Leap;
use super::ways::{Severity, WAYS};
use super::{Climbs, Ground, is_of_the_system};
use crate::api::rbac::Who;
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

impl Climbs {
    /// The ways that are open to whom, by their own bindings: of users, groups and accounts that do not come with the server.
    /// Each is told once for each place. Where all rights are held, that is all that is told.
    pub fn open(&mut self) -> Vec<Open> {
        self.access_mut().everybody();
        let mut found = BTreeMap::new();
        for node in self.access().graph.node_indices() {
            if let Node::Subject { who, acting: false } = &self.access().graph[node]
                && !is_of_the_system(who)
            {
                self.open_to(node, who, &mut found);
            }
        }
        found.into_values().collect()
    }

    fn open_to(&self, node: NodeIndex, who: &Who, found: &mut BTreeMap<(Who, usize, String), Open>) {
        let graph = &self.access().graph;
        let mut leads = |origin: NodeIndex, bond: Option<usize>| {
            for edge in graph.edges(origin) {
                let bond = bond.map(|bond| (bond, who.clone()));
                let (number, check, severity, place, grounds) = match edge.weight() {
                    Edge::By(by) => {
                        let leap = Leap { origin, by: *by, through: vec![edge.target()] };
                        let grounds = self.access().grounds(&leap, bond.as_ref());
                        let way = &WAYS[by.way];
                        (
                            by.way + 1,
                            way.name,
                            way.severity,
                            self.access().space(by.place).to_string(),
                            grounds,
                        )
                    }
                    Edge::Allows => {
                        let grounds = self.access().allowing(&graph[origin], bond.as_ref());
                        (0, EVERYTHING, Severity::Critical, String::new(), grounds)
                    }
                    Edge::Is | Edge::Bound(_) => continue,
                };
                let open = Open { check, severity, who: who.clone(), place: place.clone(), grounds };
                found.entry((who.clone(), number, place)).or_insert(open);
            }
        };
        leads(node, None);
        for edge in graph.edges(node) {
            if let Edge::Bound(bond) = edge.weight() {
                leads(edge.target(), Some(*bond));
            }
        }
    }
}
