//! Every 403 in the scenarios, of people and of controllers, has a cure that is proven, or says why none exists.

#[path = "support/scenarios.rs"]
mod scenarios;

use kubeverdict::api::By;
use kubeverdict::clients::NoFiles;
use kubeverdict::clients::kubectl::{Session, kubectl};
use kubeverdict::clients::shell;
use kubeverdict::cluster::{Moment, Question};
use kubeverdict::explain::{Explanation, explain};
use kubeverdict::scenario::person::{Identity, Person};
use kubeverdict::scenario::{load, run};
use scenarios::Beside;
use std::sync::Arc;

/// Every refusal with 403 of every scenario: where it is, its explanation, and the cluster that it came to.
fn refusals() -> Vec<(String, Explanation, Arc<Moment>)> {
    let mut found = Vec::new();
    for path in scenarios::all() {
        let text = std::fs::read_to_string(&path).expect("the scenario is there");
        let scenario = load::parse(&path.display().to_string(), &text).expect("it parses");
        let files = Beside::of(&path);
        let options = run::Options { moments: true, ..run::Options::default() };
        for version in run::versions(&scenario) {
            let report = run::replay(&scenario, version, options, &files).expect("it can be replayed");
            for step in report.all() {
                let followed = step.afterwards.iter().filter_map(|after| after.refused.as_deref());
                for request in step.requests.iter().chain(followed).filter(|request| request.code == 403) {
                    let place = format!("{} {version} step {}", report.scenario, step.number);
                    let moment = request.moment.clone().expect("the moment was kept");
                    found.push((place, explain(request), moment));
                }
            }
        }
    }
    found
}

#[test]
fn every_403_has_a_cure_or_says_why_not() {
    let refusals = refusals();
    assert!(refusals.len() > 20, "the scenarios are full of 403");
    for (place, explanation, moment) in &refusals {
        let cures = explanation.cures.as_ref().expect("the moment was kept");
        assert!(cures.none.is_some() == cures.found.is_empty(), "{place}: {cures:?}");
        for cure in &cures.found {
            assert!(!matches!(cure.code, 401 | 403), "{place}: {cure:?}");
            assert!(!cure.lines.is_empty(), "{place}: {cure:?}");
            let admin = cure.lines.iter().any(|line| line.contains("cluster-admin"));
            assert!(!admin, "{place}: less than cluster-admin does: {cure:?}");
            let typed = cure.lines.iter().all(|line| line.starts_with("kubectl "));
            if typed && cure.objects.len() == cure.lines.len() {
                assert_eq!(typed_by_hand(&cure.lines, moment), cure.code, "{place}: {cure:?}");
            }
        }
        let later =
            cures.none.as_ref().is_some_and(|why| why.contains("can be turned, but not what refuses then"));
        let by_rbac = explanation.told.iter().any(|told| told.by == By::Rbac && !told.nearest().is_empty());
        assert!(
            !by_rbac || later || !cures.found.is_empty(),
            "{place}: what RBAC refuses can be granted: {cures:?}"
        );
    }
}

/// The code of the same request after an administrator typed these lines.
fn typed_by_hand(lines: &[String], moment: &Moment) -> u16 {
    let mut cluster = moment.cluster.fork();
    for line in lines {
        let (line, stdin) = line.split_once(" <<< ").unwrap_or((line, ""));
        let words = shell::words(line, &shell::Nothing).expect("it is a line");
        let stdin = stdin.trim_matches('\'');
        let mut client = Person { cluster: &mut cluster, identity: Identity::admin(), seen: Vec::new() };
        let output = kubectl(&words[1..], Session { client: &mut client, files: &NoFiles, stdin });
        assert_eq!(output.exit, 0, "{line}: {output:?}");
    }
    // No longer than it takes: a controller that tries again would have what its own request asks for.
    cluster.settle();
    if let Some(lag) = cluster.config().authorizer_lag {
        cluster.run_until(cluster.now() + jiff::SignedDuration::from_millis(lag as i64));
    }
    match &moment.question {
        Question::Request(request) => cluster.handle_now(request.clone()).response.code,
        Question::Access(_) => unreachable!("a scenario makes requests"),
    }
}
