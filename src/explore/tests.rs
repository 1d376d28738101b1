//! Goal: races are found, shrunk and replayed, and what was found does not hang on how seeds were dealt out.
//! Method: a script that waits for nobody, and the same script cured.

mod actors;
mod faults;

use super::{Bounds, Endings, Explorer, Run, counterexample};
use crate::clients::NoFiles;
use crate::cluster::{Caching, Choice, Deviation, Fresh};
use crate::scenario::format::Scenario;
use crate::scenario::{load, run};

const RACE: &str = "
scenario: race
about: a
steps:
- {run: kubectl create namespace fresh, settle: WAITS}
- {run: kubectl create token default -n fresh, expect: 201}
- kubectl create role reader --verb=list --resource=configmaps -n fresh
- {run: kubectl create rolebinding alice-reads --role=reader --user=alice -n fresh, settle: WAITS}
- {as: alice, run: kubectl get configmaps -n fresh, expect: 200}
";

fn scenario(waits: &str) -> Scenario {
    load::parse("race.yaml", &RACE.replace("WAITS", waits)).unwrap()
}

fn counted(explorer: &Explorer<'_>, seeds: impl Iterator<Item = u64>) -> Endings {
    let mut endings = Endings::default();
    seeds.for_each(|seed| endings.add(seed, &explorer.draw(seed).unwrap()));
    endings
}

#[test]
fn a_race_is_found_shrunk_and_replayed() {
    let scenario = scenario("null");
    let version = run::versions(&scenario)[0];
    let fresh = Fresh::default();
    let explorer = Explorer::new(&scenario, version, &NoFiles, &fresh).unwrap();
    let mut endings = counted(&explorer, (0..64).step_by(2));
    let odd = counted(&explorer, (1..64).step_by(2));
    endings.join(odd);
    assert_eq!(endings, counted(&explorer, 0..64), "however seeds are dealt out");

    let told = explorer.tell("race", endings, None).unwrap();
    assert_eq!(told.runs, 64);
    let usual = &told.endings[0];
    assert!(usual.schedule.is_empty() && usual.differs.is_empty() && usual.seed == Some(0));
    let refused = |step: &str| {
        let alone = |differs: &[super::Differs]| matches!(differs, [one] if one.step == step);
        told.endings.iter().find(|found| alone(&found.differs)).expect("the race is found")
    };
    let (account, binding) = (refused("2"), refused("5"));
    assert_eq!((account.differs[0].here.code, account.schedule.len()), (Some(404), 1));
    assert_eq!((binding.differs[0].here.code, binding.schedule.len()), (Some(403), 1));

    // The file with the schedule is the same run, and says what happened.
    let written = Scenario { schedule: binding.schedule.clone(), ..scenario.clone() };
    let report = run::replay(&written, version, run::Options::default(), &NoFiles).unwrap();
    let codes: Vec<Option<u16>> = report.steps.iter().map(|step| step.code()).collect();
    assert_eq!(codes, [Some(201), Some(201), Some(201), Some(201), Some(403)]);
    assert_eq!(report.notes, [format!("schedule: {}", binding.story[0])]);
}

#[test]
fn who_waits_has_one_ending() {
    let scenario = scenario("true");
    let fresh = Fresh::default();
    let explorer = Explorer::new(&scenario, run::versions(&scenario)[0], &NoFiles, &fresh).unwrap();
    let told = explorer.tell("race", counted(&explorer, 0..64), None).unwrap();
    assert_eq!(told.endings.len(), 1, "{told:?}");
}

#[test]
fn a_schedule_is_read_as_it_was_written_and_tells_what_it_lacks() {
    let text =
        format!("{RACE}schedule:\n- {{after: 4, lags: authorizer, steps: 1}}\n- {{after: 9, next: 0}}\n");
    let scenario = load::parse("race.yaml", &text.replace("WAITS", "null")).unwrap();
    let lag = Choice::Lags { cache: Caching::Authorizer, steps: 1 };
    assert_eq!(scenario.schedule[0], Deviation { after: 4, choice: lag });
    let version = run::versions(&scenario)[0];
    let error = run::replay(&scenario, version, run::Options::default(), &NoFiles).unwrap_err();
    assert_eq!(error.to_string(), "race.yaml:12:3: schedule: there is no such choice in this replay");

    let half = text.replace("{after: 9, next: 0}", "{after: 9}").replace("WAITS", "null");
    let error = load::parse("race.yaml", &half).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("a choice is `next`, `turn` with `first`, `lags` with `steps`, `actor`, or `fault`")
    );
}

#[test]
fn what_a_schedule_names_is_there() {
    let both =
        "actors:\n- actor: alice\n  steps: [kubectl get pods]\n- actor: bob\n  steps: [kubectl get pods]\n";
    let refused = |schedule: &str| {
        let text = format!("scenario: a\nfaults: [lost-answer]\nsteps: []\n{both}schedule:\n- {schedule}\n");
        let replay = |scenario: Scenario| {
            let version = run::versions(&scenario)[0];
            run::replay(&scenario, version, run::Options::default(), &NoFiles)
        };
        let error = load::parse("a.yaml", &text).and_then(replay).unwrap_err();
        (error.to_string(), error.hint.unwrap_or_default())
    };
    for (schedule, told, hint) in [
        (
            "{after: 0, actor: bobb}",
            "a.yaml:10:21: schedule: there is no actor `bobb`",
            "did you mean `bob`?",
        ),
        (
            "{after: 0, fault: restart}",
            "a.yaml:10:21: schedule: `faults` has no `restart`",
            "write it there, too: `faults: [restart]`",
        ),
        (
            "{after: 0, fault: lost-anwser}",
            "a.yaml:10:21: schedule[0].fault: `lost-anwser` is none that is known, did you mean `lost-answer`?",
            "",
        ),
        (
            "{after: 1, turn: 0, first: serviceacount-controller namespaces/a}",
            "a.yaml:10:30: schedule: no controller `serviceacount-controller` runs here",
            "did you mean `serviceaccount-controller`?",
        ),
        (
            "{after: 0, fault: lost-answer}\n- {after: 1, fault: lost-answer}",
            "a.yaml:11:21: schedule: `lost-answer` happens more often than it stands in `faults`",
            "write it there again",
        ),
        ("{after: 1, lags: authorizer, steps: 0}", "a.yaml:10:39: schedule: `steps` is at least 1", ""),
        ("{after: 1, next: soon}", "`next` is how many steps controllers take before, or `at-rest`", ""),
    ] {
        let (error, helps) = refused(schedule);
        assert!(error.contains(told) && helps.contains(hint), "{schedule}: {error} ({helps})");
    }
}

#[test]
fn what_is_kept_is_kept_of_each_ending_and_not_of_each_run() {
    let scenario = load::parse("short.yaml", SHORT).unwrap();
    let fresh = Fresh::default();
    let explorer = Explorer::new(&scenario, run::versions(&scenario)[0], &NoFiles, &fresh).unwrap();
    let runs: Vec<Run> = (0..64).map(|seed| explorer.draw(seed).unwrap()).collect();
    let mut endings = Endings::default();
    let kept = |endings: &Endings| format!("{endings:?}").replace(|c: char| c.is_ascii_digit(), "");
    (0..).zip(&runs).for_each(|(seed, run)| endings.add(seed, run));
    let once = kept(&endings);
    (0..64_000).for_each(|seed: u64| endings.add(64 + seed, &runs[seed as usize % 64]));
    assert_eq!((kept(&endings), endings.0.len()), (once, 2));
}

/// A scenario whose schedules are few.
const SHORT: &str = "
scenario: short
about: a
steps:
- kubectl create role reader --verb=list --resource=configmaps
- {run: kubectl create rolebinding alice-reads --role=reader --user=alice}
- {as: alice, run: kubectl get configmaps}
never:
- {who: alice, asks: list configmaps, code: 403, when: {caught-up: true}}
";

#[test]
fn a_search_finds_every_ending_with_and_without_reduction() {
    let scenario = load::parse("short.yaml", SHORT).unwrap();
    let fresh = Fresh::default();
    let explorer = Explorer::new(&scenario, run::versions(&scenario)[0], &NoFiles, &fresh).unwrap();
    let search = |reduce| explorer.search(Bounds { states: 20_000, reduce }).unwrap();
    let ((reduced, few), (all, many)) = (search(true), search(false));
    assert!(few.complete && many.complete && few.again > 0, "{few:?} {many:?}");
    assert!(few.states * 3 < many.states, "{few:?} {many:?}");
    let outcomes = |endings: &Endings| endings.0.keys().cloned().collect::<Vec<_>>();
    assert_eq!(outcomes(&reduced), outcomes(&all));
    // Seeds find no ending that the search does not.
    let drawn = counted(&explorer, 0..64);
    assert_eq!(outcomes(&drawn), outcomes(&reduced));

    let told = explorer.tell("short", reduced, Some(few)).unwrap();
    assert!(!told.is_broken(), "{told:?}");
    assert_eq!(told.endings.iter().map(|found| found.schedule.len()).collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn a_search_that_is_bounded_says_so() {
    let scenario = scenario("null");
    let fresh = Fresh::default();
    let explorer = Explorer::new(&scenario, run::versions(&scenario)[0], &NoFiles, &fresh).unwrap();
    for states in [1, 10, 40] {
        let (endings, searched) = explorer.search(Bounds { states, reduce: true }).unwrap();
        assert_eq!((searched.states, searched.complete), (states, false));
        // It is no proof, and yet holds the usual order.
        let told = explorer.tell("race", endings, Some(searched)).unwrap();
        assert!(told.endings[0].schedule.is_empty(), "{states}: {told:?}");
    }
}

#[test]
fn an_ending_that_breaks_a_property_is_a_file_that_replays_it() {
    let text = SHORT.replace("caught-up: true", "stored: rolebindings/alice-reads");
    let scenario = load::parse("short.yaml", &text).unwrap();
    let (fresh, version) = (Fresh::default(), run::versions(&scenario)[0]);
    let explorer = Explorer::new(&scenario, version, &NoFiles, &fresh).unwrap();
    let (endings, searched) = explorer.search(Bounds { states: 20_000, reduce: true }).unwrap();
    let told = explorer.tell("short", endings, Some(searched)).unwrap();
    let found = told.endings.iter().find(|found| !found.broken.is_empty()).expect("it can be refused");
    let written = counterexample(&text, version, &found.schedule).unwrap();
    let written = load::parse("found.yaml", &written).unwrap();
    let report = run::replay(&written, version, run::Options::default(), &NoFiles).unwrap();
    let broken: Vec<&String> = report.steps.iter().flat_map(|step| &step.broken).collect();
    assert_eq!(broken, found.broken.iter().collect::<Vec<_>>());
}
