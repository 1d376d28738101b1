//! Goal: whatever a stranger's bytes are, nobody panics and nothing goes on for long, also where no fuzzer is at hand.
//! Method: the doors that are fuzzed (`fuzz/src/lib.rs`), and through each of them its seeds (`fuzz/seeds/`), which are
//! harmless: requests, lines and files of the records, and what was just over a limit once.

#[path = "../fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "a crate of its own there")]
mod doors;

use doors::{DOORS, Door};
use libtest_mimic::{Arguments, Failed, Trial};
use std::time::{Duration, Instant};

/// How long one seed may take: two seconds of a release build.
const TIME: Duration = Duration::from_secs(if cfg!(debug_assertions) { 10 } else { 2 });

/// What stands between two seeds.
const BETWEEN: &str = "\n%%%%%%%%\n";

fn main() {
    let arguments = Arguments::from_args();
    let trials = DOORS.iter().map(|(name, door)| Trial::test(*name, move || replay(name, *door)));
    libtest_mimic::run(&arguments, trials.collect()).exit();
}

fn replay(name: &str, door: Door) -> Result<(), Failed> {
    let path = format!("{}/fuzz/seeds/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    for seed in std::fs::read_to_string(path)?.split(BETWEEN) {
        let begun = Instant::now();
        let ended = std::panic::catch_unwind(|| door(seed.as_bytes()));
        if ended.is_err() {
            return Err(format!("it panics: {seed}").into());
        }
        if begun.elapsed() > TIME {
            return Err(format!("it takes {:?}: {seed}", begun.elapsed()).into());
        }
    }
    Ok(())
}
