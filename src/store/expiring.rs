//! What is remembered for a while (`apimachinery/pkg/util/cache/expiring.go`).

use imbl::{OrdMap, OrdSet};
use jiff::{SignedDuration, Timestamp};

/// Values that are forgotten after a time; looking at one does not make it stay longer.
#[derive(Clone, Debug)]
pub struct Expiring<K: Ord, V> {
    kept: OrdMap<K, Kept<V>>,
    /// INVARIANT (bounded): every key with its end; what has ended goes when something new comes.
    ends: OrdSet<(Timestamp, K)>,
}

/// A value that is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept<V> {
    /// For how long.
    pub remembered: Remembered,
    /// The value.
    pub value: V,
}

impl<K: Ord, V> Default for Expiring<K, V> {
    fn default() -> Expiring<K, V> {
        Expiring { kept: OrdMap::default(), ends: OrdSet::default() }
    }
}

impl<K: Ord + Clone, V: Clone> Expiring<K, V> {
    /// What is remembered under a key now.
    pub fn get(&self, key: &K, now: Timestamp) -> Option<&Kept<V>> {
        self.kept.get(key).filter(|kept| now < kept.remembered.until)
    }

    /// Remembers a value for a time, in the place of another.
    pub fn set(&mut self, key: K, value: V, now: Timestamp, time: SignedDuration) {
        self.forget_ended(now);
        let until = now.saturating_add(time).unwrap_or(Timestamp::MAX);
        let kept = Kept { remembered: Remembered { since: now, until }, value };
        if let Some(before) = self.kept.insert(key.clone(), kept) {
            self.ends.remove(&(before.remembered.until, key.clone()));
        }
        self.ends.insert((until, key));
    }

    fn forget_ended(&mut self, now: Timestamp) {
        while let Some((until, key)) = self.ends.get_min().filter(|(until, _)| *until <= now).cloned() {
            self.kept.remove(&key);
            self.ends.remove(&(until, key));
        }
    }
}

/// That something was remembered, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// Since when.
    pub since: Timestamp,
    /// It is forgotten at this instant.
    pub until: Timestamp,
}

impl Remembered {
    /// The same as a fact.
    pub fn fact(self) -> crate::api::fact::Remembered {
        crate::api::fact::Remembered { since: self.since.to_string(), until: self.until.to_string() }
    }

    /// In a few words; `done` is what was done when it was new.
    pub fn told(&self, done: &str, now: Timestamp) -> String {
        let (ago, left) = (words(now.duration_since(self.since)), words(self.until.duration_since(now)));
        format!("from the cache ({done} {ago} ago, for {left} more)")
    }
}

/// A span as Go writes it, to the millisecond.
fn words(span: SignedDuration) -> String {
    let (minutes, seconds, millis) = (span.as_mins(), span.as_secs() % 60, span.subsec_millis());
    let fraction = format!("{millis:03}");
    match (minutes, seconds, fraction.trim_end_matches('0')) {
        (0, 0, "") => "0s".to_owned(),
        (0, 0, _) => format!("{millis}ms"),
        (0, _, "") => format!("{seconds}s"),
        (0, _, fraction) => format!("{seconds}.{fraction}s"),
        (_, _, "") => format!("{minutes}m{seconds}s"),
        (_, _, fraction) => format!("{minutes}m{seconds}.{fraction}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_forgotten_on_time() {
        let at = |second| Timestamp::from_second(second).expect("an instant");
        let seconds = SignedDuration::from_secs;
        let mut cache = Expiring::default();
        cache.set("a", 1, at(0), seconds(10));
        let remembered = Remembered { since: at(0), until: at(10) };
        assert_eq!(cache.get(&"a", at(9)), Some(&Kept { remembered, value: 1 }));
        assert_eq!(remembered.told("asked", at(9)), "from the cache (asked 9s ago, for 1s more)");
        assert_eq!(cache.get(&"a", at(10)), None);
        cache.set("a", 2, at(5), seconds(10));
        assert_eq!(cache.get(&"a", at(14)).map(|kept| kept.value), Some(2), "the newer one counts");
        cache.set("b", 3, at(20), seconds(10));
        assert_eq!((cache.kept.len(), cache.ends.len()), (1, 1), "what has ended is gone");
    }
}
