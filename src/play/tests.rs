//! The playground asked as a page asks it.

use super::*;
use crate::clients::NoFiles;
use crate::cluster::{Fresh, Meter};
use std::sync::LazyLock;

static FRESH: LazyLock<Fresh> = LazyLock::new(Fresh::default);

const ROLES: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
# Who reads.
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: shop}
rules:
- {apiGroups: [''], resources: [pods, services, configmaps], verbs: [get, list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reads, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: User, name: alice}]
";

fn world() -> World<'static> {
    World::new(&NoFiles, &FRESH)
}

fn empty() -> Playground<'static> {
    Playground::empty(world()).unwrap()
}

fn question(who: &str, what: &str, expected: u16) -> Question {
    Question { who: who.to_owned(), what: what.to_owned(), expected: Some(expected) }
}

fn view(answer: Answer) -> View {
    match answer {
        Answer::View(view) | Answer::Said { view, .. } => *view,
        other => panic!("{other:?}"),
    }
}

fn edit(playground: &mut Playground<'_>, manifests: &str) -> View {
    view(playground.ask(Ask::Edit { manifests: manifests.to_owned() }))
}

fn typed(playground: &mut Playground<'_>, line: &str) -> (String, View) {
    match playground.ask(Ask::Type { line: line.to_owned() }) {
        Answer::Said { told, view } => (told.into_iter().map(|told| told.text).collect(), *view),
        other => panic!("{line}: {other:?}"),
    }
}

fn file(playground: &mut Playground<'_>) -> String {
    match playground.ask(Ask::File) {
        Answer::File { text } => text,
        other => panic!("{other:?}"),
    }
}

fn codes(view: &View) -> Vec<Option<u16>> {
    view.rows.iter().map(|row| row.code).collect()
}

/// Alice's three questions, all of them answered.
fn shop() -> Playground<'static> {
    let mut playground = empty();
    edit(&mut playground, ROLES);
    let questions = ["pods", "services", "configmaps"]
        .map(|resource| question("alice", &format!("kubectl get {resource} -n shop"), 200));
    view(playground.ask(Ask::Questions { questions: questions.to_vec() }));
    playground
}

#[test]
fn a_word_in_a_role_flips_three_verdicts() {
    let mut playground = shop();
    let before = view(playground.ask(Ask::Look));
    assert_eq!(codes(&before), [Some(200); 3]);
    assert!(before.rows.iter().all(|row| row.fine == Some(true)));
    let after = edit(&mut playground, &ROLES.replace("verbs: [get, list]", "verbs: [get]"));
    assert_eq!(codes(&after), [Some(403); 3]);
    assert!(after.rows.iter().all(|row| row.fine == Some(false) && row.verdict == "authorize: RBAC refuses"));
    // What was typed on the way left nothing behind.
    let again = edit(&mut playground, ROLES);
    assert_eq!(codes(&again), codes(&before));
}

#[test]
fn what_is_wrong_is_told_at_its_line() {
    let mut playground = empty();
    let told = |playground: &mut Playground<'_>, text: &str| {
        let marks = edit(playground, text).marks;
        marks.into_iter().map(|mark| (mark.line, mark.error, mark.message)).collect::<Vec<_>>()
    };
    assert_eq!(told(&mut playground, ROLES), []);
    let broken = ROLES.replace("kind: Role\n", "kind: [Role\n");
    let marks = told(&mut playground, &broken);
    assert!(matches!(marks.as_slice(), [(8, true, _), (_, true, _)] | [(8, true, _)]), "{marks:?}");
    let marks = told(&mut playground, &ROLES.replace("kind: Role\n", "kind: Rolle\n"));
    assert_eq!(marks[0].0, 6, "{marks:?}");
    assert!(marks[0].2.contains("Rolle"), "{marks:?}");
    let marks = told(&mut playground, &ROLES.replace("verbs: [get, list]", "verbs: []"));
    assert_eq!(
        marks,
        [(10, true, "rules[0].verbs: Required value: verbs must contain at least one value".to_owned())]
    );
    let marks = told(&mut playground, &ROLES.replace("kind: Namespace", "kind: ConfigMap"));
    assert!(marks.iter().any(|(line, ..)| *line == 6), "without its namespace a role is not made: {marks:?}");
}

#[test]
fn a_refusal_is_explained_and_cured_in_the_editor() {
    let mut playground = shop();
    let asked = vec![question("bob", "kubectl get pods -n shop", 200)];
    assert_eq!(codes(&view(playground.ask(Ask::Questions { questions: asked }))), [Some(403)]);
    let Answer::Explained { html, cures } = playground.ask(Ask::Explain { of: Of::Question(0) }) else {
        panic!()
    };
    assert!(html.contains("RBAC refuses") && cures > 0, "{html}");
    let cured = view(playground.ask(Ask::Cure { of: Of::Question(0), cure: 0 }));
    assert_eq!(codes(&cured), [Some(200)]);
    let manifests = cured.manifests.unwrap();
    assert!(
        manifests.starts_with("apiVersion: v1\nkind: Namespace") && manifests.contains("name: bob"),
        "{manifests}"
    );
    assert!(cured.marks.is_empty(), "{:?}", cured.marks);
    assert!(!manifests.contains("last-applied"), "{manifests}");
    assert_eq!(codes(&view(playground.ask(Ask::Undo))), [Some(403)]);
    assert_eq!(codes(&view(playground.ask(Ask::Redo))), [Some(200)]);
    // What came near is found in the editor.
    let asked = vec![question("alice", "kubectl delete pods --all -n shop", 200)];
    view(playground.ask(Ask::Questions { questions: asked }));
    let Answer::Explained { html, .. } = playground.ask(Ask::Explain { of: Of::Question(0) }) else {
        panic!()
    };
    assert!(html.contains("(manifests:10)"), "{html}");
}

#[test]
fn a_cure_of_what_a_line_made_is_a_line() {
    let mut playground = empty();
    for line in [
        "kubectl create namespace dev",
        "kubectl create role r --verb=get --resource=pods -n dev",
        "kubectl create rolebinding b --role=r --user=eve -n dev",
    ] {
        typed(&mut playground, line);
    }
    view(playground.ask(Ask::Questions { questions: vec![question("eve", "kubectl get pods -n dev", 200)] }));
    let Answer::Explained { cures, .. } = playground.ask(Ask::Explain { of: Of::Question(0) }) else {
        panic!()
    };
    for cure in 0..cures {
        let cured = view(playground.ask(Ask::Cure { of: Of::Question(0), cure }));
        assert_eq!(codes(&cured), [Some(200)], "cure {cure}");
        playground.ask(Ask::Undo);
    }
}

#[test]
fn the_file_reads_as_it_was_written_and_replays_to_the_same() {
    let mut playground = shop();
    typed(&mut playground, "kubectl create serviceaccount robot -n shop");
    typed(&mut playground, "as alice");
    typed(&mut playground, "kubectl get secrets -n shop");
    let text = file(&mut playground);
    let mut again = Playground::open(world(), "link", &text).unwrap();
    assert_eq!(file(&mut again), text);
    let (before, after) = (view(playground.ask(Ask::Look)), view(again.ask(Ask::Look)));
    assert_eq!(before.rows, after.rows);
    assert_eq!(before.manifests, after.manifests);
    assert_eq!(after.manifests.as_deref(), Some(ROLES));
    assert_eq!(before.typed, after.typed);
    // `run` takes it, too.
    let scenario = crate::scenario::load::parse("file", &text).unwrap();
    let report =
        crate::scenario::run::replay(&scenario, Version::DEFAULT, Default::default(), &NoFiles).unwrap();
    let failed: Vec<_> = report.all().into_iter().flat_map(|step| &step.failures).collect();
    assert!(failed.is_empty(), "{failed:?}\n{text}");
}

#[test]
fn what_is_wrong_or_half_done_stands_in_the_file_too() {
    let mut playground = empty();
    let wrong = "kind: Rolle\napiVersion: v1\nmetadata: {name: a}\n---\na: [b\n---\n# EOF\nEOF: 1\n";
    edit(&mut playground, wrong);
    let questions =
        vec![question("", "nonsense", 200), question("a b c", "GET /api", 403), Question::default()];
    view(playground.ask(Ask::Questions { questions: questions.clone() }));
    let text = file(&mut playground);
    let mut again = Playground::open(world(), "link", &text).unwrap();
    let seen = view(again.ask(Ask::Look));
    assert_eq!(seen.manifests.as_deref(), Some(wrong));
    assert_eq!(
        seen.rows.iter().map(|row| row.question.what.as_str()).collect::<Vec<_>>(),
        ["nonsense", "GET /api"]
    );
    assert_eq!(file(&mut again), text);
}

#[test]
fn a_learner_solves_lesson_four_by_typing() {
    let text = include_str!("../../scenarios/lessons/04-roles-and-bindings.yaml");
    let mut playground = Playground::open(world(), "lesson", text).unwrap();
    let task = |view: &View| view.lesson.as_ref().unwrap().exercise.clone().unwrap();
    let seen = view(playground.ask(Ask::Look));
    assert!(
        !task(&seen).solved && seen.rows.len() >= 5 && seen.rows.iter().all(|row| row.fine == Some(true)),
        "{:?}",
        seen.rows
    );
    let mut solved = Vec::new();
    for line in [
        "kubectl create clusterrole on-call --verb=get,list --resource=pods,pods/log",
        "kubectl create rolebinding carol-on-call --clusterrole=on-call --user=carol -n dev",
        "kubectl create rolebinding carol-on-call --clusterrole=on-call --user=carol -n ops",
    ] {
        solved.push(task(&typed(&mut playground, line).1).solved);
    }
    assert_eq!(solved, [false, false, true]);
    assert!(!task(&view(playground.ask(Ask::Type { line: "undo".to_owned() }))).solved);
    let text = file(&mut playground);
    let mut again = Playground::open(world(), "link", &text).unwrap();
    assert!(!task(&view(again.ask(Ask::Look))).solved);
    assert_eq!(file(&mut again), text);
}

#[test]
fn time_moves_and_the_past_can_be_asked() {
    let mut playground = shop();
    typed(&mut playground, "kubectl create rolebinding bob --role=reader --user=bob -n shop");
    let (_, seen) = typed(&mut playground, "wait 10m");
    assert!(seen.passed.starts_with("10 min"), "{}", seen.passed);
    view(
        playground.ask(Ask::Questions { questions: vec![question("bob", "kubectl get pods -n shop", 200)] }),
    );
    let Answer::Time { moments, acts, .. } = playground.ask(Ask::Time) else { panic!() };
    assert_eq!(moments.len(), 5);
    assert!(acts.iter().any(|act| act.sign == "controller"), "somebody else acts, too");
    let past = |playground: &mut Playground<'_>, steps| match playground.ask(Ask::Past { steps }) {
        Answer::Past { rows } => rows[0].code,
        other => panic!("{other:?}"),
    };
    assert_eq!(past(&mut playground, 0), Some(403));
    assert_eq!(past(&mut playground, 3), Some(403));
    assert_eq!(past(&mut playground, 4), Some(200));
    assert_eq!(past(&mut playground, 5), Some(200));
    match playground.ask(Ask::Past { steps: 6 }) {
        Answer::Refused(wrong) => assert_eq!(wrong.message, "there is no step 6: 5 were done"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_typed_is_typed_again_behind_an_edit() {
    let mut playground = shop();
    typed(&mut playground, "what-if");
    typed(&mut playground, "kubectl delete rolebinding reads -n shop");
    let open = view(playground.ask(Ask::Look));
    assert_eq!((open.forks, codes(&open)), (1, vec![Some(403); 3]));
    let edited = edit(&mut playground, &format!("# more\n{ROLES}"));
    assert_eq!((edited.forks, codes(&edited)), (1, vec![Some(403); 3]));
    let (_, back) = typed(&mut playground, "end");
    assert_eq!((back.forks, codes(&back)), (0, vec![Some(200); 3]));
    // What can be done no more fails, and is there again once it can.
    typed(&mut playground, "kubectl create serviceaccount robot -n shop");
    let gone = edit(&mut playground, "");
    assert_eq!(gone.typed.last().unwrap().ended, "404");
    assert_eq!(edit(&mut playground, ROLES).typed.last().unwrap().ended, "201");
}

#[test]
fn other_releases_and_seeds_and_pictures() {
    let mut playground = shop();
    let seen = view(playground.ask(Ask::SetUp { version: "1.24".to_owned(), seed: "7".to_owned() }));
    assert_eq!((seen.version.as_str(), seen.seed.as_str(), codes(&seen)), ("1.24", "7", vec![Some(200); 3]));
    assert!(file(&mut playground).contains("version: \"1.24\"\n  seed: 7\n"), "{}", file(&mut playground));
    let Answer::Rights { html } = playground.ask(Ask::Rights) else { panic!() };
    assert!(
        html.contains("<svg") && html.contains("asked in question") && html.contains("#play-question-1"),
        "{html}"
    );
    assert!(matches!(
        playground.ask(Ask::SetUp { version: "0.9".to_owned(), seed: "0".to_owned() }),
        Answer::Refused(_)
    ));
    // A seed is any number of 64 bits, also where a browser would round it.
    for (seed, fine) in [("18446744073709551615", true), ("1.5", false), ("-1", false), ("", false)] {
        let set = Ask::SetUp { version: "1.36".to_owned(), seed: seed.to_owned() };
        match playground.ask(set) {
            Answer::View(view) => assert!(fine && view.seed == seed),
            Answer::Refused(wrong) => assert_eq!(
                (fine, wrong.message),
                (false, format!("`{seed}` is no seed: a whole number from 0 to 18446744073709551615"))
            ),
            other => panic!("{other:?}"),
        }
    }
    let Answer::Completed { from, words } =
        playground.ask(Ask::Complete { line: "kubectl get rolebindings -n sh".to_owned() })
    else {
        panic!()
    };
    assert_eq!((from, words), (28, vec!["shop".to_owned()]));
    let Answer::Orders { text } = playground.ask(Ask::Orders) else { panic!() };
    assert!(text.starts_with("64 orders"), "{text}");
}

#[test]
fn a_dump_stands_in_the_editor_without_what_makes_itself() {
    let dump = r#"{"kind":"List","apiVersion":"v1","items":[
        {"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"default","namespace":"a","uid":"1"}},
        {"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"robot","namespace":"a","uid":"2","resourceVersion":"9"}},
        {"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a","uid":"3"},"status":{"phase":"Active"}}]}"#;
    let mut playground = Playground::of_dump(world(), "dump.json", dump).unwrap();
    let seen = view(playground.ask(Ask::Look));
    let wanted = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: robot\n  namespace: a\n";
    assert_eq!(seen.manifests.as_deref(), Some(wanted));
    assert_eq!((seen.marks, seen.notes.len()), (vec![], 1));
    assert!(Playground::of_dump(world(), "dump.yaml", "a: [").is_err());
}

#[test]
fn a_dump_of_roles_stands_in_the_namespaces_that_it_names() {
    let dump = r#"{"kind":"List","apiVersion":"v1","items":[{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role",
        "metadata":{"name":"pods","namespace":"shop"},"rules":[]}]}"#;
    let mut playground = Playground::of_dump(world(), "dump.json", dump).unwrap();
    let seen = view(playground.ask(Ask::Look));
    assert_eq!(seen.notes, ["the dump holds no namespaces, so those are made that it names: shop"]);
    assert_eq!(seen.marks, vec![]);
    assert!(seen.manifests.is_some_and(|text| text.starts_with("apiVersion: v1\nkind: Namespace\n")));
}

#[test]
fn questions_are_asks_that_json_carries() {
    let ask: Ask = serde_json::from_str(r#"{"ask":"explain","of":{"question":2}}"#).unwrap();
    assert_eq!(ask, Ask::Explain { of: Of::Question(2) });
    assert!(serde_json::from_str::<Ask>(r#"{"ask":"explain","of":{"question":2},"more":1}"#).is_err());
    let told = serde_json::to_value(empty().ask(Ask::Undo)).unwrap();
    assert_eq!(told["is"], "refused");
}

#[test]
fn the_first_playground_has_one_question_that_is_not_as_expected() {
    let mut playground = Playground::start(world()).unwrap();
    let seen = view(playground.ask(Ask::Look));
    let fine: Vec<_> = seen.rows.iter().map(|row| row.fine).collect();
    assert_eq!(fine, [Some(true), Some(true), Some(true), Some(true), Some(false)]);
    assert!(seen.marks.is_empty());
    let behind = |text: &str| text.split_once("cluster:").map(|(_, behind)| behind.to_owned());
    assert_eq!(behind(&file(&mut playground)), behind(START), "it is written as a playground is");
}

#[test]
fn in_a_long_text_the_edited_role_comes_last_and_nothing_else_is_other() {
    let mut manifests = String::from("apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n");
    for number in 1..60 {
        manifests += &format!(
            "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {{name: role-{number}, namespace: shop}}\n\
             rules: [{{apiGroups: [''], resources: [pods], verbs: [get]}}]\n"
        );
    }
    let mut playground = empty();
    assert_eq!(edit(&mut playground, &manifests).marks, []);
    assert_eq!(playground.now.documents.last(), None);
    assert!(matches!(playground.ask(Ask::Touch { line: 12 }), Answer::Touched));
    assert_eq!(playground.now.documents.last(), Some(2));
    let broken = manifests.replace(
        "verbs: [get]}]\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: role-3,",
        "verbs: []}]\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: role-3,",
    );
    let marks = edit(&mut playground, &broken).marks;
    assert_eq!(
        marks.iter().map(|mark| (mark.line, mark.document)).collect::<Vec<_>>(),
        [(13, 2)],
        "{marks:?}"
    );
    assert_eq!(playground.now.documents.last(), Some(2));
    // The file says in which order, and which document stands where.
    let text = file(&mut playground);
    let mut again = Playground::open(world(), "link", &text).unwrap();
    assert_eq!(view(again.ask(Ask::Look)).manifests.as_deref(), Some(broken.as_str()));
    assert_eq!(file(&mut again), text);
    // What others need stays in its place.
    let renamed = manifests.replace("{name: shop}", "{name: shop, labels: {a: b}}");
    assert_eq!(edit(&mut playground, &renamed).marks, []);
    assert_eq!(playground.now.documents.last(), None);
}

#[test]
fn an_ask_comes_to_so_much_and_no_more() {
    let refused = |answer: Answer| match answer {
        Answer::Refused(wrong) => wrong.message,
        other => panic!("{other:?}"),
    };
    let too_much = |asked: &str| {
        format!(
            "{asked} is too much at once: requests and looks of controllers that one ask of a playground comes to: more than \
             2000, the limit PLAYED"
        )
    };
    let little = Meter::new(crate::limits::Limit { value: 2_000, ..crate::limits::PLAYED });
    let measured = || World { meter: little.clone(), ..world() };
    let mut playground = Playground::empty(measured()).unwrap();
    let deployment = "kubectl create deployment d --image=nginx --replicas=";
    let line = |line: &str| Ask::Type { line: line.to_owned() };
    let before = file(&mut playground);
    assert_eq!(
        refused(playground.ask(line(&format!("{deployment}3000")))),
        too_much(&format!("`{deployment}3000`"))
    );
    // All is as before, and as much can be done as before.
    assert_eq!(file(&mut playground), before);
    typed(&mut playground, &format!("{deployment}5"));
    // One wait is little, many are not: an edit would do them all again.
    let wait = "wait 10h";
    let waits = (0..500)
        .map(|_| playground.ask(line(wait)))
        .take_while(|answer| matches!(answer, Answer::Said { .. }));
    let waits = waits.count();
    assert!((2..400).contains(&waits), "{waits}");
    assert_eq!(refused(playground.ask(line(wait))), too_much(&format!("`{wait}`")));
    let text = file(&mut playground);
    view(playground.ask(Ask::Undo));
    edit(&mut playground, ROLES);
    // A scenario that is too much opens nothing; one that a playground wrote is not.
    let again =
        |text: &str| Playground::open(measured(), "link", text).map(drop).map_err(|error| error.message);
    assert_eq!(again(&text), Ok(()));
    let many = format!("scenario: waits\nsteps:\n- run: {deployment}5\n{}", "- wait: 10h\n".repeat(500));
    assert_eq!(again(&many), Err(too_much(&format!("`{wait}`"))));
    // So are questions, each told beside its row, and manifests.
    let forever = "kubectl wait deployment/d --for=condition=Nope --timeout=8000h";
    let seen = view(playground.ask(Ask::Questions {
        questions: vec![question("", forever, 1), question("alice", "kubectl get pods -n shop", 200)],
    }));
    let wrong: Vec<_> =
        seen.rows.iter().map(|row| row.wrong.as_ref().map(|wrong| wrong.message.clone())).collect();
    assert_eq!(wrong, [Some(too_much(&format!("`{forever}`"))), Some(too_much(&format!("`{forever}`")))]);
    let many = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n".repeat(3000);
    assert!(refused(playground.ask(Ask::Edit { manifests: many })).contains("the limit PLAYED"));
    assert!(view(playground.ask(Ask::Look)).manifests.is_some_and(|text| text == ROLES));
}

#[test]
fn what_is_much_comes_to_an_end_at_the_same_place_each_time() {
    let ends = || {
        let mut playground = empty();
        let line = "kubectl create deployment d --image=nginx --replicas=60";
        playground.ask(Ask::Type { line: line.to_owned() });
        playground.now.work
    };
    assert_eq!((ends(), ends() > 60), (ends(), true));
}
