//! `run --audit-log`: what a scenario's audit policy tells, as a file of events.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

const POLICY: &str = "\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- {level: Metadata, users: [alice]}
- {level: None}
";

/// A scenario of two releases in which alice asks once, and once more where nothing of it remains.
fn scenario(flags: &str) -> String {
    format!(
        "scenario: asked\nabout: Who asked what.\ncluster: {{versions: [\"1.20\", \"1.36\"], flags: {{{flags}}}}}\nsteps:\n\
         - {{as: alice, run: kubectl get pods, expect: 403}}\n\
         - what-if: [{{as: alice, run: kubectl get secrets, expect: 403}}]\n"
    )
}

/// A folder with the scenario and the policy beside it.
fn folder(name: &str, scenario: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("kubeverdict-run-{}-{name}", std::process::id()));
    std::fs::create_dir_all(folder.join("scenarios/a")).expect("a folder can be made");
    std::fs::write(folder.join("scenarios/a/asked.yaml"), scenario).expect("a file can be written");
    std::fs::write(folder.join("scenarios/a/policy.yaml"), POLICY).expect("a file can be written");
    folder
}

#[test]
fn a_gate_that_makes_no_difference_is_told_once() {
    let folder = folder("gate-in-vain", &scenario("feature-gates: 'APIServerIdentity=true,AllBeta=true'"));
    let vain = |gate: &str| {
        format!(
            "warning: scenarios/a/asked.yaml: `--feature-gates={gate}=true` makes no difference here: what it turns \
             is not modelled\n"
        )
    };
    assert_eq!(run(&folder, &[]), (0, vain("APIServerIdentity") + &vain("AllBeta")));
    std::fs::remove_dir_all(folder).expect("it was made");
}

/// Runs the scenario; the exit code and what went to standard error.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_kubeverdict"))
        .args(["run", "scenarios/a/asked.yaml", "--accept"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("it runs");
    (output.status.code().expect("it ended"), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn an_audit_log_is_a_file_a_release() {
    let folder = folder("log", &scenario("audit-policy-file: policy.yaml"));
    assert_eq!(run(&folder, &["--audit-log", "logs"]), (0, String::new()));
    for version in ["1.20", "1.36"] {
        let path = folder.join(format!("logs/a__asked-{version}.log"));
        let text = std::fs::read_to_string(path).expect("the log was written");
        let events: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).expect("a line is an event")).collect();
        let told: Vec<_> = events.iter().map(|e| (&e["apiVersion"], &e["requestURI"], &e["stage"])).collect();
        let told: Vec<String> = told.iter().map(|(api, uri, stage)| format!("{api} {uri} {stage}")).collect();
        assert_eq!(
            told,
            [r#""audit.k8s.io/v1" "/api/v1/namespaces/default/pods?limit=500" "ResponseComplete""#]
        );
        assert_eq!(events[0]["responseStatus"]["code"], 403);
    }
    let left = std::fs::read_dir(folder.join("logs")).expect("the folder is there").count();
    assert_eq!(left, 2, "a file a release, and nothing beside them");
    std::fs::remove_dir_all(folder).expect("it was made");
}

#[test]
fn what_writes_nothing_is_told() {
    for (name, flags, arguments, want) in [
        (
            "no-policy",
            "",
            &["--audit-log", "logs"][..],
            "error: `--audit-log`: no scenario has an audit policy, so that nothing was written\n\
             hint: give a scenario `cluster: {flags: {audit-policy-file: FILE}}`\n",
        ),
        (
            "path",
            "audit-policy-file: policy.yaml, audit-log-path: audit.log",
            &[],
            "error: scenarios/a/asked.yaml:3:95: `audit-log-path: audit.log` is a path of a server's, and nothing is served \
             here\n  | cluster: {versions: [\"1.20\", \"1.36\"], flags: {audit-policy-file: policy.yaml, audit-log-path: \
             audit.log}}\nhint: take it out, and say where logs go by `run --audit-log DIR`\n",
        ),
        (
            "gate",
            "feature-gates: PodSecurty=true",
            &[],
            "error: scenarios/a/asked.yaml:3:62: invalid value `PodSecurty=true` for `--feature-gates`: unrecognized \
             feature gate: PodSecurty\n  \
             | cluster: {versions: [\"1.20\", \"1.36\"], flags: {feature-gates: PodSecurty=true}}\n",
        ),
        (
            "gone-gate",
            "feature-gates: 'AllBeta=true,RootCAConfigMap=true'",
            &[],
            "error: scenarios/a/asked.yaml:3:62: invalid value `AllBeta=true,RootCAConfigMap=true` for \
             `--feature-gates`: unrecognized feature gate: RootCAConfigMap\n  \
             | cluster: {versions: [\"1.20\", \"1.36\"], flags: {feature-gates: 'AllBeta=true,RootCAConfigMap=true'}}\n\
             hint: `RootCAConfigMap` is a gate of Kubernetes 1.20 to 1.21\n",
        ),
        (
            "missing",
            "audit-policy-file: nowhere.yaml",
            &[],
            "error: scenarios/a/asked.yaml:3:66: invalid value `nowhere.yaml` for `--audit-policy-file`: nowhere.yaml: \
             no such file or directory\n  \
             | cluster: {versions: [\"1.20\", \"1.36\"], flags: {audit-policy-file: nowhere.yaml}}\n",
        ),
    ] {
        let folder = folder(name, &scenario(flags));
        assert_eq!(run(&folder, arguments), (2, want.to_owned()), "{name}");
        std::fs::remove_dir_all(folder).expect("it was made");
    }
}

/// A scenario without snapshot; exit code, standard output and standard error.
fn run_text(name: &str, text: &str) -> (i32, String, String) {
    let folder = folder(name, text);
    let output = Command::new(env!("CARGO_BIN_EXE_kubeverdict"))
        .args(["run", "scenarios/a/asked.yaml", "--accept"])
        .current_dir(&folder)
        .output()
        .expect("it runs");
    let [out, err] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned());
    std::fs::remove_dir_all(folder).expect("it was made");
    (output.status.code().expect("it ended"), out, err)
}

/// A policy's kind, and a secret's name that is by chance, in releases that part once.
const PARTED: &str = "\
scenario: parted
about: A kind that ends.
cluster: {versions: [\"1.21..1.23\", \"1.24\", \"1.25..1.27\"]}
steps:
- request: {do: GET /api/v1/namespaces/default}
- request: {do: GET /apis/policy/v1beta1/podsecuritypolicies}
  expect: {\"1.21..1.24\": 200, \"1.25..1.26\": 404, \"1.27\": 200}
- kubectl get secrets -n kube-public -o name
";

#[test]
fn releases_that_agree_share_a_row() {
    let (exit, out, _) = run_text("parted", PARTED);
    assert_eq!(exit, 1, "{out}");
    let rows: Vec<String> =
        out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for want in [
        "FAIL scenarios/a/asked.yaml · Kubernetes 1.21–1.27 · 21 steps · snapshot written",
        "1 admin GET /api/v1/namespaces/default GET /api/v1/namespaces/default 200 system:masters",
        "step 2 (line 6) in 1.27: code: expected 200, got 404",
    ] {
        assert!(rows.iter().any(|row| row == want), "{want} is not in\n{out}");
    }
    for (want, times) in [("1.21–1.24: 200", 1), ("1.25–1.27: 404", 1), ("1.21–1.23: 200 prints secret/", 1)]
    {
        assert_eq!(rows.iter().filter(|row| row.contains(want)).count(), times, "{want}\n{out}");
    }
}
