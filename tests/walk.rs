//! A lesson walked through by somebody whose guesses are piped in.

use std::io::Write;
use std::process::{Command, Stdio};

fn walk(arguments: &[&str], guesses: &str) -> (String, String, Option<i32>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kubeverdict"))
        .arg("walk")
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // A walk that is refused reads nothing.
    let _ = child.stdin.take().expect("a pipe").write_all(guesses.as_bytes());
    let output = child.wait_with_output().expect("the program ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it is text");
    (text(output.stdout), text(output.stderr), output.status.code())
}

#[test]
fn a_wrong_guess_gets_its_reason() {
    // Of namespace and deployment nothing is asked; the pod is not allowed to list namespaces.
    let (told, _, code) = walk(&["scenarios/lizhe.yaml"], "401\nq\n");
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("✗ no: 403 Forbidden"), "{told}");
    let why = "The server knows who this is: system:serviceaccount:lizhe:default, by a service";
    assert!(told.contains(why), "{told}");
    assert!(told.contains("0 of 1 guesses right"), "{told}");
    assert!(!told.contains('\u{1b}'), "colours are for terminals: {told}");
}

#[test]
fn a_guess_may_be_a_number_and_enter_shows_the_answer() {
    let (told, _, _) = walk(&["scenarios/lizhe.yaml"], "nonsense\n403\n\n1\n");
    assert!(told.contains("\n  201 Created\n") && told.contains("✗ no: 403 Forbidden"), "{told}");
    assert!(told.contains("`nonsense` is none of these"), "{told}");
    assert!(told.contains("✓ right: 403 Forbidden"), "{told}");
}

#[test]
fn the_answer_comes_after_the_question() {
    let (told, _, _) = walk(&["scenarios/lizhe.yaml"], "");
    assert!(told.contains("What will the server say?"), "{told}");
    assert!(!told.contains("authenticate ok"), "nothing was guessed, nothing is told: {told}");
    assert!(told.contains("no guess was made"), "{told}");
}

#[test]
fn a_release_that_it_is_not_for() {
    let (_, error, code) = walk(&["scenarios/lizhe10.yaml", "--version", "1.30"], "");
    assert_eq!(code, Some(2));
    assert!(error.contains("not replayed under `1.30`") && error.contains("1.20, 1.36"), "{error}");
    let (told, _, code) = walk(&["scenarios/lizhe10.yaml", "--version", "1.20"], "q\n");
    assert_eq!(code, Some(0));
    assert!(told.contains("Kubernetes 1.20"), "{told}");
}

#[test]
fn a_folder_is_no_lesson() {
    let (_, error, code) = walk(&["scenarios"], "");
    assert_eq!(code, Some(2));
    assert!(error.contains("a folder of them"), "{error}");
}

#[test]
fn what_a_schedule_leaves_to_chance_is_told_before_the_guess() {
    let (told, _, code) = walk(&["lessons/11"], &"\n".repeat(40));
    assert_eq!(code, Some(0), "{told}");
    let step = told.split("\nStep ").find(|step| step.starts_with("2 of")).expect("the step");
    let (before, after) = step.split_once("What will the server say?").expect("a question");
    assert!(before.contains("By chance: the answer to step 2 was lost, and it was done again."), "{step}");
    assert!(after.contains("409 Conflict"), "{step}");
    let other = "By chance: step 10 reached another API server, whose authorizer was a second behind.";
    assert!(told.contains(other), "{told}");
    // It takes that server a second to hear of it, and not as long as the first one.
    let step = told.split("\nStep ").find(|step| step.starts_with("10 of")).expect("the step");
    assert!(step.contains("$ wait 1s") && !step.contains("$ wait 1ms"), "{step}");
}

#[test]
fn what_is_not_as_expected_is_told_with_the_answer() {
    let file = std::env::temp_dir().join(format!("kubeverdict-walk-{}.yaml", std::process::id()));
    let text = "scenario: a\nsteps:\n- {run: kubectl get pods, expect: 403}\nnever:\n- {asks: list pods, code: 200}\n";
    std::fs::write(&file, text).expect("it can be written");
    let (told, error, _) = walk(&[file.to_str().expect("a path")], "\n");
    std::fs::remove_file(file).expect("it is there");
    assert!(told.contains("not as expected: code: expected 403, got 200"), "{told}{error}");
    assert!(told.contains("not as expected: never: "), "{told}{error}");
}

#[test]
fn an_exercise_is_done_and_judged() {
    let typed = "\
check
kubectl create clusterrole on-call --verb=get,list --resource=pods,pods/log
kubectl create clusterrolebinding carol --clusterrole=on-call --user=carol
check
undo
h
kubectl create rolebinding carol --clusterrole=on-call --user=carol -n dev
kubectl apply -f - <<EOF
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: carol, namespace: ops}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: on-call}
subjects: [{kind: User, name: carol, apiGroup: rbac.authorization.k8s.io}]
EOF
check
kubectl get pods
";
    // Enter passes over each question; how many there are is told by one who has enough of them.
    let all = walk(&["lessons/04"], &"\n".repeat(200)).0.matches("What will").count();
    let (told, _, code) = walk(&["lessons/04"], &("\n".repeat(all) + typed));
    assert_eq!(code, Some(0), "{told}");
    for part in [
        "not solved yet: 5 of 7 as they should be",
        "✗ pods of dev: code: expected 200, got 403",
        "not solved yet: 5 of 7 as they should be",
        "✗ not those of kube-system: code: expected 403, got 200",
        "undone: kubectl create clusterrolebinding",
        "One cluster role, two bindings.",
        "rolebinding.rbac.authorization.k8s.io/carol created",
        "  solved\n",
        "the exercise is solved",
    ] {
        assert!(told.contains(part), "`{part}` is missing in:\n{told}");
    }
    assert!(!told.contains("kubectl get pods\n"), "it ends once it is solved: {told}");
    let (told, _, _) = walk(&["lessons/04"], &("\n".repeat(all) + "s\nq\n"));
    assert!(told.contains("$ kubectl create rolebinding carol-on-call"), "{told}");
    assert!(told.contains("the exercise is not solved yet"), "{told}");
}
