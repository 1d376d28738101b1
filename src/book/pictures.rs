//! Two linked pictures of the same facts: the graph from subject to rule, and the matrix of verb by resource.
//!
//! A rule in the graph is a link to its first cell, a cell holds links to its rules; a script only lights them up
//! together.

use super::layout::{Sign, sign};
use crate::access::{Access, Cell, Column, Matrix, Node, Placed, Standing, layout, matrix, place};
use crate::authorize::rbac::Index;
use crate::scenario::guess::Answer;
use maud::{Markup, html};
use petgraph::graph::NodeIndex;
use std::collections::BTreeMap;

/// How many letters fit into a line of a node.
const LETTERS: usize = 33;

/// What the pictures are of.
pub(super) struct Rights<'a> {
    /// What ids of their parts begin with.
    pub(super) id: &'a str,
    /// Who may do what.
    pub(super) access: &'a Access,
    /// Roles and bindings.
    pub(super) end: &'a Index,
    /// Where somebody asks: in a `step`, in a `question`.
    pub(super) asks: &'static str,
}

/// Both pictures.
pub(super) fn pictures(of: &Rights<'_>) -> Markup {
    let (id, access) = (of.id, of.access);
    html! {
        section .pictures aria-labelledby={ (id) "-rights" } {
            h3 id={ (id) "-rights" } { "Who may do what, at the end" }
            @if access.is_empty() {
                p { "Only an administrator asks here, by the group system:masters: the authorizer asks no rule about it." }
            } @else {
                p {
                    "The same facts twice: how a rule reaches somebody, and what it lets them do. "
                    "Follow a rule to its cells, and a cell to its rules. "
                    "What every cluster is born with is drawn only where it matters here."
                }
                (drawings(of))
            }
        }
    }
}

/// The graph and the matrices alone.
pub(super) fn drawings(of: &Rights<'_>) -> Markup {
    let actors = 0..of.access.actors.len();
    let matrices: Vec<Matrix> = actors.filter_map(|actor| matrix(of.access, of.end, actor)).collect();
    html! {
        (graph(of, &matrices))
        @for matrix in &matrices { (table(of, matrix)) }
    }
}

/// The first cell of each rule.
fn first_cells(of: &Rights<'_>, matrices: &[Matrix]) -> BTreeMap<NodeIndex, String> {
    let mut first = BTreeMap::new();
    for matrix in matrices {
        for (row, (_, cells)) in matrix.rows.iter().enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                for (rule, _, _) in &cell.rules {
                    first.entry(*rule).or_insert_with(|| cell_id(of, matrix, row, column));
                }
            }
        }
    }
    first
}

fn cell_id(of: &Rights<'_>, matrix: &Matrix, row: usize, column: usize) -> String {
    format!("{}-cell-{}-{}-{}", of.id, matrix.actor + 1, row + 1, column + 1)
}

fn node_id(of: &Rights<'_>, access: &Access, node: NodeIndex) -> String {
    format!("{}-{}", of.id, access.id(node))
}

fn graph(of: &Rights<'_>, matrices: &[Matrix]) -> Markup {
    let (access, id) = (of.access, of.id);
    let placed = place(access);
    let cells = first_cells(of, matrices);
    html! {
        div .scroll .graph tabindex="0" role="region" aria-label="Graph of access" {
            svg viewBox={ "0 0 " (placed.width) " " (placed.height) } width=(placed.width) height=(placed.height)
                role="group" aria-labelledby={ (id) "-graph-title " (id) "-graph-desc" } {
                title id={ (id) "-graph-title" } { "Subject, binding, role, rule" }
                desc id={ (id) "-graph-desc" } { (described(access)) }
                @for (column, x) in placed.columns {
                    text .column x=(x) y="16" { (heading(column)) }
                }
                g .edges { @for edge in access.graph.edge_indices() { (line(access, &placed, edge)) } }
                @for node in access.graph.node_indices() {
                    @let name = node_id(of, access, node);
                    @let link = cells.get(&node).map(|cell| format!("#{cell}"));
                    @if let Some(link) = link {
                        a id=(name) href=(link) data-lights=(name) { (drawn(access, &placed, node)) }
                    } @else {
                        g id=(name) data-lights=(name) { (drawn(access, &placed, node)) }
                    }
                }
            }
        }
    }
}

fn heading(column: Column) -> &'static str {
    match column {
        Column::Subject => "Subject",
        Column::Binding => "Binding",
        Column::Role => "Role",
        Column::Rule => "Rule",
    }
}

/// The graph in words.
fn described(access: &Access) -> String {
    let mut parts = Vec::new();
    for edge in access.graph.edge_indices() {
        if let Some((from, to)) = access.graph.edge_endpoints(edge) {
            parts.push(format!("{} to {}", spoken(&access.graph[from]), spoken(&access.graph[to])));
        }
    }
    match parts.is_empty() {
        true => "No binding made here reaches anybody.".to_owned(),
        false => format!("{}.", parts.join("; ")),
    }
}

fn spoken(node: &Node) -> String {
    let standing = standing(node.standing);
    [node.kind.as_str(), &node.name, &node.detail, standing]
        .iter()
        .filter(|part| !part.is_empty())
        .copied()
        .collect::<Vec<_>>()
        .join(" ")
}

fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Here => "",
        Standing::Gone => "(gone by the end)",
        Standing::Missing => "(does not exist)",
    }
}

fn line(access: &Access, placed: &Placed, edge: petgraph::graph::EdgeIndex) -> Markup {
    let Some((from, to)) = access.graph.edge_endpoints(edge) else { return html! {} };
    let (Some((x, y)), Some((to_x, to_y))) = (placed.at.get(&from), placed.at.get(&to)) else {
        return html! {};
    };
    let gone = [from, to].iter().any(|node| access.graph[*node].standing != Standing::Here);
    let (x, y, to_y) = (x + layout::WIDTH, y + layout::HEIGHT / 2, to_y + layout::HEIGHT / 2);
    let middle = (x + to_x) / 2;
    html! {
        path .gone[gone] d={ "M" (x) " " (y) "C" (middle) " " (y) " " (middle) " " (to_y) " " (to_x - 7) " " (to_y) } {}
        path .tip d={ "M" (to_x - 8) " " (to_y - 4) "l8 4l-8 4z" } {}
    }
}

fn drawn(access: &Access, placed: &Placed, index: NodeIndex) -> Markup {
    let node = &access.graph[index];
    let (x, y) = placed.at.get(&index).copied().unwrap_or_default();
    let here = node.standing == Standing::Here;
    let kind = if here { node.kind.clone() } else { format!("{} {}", node.kind, standing(node.standing)) };
    html! {
        g .node .subject[node.column == Column::Subject] .rule[node.column == Column::Rule] .gone[!here] {
            title { (spoken(node)) }
            rect x=(x) y=(y) width=(layout::WIDTH) height=(layout::HEIGHT) rx="6" {}
            text .kind x=(x + 12) y=(y + 18) { (kind) }
            text .name x=(x + 12) y=(y + 36) { (short(&node.name)) }
            text .detail x=(x + 12) y=(y + 52) { (short(&node.detail)) }
        }
    }
}

fn short(text: &str) -> String {
    match text.chars().count() > LETTERS {
        true => text.chars().take(LETTERS - 1).chain(['…']).collect(),
        false => text.to_owned(),
    }
}

fn table(of: &Rights<'_>, matrix: &Matrix) -> Markup {
    let actor = &of.access.actors[matrix.actor];
    html! {
        div .scroll tabindex="0" role="region" aria-label={ "What " (actor.label) " may do" } {
            table .matrix {
                caption { "What " strong { (actor.label) } " may do" }
                thead {
                    tr {
                        th scope="col" { "Verb" }
                        @for resource in &matrix.resources { th scope="col" { (resource) } }
                    }
                }
                tbody {
                    @for (row, (verb, cells)) in matrix.rows.iter().enumerate() {
                        tr {
                            th scope="row" { @if verb == "*" { "any other" } @else { (verb) } }
                            @for (column, cell) in cells.iter().enumerate() {
                                (cell_of(of, cell, &cell_id(of, matrix, row, column)))
                            }
                        }
                    }
                }
            }
        }
        @if matrix.left_out > 0 {
            p .aside { (matrix.left_out) " further resources of these rules are left out, which nobody asks about here." }
        }
    }
}

fn cell_of(of: &Rights<'_>, cell: &Cell, id: &str) -> Markup {
    let access = of.access;
    let lights: Vec<String> = cell.rules.iter().map(|(rule, _, _)| node_id(of, access, *rule)).collect();
    let allowed = !cell.rules.is_empty();
    html! {
        td id=(id) .allowed[allowed] data-lights=(lights.join(" ")) {
            @if !allowed { span .no { "no" } }
            @for (rule, namespace, names) in &cell.rules {
                span .where {
                    (sign(Sign::Ok))
                    a href={ "#" (node_id(of, access, *rule)) } { (role_of(access, *rule)) " " (access.graph[*rule].kind) }
                    " " @if namespace.is_empty() { "everywhere" } @else { "in " (namespace) }
                    @if !names.is_empty() { ", only " (names.join(", ")) }
                }
            }
            @if !cell.asks.is_empty() { (asks(of, cell)) }
        }
    }
}

/// The role that a rule belongs to.
fn role_of(access: &Access, rule: NodeIndex) -> &str {
    let mut roles = access.graph.neighbors_directed(rule, petgraph::Direction::Incoming);
    roles.next().map_or("", |role| &access.graph[role].name)
}

fn asks(of: &Rights<'_>, cell: &Cell) -> Markup {
    html! {
        span .asks {
            "asked in " (of.asks) " "
            @for (index, place) in cell.asks.iter().enumerate() {
                @let ask = &of.access.asks[*place];
                @if index > 0 { ", " }
                a href={ "#" (of.id) "-" (of.asks) "-" (ask.step.replace('.', "-")) } { (ask.step) }
                @if !ask.info.namespace.is_empty() { " (" (ask.info.namespace) ")" }
                ": " @if Answer::Code(ask.code).lets_through() { (ask.code) } @else if ask.allowed { (ask.code) ", but allowed" } @else { (ask.code) }
            }
        }
    }
}
