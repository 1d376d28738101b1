//! Goal: each known race is found, told by as few choices as it takes, and cured.
//! Method: the scenarios in `scenarios/races`, each by seeds and by a search through every order.

#[path = "support/scenarios.rs"]
mod scenarios;

use kubeverdict::api::Version;
use kubeverdict::cluster::Fresh;
use kubeverdict::explore::{Bounds, Endings, Exploration, Explorer, Found};
use kubeverdict::scenario::format::Scenario;
use kubeverdict::scenario::{load, run};
use scenarios::{Beside, ROOT};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// How many seeds a race may hide from.
const SEEDS: u64 = 1000;

fn with<T>(path: &Path, version: Version, act: impl FnOnce(&Explorer<'_>) -> T) -> T {
    let scenario = read(path);
    let (files, fresh) = (Beside::of(path), Fresh::default());
    act(&Explorer::new(&scenario, version, &files, &fresh).expect("it is good"))
}

fn read(path: &Path) -> Scenario {
    let text = std::fs::read_to_string(path).expect("it is there");
    load::parse(&path.display().to_string(), &text).expect("it is good")
}

/// The scenarios of races, or their cures.
fn races(cured: bool) -> Vec<PathBuf> {
    let of_races = |path: &PathBuf| path.parent().is_some_and(|folder| folder.ends_with("races"));
    let is_cured = |path: &PathBuf| path.display().to_string().ends_with("-cured.yaml") == cured;
    let found: Vec<PathBuf> =
        scenarios::all().into_iter().filter(|path| of_races(path) && is_cured(path)).collect();
    assert_eq!(found.len(), 11, "{found:?}");
    found
}

fn search(explorer: &Explorer<'_>, reduce: bool, states: u64) -> Exploration {
    let (endings, searched) = explorer.search(Bounds { states, reduce }).expect("it is good");
    explorer.tell("race", endings, Some(searched)).expect("it is good")
}

#[test]
fn both_endings_of_each_race_are_found_by_seeds() {
    for path in races(false) {
        with(&path, Version::DEFAULT, |explorer| {
            let mut endings = Endings::default();
            let usual = explorer.draw(0).expect("it is good");
            endings.add(0, &usual);
            let other = (1..SEEDS).find(|seed| {
                let run = explorer.draw(*seed).expect("it is good");
                endings.add(*seed, &run);
                run.outcome.steps.last() != usual.outcome.steps.last()
            });
            let seed = other.unwrap_or_else(|| panic!("{}: only one ending", path.display()));
            let told = explorer.tell("race", endings, None).expect("it is good");
            let rare = told.endings.iter().find(|found| found.seed == Some(seed)).expect("it was counted");
            assert!(
                rare.schedule.len() <= 2 && rare.story.len() == rare.schedule.len(),
                "{}: {rare:?}",
                path.display()
            );
        });
    }
}

/// How steps end otherwise than usual, and what is broken, by ending.
fn endings(told: &Exploration) -> BTreeSet<String> {
    let of_ending = |found: &Found| {
        let differs: Vec<_> = found.differs.iter().map(|differs| (&differs.step, &differs.here)).collect();
        format!("{differs:?} {:?} {:?}", found.broken, found.stopped)
    };
    told.endings.iter().map(of_ending).collect()
}

/// The smallest races have few orders to begin with. What is left out comes to no other ending: of all orders, or as many as were
/// tried without reduction.
#[test]
fn every_order_of_each_race_is_tried_and_some_have_ten_times_fewer_states() {
    let mut fewer = Vec::new();
    for path in races(false) {
        with(&path, Version::DEFAULT, |explorer| {
            let told = search(explorer, true, 5000);
            let searched = told.search.clone().expect("it was searched");
            assert!(searched.complete && told.endings.len() > 1, "{}: {told:?}", path.display());
            let all = search(explorer, false, searched.states * 10);
            let (reduced, unreduced) = (endings(&told), endings(&all));
            assert!(unreduced.is_subset(&reduced), "{}: {reduced:?}, not {unreduced:?}", path.display());
            let complete = all.search.as_ref().is_some_and(|search| search.complete);
            assert!(!complete || unreduced == reduced, "{}: {unreduced:?}, not {reduced:?}", path.display());
            fewer.extend((!complete).then(|| path.clone()));
        });
    }
    assert!(fewer.len() >= 5, "{fewer:?}");
}

#[test]
fn each_cure_holds_in_every_order() {
    for path in races(true) {
        let told = with(&path, Version::DEFAULT, |explorer| search(explorer, true, 5000));
        assert!(told.search.as_ref().is_some_and(|search| search.complete), "{}: {told:?}", path.display());
        let scenario = read(&path);
        assert!(!(scenario.never.is_empty() && scenario.eventually.is_empty()), "{}", path.display());
        assert!(!told.is_broken(), "{}: {told:?}", path.display());
    }
}

/// In no order is the account answered 200 before its binding is there, nor 403 once caches have heard of it.
#[test]
fn lizhe10_is_proven() {
    let path = Path::new(ROOT).join("scenarios/every-order-of-lizhe10.yaml");
    for version in run::versions(&read(&path)) {
        let told = with(&path, version, |explorer| search(explorer, true, 5000));
        assert!(told.search.as_ref().is_some_and(|search| search.complete), "{version}: {told:?}");
        assert!(!told.is_broken() && told.endings.len() > 1, "{version}: {told:?}");
    }
}
