//! Token buckets, in whole numbers (`client-go/util/flowcontrol`, `golang.org/x/time/rate`), and which of them are
//! remembered (`eventratelimit/cache.go`).

use super::Limit;
use imbl::{OrdMap, Vector};
use jiff::Timestamp;

/// One event, in what a rate of one a second brings in a nanosecond.
const EVENT: u128 = 1_000_000_000;

/// An allowance.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// What is left of it, at `at`.
    left: u128,
    at: Timestamp,
    /// When it was last looked at, as a number that grows.
    used: u64,
}

/// The buckets of one limit; what was not used for longest is forgotten first.
#[derive(Clone, Debug, Default)]
struct Cache {
    buckets: OrdMap<String, Bucket>,
    by_use: OrdMap<u64, String>,
    count: u64,
}

/// What is left of all allowances, limit by limit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rates(Vector<Cache>);

impl Rates {
    /// Takes one event from an allowance; false, and nothing is taken, when none is left.
    pub(super) fn take(&mut self, number: usize, limit: &Limit, key: &str, now: Timestamp) -> bool {
        while self.0.len() <= number {
            self.0.push_back(Cache::default());
        }
        self.0.get_mut(number).is_some_and(|cache| cache.take(limit, key, now))
    }
}

impl Cache {
    fn take(&mut self, limit: &Limit, key: &str, now: Timestamp) -> bool {
        let most = u128::from(limit.burst) * EVENT;
        self.count += 1;
        let mut bucket = match self.buckets.get(key) {
            Some(bucket) => {
                self.by_use.remove(&bucket.used);
                *bucket
            }
            None => Bucket { left: most, at: now, used: 0 },
        };
        bucket.used = self.count;
        // A request that waited may come with an earlier time than the last.
        let passed = u128::try_from(now.duration_since(bucket.at).as_nanos()).unwrap_or_default();
        bucket.left = most.min(bucket.left + passed * u128::from(limit.qps));
        bucket.at = bucket.at.max(now);
        let taken = bucket.left >= EVENT;
        if taken {
            bucket.left -= EVENT;
        }
        self.by_use.insert(self.count, key.to_owned());
        self.buckets.insert(key.to_owned(), bucket);
        if self.buckets.len() > limit.cache_size
            && let (Some((_, oldest)), rest) = self.by_use.without_min_with_key()
        {
            self.buckets.remove(&oldest);
            self.by_use = rest;
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::super::Type;
    use super::*;
    use jiff::SignedDuration;

    /// Five events at once, then two a second; each at its millisecond, and whether it is let through.
    #[test]
    fn an_allowance_fills_with_time() {
        let limit = Limit { of: Type::User, qps: 2, burst: 5, cache_size: 2 };
        let mut rates = Rates::default();
        let mut at = |key: &str, millis: i64| {
            rates.take(0, &limit, key, Timestamp::UNIX_EPOCH + SignedDuration::from_millis(millis))
        };
        for (millis, want) in [
            (0, true),
            (0, true),
            (0, true),
            (0, true),
            (0, true),
            (0, false),
            (499, false),
            (500, true),
            (500, false),
            (400, false),
            (1499, true),
            (1499, false),
            (1500, true),
            (9000, true),
        ] {
            assert_eq!(at("a", millis), want, "at {millis} ms");
        }
        // It never holds more than five, and others have their own.
        assert!((0..4).all(|_| at("a", 9000)) && !at("a", 9000));
        assert!((0..5).all(|_| at("b", 9000)) && !at("b", 9000));
        // Two are remembered: for a third the one is forgotten that was not used for longest.
        assert!(at("c", 9000));
        assert!(!at("b", 9000) && at("a", 9000));
    }
}
