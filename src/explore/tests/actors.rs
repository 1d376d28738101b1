//! Goal: who acts at the same time is found to meet, told of and replayed; who tries again is not lost.
//! Method: two who write what they have read.

use super::super::{Bounds, Endings, Exploration, Explorer};
use super::counted;
use crate::clients::NoFiles;
use crate::cluster::{Choice, Deviation, Fresh};
use crate::error::Error;
use crate::scenario::format::Scenario;
use crate::scenario::{load, run};

const WRITERS: &str = "
scenario: writers
about: a
cluster: {nodes: 0}
steps:
- {run: kubectl create configmap list, settle: true}
actors:
- actor: alice
  steps:
  - {request: {do: GET /api/v1/namespaces/default/configmaps/list}, save: {SEEN: metadata.resourceVersion}}
  - request:
      do: PUT /api/v1/namespaces/default/configmaps/list
      body: {apiVersion: v1, kind: ConfigMap, metadata: {name: list, resourceVersion: $SEEN}, data: {by: alice}}
- actor: bob
  steps:
  - {request: {do: GET /api/v1/namespaces/default/configmaps/list}, save: {SEEN: metadata.resourceVersion}}
  - request:
      do: PUT /api/v1/namespaces/default/configmaps/list
      body: {apiVersion: v1, kind: ConfigMap, metadata: {name: list, resourceVersion: $SEEN}, data: {by: bob}}
";

fn writers(retry: &str) -> Scenario {
    let text = WRITERS.replace("data: {by: alice}}", &format!("data: {{by: alice}}}}\n    {retry}"));
    let text = text.replace("data: {by: bob}}", &format!("data: {{by: bob}}}}\n    {retry}"));
    load::parse("writers.yaml", &text).unwrap()
}

fn explored<T>(scenario: &Scenario, act: impl FnOnce(&Explorer<'_>) -> T) -> T {
    let fresh = Fresh::default();
    act(&Explorer::new(scenario, run::versions(scenario)[0], &NoFiles, &fresh).unwrap())
}

fn searched(scenario: &Scenario) -> Exploration {
    explored(scenario, |explorer| {
        let (endings, searched) = explorer.search(Bounds { states: 20_000, reduce: true }).unwrap();
        assert!(searched.complete, "{searched:?}");
        explorer.tell("writers", endings, Some(searched)).unwrap()
    })
}

#[test]
fn actors_come_one_after_the_other_or_in_between() {
    let scenario = writers("");
    let told = searched(&scenario);
    let codes = |found: &super::super::Found| {
        found.differs.iter().map(|one| (one.step.clone(), one.here.code)).collect::<Vec<_>>()
    };
    let found: Vec<_> = told.endings.iter().map(codes).collect();
    let refused = |step: &str| vec![(step.to_owned(), Some(409))];
    assert_eq!(found.len(), 3, "{told:?}");
    assert!(found.contains(&refused("alice.2")) && found.contains(&refused("bob.2")), "{told:?}");

    // Bob in between is one departure, and after it he goes on.
    let late = told.endings.iter().find(|found| codes(found) == refused("alice.2")).unwrap();
    let bob = Deviation { after: 2, choice: Choice::Turn("bob".to_owned()) };
    assert_eq!(
        (&late.schedule, &late.story),
        (&vec![bob], &vec!["bob's step 1 came before alice's step 2".to_owned()])
    );
    let replayed = Scenario { schedule: late.schedule.clone(), ..scenario.clone() };
    let report =
        run::replay(&replayed, run::versions(&replayed)[0], run::Options::default(), &NoFiles).unwrap();
    let steps: Vec<_> =
        report.steps.iter().map(|step| (step.number.as_str(), step.code().unwrap())).collect();
    let wanted = [("1", 201), ("alice.1", 200), ("bob.1", 200), ("bob.2", 200), ("alice.2", 409)];
    assert_eq!(steps, wanted);
    assert_eq!(report.notes, ["schedule: bob's step 1 came before alice's step 2"]);

    // Seeds come to the same endings, and no others.
    let drawn: Endings = explored(&scenario, |explorer| counted(explorer, 0..200));
    let outcomes = drawn.0.keys().cloned().collect::<Vec<_>>();
    assert_eq!(outcomes.len(), 3, "{outcomes:?}");
}

#[test]
fn who_tries_again_ends_as_if_alone() {
    let told = searched(&writers("retry: {on: 409, from: 1}"));
    assert_eq!(told.endings.len(), 1, "{told:?}");
    // Once is too little for whoever starts at the write itself: they have not read again.
    let told = searched(&writers("retry: {on: 409, times: 1}"));
    assert_eq!(told.endings.len(), 3, "{told:?}");
}

#[test]
fn an_actor_that_cannot_be_is_told() {
    let wrong = |from: &str, to: &str| -> Error {
        load::parse("writers.yaml", &WRITERS.replace(from, to)).unwrap_err()
    };
    assert_eq!(
        wrong("actor: bob", "actor: alice").to_string(),
        "writers.yaml:14:10: two actors are called `alice`"
    );
    assert_eq!(
        wrong("actor: bob", "actor: check").to_string(),
        "writers.yaml:14:10: `check` is no actor's name"
    );
    let error = wrong(&WRITERS[WRITERS.find("- actor: bob").unwrap()..], "- {actor: bob, steps: []}\n");
    assert_eq!(error.to_string(), "writers.yaml:14:23: the actor `bob` has no steps");
    let error =
        wrong("- {run: kubectl create configmap list, settle: true}", "- {wait: 1s, retry: {on: 409}}");
    assert_eq!(
        error.to_string(),
        "writers.yaml:6:3: step 1: `retry` is for the steps of actors, who come between each other"
    );
    let error = wrong("data: {by: bob}}", "data: {by: bob}}\n    retry: {on: 409, from: 3}");
    assert!(error.to_string().contains("step bob.2: retry: `from` is one of the actor's steps"), "{error}");
}
