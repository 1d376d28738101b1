//! Where what is drawn stands: nodes in layers, and between two of them the labels of what leads from one to the other.
//!
//! The way of K. Sugiyama, S. Tagawa and M. Toda ("Methods for Visual Understanding of Hierarchical System Structures", 1981): edges
//! that would lead in a circle are told beside the node that they come from, all others lead to the right; an edge over several
//! layers has a free place in each; of each layer the order is sought in which the fewest cross. Nothing stands on anything else.

use super::links::{Link, links};
use crate::paths::draw::Drawing;
use std::collections::{BTreeMap, BTreeSet};

/// What has a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// A node, by its number.
    Node(usize),
    /// The label of a link, by its number.
    Label(usize),
    /// Where an edge passes.
    Passage,
}

/// A thing in its place.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) item: Item,
    pub(super) layer: usize,
    /// Its left edge and its middle, from above.
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) width: i64,
    pub(super) height: i64,
}

/// A line from one thing to the next, over all passages.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// The things, by their numbers; the first and the last are no passages.
    pub(super) over: Vec<usize>,
    /// The link that it is a part of.
    pub(super) link: usize,
}

/// The whole picture.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    pub(super) items: Vec<Placed>,
    pub(super) lines: Vec<Line>,
    pub(super) links: Vec<Link>,
    pub(super) width: i64,
    pub(super) height: i64,
}

/// How high a node is, and a label.
pub(super) const NODE: i64 = 40;
const LABEL: i64 = 20;
const PASSAGE: i64 = 6;
/// Between two things of a layer, between two layers, around all.
const APART: i64 = 12;
const GUTTER: i64 = 34;
const MARGIN: i64 = 16;
/// How often orders and heights are gone over.
const SWEEPS: usize = 12;

impl Layout {
    /// That of a drawing, whose texts are so wide: of nodes, and of links.
    pub(super) fn of(
        drawing: &Drawing,
        node_width: &dyn Fn(usize) -> i64,
        label_width: &dyn Fn(&Link) -> i64,
    ) -> Layout {
        let columns = columns(drawing);
        let mut making = Making { links: links(drawing, &columns.back), ..Making::default() };
        making.place(&columns.of, node_width, label_width);
        making.order();
        making.heights();
        making.widths();
        let Making { items, lines, links, .. } = making;
        let width = items.iter().map(|item| item.x + item.width).max().unwrap_or_default() + MARGIN;
        let height = items.iter().map(|item| item.y + item.height / 2).max().unwrap_or_default() + MARGIN;
        Layout { items, lines, links, width, height }
    }
}

/// The columns of nodes, and the pairs that would lead in a circle.
struct Columns {
    of: BTreeMap<usize, usize>,
    back: BTreeSet<(usize, usize)>,
}

fn columns(drawing: &Drawing) -> Columns {
    let mut next: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    let mut led_to: BTreeSet<usize> = BTreeSet::new();
    for edge in &drawing.edges {
        next.entry(edge.from).or_default().insert(edge.to);
        led_to.insert(edge.to);
    }
    let ids = || drawing.nodes.iter().map(|node| node.id);
    // Those to whom nothing leads come first.
    let begin = ids().filter(|id| !led_to.contains(id)).chain(ids());
    let (mut back, mut on_the_way, mut done) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    let mut seen: BTreeSet<usize> = BTreeSet::new();
    for first in begin {
        // What is gone through, and what is left to look at behind it.
        let mut way: Vec<(usize, Vec<usize>)> = Vec::new();
        let after = |id: usize| next.get(&id).into_iter().flatten().rev().copied().collect::<Vec<_>>();
        if seen.insert(first) {
            on_the_way.insert(first);
            way.push((first, after(first)));
        }
        while let Some((at, rest)) = way.last_mut() {
            let at = *at;
            match rest.pop() {
                Some(to) if on_the_way.contains(&to) => drop(back.insert((at, to))),
                Some(to) if seen.insert(to) => {
                    on_the_way.insert(to);
                    way.push((to, after(to)));
                }
                Some(_) => {}
                None => {
                    on_the_way.remove(&at);
                    done.push(at);
                    way.pop();
                }
            }
        }
    }
    let mut of: BTreeMap<usize, usize> = BTreeMap::new();
    for at in done.into_iter().rev() {
        let own = *of.entry(at).or_default();
        for to in next.get(&at).into_iter().flatten().filter(|to| !back.contains(&(at, **to))) {
            let column = of.entry(*to).or_default();
            *column = (*column).max(own + 1);
        }
    }
    Columns { of, back }
}

#[derive(Default)]
struct Making {
    items: Vec<Placed>,
    lines: Vec<Line>,
    links: Vec<Link>,
    /// The things of each layer, from above.
    layers: Vec<Vec<usize>>,
    /// What stands beside a thing in the layer to the left, and to the right.
    left: Vec<Vec<usize>>,
    right: Vec<Vec<usize>>,
}

impl Making {
    fn add(&mut self, item: Item, layer: usize, width: i64, height: i64) -> usize {
        let number = self.items.len();
        self.items.push(Placed { item, layer, x: 0, y: 0, width, height });
        if self.layers.len() <= layer {
            self.layers.resize(layer + 1, Vec::new());
        }
        self.layers[layer].push(number);
        self.left.push(Vec::new());
        self.right.push(Vec::new());
        number
    }

    /// A line from one thing to another, with a passage in each layer between.
    fn connect(&mut self, from: usize, to: usize, link: usize) {
        let mut over = vec![from];
        for layer in self.items[from].layer + 1..self.items[to].layer {
            over.push(self.add(Item::Passage, layer, 0, PASSAGE));
        }
        over.push(to);
        for pair in over.windows(2) {
            self.right[pair[0]].push(pair[1]);
            self.left[pair[1]].push(pair[0]);
        }
        self.lines.push(Line { over, link });
    }

    fn place(
        &mut self,
        columns: &BTreeMap<usize, usize>,
        node_width: &dyn Fn(usize) -> i64,
        label_width: &dyn Fn(&Link) -> i64,
    ) {
        let mut nodes: Vec<(usize, usize)> = columns.iter().map(|(id, column)| (*column, *id)).collect();
        nodes.sort_unstable();
        let mut numbers: BTreeMap<usize, usize> = BTreeMap::new();
        for (column, id) in nodes {
            numbers.insert(id, self.add(Item::Node(id), column * 2, node_width(id), NODE));
        }
        for (number, link) in self.links.clone().iter().enumerate() {
            let froms: Vec<usize> = link.from.iter().map(|id| numbers[id]).collect();
            if link.labels.is_empty() && !link.back {
                froms.iter().for_each(|from| self.connect(*from, numbers[&link.to], number));
                continue;
            }
            let layer = match link.back {
                true => froms.iter().map(|from| self.items[*from].layer).max().unwrap_or_default() + 1,
                false => self.items[numbers[&link.to]].layer - 1,
            };
            let label = self.add(Item::Label(number), layer, label_width(link), LABEL);
            froms.iter().for_each(|from| self.connect(*from, label, number));
            if !link.back {
                self.connect(label, numbers[&link.to], number);
            }
        }
    }

    /// Orders each layer by the middle of what stands beside it, from the left and from the right in turn, and keeps the order in
    /// which the fewest lines cross.
    fn order(&mut self) {
        let mut best = (self.crossings(), self.layers.clone());
        for sweep in 0..SWEEPS {
            let from_left = sweep % 2 == 0;
            let count = self.layers.len();
            for step in 1..count {
                let layer = if from_left { step } else { count - 1 - step };
                let places = self.places();
                let beside = if from_left { &self.left } else { &self.right };
                let middle = |item: &usize| {
                    let all = beside[*item].iter().map(|other| places[*other] * 1_000);
                    let (sum, count) = all.fold((0, 0), |(sum, count), place| (sum + place, count + 1));
                    if count == 0 { places[*item] * 1_000 } else { sum / count }
                };
                let mut keyed: Vec<(i64, usize)> =
                    self.layers[layer].iter().map(|item| (middle(item), *item)).collect();
                keyed.sort_by_key(|(middle, _)| *middle);
                self.layers[layer] = keyed.into_iter().map(|(_, item)| item).collect();
            }
            let crossings = self.crossings();
            if crossings < best.0 {
                best = (crossings, self.layers.clone());
            }
        }
        self.layers = best.1;
    }

    /// The place of each thing in its layer.
    fn places(&self) -> Vec<i64> {
        let mut places = vec![0; self.items.len()];
        for layer in &self.layers {
            for (place, item) in (0..).zip(layer) {
                places[*item] = place;
            }
        }
        places
    }

    fn crossings(&self) -> usize {
        let places = self.places();
        let between = |layer: &Vec<usize>| {
            let ends = |item: &usize| {
                let mut ends: Vec<i64> = self.right[*item].iter().map(|to| places[*to]).collect();
                ends.sort_unstable();
                ends
            };
            let ends: Vec<i64> = layer.iter().flat_map(ends).collect();
            // As many as there are pairs in the wrong order.
            let mut before: BTreeMap<i64, usize> = BTreeMap::new();
            let mut count = 0;
            for end in ends {
                count += before.range(end + 1..).map(|(_, many)| many).sum::<usize>();
                *before.entry(end).or_default() += 1;
            }
            count
        };
        self.layers.iter().map(between).sum()
    }

    /// Puts each thing as near as may be to the middle of what stands beside it, and none on another.
    fn heights(&mut self) {
        for layer in self.layers.clone() {
            let mut y = 0;
            for item in layer {
                let height = self.items[item].height;
                self.items[item].y = y + height / 2;
                y += height + APART;
            }
        }
        for sweep in 0..SWEEPS {
            let count = self.layers.len();
            for step in 0..count {
                let layer = if sweep % 2 == 0 { step } else { count - 1 - step };
                self.settle(layer);
            }
        }
        let top = self.items.iter().map(|item| item.y - item.height / 2).min().unwrap_or_default();
        self.items.iter_mut().for_each(|item| item.y += MARGIN - top);
    }

    /// Moves the things of a layer to where they want to be; those that would stand on each other want it together.
    fn settle(&mut self, layer: usize) {
        let items = self.layers[layer].clone();
        // Without the room that those above it take, all would stand in one place or further down.
        let mut above = Vec::new();
        let mut room = 0;
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                room += (self.items[items[at - 1]].height + self.items[*item].height) / 2 + APART;
            }
            above.push(room);
        }
        let wanted = |item: usize| {
            let beside = self.left[item].iter().chain(&self.right[item]);
            let (sum, count) =
                beside.fold((0, 0), |(sum, count), other| (sum + self.items[*other].y, count + 1));
            if count == 0 { self.items[item].y } else { sum / count }
        };
        let mut groups: Vec<(i64, i64)> = Vec::new();
        for (item, above) in items.iter().zip(&above) {
            groups.push((wanted(*item) - above, 1));
            while let [.., (before, many), (last, more)] = groups[..]
                && before * more > last * many
            {
                groups.truncate(groups.len() - 2);
                groups.push((before + last, many + more));
            }
        }
        let ys = groups.into_iter().flat_map(|(sum, count)| (0..count).map(move |_| sum / count));
        let ys: Vec<i64> = ys.zip(above).map(|(y, above)| y + above).collect();
        for (item, y) in items.into_iter().zip(ys) {
            self.items[item].y = y;
        }
    }

    /// Gives each layer the width of what is widest in it.
    fn widths(&mut self) {
        let mut x = MARGIN;
        for layer in self.layers.clone() {
            let width = layer.iter().map(|item| self.items[*item].width).max().unwrap_or_default();
            for item in layer {
                let placed = &mut self.items[item];
                placed.x = x;
                // Labels stand in the middle, nodes and passages take the whole width.
                match placed.item {
                    Item::Label(_) => placed.x += (width - placed.width) / 2,
                    Item::Node(_) | Item::Passage => placed.width = width,
                }
            }
            x += width + GUTTER;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths::draw::{Arrow, Drawn, Shape};
    use proptest::prelude::*;

    fn drawing(count: usize, edges: &[(usize, usize, usize)]) -> Drawing {
        let nodes = (0..count).map(|id| Drawn { id, kind: Shape::User, name: format!("n{id}") });
        let edges = edges.iter().filter(|(from, to, _)| from != to && *from < count && *to < count);
        let by = |kind: usize| ["", "RoleBinding a", "create-pods"][kind].to_owned();
        let arrow = |(from, to, kind): &(usize, usize, usize)| Arrow {
            from: *from,
            to: *to,
            by: by(*kind),
            severity: None,
        };
        Drawing { nodes: nodes.collect(), edges: edges.map(arrow).collect() }
    }

    fn laid_out(drawing: &Drawing) -> Layout {
        Layout::of(drawing, &|_| 100, &|link| 10 * i64::try_from(link.labels.len()).unwrap_or_default())
    }

    proptest! {
        #![proptest_config(crate::testing::cases(300))]

        /// Whatever leads wherever: all is there, nothing stands on anything else, and all lines lead to the right.
        #[test]
        fn nothing_stands_on_anything_else(
            count in 1..14_usize,
            edges in prop::collection::vec((0..14_usize, 0..14_usize, 0..3_usize), 0..30),
        ) {
            let drawing = drawing(count, &edges);
            let layout = laid_out(&drawing);
            let nodes = layout.items.iter().filter(|item| matches!(item.item, Item::Node(_))).count();
            prop_assert_eq!(nodes, count);
            for (at, one) in layout.items.iter().enumerate() {
                prop_assert!(one.x >= 0 && one.x + one.width <= layout.width);
                prop_assert!(one.y >= one.height / 2 && one.y + one.height / 2 <= layout.height);
                for other in &layout.items[at + 1..] {
                    let beside = one.x + one.width <= other.x || other.x + other.width <= one.x;
                    let apart = (one.y - other.y).abs() >= (one.height + other.height) / 2;
                    prop_assert!(beside || apart, "{one:?} {other:?}");
                }
            }
            for line in &layout.lines {
                for pair in line.over.windows(2) {
                    prop_assert_eq!(layout.items[pair[0]].layer + 1, layout.items[pair[1]].layer);
                }
            }
            // Each edge is in a link.
            for edge in &drawing.edges {
                let is_in = |link: &Link| {
                    link.to == edge.to && link.from.contains(&edge.from)
                        && (edge.by.is_empty() || link.labels.contains(&edge.by))
                };
                prop_assert!(layout.links.iter().any(is_in), "{edge:?}");
            }
        }
    }

    #[test]
    fn a_chain_is_straight() {
        let layout = laid_out(&drawing(3, &[(0, 1, 1), (1, 2, 2)]));
        let ys: BTreeSet<i64> = layout.items.iter().map(|item| item.y).collect();
        assert_eq!((ys.len(), layout.items.len(), layout.lines.len()), (1, 5, 4));
    }
}
