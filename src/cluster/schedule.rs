//! The choices that a real cluster leaves to chance: which of the things that are due goes first.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Who chooses.
#[derive(Clone, Debug)]
pub(super) enum Schedule {
    /// First come, first served.
    InOrder,
    /// Drawn from a seed.
    Seeded(Box<ChaCha8Rng>),
}

impl Schedule {
    /// In order, or drawn from the seed.
    pub(super) fn new(seed: u64, shuffle: bool) -> Schedule {
        if !shuffle {
            return Schedule::InOrder;
        }
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        // A stream of its own, beside those of names, uids and tokens.
        generator.set_stream(u64::from(u32::MAX));
        Schedule::Seeded(Box::new(generator))
    }

    /// One of `n` alternatives.
    pub(super) fn choose(&mut self, n: usize) -> usize {
        match self {
            Schedule::InOrder => 0,
            Schedule::Seeded(_) if n < 2 => 0,
            Schedule::Seeded(generator) => (generator.next_u64() % n as u64) as usize,
        }
    }
}
