//! Goal: what may go wrong is found, alone is enough to tell of it, and it is replayed; who is ready for it ends as if nothing
//! had gone wrong.
//! Method: for each fault a scenario that ends otherwise by it alone, and where there is one its cure.

use super::super::{Bounds, Exploration, Explorer};
use super::counted;
use crate::clients::NoFiles;
use crate::cluster::{Choice, Deviation, Fault, Fresh};
use crate::scenario::format::Scenario;
use crate::scenario::{load, run};

fn scenario(faults: &str, steps: &str) -> Scenario {
    among_nodes(0, faults, steps)
}

fn among_nodes(nodes: usize, faults: &str, steps: &str) -> Scenario {
    let text = format!(
        "scenario: faults\nabout: a\ncluster: {{nodes: {nodes}}}\nfaults: [{faults}]\nsteps:\n{steps}"
    );
    load::parse("faults.yaml", &text).unwrap_or_else(|error| panic!("{error:?}\n{text}"))
}

/// All endings, by a search; and seeds come to no other, but to that of the fault alone.
fn explored(scenario: &Scenario, alone: Option<&[(usize, &str)]>) -> Exploration {
    let fresh = Fresh::default();
    let explorer = Explorer::new(scenario, run::versions(scenario)[0], &NoFiles, &fresh).unwrap();
    let (endings, searched) = explorer.search(Bounds { states: 20_000, reduce: true }).unwrap();
    assert!(searched.complete, "{searched:?}");
    let drawn = counted(&explorer, 0..150);
    for outcome in drawn.0.keys() {
        assert!(endings.0.contains_key(outcome), "seeds alone find {outcome:?}");
    }
    if let Some(alone) = alone {
        let ending = explorer.follow(&schedule(alone)).outcome;
        assert!(drawn.0.contains_key(&ending) && endings.0.contains_key(&ending), "{ending:?}");
    }
    explorer.tell("faults", endings, Some(searched)).unwrap()
}

fn schedule(faults: &[(usize, &str)]) -> Vec<Deviation> {
    let fault = |text: &str| Choice::Fault(text.parse::<Fault>().unwrap());
    faults.iter().map(|(after, text)| Deviation { after: *after, choice: fault(text) }).collect()
}

/// What all steps are answered by the ending that has this schedule, told in one sentence, and replayed by `run`.
#[track_caller]
fn found(scenario: &Scenario, after: usize, fault: &str, story: &str, codes: &[u16]) {
    let told = explored(scenario, Some(&[(after, fault)]));
    let wanted = schedule(&[(after, fault)]);
    let ending = told.endings.iter().find(|found| found.schedule == wanted);
    let ending = ending.unwrap_or_else(|| panic!("{:#?}", told.endings));
    assert_eq!(ending.story, [story]);
    assert!(told.endings[0].schedule.is_empty(), "{told:?}");
    let replayed = Scenario { schedule: wanted, ..scenario.clone() };
    let report =
        run::replay(&replayed, run::versions(&replayed)[0], run::Options::default(), &NoFiles).unwrap();
    let answered: Vec<u16> = report.steps.iter().filter_map(|step| step.code()).collect();
    assert_eq!(answered, codes, "{fault}");
    assert_eq!(report.notes, [format!("schedule: {story}")]);
    let usual = run::replay(scenario, run::versions(scenario)[0], run::Options::default(), &NoFiles).unwrap();
    assert_ne!(usual.steps.iter().filter_map(|step| step.code()).collect::<Vec<_>>(), codes, "{fault}");
}

#[test]
fn a_lost_answer_is_a_write_that_happened() {
    let create = "- {run: kubectl create configmap list, settle: true}\n";
    let story = "the answer to step 1 was lost, and it was done again";
    found(&scenario("lost-answer", create), 0, "lost-answer", story, &[409]);
    let request = "- {request: {do: DELETE /api/v1/namespaces/default/configmaps/list}, settle: true}\n";
    let story = "the answer to step 2 was lost, and it was done again";
    let both = [create, request].concat();
    found(&scenario("lost-answer", &both), 1, "lost-answer", story, &[201, 404]);
    // A write that is the same again is no matter.
    let apply = "- {settle: true, apply: {apiVersion: v1, kind: ConfigMap, metadata: {name: list}}}\n";
    let told = explored(&scenario("lost-answer", apply), None);
    let codes: Vec<_> =
        told.endings.iter().flat_map(|found| &found.differs).map(|one| one.here.code).collect();
    assert_eq!((told.endings.len(), codes), (2, vec![Some(200)]));
}

/// Five seconds are enough for the account, in any order.
#[test]
fn a_controller_that_is_down_does_nothing_until_another_takes_over() {
    let steps = |wait: &str| {
        format!(
            "- kubectl create namespace fresh\n- wait: {wait}\n- {{run: kubectl create token default -n fresh, settle: true}}\n"
        )
    };
    let account = |lasts: &str| format!("down serviceaccount-controller{lasts}");
    let story = "serviceaccount-controller went down before step 1 came, for 15s";
    found(&scenario(&account(""), &steps("5s")), 0, &account(""), story, &[201, 404]);
    let all = "down kube-controller-manager for 20s";
    let story = "kube-controller-manager went down before step 1 came, for 20s";
    found(&scenario(all, &steps("16s")), 0, all, story, &[201, 404]);
    // Another has listed what was made meanwhile.
    assert_eq!(explored(&scenario(&account(""), &steps("16s")), None).endings.len(), 1);
    assert_eq!(explored(&scenario(&account(" for 3s"), &steps("5s")), None).endings.len(), 1);
    // Who waits until all is done waits for it, too.
    let waits = "- {run: kubectl create namespace fresh, settle: true}\n- {run: kubectl create token default -n fresh, settle: true}\n";
    assert_eq!(explored(&scenario(&account(""), waits), None).endings.len(), 1);
}

#[test]
fn another_api_server_says_no_after_yes_and_yes_after_no() {
    let granted = "- {run: kubectl create role reader --verb=list --resource=configmaps, settle: true}
- kubectl create rolebinding alice --role=reader --user=alice
- &asks {as: alice, run: kubectl get configmaps}
- *asks
";
    let story =
        |step| format!("step {step} reached another API server, whose authorizer was a second behind");
    found(&scenario("other-server", granted), 3, "other-server", &story(4), &[201, 201, 200, 403]);
    let revoked = "- {run: kubectl create role reader --verb=list --resource=configmaps, settle: true}
- {run: kubectl create rolebinding alice --role=reader --user=alice, settle: true}
- kubectl delete rolebinding alice
- &asks {as: alice, run: kubectl get configmaps}
- *asks
";
    found(&scenario("other-server", revoked), 4, "other-server", &story(5), &[201, 201, 200, 403, 200]);
    // A second later both have heard of it.
    let waits = granted.replace("- &asks", "- wait: 2s\n- &asks");
    assert_eq!(explored(&scenario("other-server", &waits), None).endings.len(), 1);
}

#[test]
fn a_webhook_that_times_out_is_ignored_or_fails() {
    let steps = |policy: &str| {
        format!(
            "- settle: true
  apply:
    apiVersion: admissionregistration.k8s.io/v1
    kind: ValidatingWebhookConfiguration
    metadata: {{name: refuses}}
    webhooks:
    - name: no.example.com
      clientConfig: {{url: https://no.example.com/}}
      rules: [{{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}}]
      failurePolicy: {policy}
      sideEffects: None
      admissionReviewVersions: [v1]
- {{run: kubectl create configmap list, settle: true}}
"
        )
    };
    let scenario = |policy: &str| {
        let mut scenario = scenario("", &steps(policy));
        let text = "{no.example.com: {allowed: false}}";
        scenario.cluster.webhooks = crate::golang::yaml::typed(text).unwrap();
        scenario.faults = vec!["times-out no.example.com".parse().unwrap()];
        scenario
    };
    let story = "the webhook no.example.com timed out in step 2";
    found(&scenario("Ignore"), 1, "times-out no.example.com", story, &[201, 201]);
    found(&scenario("Fail"), 1, "times-out no.example.com", story, &[201, 500]);
}

/// A pod with a token of ten minutes, which a kubelet renews after eight of them, asks with it after eleven.
const SHORT_TOKEN: &str = "- settle: true
  apply:
    apiVersion: v1
    kind: Pod
    metadata: {name: reader}
    spec:
      containers: [{name: c, image: nginx, volumeMounts: [{name: short, mountPath: /var/run/short}]}]
      volumes:
      - name: short
        projected: {sources: [{serviceAccountToken: {path: token, expirationSeconds: 600}}]}
- {wait: 11m, settle: true}
- settle: true
  in: default/pod/reader
  run: 'curl -s -k -H \"Authorization: Bearer $(cat /var/run/short/token)\" https://kubernetes.default.svc/api'
- {run: 'kubectl get pod reader -o jsonpath={.status.startTime}', settle: true}
";

#[test]
fn a_kubelet_whose_clock_is_behind_leaves_a_pod_with_a_token_that_has_ended() {
    let story = "the clock of node-1 went 10m behind before step 1 came";
    let behind = among_nodes(1, "skew node-1 -10m", SHORT_TOKEN);
    found(&behind, 0, "skew node-1 -10m", story, &[201, 401, 200]);
    // The last fifth of the token's life is there for less than two minutes of it.
    let little = explored(&among_nodes(1, "skew node-1 -100s", SHORT_TOKEN), None);
    assert_eq!(little.endings.len(), 1, "{little:?}");
}

#[test]
fn a_kubelet_whose_clock_is_ahead_fetches_tokens_early_and_nobody_is_refused() {
    let ahead = among_nodes(1, "skew node-1 10m", SHORT_TOKEN);
    assert_eq!(explored(&ahead, None).endings.len(), 1);
    let replayed = |schedule: Vec<Deviation>| {
        let scenario = Scenario { schedule, ..ahead.clone() };
        run::replay(&scenario, run::versions(&scenario)[0], run::Options::default(), &NoFiles).unwrap()
    };
    let fetched = |report: &crate::scenario::report::Report| {
        let by_itself = report.steps[1].afterwards.iter();
        by_itself.filter(|done| done.request.contains("/token")).count()
    };
    let (usual, early) = (replayed(Vec::new()), replayed(schedule(&[(0, "skew node-1 10m")])));
    // Once a minute, as often as it looks at a pod.
    assert_eq!((fetched(&usual), fetched(&early)), (1, 11));
    let told = |report: &crate::scenario::report::Report| {
        report.steps[3].output.as_ref().unwrap().stdout.trim().to_owned()
    };
    assert!(told(&usual).starts_with("2024-01-01T00:00:"), "{}", told(&usual));
    assert!(told(&early).starts_with("2024-01-01T00:10:"), "{}", told(&early));
}

#[test]
fn a_server_that_has_just_started_knows_nothing() {
    let steps =
        "- {run: kubectl create clusterrolebinding alice --clusterrole=view --user=alice, settle: true}
- {as: alice, run: kubectl get configmaps, settle: true}
";
    let story = "the API server had just started again when step 2 came";
    found(&scenario("restart", steps), 1, "restart", story, &[201, 403]);
}

#[test]
fn of_two_faults_each_happens_once() {
    let steps = "- {run: kubectl create configmap one, settle: true}\n- {run: kubectl create configmap two, settle: true}\n";
    let once = explored(&scenario("lost-answer", steps), Some(&[(1, "lost-answer")]));
    assert_eq!(once.endings.len(), 3, "{once:?}");
    let both = [(0, "lost-answer"), (1, "lost-answer")];
    let twice = explored(&scenario("lost-answer, lost-answer", steps), Some(&both));
    assert_eq!(twice.endings.len(), 4, "{twice:?}");
}

#[test]
fn a_fault_that_cannot_be_is_told() {
    let told = |faults: &str| {
        let scenario = scenario(faults, "- wait: 1s\n");
        run::replay(&scenario, run::versions(&scenario)[0], run::Options::default(), &NoFiles).unwrap_err()
    };
    let error = told("restart, down serviceaccounts-controller");
    assert_eq!(
        error.to_string(),
        "faults.yaml:4:19: faults: no controller `serviceaccounts-controller` runs here"
    );
    assert_eq!(error.hint.as_deref(), Some("did you mean `serviceaccount-controller`?"));
    let error = told("restart, skew node-1 -10m");
    assert_eq!(error.to_string(), "faults.yaml:4:19: faults: no kubelet runs on a node `node-1`");
    assert_eq!(error.hint.as_deref(), Some("`cluster.nodes` says that there are none"));
    let error = told("times-out a.example.com");
    assert_eq!(error.to_string(), "faults.yaml:4:10: faults: `cluster.webhooks` has no `a.example.com`");
    let text = "scenario: a\nfaults: [lost]\nsteps: []\n";
    let error = load::parse("a.yaml", text).unwrap_err();
    assert!(error.to_string().contains("`lost` is none that is known: a fault is `lost-answer`"), "{error}");
}
