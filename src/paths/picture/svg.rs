//! The picture: boxes, lines with their heads, labels, and what colours and dashes mean.

use super::layout::{Item, Layout, Line, NODE, Placed};
use super::words;
use crate::paths::Severity;
use crate::paths::draw::{Drawing, Shape};
use maud::{Markup, PreEscaped, html};

/// The kinds of a legend, in the order in which they are met.
pub(super) const KINDS: [Shape; 9] = [
    Shape::User,
    Shape::Group,
    Shape::ServiceAccount,
    Shape::Role,
    Shape::Any,
    Shape::Pod,
    Shape::Secret,
    Shape::Node,
    Shape::Target,
];

/// The lines of a legend.
pub(super) const LINES: [(Option<Severity>, &str); 5] = [
    (Some(Severity::Critical), "way up: critical"),
    (Some(Severity::High), "high"),
    (Some(Severity::Medium), "medium"),
    (Some(Severity::Low), "low"),
    (None, "a binding, or one is the other"),
];

/// What a label tells that says where it leads.
pub(super) const BACK: &str = "↩ leads back to the node that is named";

const STYLE: &str = include_str!("picture.css");

impl Drawing {
    /// The picture by itself, with its legend, as a file of SVG.
    pub fn svg(&self) -> String {
        const ABOVE: i64 = 44;
        let layout = self.layout();
        let legend = legend_width().max(layout.width);
        let (width, height) = (legend, layout.height + ABOVE);
        let picture = html! {
            svg xmlns="http://www.w3.org/2000/svg" width=(width) height=(height)
                viewBox={ "0 -" (ABOVE) " " (width) " " (height) } role="img" aria-label="Access graph" {
                style { (PreEscaped(STYLE)) }
                rect .paper x="0" y={ "-" (ABOVE) } width=(width) height=(height) {}
                (heads())
                (legend_above(ABOVE))
                (self.drawn_in(&layout, false))
            }
        };
        picture.into_string()
    }

    /// Where all of it stands.
    pub(super) fn layout(&self) -> Layout {
        let node = |id: usize| {
            let node = &self.nodes[id];
            words::width(&words::short(node)).max(words::width(words::named(node).0)) + 24
        };
        Layout::of(self, &node, &|link| words::width(&words::label(link, self)) + 12)
    }

    /// The picture on a page; nodes are links to their details.
    pub(super) fn in_page(&self, layout: &Layout) -> Markup {
        let (width, height) = (layout.width, layout.height);
        html! {
            svg #picture width=(width) height=(height) viewBox={ "0 0 " (width) " " (height) }
                role="group" aria-label="Access graph" {
                (heads())
                (self.drawn_in(layout, true))
            }
        }
    }

    /// Lines first: what else there is stands before them.
    fn drawn_in(&self, layout: &Layout, linked: bool) -> Markup {
        html! {
            g .lines { @for line in &layout.lines { (self.line(layout, line)) } }
            @for placed in &layout.items {
                @match placed.item {
                    Item::Passage => {}
                    Item::Label(link) => (self.label(layout, placed, link)),
                    Item::Node(id) => (self.node(placed, id, linked)),
                }
            }
        }
    }

    fn line(&self, layout: &Layout, line: &Line) -> Markup {
        let link = &layout.links[line.link];
        let class = words::class_of(link.severity);
        let all: Vec<&Placed> = line.over.iter().map(|item| &layout.items[*item]).collect();
        let mut path = String::new();
        for pair in all.windows(2) {
            let (begin, end) = (pair[0].x + pair[0].width, pair[1].x);
            let bend = (end - begin) / 2;
            if path.is_empty() {
                path = format!("M{begin} {}", pair[0].y);
            }
            let (c1, c2) = (begin + bend, end - bend);
            path += &format!(" C{c1} {} {c2} {} {end} {}", pair[0].y, pair[1].y, pair[1].y);
            if pair[1].item == Item::Passage {
                path += &format!(" H{}", pair[1].x + pair[1].width);
            }
        }
        let is_node = |item: Option<&&Placed>| match item.map(|placed| &placed.item) {
            Some(Item::Node(id)) => Some(*id),
            _ => None,
        };
        // A line to a label is of whoever it comes from, one from a label of all.
        let from = match is_node(all.first()) {
            Some(id) => id.to_string(),
            None => numbers(&link.from),
        };
        let head = is_node(all.last()).map(|_| format!("url(#head-{class})"));
        html! { path class=(class) d=(path) marker-end=[head] data-from=(from) data-to=(link.to) {} }
    }

    fn label(&self, layout: &Layout, placed: &Placed, link: usize) -> Markup {
        let link = &layout.links[link];
        let all = link.labels.join(", ");
        let back = if link.back { format!(", back to {}", self.nodes[link.to].name) } else { String::new() };
        let (top, middle) = (placed.y - placed.height / 2, placed.x + placed.width / 2);
        html! {
            g class={ "label " (words::class_of(link.severity)) } data-from=(numbers(&link.from)) data-to=(link.to) {
                title { (all) (back) }
                rect x=(placed.x) y=(top) width=(placed.width) height=(placed.height) rx="10" {}
                text x=(middle) y=(placed.y + 4) text-anchor="middle" { (words::label(link, self)) }
            }
        }
    }

    fn node(&self, placed: &Placed, id: usize, linked: bool) -> Markup {
        let node = &self.nodes[id];
        let (heading, _) = words::named(node);
        let inner = html! {
            title { (heading) ": " (node.name) }
            rect x=(placed.x) y=(placed.y - NODE / 2) width=(placed.width) height=(NODE) rx="5" {}
            text .heading x=(placed.x + 10) y=(placed.y - 5) { (heading) }
            text x=(placed.x + 10) y=(placed.y + 12) { (words::short(node)) }
        };
        let class = format!("node {}", words::class(node.kind));
        html! {
            @if linked {
                a class=(class) href={ "#n" (id) } data-id=(id) data-x=(placed.x) data-y=(placed.y)
                    aria-label={ (heading) " " (node.name) } { (inner) }
            } @else {
                g class=(class) { (inner) }
            }
        }
    }
}

fn numbers(ids: &[usize]) -> String {
    ids.iter().map(usize::to_string).collect::<Vec<_>>().join(" ")
}

/// The heads of lines, one a colour.
fn heads() -> Markup {
    html! {
        defs {
            @for (severity, _) in LINES {
                @let class = words::class_of(severity);
                marker class=(class) id={ "head-" (class) } viewBox="0 0 8 8" refX="7.5" refY="4"
                    markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto" {
                    path d="M0 0L8 4L0 8z" {}
                }
            }
        }
    }
}

/// A piece of line as it is in the picture.
pub(super) fn sample(severity: Option<Severity>, x: i64, y: i64) -> Markup {
    let class = words::class_of(severity);
    html! { g .lines { path class=(class) d={ "M" (x) " " (y) "h30" } marker-end={ "url(#head-" (class) ")" } {} } }
}

const SWATCH: i64 = 26;
const SAMPLE: i64 = 38;

fn legend_width() -> i64 {
    let kinds = KINDS.iter().map(|kind| SWATCH + words::width(words::kind(*kind)));
    let lines = LINES.iter().map(|(_, told)| SAMPLE + words::width(told));
    kinds.chain(lines).map(|width| width + 12).sum::<i64>() + words::width(BACK) + 32
}

/// The legend in one row above the picture.
fn legend_above(above: i64) -> Markup {
    let y = 22 - above;
    let mut x = 16;
    let mut entries = Vec::new();
    for kind in KINDS {
        entries.push(html! {
            g class={ "node " (words::class(kind)) } { rect x=(x) y=(y - 8) width="18" height="14" rx="3" {} }
            text x=(x + SWATCH) y=(y + 4) { (words::kind(kind)) }
        });
        x += SWATCH + words::width(words::kind(kind)) + 12;
    }
    for (severity, told) in LINES {
        entries.push(html! {
            (sample(severity, x, y))
            text x=(x + SAMPLE) y=(y + 4) { (told) }
        });
        x += SAMPLE + words::width(told) + 12;
    }
    entries.push(html! { text x=(x) y=(y + 4) { (BACK) } });
    html! { g .legend { @for entry in entries { (entry) } } }
}
