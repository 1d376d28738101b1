//! Goal: whoever has nothing but the program has the stories, and a first scenario of their own.
//! Method: the program in an empty folder.

#[path = "support/files.rs"]
mod files;

use files::folder;
use std::path::Path;
use std::process::Command;

/// Runs a line in a folder; exit code and all that was printed.
fn kubeverdict(folder: &Path, line: &str) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kubeverdict"));
    command.args(line.split(' ')).current_dir(folder).env_remove("GITHUB_ACTIONS");
    let output = command.output().expect("it runs");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().expect("it ended"), String::from_utf8_lossy(&text).into_owned())
}

#[test]
fn stories_are_in_the_program() {
    let folder = folder("stories", &[("here/roles.yaml", "scenario: mine\nsteps: [wait: 1s]\n")]);
    for (line, code, told) in [
        ("run lizhe10", 0, "pass lizhe10 · Kubernetes 1.20, 1.36 · 40 steps · a story in the program"),
        ("run identity/jwt", 0, "1 scenario, 42 steps: all as expected"),
        ("walk lessons/04", 0, "Roles and bindings · Kubernetes 1.36"),
        ("explain lizhe2 1", 0, "POST /api/v1/namespaces"),
        // What is not there is told with what is; in CI nothing is green for nothing.
        ("run", 2, "stories in the program: "),
        ("run lessons", 2, "error: no such file or folder: `lessons`"),
        ("run scenarios", 2, "11 in lessons/"),
        ("run roles.yaml", 2, "error: no such file or folder: `roles.yaml`"),
        ("run lizhe1", 0, "pass lizhe10"),
        ("run lizhe10.yaml", 2, "hint: did you mean `lizhe10`, a story in the program?"),
        ("run lessons/4", 2, "hint: did you mean `lessons/04-roles-and-bindings`, a story in the program?"),
        ("run -", 2, "error: a scenario is a file; none is read from standard input"),
        ("walk lessons", 2, "one of them: lessons/01-who-are-you, lessons/02-"),
        // A file or folder comes first.
        ("run here/roles.yaml", 0, "1 scenario, 1 step: all as expected"),
    ] {
        let (got, out) = kubeverdict(&folder, line);
        assert!(got == code && out.contains(told), "{line}: {got}\n{out}");
    }
    std::fs::remove_dir_all(folder).expect("it was made");
}

#[test]
fn a_first_scenario_is_written_once() {
    let folder = folder("init", &[("scenarios/README.md", "mine")]);
    let (code, out) = kubeverdict(&folder, "init");
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("scenarios/first.yaml: written\nscenarios/README.md: left as it is\n"), "{out}");
    let read = |path: &str| std::fs::read_to_string(folder.join(path)).expect("it is there");
    assert_eq!(read("scenarios/README.md"), "mine");
    assert!(read("scenarios/first.yaml").starts_with("# yaml-language-server: $schema=schema.json\n"));
    assert_eq!(read("scenarios/schema.json"), include_str!("../schema/scenario.json"));
    let workflow: serde_json::Value =
        serde_yaml::from_str(&read(".github/workflows/kubeverdict.yml")).expect("it is YAML");
    let steps = workflow["jobs"]["scenarios"]["steps"].as_array().expect("steps");
    assert!(steps.iter().any(|step| step["run"] == "kubeverdict run scenarios --junit kubeverdict.xml"));
    let (code, out) = kubeverdict(&folder, "run scenarios --junit kubeverdict.xml");
    assert!(code == 0 && out.contains("1 scenario, 6 steps: all as expected"), "{out}");
    let (_, out) = kubeverdict(&folder, "init");
    assert!(!out.contains("written"), "{out}");
    std::fs::remove_dir_all(folder).expect("it was made");
}

#[test]
fn a_workflow_goes_to_the_top_of_its_repository() {
    let folder = folder("init-below", &[(".git/HEAD", ""), ("deploy/README.md", "")]);
    let (code, out) = kubeverdict(&folder.join("deploy"), "init");
    assert_eq!(code, 0, "{out}");
    assert!(
        folder.join("deploy/scenarios/first.yaml").exists() && !folder.join("deploy/.github").exists(),
        "{out}"
    );
    let read = |path: &str| std::fs::read_to_string(folder.join(path)).expect("it is there");
    let workflow = read(".github/workflows/kubeverdict.yml");
    assert!(
        workflow.contains("- run: kubeverdict run deploy/scenarios --junit kubeverdict.xml"),
        "{workflow}"
    );
    let (code, out) = kubeverdict(&folder, "run deploy/scenarios");
    assert!(code == 0 && out.contains("1 scenario, 6 steps: all as expected"), "{out}");
    // The line for the editor names a schema that lies there.
    let first = read("deploy/scenarios/first.yaml");
    let named = first.lines().next().and_then(|line| line.strip_prefix("# yaml-language-server: $schema="));
    let schema = read(&format!("deploy/scenarios/{}", named.expect("the line for the editor")));
    let schema: serde_json::Value = serde_json::from_str(&schema).expect("it is JSON");
    let scenario: serde_json::Value = serde_yaml::from_str(&first).expect("it is YAML");
    jsonschema::validate(&schema, &scenario).expect("as the schema says");
    std::fs::remove_dir_all(folder).expect("it was made");
}

#[test]
fn a_story_is_written_out_with_what_it_reads() {
    let folder = folder("init-from", &[("nothing", "")]);
    for (story, steps) in [("lizhe10", 40), ("identity/jwt", 42)] {
        assert_eq!(kubeverdict(&folder, &format!("init --from {story} out")).0, 0);
        let (code, out) = kubeverdict(&folder, &format!("run out/scenarios/{story}.yaml"));
        assert!(code == 0 && out.contains(&format!("1 scenario, {steps} steps: all as expected")), "{out}");
    }
    for (story, told) in
        [("lizhe11", "did you mean `lizhe10`?"), ("lessons", "one of them: lessons/01-who-are-you")]
    {
        let (code, out) = kubeverdict(&folder, &format!("init --from {story}"));
        assert!(code == 2 && out.contains(told), "{out}");
    }
    std::fs::remove_dir_all(folder).expect("it was made");
}

#[test]
fn the_program_tells_of_itself() {
    let folder = folder("itself", &[("nothing", "")]);
    for (line, told) in [
        ("--version", "\nKubernetes 1.20 to 1.37; 1.36 unless another is asked for\n"),
        ("completions bash", "complete -F _kubeverdict"),
        ("completions zsh", "#compdef kubeverdict"),
        ("completions fish", "complete -c kubeverdict"),
        ("man", ".TH kubeverdict 1"),
        ("man who-can", "kubeverdict\\-who\\-can"),
    ] {
        let (code, out) = kubeverdict(&folder, line);
        assert!(code == 0 && out.contains(told), "{line}:\n{out}");
    }
    let (code, out) = kubeverdict(&folder, "man rum");
    assert!(code == 2 && out.contains("did you mean `run`?"), "{out}");
    std::fs::remove_dir_all(folder).expect("it was made");
}
