//! What rules of a definition may cost at most (`TotalCost`, `getCostErrorMessage`).

use super::declare::REQUEST_MAX;
use crate::api::structural::{Additional, Structural};

/// What one rule may cost, wherever its values stand (`StaticEstimatedCostLimit`).
pub(super) const RULE_MAX: u64 = 10_000_000;
/// What all rules of a schema may cost together (`StaticEstimatedCRDCostLimit`).
pub(super) const SCHEMA_MAX: u64 = 100_000_000;
/// How many of them are named where they cost too much.
const NAMED_MAX: usize = 4;

/// What the rules of a schema cost together.
#[derive(Debug, Default)]
pub(super) struct Total {
    pub(super) sum: u64,
    /// The dearest first: where they are, and what they cost.
    dearest: Vec<(String, u64)>,
}

impl Total {
    /// Adds what an expression costs; none that is less than a hundredth of the limit is named.
    pub(super) fn add(&mut self, path: &str, cost: u64) {
        self.sum = self.sum.saturating_add(cost);
        if cost >= SCHEMA_MAX / 100 {
            let place = self.dearest.partition_point(|(_, other)| *other >= cost);
            self.dearest.insert(place, (path.to_owned(), cost));
            self.dearest.truncate(NAMED_MAX);
        }
    }

    /// Where the dearest expressions are.
    pub(super) fn dearest(&self) -> impl Iterator<Item = &str> {
        self.dearest.iter().map(|(path, _)| path.as_str())
    }
}

/// How often a value may be there at most, whose smallest has so many bytes (`maxCardinality`).
pub(super) const fn repeated(least: u64) -> u64 {
    REQUEST_MAX / (least + 1)
}

/// How many parts a value has at most for each that there is of it; none if nothing bounds them.
pub(super) fn multiplied(schema: &Structural, parents: Option<u64>) -> Option<u64> {
    let parts = match (schema.kind.as_str(), &schema.additional) {
        ("object", Additional::Schema(_) | Additional::Any(_)) => schema.checks.max_properties?,
        ("array", _) => schema.checks.max_items?,
        _ => 1,
    };
    Some(parents?.saturating_mul(parts))
}

/// What is told of what costs too much; how much too much, as Go prints the quotient.
pub(super) fn exceeds(what: &str, cost: u64, limit: u64) -> String {
    let factor = cost as f64 / limit as f64;
    let times = match factor {
        factor if factor > 100.0 => "more than 100x".to_owned(),
        factor if factor < 1.5 => format!("{factor:.6}x"),
        factor => format!("{factor:.1}x"),
    };
    format!(
        "{what} exceeds budget by factor of {times} (try simplifying the rule, or adding maxItems, maxProperties, and \
         maxLength where arrays, maps, and strings are declared)"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dearest_are_named_first() {
        let mut total = Total::default();
        for (path, cost) in [("a", 1_000_000), ("b", 9), ("c", 3_000_000), ("d", 1_000_000), ("e", u64::MAX)]
        {
            total.add(path, cost);
        }
        assert_eq!(total.sum, u64::MAX);
        assert_eq!(total.dearest().collect::<Vec<_>>(), ["e", "c", "a", "d"]);
    }

    #[test]
    fn factors_are_told_as_go_prints_them() {
        for (cost, want) in
            [(10_002_152, "1.000215x"), (28_000_000, "2.8x"), (1_000_000_001, "more than 100x")]
        {
            let told = exceeds("it", cost, RULE_MAX);
            assert!(told.starts_with(&format!("it exceeds budget by factor of {want} (try")), "{told}");
        }
    }
}
