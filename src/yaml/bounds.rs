//! How deep a text may nest, and how much its aliases may stand for: counted as it is read, before anything is built of it.

use super::Misread;
use crate::limits::{ALIASED, NESTING};
use saphyr_parser::{Event, ScanError, Span};
use std::collections::BTreeMap;

/// A bound that a text is over, with the line and the column where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    /// Too many values within each other.
    Nesting((usize, usize)),
    /// Aliases that stand for too much.
    Aliases((usize, usize)),
}

impl Bound {
    pub(super) fn misread(self) -> Misread {
        let (limit, at) = match self {
            Bound::Nesting(at) => (NESTING, at),
            Bound::Aliases(at) => (ALIASED, at),
        };
        let words = limit.check(limit.value + 1).err().unwrap_or_default();
        Misread { words, at, bound: Some(self) }
    }
}

/// The parser has a bound of its own where it looks ahead: `[[[[[` may be a key.
pub(super) fn nested(error: &ScanError) -> Option<Bound> {
    let at = (error.marker().line(), error.marker().col() + 1);
    (error.info() == "recursion limit exceeded").then_some(Bound::Nesting(at))
}

/// What was counted so far.
#[derive(Default)]
pub(super) struct Bounds {
    /// Anchor and size of what has not ended.
    open: Vec<(usize, u64)>,
    /// How much is at an anchor, with what aliases in it stand for.
    sizes: BTreeMap<usize, u64>,
    aliased: u64,
}

impl Bounds {
    pub(super) fn count(&mut self, event: &Event<'_>, span: Span) -> Result<(), Bound> {
        let at = (span.start.line(), span.start.col() + 1);
        match event {
            Event::Scalar(_, _, anchor, _) => self.add(*anchor, 1),
            Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _) => {
                self.open.push((*anchor, 1));
                NESTING.check(self.open.len() as u64).map_err(|_| Bound::Nesting(at))?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some((anchor, size)) = self.open.pop() {
                    self.add(anchor, size);
                }
            }
            Event::Alias(anchor) => {
                let size = self.sizes.get(anchor).copied().unwrap_or(1);
                self.aliased = self.aliased.saturating_add(size);
                ALIASED.check(self.aliased).map_err(|_| Bound::Aliases(at))?;
                self.add(0, size);
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn add(&mut self, anchor: usize, size: u64) {
        if anchor > 0 {
            self.sizes.insert(anchor, size);
        }
        if let Some((_, whole)) = self.open.last_mut() {
            *whole = whole.saturating_add(size);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(text: &str) -> Option<Bound> {
        crate::yaml::read(text, true).err()?.bound
    }

    #[test]
    fn texts_end_where_the_bounds_are() {
        let nested = |open: &str, close: &str, times: u64| {
            format!("{}1{}", open.repeat(times as usize), close.repeat(times as usize))
        };
        for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", "")] {
            assert_eq!(bound(&nested(open, close, NESTING.value)), None, "{open}");
            for times in [NESTING.value + 1, 20_000] {
                assert!(matches!(bound(&nested(open, close, times)), Some(Bound::Nesting((1, _)))), "{open}");
            }
        }
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..=9 {
            let below = format!("*a{}, ", level - 1).repeat(10);
            bomb.push_str(&format!("a{level}: &a{level} [{below}]\n"));
        }
        assert!(matches!(bound(&bomb), Some(Bound::Aliases((6 | 7, _)))), "{:?}", bound(&bomb));
        assert!(super::super::read(&bomb, true).is_err());
    }
}
