//! Edges as they are drawn: those that say the same of one target are one, with one label.

use crate::paths::Severity;
use crate::paths::draw::Drawing;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Edges that are drawn as one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Link {
    /// From where.
    pub(super) from: Vec<usize>,
    /// To where.
    pub(super) to: usize,
    /// By what, the worst first; nothing where the one is the other.
    pub(super) labels: Vec<String>,
    /// How bad the worst of it is, where it is a way.
    pub(super) severity: Option<Severity>,
    /// Whether it leads back, to a node that comes before.
    pub(super) back: bool,
}

/// What leads from one node to another: labels, the worst first, and how bad that is.
type Between<'a> = BTreeSet<(Reverse<Option<Severity>>, &'a str)>;

/// The links of a drawing, of which some pairs of nodes lead back.
pub(super) fn links(drawing: &Drawing, back: &BTreeSet<(usize, usize)>) -> Vec<Link> {
    let mut pairs: BTreeMap<(usize, usize), Between<'_>> = BTreeMap::new();
    for edge in &drawing.edges {
        let between = pairs.entry((edge.from, edge.to)).or_default();
        if !edge.by.is_empty() {
            between.insert((Reverse(edge.severity), &edge.by));
        }
    }
    let mut alike: BTreeMap<(usize, Between<'_>, bool), Vec<usize>> = BTreeMap::new();
    for ((from, to), between) in pairs {
        alike.entry((to, between, back.contains(&(from, to)))).or_default().push(from);
    }
    let link = |((to, between, back), from): ((usize, Between<'_>, bool), Vec<usize>)| Link {
        from,
        to,
        severity: between.first().and_then(|(severity, _)| severity.0),
        labels: between.into_iter().map(|(_, by)| by.to_owned()).collect(),
        back,
    };
    alike.into_iter().map(link).collect()
}
