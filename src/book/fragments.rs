//! Parts of the book's pages for other pages: the same facts in the same words and shapes.

use super::pictures::{Rights, drawings};
use super::{cures, evidence, layout, strip, timeline};
use crate::access::Access;
use crate::authorize::rbac::Index;
use crate::explain::Explanation;
use maud::{Markup, html};

pub(crate) use super::layout::{Sign, clock, prose, signs};

/// A request explained: its answer, the strip of gates, the evidence, and what would turn a refusal.
pub(crate) fn explained(explanation: &Explanation) -> Markup {
    html! {
        p .ends {
            (layout::code(explanation.code))
            span .asked { "to " code { (explanation.request.split('?').next().unwrap_or_default()) } }
        }
        (strip::strip(&explanation.gates))
        @if !explanation.message.is_empty() { blockquote .message { (explanation.message) } }
        @if let Some(found) = &explanation.cures { (cures::cures(found)) }
        details .evidence open {
            summary { "Evidence" }
            (evidence::evidence(explanation))
        }
    }
}

/// Who may do what: the graph, and a matrix for each who asks.
pub(crate) fn rights(id: &str, access: &Access, end: &Index, asks: &'static str) -> Markup {
    drawings(&Rights { id, access, end, asks })
}

/// Who acted, as people say it: `the kubelet`, `the replica set controller`.
pub(crate) fn actor(controller: &str) -> (Sign, String) {
    timeline::actor(controller)
}
