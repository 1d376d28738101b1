//! The access graph as a page: a picture in SVG, and nothing from elsewhere.
//!
//! Nodes stand in columns by how far they are from those with whom it begins; of each column, in the order of those that lead
//! there. Whoever points at a node sees what leads to it and from it.

use super::draw::{Arrow, Drawing, Shape};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use std::collections::BTreeMap;

const WIDTH: usize = 250;
const HEIGHT: usize = 26;
const ACROSS: usize = 400;
const DOWN: usize = 38;
const MARGIN: usize = 20;
/// A label has room for so many characters.
const LETTERS: usize = 38;

const STYLE: &str = "
body { font: 14px system-ui, sans-serif; margin: 1.5rem; color: #222; background: #fff; }
svg { font: 11px system-ui, sans-serif; }
rect { fill: #fff; stroke: #888; }
.user rect, .group rect, .serviceAccount rect { fill: #eef4ff; }
.role rect { fill: #fff7e6; }
.target rect { fill: #ffe5e5; stroke: #b22222; }
path { fill: none; stroke: #bbb; }
path.low { stroke: #777; } path.medium { stroke: #b8860b; } path.high { stroke: #d2691e; } path.critical { stroke: #b22222; }
.dim { opacity: .12; }
";

const SCRIPT: &str = "
const edges = [...document.querySelectorAll('path[data-from]')], nodes = [...document.querySelectorAll('g[data-id]')];
for (const node of nodes) {
  node.addEventListener('mouseenter', () => {
    const id = node.dataset.id, near = new Set([id]);
    for (const edge of edges) {
      const mine = edge.dataset.from === id || edge.dataset.to === id;
      edge.classList.toggle('dim', !mine);
      if (mine) { near.add(edge.dataset.from); near.add(edge.dataset.to); }
    }
    for (const other of nodes) other.classList.toggle('dim', !near.has(other.dataset.id));
  });
  node.addEventListener('mouseleave', () => {
    for (const one of [...edges, ...nodes]) one.classList.remove('dim');
  });
}
";

impl Drawing {
    /// The page.
    pub fn page(&self) -> String {
        let places = self.places();
        let right = places.values().map(|(x, _)| x + WIDTH).max().unwrap_or_default() + MARGIN;
        let bottom = places.values().map(|(_, y)| y + HEIGHT).max().unwrap_or_default() + MARGIN;
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    title { "Access graph" }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    h1 { "Access graph" }
                    p {
                        "Who holds what, and where each right leads. " (self.nodes.len()) " nodes, " (self.edges.len())
                        " edges. Point at a node to see what leads to it and from it."
                    }
                    svg role="img" aria-label="Access graph" width=(right) height=(bottom)
                        viewBox=(format!("0 0 {right} {bottom}")) {
                        @for edge in &self.edges { (curve(edge, &places)) }
                        @for node in &self.nodes {
                            @let (x, y) = places[&node.id];
                            g class=(class(node.kind)) data-id=(node.id) {
                                title { (node.name) }
                                rect x=(x) y=(y) width=(WIDTH) height=(HEIGHT) rx="4" {}
                                text x=(x + 8) y=(y + 17) { (short(&node.name)) }
                            }
                        }
                    }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        };
        page.into_string()
    }

    /// The corner of each node.
    fn places(&self) -> BTreeMap<usize, (usize, usize)> {
        let mut column: BTreeMap<usize, usize> = BTreeMap::new();
        let has_way_in = |id: usize| self.edges.iter().any(|edge| edge.to == id && edge.from != id);
        let first: Vec<usize> = self.nodes.iter().map(|node| node.id).filter(|id| !has_way_in(*id)).collect();
        let mut open =
            if first.is_empty() { self.nodes.iter().map(|node| node.id).take(1).collect() } else { first };
        let mut depth = 0;
        let mut order: Vec<usize> = Vec::new();
        while !open.is_empty() {
            let mut next = Vec::new();
            for id in open {
                if column.contains_key(&id) {
                    continue;
                }
                column.insert(id, depth);
                order.push(id);
                next.extend(self.edges.iter().filter(|edge| edge.from == id).map(|edge| edge.to));
            }
            open = next;
            depth += 1;
        }
        // What only leads in a circle stands in front.
        order.extend(self.nodes.iter().map(|node| node.id).filter(|id| !column.contains_key(id)));
        // The target is where all ends.
        let last = column.values().max().copied().unwrap_or_default();
        for node in self.nodes.iter().filter(|node| node.kind == Shape::Target) {
            column.insert(node.id, last.max(1));
        }
        let mut filled: BTreeMap<usize, usize> = BTreeMap::new();
        let mut places = BTreeMap::new();
        for id in order {
            let column = column.get(&id).copied().unwrap_or_default();
            let row = filled.entry(column).or_default();
            places.insert(id, (MARGIN + column * ACROSS, MARGIN + *row * DOWN));
            *row += 1;
        }
        places
    }
}

fn curve(edge: &Arrow, places: &BTreeMap<usize, (usize, usize)>) -> Markup {
    let ((from_x, from_y), (to_x, to_y)) = (places[&edge.from], places[&edge.to]);
    let (x, y) = (from_x + WIDTH, from_y + HEIGHT / 2);
    let (end_x, end_y) = (to_x, to_y + HEIGHT / 2);
    let bend = (ACROSS - WIDTH) / 2;
    let path = format!("M{x} {y} C{} {y} {} {end_y} {end_x} {end_y}", x + bend, end_x.saturating_sub(bend));
    let class = edge.severity.map(|severity| format!("{severity:?}").to_lowercase()).unwrap_or_default();
    html! {
        path class=(class) d=(path) data-from=(edge.from) data-to=(edge.to) { title { (edge.by) } }
    }
}

fn class(kind: Shape) -> &'static str {
    match kind {
        Shape::User => "user",
        Shape::Group => "group",
        Shape::ServiceAccount => "serviceAccount",
        Shape::Role => "role",
        Shape::Any => "any",
        Shape::Pod => "pod",
        Shape::Secret => "secret",
        Shape::Node => "node",
        Shape::Target => "target",
    }
}

/// A name as far as there is room for it.
fn short(name: &str) -> String {
    let name = name.replace("system:serviceaccount:", "account ");
    match name.char_indices().nth(LETTERS) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name,
    }
}
