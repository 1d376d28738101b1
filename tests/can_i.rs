//! `can-i -f`: yes or no, as a script reads it.

#[path = "support/beside.rs"]
mod beside;

use beside::run_beside;

const DUMP: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: pods, namespace: shop}
rules:
- {apiGroups: [''], resources: [pods], verbs: [get, list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: ci, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: pods}
subjects:
- {kind: ServiceAccount, name: ci, namespace: build}
";

/// Runs `can-i` beside the dump and a file of questions; the exit code and what it wrote.
fn can_i(questions: &str, arguments: &[&str]) -> (i32, String) {
    run_beside(&[("dump.yaml", DUMP), ("questions.yaml", questions)], &[&["can-i"], arguments].concat())
}

#[test]
fn yes_and_no_are_codes_as_kubectls() {
    const CI: &str = "system:serviceaccount:build:ci";
    let ask = |words: &[&str]| can_i("", &[&["-f", "dump.yaml", "--as", CI][..], words].concat());
    let (code, text) = ask(&["list", "pods", "-n", "shop"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.starts_with("yes - RBAC: allowed by RoleBinding \"ci/shop\""), "{text}");
    assert_eq!(ask(&["list", "pods"]), (1, "no\n".to_owned()));
    assert_eq!(ask(&["-q", "get pods/log -n shop"]), (1, String::new()));
    let half = can_i("", &["-f", "dump.yaml", "--as", "system:serviceaccount:shop", "get pods -n shop"]);
    assert_eq!(
        half,
        (1, "no\nwarning: a service account is called system:serviceaccount:NAMESPACE:NAME; nobody has this name\n".to_owned())
    );
    // Whom a pasted refusal is of need not be said.
    let pasted = "pods is forbidden: User \"system:serviceaccount:build:ci\" cannot list resource \"pods\" in API group \"\" in \
        the namespace \"shop\"";
    assert_eq!(can_i("", &["-q", "-f", "dump.yaml", pasted]), (0, String::new()));
}

#[test]
fn a_file_of_questions_is_checked() {
    let good = "- {who: 'system:serviceaccount:build:ci', can: get pods -n shop, expect: yes}\n\
        - {who: {user: jo, groups: [ops]}, can: get pods -n shop, expect: no}\n";
    let check = |questions| can_i(questions, &["-f", "dump.yaml", "--questions", "questions.yaml"]);
    assert_eq!(check(good), (0, "2 questions: all as expected\n".to_owned()));
    let (code, text) = check("- {who: jo, can: get pods -n shop, expect: yes}\n");
    assert_eq!(
        (code, &*text),
        (1, "differs jo: get pods -n shop: no, not yes\n1 question: 1 answered otherwise\n")
    );
}

#[test]
fn bad_input_is_told() {
    for (questions, arguments, told) in [
        ("", &["get", "pods"][..], "hint: give its objects with -f DUMP"),
        ("", &["-f", "dump.yaml", "get", "pods"], "hint: say it with --as USER"),
        ("", &["-f", "dump.yaml"], "<QUESTION>"),
        (
            "- {who: jo, can: get podz, expect: no}",
            &["-f", "dump.yaml", "--questions", "questions.yaml"],
            "questions.yaml: question 1: unknown resource `podz`; did you mean `pods`?",
        ),
        (
            "- {who: jo, can: get pods, expect: 7}",
            &["-f", "dump.yaml", "--questions", "questions.yaml"],
            "questions.yaml:1:",
        ),
        ("", &["-f", "dump.yaml", "--questions", "nowhere.yaml"], "nowhere.yaml"),
    ] {
        let (code, text) = can_i(questions, arguments);
        assert_eq!(code, 2, "{arguments:?}: {text}");
        assert!(text.contains(told), "{arguments:?}: {text}");
    }
}
