//! How often a test tries what is by chance.

use proptest::test_runner::{Config, RngSeed};

/// So many cases, the same each time; `KUBEVERDICT_CASES=1000000 cargo test --release --lib plain` tries more.
pub(crate) fn cases(ordinarily: u32) -> Config {
    #[expect(clippy::disallowed_methods, reason = "a test's, which a person gives it")]
    let asked = std::env::var("KUBEVERDICT_CASES").ok();
    let cases = asked.map_or(ordinarily, |cases| cases.parse().expect("KUBEVERDICT_CASES is a number"));
    Config { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(0), ..Config::default() }
}
