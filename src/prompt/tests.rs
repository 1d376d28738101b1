//! Goal: a line means one thing, leaves no trace when it is wrong, and a session replays from its text.
//! Method: tables of lines, and sessions drawn from a list of lines.

use super::line::{At, Line, parse, step};
use super::{Prompt, Said};
use crate::api::Version;
use crate::clients::NoFiles;
use crate::cluster::START;
use crate::scenario::format::{Step, Who};
use crate::scenario::session::Session;
use crate::scenario::{load, run, write};
use proptest::prelude::*;
use serde_yaml::Mapping;

fn fresh() -> Prompt<'static> {
    let scenario = load::parse("a", "scenario: a\nabout: a\nsteps: []\n").unwrap();
    let options = run::Options { moments: true, ..run::Options::default() };
    let config = run::config(&scenario, Version::DEFAULT, options, &NoFiles).unwrap();
    let start = jiff::Timestamp::from_second(START).unwrap();
    let session = Session::new(config, &scenario.cluster, start, &NoFiles, true).unwrap();
    Prompt::new(session, Mapping::new())
}

fn admin() -> At {
    At::default()
}

fn alice() -> At {
    At { by: Some(Who::Name("alice".to_owned())), pod: None }
}

fn in_pod() -> At {
    At { by: None, pod: Some("a/pod/p".to_owned()) }
}

#[test]
fn a_line_becomes_the_step_that_a_scenario_would_hold() {
    for (at, line, yaml) in [
        (admin(), "kubectl get pods", "kubectl get pods\n"),
        (alice(), "kubectl get pods", "as: alice\nrun: kubectl get pods\n"),
        (admin(), "wait 1h 30m", "wait: 1h30m\n"),
        (in_pod(), "curl -sk https://a/b", "in: a/pod/p\nrun: curl -sk https://a/b\n"),
        (admin(), "in b/pod/q cat /x y", "in: b/pod/q\nrun: cat /x y\n"),
        (alice(), "GET /api", "as: alice\nrequest:\n  do: GET /api\n"),
        (admin(), "POST /api {\"a\": 1}", "request:\n  do: POST /api\n  body:\n    a: 1\n"),
        (
            admin(),
            "PATCH /x '{}'",
            "request:\n  do: PATCH /x\n  body: {}\n  type: application/merge-patch+json\n",
        ),
        (admin(), "T=$(kubectl create token a)", "run: kubectl create token a\nsave: T\n"),
        (admin(), "what-if kubectl get pods", "what-if:\n- kubectl get pods\n"),
        (
            admin(),
            "restart --anonymous-auth=false --v=2 --a=x --a=y",
            "restart:\n  a:\n  - x\n  - \"y\"\n  anonymous-auth: false\n  v: 2\n",
        ),
    ] {
        let fields = step(line, &at).unwrap();
        let text = write::text(&write::step(&Step { fields: fields.clone() }));
        assert_eq!(text, yaml, "{line}");
        let again: Step = serde_yaml::from_str(&text).unwrap();
        assert_eq!(format!("{:?}", again.fields), format!("{fields:?}"), "{line}");
    }
}

#[test]
fn a_wrong_line_is_told_with_what_was_meant() {
    for (at, line, said) in [
        (admin(), "kubectk get pods", "`kubectk` is not a command here; did you mean `kubectl`?"),
        (admin(), "sve a.yaml", "`sve` is not a command here; did you mean `save`?"),
        (
            admin(),
            "curl https://a",
            "`curl` is not a command here; `curl` runs in a pod: `in NAMESPACE/pod/NAME` enters one",
        ),
        (
            admin(),
            "get pods",
            "`get` is not a command here; a raw request is `GET /path`, kubectl's is `kubectl get …`",
        ),
        (admin(), "k get pods", "`k` is not a command here; there is no alias: write `kubectl`"),
        (admin(), "xyzzy", "`xyzzy` is not a command here; `help` lists the commands"),
        (in_pod(), "crul https://a", "`crul` is not a command in a pod; did you mean `curl`?"),
        (in_pod(), "kubectl get pods", "there is no kubectl in a pod; curl asks here; `exit` leaves the pod"),
        (admin(), "wait", "how long? Such as 2s, 10m or 1h30m; "),
        (admin(), "wait -1s", "`-1s` is negative: time only moves on; "),
        (admin(), "wait 9999h", "`9999h` is longer than a year, the most that is waited at once; "),
        (admin(), "GET pods", "`pods` is no path: it begins with `/`; "),
        (admin(), "why not", "`why` stands alone, without `not`; "),
        (admin(), "as", "who?; write `as USER [GROUP…]` or `as admin`"),
        (admin(), "in", "which pod?; write `in NAMESPACE/pod/NAME`"),
        (admin(), "save", "which file?; write `save FILE.yaml [NAME]`"),
        (
            admin(),
            "what-if what-if kubectl",
            "a fork on a fork; type `what-if` alone, then line by line, then `end`",
        ),
        (
            admin(),
            "A=$(B=$(kubectl get pods))",
            "what a line prints can be kept: `B=$(kubectl get pods)` is more than one; ",
        ),
    ] {
        let error = parse(line, &at).unwrap_err();
        assert_eq!(format!("{}; {}", error.message, error.hint.unwrap_or_default()), said, "{line}");
    }
    for line in ["", "   ", "# a comment"] {
        assert!(matches!(parse(line, &admin()), Ok(Line::Nothing)));
    }
}

/// The state as a learner can see it.
fn seen(prompt: &Prompt<'_>) -> String {
    let objects: Vec<String> =
        prompt.cluster().store().objects().iter().map(|(key, object)| format!("{key} {object}")).collect();
    format!("{}\n{}\n{}", prompt.prompt(), prompt.history(), objects.join("\n"))
}

#[test]
fn undo_and_a_dropped_fork_leave_nothing() {
    let mut prompt = fresh();
    prompt.line("kubectl create namespace a").unwrap();
    let before = seen(&prompt);
    for line in
        ["kubectl create namespace b", "as alice", "wait 10m", "what-if", "restart --anonymous-auth=false"]
    {
        prompt.line(line).unwrap();
        assert_ne!(seen(&prompt), before, "{line}");
        assert!(matches!(prompt.line("undo"), Ok(Said::Text(_))));
        assert_eq!(seen(&prompt), before, "{line}");
    }
    let objects = |prompt: &Prompt<'_>| prompt.cluster().store().objects().clone();
    let kept = objects(&prompt);
    for line in ["what-if", "kubectl delete namespace a", "as alice", "kubectl get pods", "wait 1h", "end"] {
        prompt.line(line).unwrap();
    }
    assert!(objects(&prompt) == kept);
    assert_eq!(prompt.prompt(), "admin@1.36 +0s $ ");
}

#[test]
fn why_is_about_the_last_line_even_on_a_fork_that_was_dropped() {
    let mut prompt = fresh();
    assert!(prompt.line("why").is_err());
    for line in ["what-if", "as alice", "kubectl get pods", "back", "garbage"] {
        let _ = prompt.line(line);
    }
    let Ok(Said::Why(typed)) = prompt.line("why") else { panic!("no why") };
    assert_eq!((typed.text.as_str(), typed.report.code()), ("kubectl get pods", Some(403)));
}

#[test]
fn a_shell_by_kubectl_exec_is_in_the_pod() {
    let mut prompt = fresh();
    prompt.line("kubectl run p --image=ubuntu").unwrap();
    assert!(matches!(prompt.line("kubectl exec p -- sh"), Ok(Said::Step(_))));
    prompt.line("kubectl exec -it p -- /bin/bash").unwrap();
    assert_eq!(prompt.prompt(), "p@default $ ");
    prompt.line("exit").unwrap();
    prompt.line("as alice").unwrap();
    prompt.line("kubectl exec -it p -- bash").unwrap();
    assert_eq!(prompt.prompt(), "alice@1.36 +1s $ ");
}

#[test]
fn completion_knows_commands_flags_resources_and_what_there_is() {
    let mut prompt = fresh();
    for line in [
        "kubectl create namespace shop",
        "kubectl create deployment web --image=nginx -n shop",
        "kubectl create serviceaccount robot -n shop",
        "TOKEN=$(kubectl create token robot -n shop)",
    ] {
        prompt.line(line).unwrap();
    }
    for (line, want) in [
        ("kube", "kubectl"),
        ("wh", "what-if why"),
        ("PO", "POST"),
        ("kubectl ge", "get"),
        ("kubectl create rolebinding x --clusterrole=vi", "view"),
        ("kubectl create ro", "role rolebinding"),
        ("kubectl get deploym", "deployments"),
        ("kubectl get deployments -n sh", "shop"),
        ("kubectl get --namespace=sh", "shop"),
        ("kubectl get deploy -n shop ", "web"),
        ("kubectl -n shop get sa/ro", "sa/robot"),
        ("kubectl get pods -o js", "json jsonpath="),
        ("kubectl get pods --all", "--all-namespaces --allow-missing-template-keys"),
        ("kubectl create role r --verb=get,wa", "watch"),
        ("kubectl create role r --verb get --resource=cronj", "cronjobs"),
        ("kubectl create rolebinding r --role=x --serviceaccount=shop:r", "shop:robot"),
        ("kubectl auth can-i impers", "impersonate"),
        ("what-if kubectl describe names", "namespaces"),
        ("kubectl get namespace sh", "shop"),
        ("kubectl --token $T", "$TOKEN"),
        ("in shop/depl", "shop/deployment/web"),
        ("as system:serviceaccount:shop:r", "system:serviceaccount:shop:robot"),
        ("GET /apis/apps/v1/depl", "/apis/apps/v1/deployments"),
        (
            "in shop/deployment/web cat /var/run/secrets/kubernetes.io/serviceaccount/t",
            "/var/run/secrets/kubernetes.io/serviceaccount/token",
        ),
        ("kubectl exec p -- ca", ""),
        ("nonsense ge", ""),
        ("kubectl get päd\u{a0}ö", ""),
    ] {
        let (from, words) = prompt.world().complete(line);
        assert_eq!(words.join(" "), want, "{line}");
        assert!(words.iter().all(|word| word.starts_with(&line[from..])), "{line}: from {from}");
    }
    prompt.line("in shop/deployment/web").unwrap();
    assert_eq!(prompt.world().complete("cu"), (0, vec!["curl".to_owned()]));
    assert_eq!(prompt.world().complete("ls /var/r"), (3, vec!["/var/run/".to_owned()]));
}

const LINES: &[&str] = &[
    "kubectl create namespace a",
    "kubectl create deployment web --image=nginx -n a",
    "kubectl run p --image=ubuntu -n a",
    "kubectl create rolebinding x --clusterrole=view --user=alice -n a",
    "kubectl delete namespace a",
    "kubectl get pods -n a",
    "kubectl auth can-i get pods -n a",
    "kubectl exec -it p -n a -- sh",
    "as alice",
    "as bob devs ops",
    "as none",
    "as admin",
    "in a/pod/p",
    "in a/deployment/web",
    "in a/pod/p cat /nowhere",
    "curl -sk https://kubernetes.default.svc/api/v1/namespaces/a/pods",
    "env",
    "exit",
    "wait 90s",
    "what-if",
    "what-if kubectl delete pods --all -n a",
    "end",
    "undo",
    "why",
    "history",
    "garbage",
    "kubectl gte pods",
    "kubectl get podz",
    "GET /api/v1/namespaces/a",
    "POST /api/v1/namespaces {\"metadata\": {\"name\": \"a\"}}",
    "T=$(kubectl create token default -n a)",
    "as --token $T",
    "restart --anonymous-auth=false",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    /// Whatever is typed, the session's text replays with the same codes.
    #[test]
    fn a_session_replays_as_it_was(picks in prop::collection::vec(0..LINES.len(), 1..24)) {
        let mut prompt = fresh();
        for pick in picks {
            let before = seen(&prompt);
            // `exit` outside a pod ends nothing here.
            if prompt.line(LINES[pick]).is_err() {
                prop_assert_eq!(seen(&prompt), before);
            }
        }
        let Ok(text) = prompt.scenario("a") else { return Ok(()) };
        let scenario = load::parse("a.yaml", &text).unwrap();
        let report = run::replay(&scenario, Version::DEFAULT, run::Options::default(), &NoFiles).unwrap();
        for step in report.all() {
            prop_assert!(step.failures.is_empty(), "{:?}\n{text}", step.failures);
        }
    }
}
