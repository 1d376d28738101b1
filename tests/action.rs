//! The GitHub action and the hook of pre-commit: both are read, and the command lines in them are carried out.

#[path = "support/repository.rs"]
mod repository;

use repository::Repository;
use serde_json::Value;

fn read(path: &str) -> Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    serde_yaml::from_str(&std::fs::read_to_string(path).expect("it is there")).expect("it is YAML")
}

/// A binding of somebody to the rights of a cluster's administrator.
fn binding(who: &str) -> String {
    format!(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {{name: b}}\nroleRef: {{apiGroup: \
         rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}}\nsubjects: [{{kind: User, name: {who}}}]\n"
    )
}

fn repository() -> Repository {
    let repository = Repository::new();
    for who in ["jo", "alice"] {
        repository.write("deploy/rbac.yaml", &binding(who));
        repository.git(&["add", "."]);
        repository.git(&["commit", "-qm", who]);
    }
    repository
}

/// The lines of a script that run the command line, their words as a shell makes them where these are its variables.
fn lines<'s>(script: &'s str, variables: &'s [(&str, &str)]) -> impl Iterator<Item = Vec<String>> {
    let run = script.lines().map(str::trim).filter(|line| line.starts_with("kubeverdict "));
    run.map(|line| {
        let line = variables.iter().fold(line.to_owned(), |line, (name, value)| line.replace(name, value));
        let words = line.split_whitespace().skip(1).take_while(|word| *word != ">");
        words.map(|word| word.trim_matches('"').to_owned()).collect()
    })
}

#[test]
fn the_action_does_what_its_lines_say() {
    let action = read("action.yml");
    assert_eq!(action["runs"]["using"], "composite");
    let steps = action["runs"]["steps"].as_array().expect("steps");
    assert!(steps.iter().all(|step| step["run"].is_string() && step["shell"] == "bash"), "{steps:#?}");
    // Whatever a step reads of its inputs is a variable: no text of others' becomes a part of the script.
    assert!(steps.iter().all(|step| !step["run"].as_str().expect("a script").contains("${{")));
    let script = steps[1]["run"].as_str().expect("a script");
    assert!(script.contains("--version=\"$VERSION\"") && script.contains("--fail-on=\"$condition\""));
    let variables = [
        ("$BASE", "HEAD~1"),
        ("$HEAD", "main"),
        ("\"${flags[@]}\"", "--version=1.36 --fail-on=gained:secrets"),
        ("$PATHS", "deploy"),
    ];
    let repository = repository();
    let mut outputs = Vec::new();
    for words in lines(script, &variables) {
        let (code, out, error) = repository.run(&words.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(code, 1, "{words:?}: {out}{error}");
        outputs.push(out);
    }
    let [json, markdown, sarif] = &outputs[..] else { panic!("{outputs:#?}") };
    let told: Value = serde_json::from_str(json).expect("JSON");
    assert_eq!((&told["gained"][0]["who"], &told["lost"][0]["who"]), (&"alice".into(), &"jo".into()));
    assert!(markdown.starts_with("### Rights: "), "{markdown}");
    assert!(sarif.contains("\"deploy/rbac.yaml\""), "{sarif}");
}

#[test]
fn the_hook_compares_with_the_last_commit() {
    let hooks = read(".pre-commit-hooks.yaml");
    let hook = &hooks[0];
    assert_eq!((&hook["id"], &hook["pass_filenames"]), (&"kubeverdict-diff".into(), &false.into()));
    let entry = hook["entry"].as_str().expect("a command line");
    let words: Vec<String> = lines(entry, &[]).next().expect("it is ours");
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    // As its description has it.
    let arguments = ["--fail-on=gained:secrets", "--", "deploy"];
    let description = hook["description"].as_str().expect("a description");
    assert!(description.contains(&format!("args: [{}]", arguments.join(", "))), "{description}");
    let repository = repository();
    let (code, out, error) = repository.run(&[&words[..], &arguments].concat());
    assert!(code == 0 && out.contains("nobody gained or lost a right"), "{out}{error}");
    repository.write("deploy/rbac.yaml", &binding("carol"));
    assert_eq!(repository.run(&words).0, 0);
    let (code, out, _) = repository.run(&[&words[..], &arguments].concat());
    assert!(code == 1 && out.contains("+ carol in the whole cluster"), "{out}");
}
