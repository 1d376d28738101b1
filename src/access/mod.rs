//! The access graph of a scenario: subject, binding, role, rule; and what follows from it, verb by resource.
//!
//! It holds what the scenario made, and what its explanations name. The hundred objects that every cluster is born with
//! are left out, unless one of them allowed something.

mod build;
pub(crate) mod layout;
mod matrix;

pub(crate) use build::build;
pub(crate) use layout::{Placed, place};
pub(crate) use matrix::{Cell, Matrix, matrix};

use crate::api::{RequestInfo, User, service_account};
use crate::authorize::rbac::PolicyRule;
use petgraph::graph::{DiGraph, NodeIndex};

/// The graph, with those who act and what they asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Access {
    /// Subject to binding to role to rule.
    pub graph: DiGraph<Node, ()>,
    /// Whoever asked, and whoever was given something.
    pub actors: Vec<Actor>,
    /// What actors asked.
    pub asks: Vec<Ask>,
}

/// The four columns of the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Column {
    /// Users, groups, service accounts.
    Subject,
    /// Role bindings and cluster role bindings.
    Binding,
    /// Roles and cluster roles.
    Role,
    /// Their rules.
    Rule,
}

/// How a node stands at the end of the scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is there.
    Here,
    /// It was there, and is no more.
    Gone,
    /// It is named, and never was there.
    Missing,
}

/// A node of the graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    /// Its column.
    pub column: Column,
    /// `ClusterRoleBinding`, `User`, `rule 2`.
    pub kind: String,
    /// Its name; of a rule, the verbs.
    pub name: String,
    /// Where it counts; of a rule, what the verbs are for.
    pub detail: String,
    /// How it stands at the end.
    pub standing: Standing,
    /// The rule, where it is one.
    pub rule: Option<PolicyRule>,
}

impl Node {
    /// What is there, and is no rule.
    fn new(column: Column, kind: &str, name: &str, detail: String) -> Node {
        let (kind, name) = (kind.to_owned(), name.to_owned());
        Node { column, kind, name, detail, standing: Standing::Here, rule: None }
    }
}

/// Somebody whose rights are of interest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Actor {
    /// As the server knows them.
    pub user: User,
    /// As a reader knows them: `alice`, `service account dev/default`, `group devs`.
    pub label: String,
}

/// What an actor asked in a step.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    /// The step's number.
    pub step: String,
    /// The actor's place.
    pub actor: usize,
    /// The request in the server's words.
    pub info: RequestInfo,
    /// The code of the answer.
    pub code: u16,
    /// Whether the authorizer let it through.
    pub allowed: bool,
}

impl Access {
    /// Whether there is anything to see.
    pub(crate) fn is_empty(&self) -> bool {
        self.actors.is_empty()
    }

    /// The nodes of a column, as they were found.
    pub(crate) fn column(&self, column: Column) -> Vec<NodeIndex> {
        self.graph.node_indices().filter(|index| self.graph[*index].column == column).collect()
    }

    /// What a reader calls a node in links: `rule-3`.
    pub(crate) fn id(&self, node: NodeIndex) -> String {
        let column = match self.graph[node].column {
            Column::Subject => "subject",
            Column::Binding => "binding",
            Column::Role => "role",
            Column::Rule => "rule",
        };
        let place = self.column(self.graph[node].column).iter().position(|other| *other == node);
        format!("{column}-{}", place.unwrap_or_default() + 1)
    }
}

/// `service account dev/default` for `system:serviceaccount:dev:default`, the name for others.
pub(crate) fn called(user: &str) -> String {
    match service_account(user) {
        Some((namespace, name)) => format!("service account {namespace}/{name}"),
        None => user.to_owned(),
    }
}

#[cfg(test)]
mod tests;
