//! Where the nodes of the graph stand: a column a kind, in an order that crosses few edges.

use super::{Access, Column};
use petgraph::Direction;
use petgraph::graph::NodeIndex;
use std::collections::BTreeMap;

/// The width of a node.
pub(crate) const WIDTH: i32 = 236;
/// The height of a node.
pub(crate) const HEIGHT: i32 = 62;
const BETWEEN_COLUMNS: i32 = 62;
const BETWEEN_ROWS: i32 = 14;
const MARGIN: i32 = 8;
/// Room for the names of the columns.
const TOP: i32 = 34;

/// A laid out graph.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    /// The picture's width.
    pub width: i32,
    /// Its height.
    pub height: i32,
    /// The upper left corner of each node.
    pub at: BTreeMap<NodeIndex, (i32, i32)>,
    /// The left side of each column.
    pub columns: [(Column, i32); 4],
}

/// Lays the graph out.
pub(crate) fn place(access: &Access) -> Placed {
    let kinds = [Column::Subject, Column::Binding, Column::Role, Column::Rule];
    let mut columns: Vec<Vec<NodeIndex>> = kinds.iter().map(|kind| access.column(*kind)).collect();
    for round in 0..4 {
        let (from, towards) =
            if round % 2 == 0 { (Direction::Incoming, [1, 2, 3]) } else { (Direction::Outgoing, [2, 1, 0]) };
        for column in towards {
            let beside = if round % 2 == 0 { column - 1 } else { column + 1 };
            let ranks: BTreeMap<NodeIndex, i32> =
                columns[beside].iter().zip(0..).map(|(node, rank)| (*node, rank)).collect();
            let mut wanted: Vec<(i32, usize, NodeIndex)> = Vec::new();
            for (place, node) in columns[column].iter().enumerate() {
                wanted.push((mean(access, *node, from, &ranks), place, *node));
            }
            wanted.sort();
            columns[column] = wanted.into_iter().map(|(_, _, node)| node).collect();
        }
    }
    let most = columns.iter().map(Vec::len).max().unwrap_or_default();
    let height_of = |count: usize| {
        let count = i32::try_from(count).unwrap_or(i32::MAX / 1000);
        count * (HEIGHT + BETWEEN_ROWS) - BETWEEN_ROWS
    };
    let whole = height_of(most);
    let mut at = BTreeMap::new();
    let left = |column: i32| MARGIN + column * (WIDTH + BETWEEN_COLUMNS);
    for (column, nodes) in (0..).zip(&columns) {
        let top = TOP + (whole - height_of(nodes.len())) / 2;
        for (row, node) in (0..).zip(nodes) {
            at.insert(*node, (left(column), top + row * (HEIGHT + BETWEEN_ROWS)));
        }
    }
    Placed {
        width: left(3) + WIDTH + MARGIN,
        height: TOP + whole + MARGIN,
        at,
        columns: [0, 1, 2, 3].map(|column| (kinds[column], left(i32::try_from(column).unwrap_or_default()))),
    }
}

/// The mean rank of a node's neighbours, in hundredths; last where it has none.
fn mean(access: &Access, node: NodeIndex, from: Direction, ranks: &BTreeMap<NodeIndex, i32>) -> i32 {
    let near: Vec<i32> =
        access.graph.neighbors_directed(node, from).filter_map(|near| ranks.get(&near).copied()).collect();
    match i32::try_from(near.len()) {
        Ok(count @ 1..) => near.iter().sum::<i32>() * 100 / count,
        Ok(_) | Err(_) => i32::MAX,
    }
}
