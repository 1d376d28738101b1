//! The page: legend, picture, what leads to each node and from it, for whoever points, types or reads.

use super::LeftOut;
use super::svg::{BACK, KINDS, LINES, sample};
use super::words;
use crate::html::{self, Head, Styles};
use crate::paths::draw::{Arrow, Drawing, Drawn};
use maud::{Markup, PreEscaped, html};

const STYLES: [&str; 2] = [include_str!("picture.css"), include_str!("page.css")];
const SCRIPT: &str = include_str!("page.js");
const EMPTY: &str = "Choose a node to read what leads to it and from it: point and click, or Tab, the arrow keys and Enter; \
                     Escape lets it go.";

impl Drawing {
    /// The page of what is drawn, where some may have been left out.
    pub fn page(&self, left_out: &LeftOut) -> String {
        let layout = self.layout();
        let head = Head { title: "Access graph", meta: &[], styles: Styles::Written(&STYLES), script: None };
        let body = html! {
            body {
                h1 { "Access graph" }
                p {
                    "Who holds what, and where each right leads, from left to right: " (self.nodes.len()) " nodes, "
                    (self.edges.len()) " edges. It is what the rights allow, gates or not; "
                    code { "kubeverdict paths" } " carries it out."
                }
                @if let Some(left_out) = left_out.words() { p .note role="note" { (left_out) } }
                @if self.nodes.is_empty() {
                    p .note role="note" { "Nothing here: nobody holds anything that is asked about." }
                } @else {
                    (legend())
                    div .tools {
                        button #fit type="button" aria-pressed="false" { "Fit into the frame" }
                        span #wide { "The picture is larger than its frame: scroll in it, sideways and down." }
                    }
                    div .frame tabindex="0" role="region" aria-label="Access graph, scrolls" { (self.in_page(&layout)) }
                    aside #details aria-live="polite" data-empty=(EMPTY) {}
                    h2 { "Node by node" }
                    @for node in &self.nodes { (self.details(node)) }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        };
        html::page(&head, &body).into_string()
    }

    fn details(&self, node: &Drawn) -> Markup {
        let (heading, name) = words::named(node);
        let to: Vec<&Arrow> = self.edges.iter().filter(|edge| edge.to == node.id).collect();
        let from: Vec<&Arrow> = self.edges.iter().filter(|edge| edge.from == node.id).collect();
        html! {
            section id={ "n" (node.id) } {
                h3 { (name) " " span .soft { (heading) } }
                @if !to.is_empty() {
                    p { "What leads here:" }
                    ul { @for edge in to { li { (self.link(edge.from)) (by(edge)) } } }
                }
                @if !from.is_empty() {
                    p { "Where it leads:" }
                    ul { @for edge in from { li { (self.link(edge.to)) (by(edge)) } } }
                }
            }
        }
    }

    fn link(&self, id: usize) -> Markup {
        html! { a href={ "#n" (id) } { (self.nodes[id].name) } }
    }
}

fn by(edge: &Arrow) -> Markup {
    html! {
        @if !edge.by.is_empty() { ", by " (edge.by) }
        @if let Some(severity) = edge.severity { " (" (severity.word()) ")" }
    }
}

fn legend() -> Markup {
    html! {
        ul .legend aria-label="Legend" {
            @for kind in KINDS {
                li {
                    svg width="20" height="16" aria-hidden="true" {
                        g class={ "node " (words::class(kind)) } { rect x="1" y="1" width="18" height="14" rx="3" {} }
                    }
                    (words::kind(kind))
                }
            }
            @for (severity, told) in LINES {
                li {
                    svg width="34" height="12" aria-hidden="true" { (sample(severity, 1, 6)) }
                    (told)
                }
            }
            li { (BACK) }
        }
    }
}
