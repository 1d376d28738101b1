//! The access graph as data and as something to look at: text, DOT, Mermaid.

use super::graph::{Access, Edge};
use super::node::{Acting, Kind, Node};
use super::ways::{Severity, WAYS};
use super::{Climbs, is_of_the_system};
use crate::api::rbac::Who;
use petgraph::Direction;
use petgraph::dot::{Config, Dot};
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The graph of what everybody holds who does not come with the server, and of where that leads.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Drawing {
    /// Who and what there is.
    pub nodes: Vec<Drawn>,
    /// What leads to what.
    pub edges: Vec<Arrow>,
}

/// A node.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Drawn {
    /// Its number.
    pub id: usize,
    /// What it is.
    pub kind: Shape,
    /// Its name.
    pub name: String,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Shape {
    /// A user.
    User,
    /// A group.
    Group,
    /// A service account.
    ServiceAccount,
    /// A role that is held in a place.
    Role,
    /// Any of a kind.
    Any,
    /// A pod.
    Pod,
    /// A secret with a token.
    Secret,
    /// A node of the cluster.
    Node,
    /// What is asked about.
    Target,
}

/// What leads from one node to another.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Arrow {
    /// From where.
    pub from: usize,
    /// To where.
    pub to: usize,
    /// By what: a binding, or the name of a way; empty where the one is the other.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub by: String,
    /// How bad it is, where it is a way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
}

/// What of the graph is drawn.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scope<'a> {
    /// Only what somebody holds, and where that leads.
    pub from: Option<&'a Who>,
    /// Only what is held in a namespace or by its accounts, and where that leads.
    pub namespace: Option<&'a str>,
    /// Only what leads to the target.
    pub to_target: bool,
}

impl Climbs {
    /// The graph, as far as it is wanted; of what leads nowhere, only what somebody was given by name.
    pub fn drawing(&mut self, scope: Scope<'_>) -> Drawing {
        match scope.from {
            Some(who) => {
                self.access_mut().subject(who);
            }
            None => self.access_mut().everybody(),
        }
        self.access().drawing(scope)
    }
}

impl Access {
    fn drawing(&self, scope: Scope<'_>) -> Drawing {
        let is_source = |node: &Node| match (node, scope.from) {
            (Node::Subject { who, acting: Acting::Not }, Some(from)) => who == from,
            (Node::Subject { who, acting: Acting::Not }, None) => !is_of_the_system(who),
            _ => false,
        };
        let sources: Vec<NodeIndex> =
            self.graph.node_indices().filter(|node| is_source(&self.graph[*node])).collect();
        let first = self.first(&sources, scope.namespace);
        let mut open: Vec<NodeIndex> = first.iter().copied().collect();
        let mut seen = first.clone();
        while let Some(at) = open.pop() {
            open.extend(self.graph.neighbors(at).filter(|next| seen.insert(*next)));
        }
        let leads = self.leading(scope.to_target);
        // What leads nowhere is told where somebody was given it by name.
        let is_given = |node: NodeIndex| {
            let mut from = self.graph.edges_directed(node, Direction::Incoming);
            from.any(|edge| match edge.weight() {
                Edge::Bound(bond) => {
                    !self.world.bonds[*bond].is_default && is_source(&self.graph[edge.source()])
                }
                Edge::Is | Edge::By(_) | Edge::Allows => false,
            })
        };
        let is_role = |node: &NodeIndex| matches!(self.graph[*node], Node::Held { .. });
        let mut shown: BTreeSet<NodeIndex> = seen
            .into_iter()
            .filter(|node| leads.contains(node) || !scope.to_target && is_role(node) && is_given(*node))
            .collect();
        let of_all = scope.namespace.is_none();
        let roles = shown.iter().filter(|node| is_role(node) && (of_all || first.contains(node)));
        let holders = roles.flat_map(|node| self.graph.neighbors_directed(*node, Direction::Incoming));
        let holders: Vec<NodeIndex> = holders.filter(|node| is_source(&self.graph[*node])).collect();
        shown.extend(holders);
        let numbers: BTreeMap<NodeIndex, usize> = shown.iter().copied().zip(0..).collect();
        let nodes = numbers.iter().map(|(node, id)| self.drawn(*node, *id)).collect();
        let mut edges = Vec::new();
        for (node, from) in &numbers {
            let out = self.graph.edges(*node);
            let mut out: Vec<(Edge, usize)> =
                out.filter_map(|edge| Some((*edge.weight(), *numbers.get(&edge.target())?))).collect();
            out.sort_unstable();
            out.dedup();
            edges.extend(out.into_iter().map(|(edge, to)| self.arrow(*from, edge, to)));
        }
        Drawing { nodes, edges }
    }

    /// Where a drawing begins: with those who hold something, or with what is held in a namespace and with its accounts.
    fn first(&self, sources: &[NodeIndex], namespace: Option<&str>) -> BTreeSet<NodeIndex> {
        let Some(namespace) = namespace else { return sources.iter().copied().collect() };
        let is_of_it = |node: &&NodeIndex| match &self.graph[**node] {
            Node::Subject { who: Who::User(name), .. } => {
                crate::api::service_account(name).is_some_and(|(of, _)| of == namespace)
            }
            _ => false,
        };
        let held = sources.iter().flat_map(|source| self.graph.neighbors(*source));
        let here = held
            .filter(|node| matches!(&self.graph[*node], Node::Held { place, .. } if &**place == namespace));
        here.chain(sources.iter().filter(is_of_it).copied()).collect()
    }

    /// The nodes from which a way goes on, or the target is held; or only those from which the target is reached.
    fn leading(&self, to_target: bool) -> BTreeSet<NodeIndex> {
        let goes_on = |edge: &Edge| !to_target && matches!(edge, Edge::By(_) | Edge::Allows);
        let nodes = self.graph.node_indices();
        let first = nodes.filter(|node| self.graph.edges(*node).any(|edge| goes_on(edge.weight())));
        let mut open: Vec<NodeIndex> = first.chain(self.find(&Node::Target)).collect();
        let mut found: BTreeSet<NodeIndex> = open.iter().copied().collect();
        while let Some(at) = open.pop() {
            let before = self.graph.neighbors_directed(at, Direction::Incoming);
            open.extend(before.filter(|before| found.insert(*before)));
        }
        found
    }

    fn drawn(&self, node: NodeIndex, id: usize) -> Drawn {
        let node = &self.graph[node];
        let kind = match node {
            Node::Subject { who: Who::Group(_), .. } => Shape::Group,
            Node::Subject { who: Who::User(name), .. } => match crate::api::service_account(name) {
                Some(_) => Shape::ServiceAccount,
                None => Shape::User,
            },
            Node::Held { .. } => Shape::Role,
            Node::Any(Kind::Machines, _) | Node::Machine(_) => Shape::Node,
            Node::Any(..) => Shape::Any,
            Node::Pod(..) => Shape::Pod,
            Node::Secret(..) => Shape::Secret,
            Node::Target => Shape::Target,
        };
        let acting = match node {
            Node::Subject { acting: Acting::Fully, .. } | Node::Held { acting: Acting::Fully, .. } => {
                " (acted as)"
            }
            Node::Subject { acting: Acting::For(_), .. } | Node::Held { acting: Acting::For(_), .. } => {
                " (acted as, for some verbs)"
            }
            _ => "",
        };
        Drawn { id, kind, name: format!("{}{acting}", self.words(node)) }
    }

    fn arrow(&self, from: usize, edge: Edge, to: usize) -> Arrow {
        let (by, severity) = match edge {
            Edge::Is | Edge::Allows => (String::new(), None),
            Edge::Bound(bond) => {
                let binding = &self.world.bonds[bond].binding;
                (format!("{} {}", binding.kind(), binding.name), None)
            }
            Edge::By(by) => (WAYS[by.way].name.to_owned(), Some(WAYS[by.way].severity)),
        };
        Arrow { from, to, by, severity }
    }
}

impl Drawing {
    /// A line an edge.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.edges.iter().map(|Arrow { from, to, by, .. }| {
            let by = if by.is_empty() { String::new() } else { format!(" {by}") };
            format!("{} --{by}-> {}", self.nodes[*from].name, self.nodes[*to].name)
        })
    }

    /// For Graphviz.
    pub fn dot(&self) -> String {
        let mut graph: DiGraph<&Drawn, &Arrow> = DiGraph::new();
        let places: Vec<NodeIndex> = self.nodes.iter().map(|node| graph.add_node(node)).collect();
        for arrow in &self.edges {
            graph.add_edge(places[arrow.from], places[arrow.to], arrow);
        }
        let edge = |_, edge: petgraph::graph::EdgeReference<'_, &Arrow>| {
            let colour =
                edge.weight().severity.map(|of| format!(", color={:?}", of.colour())).unwrap_or_default();
            format!("label={:?}{colour}", edge.weight().by)
        };
        let node = |_, (_, node): (NodeIndex, &&Drawn)| {
            format!(
                "label={:?}, shape={}",
                node.name,
                if node.kind == Shape::Role { "box" } else { "ellipse" }
            )
        };
        let plain = [Config::EdgeNoLabel, Config::NodeNoLabel];
        format!("{:?}", Dot::with_attr_getters(&graph, &plain, &edge, &node))
    }

    /// For Mermaid, as Markdown on the web shows it.
    pub fn mermaid(&self) -> String {
        // Quotes end a label there, and are written as entities; so do line feeds.
        let safe = |text: &str| {
            text.replace('"', "#quot;").replace('<', "#lt;").replace('>', "#gt;").replace('\n', "#92;n")
        };
        let mut text = "flowchart LR\n".to_owned();
        for Drawn { id, kind, name } in &self.nodes {
            let (open, close) = match kind {
                Shape::Role => ("[", "]"),
                Shape::Any | Shape::Target => ("{{", "}}"),
                _ => ("([", "])"),
            };
            let _ = writeln!(text, "  n{id}{open}\"{}\"{close}", safe(name));
        }
        for Arrow { from, to, by, .. } in &self.edges {
            let label = if by.is_empty() { String::new() } else { format!("|\"{}\"|", safe(by)) };
            let _ = writeln!(text, "  n{from} -->{label} n{to}");
        }
        text
    }
}

impl Severity {
    /// Its colour in pictures.
    pub(super) fn colour(self) -> &'static str {
        match self {
            Severity::Low => "#777777",
            Severity::Medium => "#b8860b",
            Severity::High => "#d2691e",
            Severity::Critical => "#b22222",
        }
    }
}
