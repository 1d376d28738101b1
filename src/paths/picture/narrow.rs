//! As much of a drawing as a picture can show.

use super::words;
use crate::paths::draw::{Arrow, Drawing, Drawn, Shape};
use std::collections::{BTreeMap, BTreeSet};

/// So many nodes a picture has at most.
pub const MOST: usize = 200;

/// What a picture leaves out: how many nodes of each kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    shown: usize,
    kinds: BTreeMap<&'static str, usize>,
}

impl LeftOut {
    /// What was left out and how to see it, if anything was.
    pub fn words(&self) -> Option<String> {
        let count: usize = self.kinds.values().sum();
        let kinds: Vec<String> = self.kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        (count > 0).then(|| {
            format!(
                "Of {} nodes those {} are drawn that are nearest to the target; {count} are left out: {}. Less is drawn with \
                 --from WHO, --to WHO or WHAT, or -n NAMESPACE; all is in -o text, json and dot.",
                self.shown + count,
                self.shown,
                kinds.join(", ")
            )
        })
    }
}

impl Drawing {
    /// The nodes that are nearest to the target, as many as a picture shows, and what leads from one of them to another.
    pub fn pictured(&self) -> (Drawing, LeftOut) {
        let far = self.distances();
        let mut order: Vec<(usize, usize)> = self.nodes.iter().map(|node| (far[node.id], node.id)).collect();
        order.sort_unstable();
        let left = order.split_off(order.len().min(MOST));
        let mut left_out = LeftOut { shown: order.len(), kinds: BTreeMap::new() };
        for (_, id) in left {
            *left_out.kinds.entry(words::kinds(self.nodes[id].kind)).or_default() += 1;
        }
        let mut kept: Vec<usize> = order.into_iter().map(|(_, id)| id).collect();
        kept.sort_unstable();
        let numbers: BTreeMap<usize, usize> = kept.iter().copied().zip(0..).collect();
        // A label is one line, whatever is in a name.
        let flat = |text: &str| text.replace('\n', "\\u{a}");
        let node = |(id, old): (usize, &usize)| {
            let Drawn { kind, ref name, .. } = self.nodes[*old];
            Drawn { id, kind, name: flat(name) }
        };
        let edge = |edge: &Arrow| {
            let (from, to) = (*numbers.get(&edge.from)?, *numbers.get(&edge.to)?);
            Some(Arrow { from, to, by: flat(&edge.by), severity: edge.severity })
        };
        let nodes = kept.iter().enumerate().map(node).collect();
        (Drawing { nodes, edges: self.edges.iter().filter_map(edge).collect() }, left_out)
    }

    /// How many edges each node is from the target; what does not lead there is further than all that does.
    fn distances(&self) -> Vec<usize> {
        let mut before: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for edge in &self.edges {
            before.entry(edge.to).or_default().push(edge.from);
        }
        let mut far = vec![usize::MAX; self.nodes.len()];
        let targets = self.nodes.iter().filter(|node| node.kind == Shape::Target).map(|node| node.id);
        let mut open: Vec<usize> = targets.collect();
        open.iter().for_each(|target| far[*target] = 0);
        for distance in 1.. {
            let next: BTreeSet<usize> =
                open.iter().flat_map(|at| before.get(at)).flatten().copied().collect();
            open = next.into_iter().filter(|id| far[*id] > distance).collect();
            open.iter().for_each(|id| far[*id] = distance);
            if open.is_empty() {
                break;
            }
        }
        far
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A chain to the target, and behind it more than is drawn.
    #[test]
    fn what_is_nearest_to_the_target_is_drawn() {
        let kind = |id: usize| match id {
            0 => Shape::Target,
            1..150 => Shape::Role,
            _ => Shape::User,
        };
        let nodes = (0..MOST + 30).map(|id| Drawn { id, kind: kind(id), name: format!("n{id}") });
        let arrow = |from: usize| Arrow { from, to: from - 1, by: String::new(), severity: None };
        let drawing = Drawing { nodes: nodes.collect(), edges: (1..MOST + 30).map(arrow).collect() };
        let (pictured, left_out) = drawing.pictured();
        assert_eq!((pictured.nodes.len(), pictured.edges.len()), (MOST, MOST - 1));
        assert!(pictured.nodes.iter().all(|node| node.name == format!("n{}", node.id)));
        let said = left_out.words().expect("some are");
        assert!(said.starts_with("Of 230 nodes those 200 are drawn") && said.contains("30 users."), "{said}");
        assert_eq!(pictured.pictured().1.words(), None);
    }
}
