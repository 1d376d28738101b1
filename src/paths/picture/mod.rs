//! The access graph as a picture: in SVG, and on a page with its legend and the details of each node, which needs nothing from
//! elsewhere.
//!
//! Who holds something stands on the left, and what it leads to on the right of it. A picture of more than [`MOST`] nodes shows
//! nobody anything: those nearest to the target are drawn, and what was left out is said.

mod layout;
mod links;
mod narrow;
mod page;
mod svg;
mod words;

pub use narrow::{LeftOut, MOST};
