use super::*;
use crate::api::Version;
use crate::scenario::report::Report;
use crate::scenario::run::{self, Options};

struct None_;

impl crate::clients::Files for None_ {
    fn read(&self, path: &str) -> Result<String, String> {
        Err(format!("no {path}"))
    }
}

const SCENARIO: &str = r#"
scenario: guesses
about: One of each.
cluster: {flags: {anonymous-auth: false}}
steps:
- kubectl create namespace dev
- kubectl create role reader --verb=get,list --resource=pods -n dev
- kubectl create rolebinding alice --role=reader --user=alice -n dev
- {request: {as: alice, do: GET /api/v1/namespaces/dev/pods}}
- {request: {as: alice, do: DELETE /api/v1/namespaces/dev/pods/p}}
- {request: {as: bob, do: GET /api/v1/nodes/n}}
- {request: {as: none, do: GET /api/v1/nodes}}
- {request: {as: alice, do: GET /api/v1/namespaces/dev/pods/p}}
- kubectl create namespace dev
- kubectl run web --image=nginx -n nowhere
- {as: alice, run: kubectl auth can-i list pods -n dev}
- {as: alice, run: kubectl auth can-i list secrets -n dev, expect: {exit: 1}}
"#;

fn report() -> Report {
    let scenario = crate::scenario::load::parse("guesses.yaml", SCENARIO).expect("it is a scenario");
    run::replay(&scenario, Version::DEFAULT, Options { moments: true, ..Options::default() }, &None_)
        .expect("it can be replayed")
}

fn asked(step: usize) -> Question {
    let report = report();
    let step = &report.steps[step - 1];
    let explanation = step.deciding().map(crate::explain::explain);
    question(step, explanation.as_ref()).expect("a question")
}

#[track_caller]
fn check(step: usize, guess: Answer, right: bool, why: &str) {
    let question = asked(step);
    let choice = question.choices.iter().find(|choice| choice.answer == guess).expect("such a choice");
    assert_eq!(choice.right, right, "{question:#?}");
    assert_eq!(choice.why, why);
}

#[test]
fn what_an_administrator_sets_up_is_no_question() {
    let report = report();
    for step in report.steps.iter().take(3) {
        let explanation = step.deciding().map(crate::explain::explain);
        assert_eq!(question(step, explanation.as_ref()), None, "{}", step.line);
    }
}

#[test]
fn one_choice_is_right() {
    for step in 4..=12 {
        let question = asked(step);
        assert_eq!(question.choices.iter().filter(|choice| choice.right).count(), 1, "{question:#?}");
        assert!(question.choices.len() >= 2);
        assert!(question.choices.iter().all(|choice| !choice.why.is_empty()));
    }
}

#[test]
fn allowed_and_not_401() {
    let why = "The server knows who this is: alice. 401 would mean that it does not.";
    check(4, Answer::Code(401), false, why);
}

#[test]
fn allowed_and_not_403() {
    let why = "RoleBinding dev/alice: Role reader to alice allows it, whose rule 1 has verbs [get, list] \
               of groups [\"\"] on [pods].";
    check(4, Answer::Code(403), false, why);
    check(4, Answer::Code(200), true, why);
}

#[test]
fn forbidden_and_not_allowed() {
    let why = "Nobody granted it. The nearest is RoleBinding dev/alice: Role reader to alice; it fails on the \
               verb: its nearest rule allows get, list, not delete.";
    check(5, Answer::Code(200), false, why);
    check(5, Answer::Code(403), true, why);
}

#[test]
fn forbidden_and_not_missing() {
    let why = "Whether there is such a thing is looked up after the gate authorize, where this request ended. Whoever \
               may not ask does not learn it.";
    check(6, Answer::Code(404), false, why);
}

#[test]
fn unknown_and_neither_forbidden_nor_allowed() {
    let forbidden = "403 would mean that the server knows who asks, and that they may not. It does not know: no \
                     credential, and anonymous-auth is off.";
    check(7, Answer::Code(403), false, forbidden);
    let allowed = "The server does not know who this is: no credential, and anonymous-auth is off. No right is looked \
                   at yet.";
    check(7, Answer::Code(200), false, allowed);
}

#[test]
fn missing_and_not_forbidden() {
    let question = asked(8);
    let choice = question.choices.iter().find(|choice| choice.answer == Answer::Code(403)).expect("a choice");
    assert!(
        choice.why.contains("allows it") && choice.why.contains("pods \"p\" not found"),
        "{}",
        choice.why
    );
}

#[test]
fn taken() {
    let question = asked(9);
    let right = question.choices.iter().find(|choice| choice.right).expect("a right one");
    assert_eq!(right.answer, Answer::Code(409));
    assert!(right.why.contains("system:masters") && right.why.contains("already exists"), "{}", right.why);
}

#[test]
fn yes_and_no() {
    let allowed =
        "The authorizer allows such a request. Nothing was sent but the question; admission was not asked.";
    check(11, Answer::No, false, allowed);
    let why = "No rule that reaches alice allows such a request, so it would end in 403.";
    check(12, Answer::No, true, why);
}

#[test]
fn no_answer_is_none() {
    let why = no_answer(6, "curl: (6) Could not resolve host: kubernetes.default.svc\n", Answer::Code(403));
    assert_eq!(
        why,
        "403 Forbidden would be an answer, and the request never arrived: curl ends with exit code 6: curl: (6) \
         Could not resolve host: kubernetes.default.svc"
    );
}
