//! The shortest routes through the access graph.

use super::graph::{Access, By, Edge};
use super::node::Node;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{EdgeRef, Reversed};
use std::collections::BTreeMap;

/// A route: its nodes, and the edges between them.
#[derive(Clone, Debug)]
pub(super) struct Route {
    pub(super) nodes: Vec<NodeIndex>,
    pub(super) edges: Vec<Edge>,
}

/// How far each node is from the target: first what must be done, then how much one has to look through.
#[derive(Clone, Debug, Default)]
pub(super) struct Distances(BTreeMap<NodeIndex, u64>);

fn cost(edge: Edge) -> u64 {
    (u64::from(edge.cost()) << 32) | 1
}

impl Distances {
    /// Of all nodes from which the target is reached.
    pub(super) fn of(access: &Access) -> Distances {
        let Some(target) = access.find(&Node::Target) else { return Distances::default() };
        let reversed = Reversed(&access.graph);
        let found = petgraph::algo::dijkstra(reversed, target, None, |edge| cost(*edge.weight()));
        Distances(found.into_iter().collect())
    }

    /// The shortest route; of several that are as short, the one whose ways come first in the table.
    pub(super) fn route(&self, access: &Access, from: NodeIndex) -> Option<Route> {
        let mut far = *self.0.get(&from)?;
        let mut route = Route { nodes: vec![from], edges: Vec::new() };
        let mut at = from;
        while far > 0 {
            let next = access
                .graph
                .edges(at)
                .filter(|edge| self.0.get(&edge.target()).is_some_and(|to| to + cost(*edge.weight()) == far))
                .map(|edge| (*edge.weight(), edge.target()))
                .min()?;
            route.edges.push(next.0);
            route.nodes.push(next.1);
            at = next.1;
            far = *self.0.get(&at)?;
        }
        Some(route)
    }
}

/// What is done in one go on a route: by whom, by which way, through what, and where it ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Leap {
    /// Who has what is needed: somebody, or a role in a place.
    pub(super) origin: NodeIndex,
    pub(super) by: By,
    /// What it leads through, with its end.
    pub(super) through: Vec<NodeIndex>,
}

impl Leap {
    pub(super) fn end(&self) -> NodeIndex {
        *self.through.last().expect("it leads somewhere")
    }
}

impl Route {
    /// What is done on it, in order.
    pub(super) fn leaps(&self, access: &Access) -> Vec<Leap> {
        let mut leaps: Vec<Leap> = Vec::new();
        let mut goes_on = false;
        for (at, edge) in self.edges.iter().enumerate() {
            let next = self.nodes[at + 1];
            if let Edge::By(by) = *edge {
                leaps.push(Leap { origin: self.nodes[at], by, through: vec![next] });
            } else if let (true, Some(leap)) = (goes_on, leaps.last_mut()) {
                leap.through.push(next);
            } else {
                continue;
            }
            let node = &access.graph[next];
            goes_on = matches!(node, Node::Any(..) | Node::Pod(..) | Node::Secret(..) | Node::Machine(_));
        }
        leaps
    }
}

impl Access {
    /// Takes one leap out of the graph, and leaves all others that begin by the same edge.
    pub(super) fn block(&mut self, leap: &Leap) {
        let by = Edge::By(leap.by);
        let (from, first) = (leap.origin, leap.through[0]);
        let same = |graph: &DiGraph<Node, Edge>| {
            graph.edges_connecting(from, first).find(|edge| *edge.weight() == by).map(|edge| edge.id())
        };
        while let Some(edge) = same(&self.graph) {
            self.graph.remove_edge(edge);
        }
        for pair in leap.through.windows(2) {
            let others: Vec<NodeIndex> = self
                .graph
                .edges(pair[0])
                .filter(|edge| *edge.weight() == Edge::Is && edge.target() != pair[1])
                .map(|edge| edge.target())
                .collect();
            for other in others {
                self.graph.add_edge(from, other, by);
            }
        }
    }
}
