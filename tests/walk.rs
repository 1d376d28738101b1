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
    // Namespace, deployment, and the pod that is not allowed to list namespaces.
    let (told, _, code) = walk(&["scenarios/lizhe.yaml"], "201\n201\n401\nq\n");
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("✗ no: 403 Forbidden"), "{told}");
    let why = "The server knows who this is: system:serviceaccount:lizhe:default, by a service";
    assert!(told.contains(why), "{told}");
    assert!(told.contains("2 of 3 guesses right"), "{told}");
    assert!(!told.contains('\u{1b}'), "colours are for terminals: {told}");
}

#[test]
fn a_guess_may_be_a_number_and_enter_shows_the_answer() {
    let (told, _, _) = walk(&["scenarios/lizhe.yaml"], "1\n\nnonsense\n403\n");
    assert!(told.contains("✓ right: 201 Created"), "{told}");
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
