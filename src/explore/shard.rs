//! Which seeds are whose, where several machines share them.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// One of N equal parts of the seeds, written K/N, where K counts from 0: each seed that leaves K when it is divided by N.
///
/// Dealt out like cards and not in stretches, so that each part holds small seeds as well, and more seeds later are more seeds for
/// each part. From 0 as `JOB_COMPLETION_INDEX` of an Indexed Job counts, and `strategy.job-index` of a matrix at GitHub.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Shard {
    part: u32,
    of: u32,
}

impl Shard {
    /// All seeds.
    pub const ALL: Shard = Shard { part: 0, of: 1 };

    /// All parts of as many.
    pub(super) fn all(of: u32) -> impl Iterator<Item = Shard> {
        (0..of).map(move |part| Shard { part, of })
    }

    /// How many parts there are.
    pub(super) fn of(self) -> u32 {
        self.of
    }

    /// Its seeds, of as many in all.
    pub fn seeds(self, seeds: u64) -> impl Iterator<Item = u64> {
        (u64::from(self.part)..seeds).step_by(self.of as usize)
    }

    /// How many seeds it has, of as many in all.
    pub fn count(self, seeds: u64) -> u64 {
        seeds.saturating_sub(self.part.into()).div_ceil(self.of.into())
    }

    /// Whether a seed is its own, of as many in all.
    pub(super) fn has(self, seed: u64, seeds: u64) -> bool {
        seed < seeds && seed % u64::from(self.of) == u64::from(self.part)
    }
}

impl Default for Shard {
    fn default() -> Shard {
        Shard::ALL
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.part, self.of)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let numbers =
            text.split_once('/').and_then(|(part, of)| Some((part.parse().ok()?, of.parse().ok()?)));
        match numbers {
            Some((part, of)) if part < of => Ok(Shard { part, of }),
            Some((part, of)) if part == of && of > 0 => {
                Err(format!("parts count from 0: of {of} the last is {}/{of}", of - 1))
            }
            Some(_) | None => {
                Err("a part is written K/N, as 0/3, 1/3 and 2/3 are the parts of three".to_owned())
            }
        }
    }
}

impl TryFrom<String> for Shard {
    type Error = String;

    fn try_from(text: String) -> Result<Shard, String> {
        text.parse()
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> String {
        shard.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_seed_is_dealt_to_one_part() {
        for (of, seeds) in [(1, 5), (3, 10), (3, 2), (4, 0)] {
            let mut dealt: Vec<u64> = Vec::new();
            for shard in Shard::all(of) {
                let own: Vec<u64> = shard.seeds(seeds).collect();
                assert_eq!(own.len() as u64, shard.count(seeds), "{shard} of {seeds}");
                assert!((0..seeds + 9).all(|seed| shard.has(seed, seeds) == own.contains(&seed)));
                dealt.extend(own);
            }
            dealt.sort_unstable();
            assert_eq!(dealt, (0..seeds).collect::<Vec<u64>>());
        }
    }

    #[test]
    fn what_is_no_part_is_told() {
        assert_eq!("2/3".parse(), Ok(Shard { part: 2, of: 3 }));
        assert_eq!("3/3".parse::<Shard>().unwrap_err(), "parts count from 0: of 3 the last is 2/3");
        for wrong in ["", "1", "0/0", "4/3", "-1/3", "1/2/3"] {
            assert!(wrong.parse::<Shard>().unwrap_err().contains("written K/N"), "{wrong}");
        }
    }
}
