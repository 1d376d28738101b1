//! Goal: races are found, shrunk and replayed, and what was found does not hang on how seeds were dealt out.
//! Method: a script that waits for nobody, and the same script cured.

use super::{Endings, Explorer};
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

    let told = explorer.tell("race", endings).unwrap();
    assert_eq!(told.runs, 64);
    let usual = &told.endings[0];
    assert!(usual.schedule.is_empty() && usual.differs.is_empty() && usual.seed == 0);
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
    let told = explorer.tell("race", counted(&explorer, 0..64)).unwrap();
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
    assert!(error.to_string().contains("a choice is `next`, `turn` with `first`, or `lags` with `steps`"));
}
