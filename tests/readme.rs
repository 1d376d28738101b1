//! Goal: what the README says to type works as typed, where nothing but the program is at hand.
//! Method: its blocks of commands, each in a clean folder with the files that it names, in order; what they print is what it
//! shows, line by line, but for what `...` stands for.

#[path = "support/files.rs"]
mod files;

use files::folder;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// What needs more than the program: cargo, pip, docker, a stock kubectl, or somebody who ends it.
const OTHERS: &[&str] = &["cargo ", "curl ", "kubectl ", "kubeverdict serve ", "kubeverdict play"];

const RBAC: &str = "\
apiVersion: v1
kind: List
items:
- apiVersion: rbac.authorization.k8s.io/v1
  kind: Role
  metadata: {name: pods, namespace: shop}
  rules:
  - {apiGroups: [''], resources: [pods], verbs: [get, list]}
- apiVersion: rbac.authorization.k8s.io/v1
  kind: RoleBinding
  metadata: {name: ci-pods, namespace: shop}
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: pods}
  subjects: [{kind: ServiceAccount, name: ci, namespace: build}]
";

const MANIFEST: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: ci, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
subjects: [{kind: ServiceAccount, name: ci, namespace: build}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules:
- {apiGroups: [''], resources: [secrets], verbs: [get]}
";

/// What the account reads in the block about paths, beside the manifest.
const DEPLOYER: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules:
- {apiGroups: [''], resources: [pods], verbs: [get, list, watch]}
- {apiGroups: [''], resources: [secrets], verbs: [get, list, watch]}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: deployer, namespace: shop}
---
apiVersion: v1
kind: Secret
type: kubernetes.io/service-account-token
metadata: {name: deployer-token, namespace: shop, annotations: {kubernetes.io/service-account.name: deployer}}
data: {token: dG9rZW4=}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: deployer}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: deployer, namespace: shop}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: ci, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
subjects: [{kind: ServiceAccount, name: ci, namespace: build}]
";

/// The block about differences: the role before, and the role after.
const OLD: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules:
- {apiGroups: [''], resources: [pods], verbs: [get, list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: ci, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
subjects: [{kind: ServiceAccount, name: ci, namespace: build}]
";

const NEW: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules:
- {apiGroups: [''], resources: [pods], verbs: [get, list]}
- {apiGroups: [''], resources: [secrets], verbs: [get, list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: ci, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
subjects: [{kind: ServiceAccount, name: ci, namespace: build}]
";

const QUESTIONS: &str = "\
- {who: 'system:serviceaccount:build:ci', can: get secrets -n shop, expect: yes}
- {who: 'system:serviceaccount:build:ci', can: get secrets -n build, expect: no}
- {who: jo, can: get secrets -n shop, expect: no}
";

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: dev}
spec: {containers: [{name: c, image: nginx}]}
";

const ALICE: &str = "\
scenario: may alice
steps:
- kubectl create namespace dev
- {as: alice, run: kubectl get pods -n dev, expect: 403, because: RBAC}
";

const BOB: &str = "\
scenario: may bob
steps:
- kubectl create namespace dev
- {as: bob, run: kubectl get pods -n dev, expect: 200}
- kubectl get pods -n dev
";

/// Files beside the block that holds a text.
const BESIDE: &[(&str, &[(&str, &str)])] = &[
    ("$ kubeverdict explain -f dump.yaml", &[("dump.yaml", RBAC)]),
    (
        "$ kubeverdict can-i",
        &[("dump.yaml", RBAC), ("manifests/rbac.yaml", MANIFEST), ("questions.yaml", QUESTIONS)],
    ),
    ("$ kubeverdict who-can", &[("manifests/rbac.yaml", MANIFEST)]),
    ("$ kubeverdict paths -f manifests/", &[("manifests/rbac.yaml", DEPLOYER)]),
    ("kubeverdict paths -f dump.yaml", &[("dump.yaml", DEPLOYER)]),
    ("$ kubeverdict diff old.yaml", &[("old.yaml", OLD), ("new.yaml", NEW)]),
    (
        "examples/rights/rbac.yaml",
        &[
            ("examples/rights/rbac.yaml", include_str!("../examples/rights/rbac.yaml")),
            ("examples/rights/audit.log", include_str!("../examples/rights/audit.log")),
        ],
    ),
    ("$ kubeverdict upgrade-check -f dump", &[("dump.yaml", include_str!("upgrade/dump.yaml"))]),
    ("kubeverdict upgrade-check -f manifests/", &[("manifests/rbac.yaml", MANIFEST)]),
    ("- apply: pod.yaml", &[("pod.yaml", POD)]),
    (
        "authorization-webhook-config-file: authorizer.kubeconfig",
        &[
            ("authorizer.kubeconfig", include_str!("../scenarios/identity/manifests/authorizer.kubeconfig")),
            (
                "authenticator.kubeconfig",
                include_str!("../scenarios/identity/manifests/authenticator.kubeconfig"),
            ),
        ],
    ),
    (
        "$ kubeverdict run policies",
        &[
            ("policies/alice.yaml", ALICE),
            ("policies/bob.yaml", BOB),
            ("policies/values.yaml", "replicas: 1\n"),
        ],
    ),
];

/// A block: what stands behind its fence, and its lines.
struct Block<'a> {
    of: &'a str,
    text: String,
}

fn blocks(readme: &str) -> Vec<Block<'_>> {
    let (mut blocks, mut open): (Vec<Block<'_>>, bool) = (Vec::new(), false);
    for line in readme.lines() {
        match (line.strip_prefix("```"), blocks.last_mut()) {
            (Some(_), _) if open => open = false,
            (Some(of), _) => {
                open = true;
                blocks.push(Block { of, text: String::new() });
            }
            (None, Some(block)) if open => block.text.extend([line, "\n"]),
            (None, _) => {}
        }
    }
    blocks
}

/// Runs a line as bash has it, with what is typed behind it; exit code and all that was printed.
fn typed(folder: &Path, line: &str, input: &str) -> (i32, String) {
    let programs = Path::new(env!("CARGO_BIN_EXE_kubeverdict")).parent().expect("it lies somewhere");
    let mut child = Command::new("bash")
        .args(["-c", &format!("{line} 2>&1")])
        .env("PATH", format!("{}:/usr/bin:/bin", programs.display()))
        .env_remove("GITHUB_ACTIONS")
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("there is a bash");
    // Whoever reads nothing has gone already.
    let _ = child.stdin.take().expect("it is piped").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("it ends");
    (output.status.code().expect("it ended"), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// That these lines are printed, in order; between them only where `...` stands.
fn shows(printed: &str, wanted: &[&str]) -> Result<(), String> {
    let mut lines = printed.lines().map(str::trim_end);
    let mut skips = false;
    for want in wanted.iter().map(|line| line.trim_end()) {
        if want.trim() == "..." {
            skips = true;
            continue;
        }
        let found = if skips { lines.any(|line| line == want) } else { lines.next() == Some(want) };
        if !found {
            return Err(format!("`{want}` is not there in:\n{printed}"));
        }
        skips = false;
    }
    Ok(())
}

/// A block of `$ COMMAND` and what it prints.
fn shown(folder: &Path, text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let starts: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].starts_with("$ ")).collect();
    let mut wrong = Vec::new();
    for (index, start) in starts.iter().enumerate() {
        let end = starts.get(index + 1).copied().unwrap_or(lines.len());
        let line = &lines[*start][2..];
        if OTHERS.iter().any(|other| line.starts_with(other)) {
            continue;
        }
        let (code, printed) = typed(folder, line, "");
        if code == 2 {
            wrong.push(format!("{line}: {printed}"));
        }
        wrong.extend(shows(&printed, &lines[start + 1..end]).err().map(|why| format!("{line}: {why}")));
    }
    wrong
}

/// A block of commands, with comments.
fn commands(folder: &Path, text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| !OTHERS.iter().any(|other| line.starts_with(other)));
    let ran = lines.map(|line| (line, typed(folder, line, "")));
    ran.filter(|(_, (code, _))| *code == 2).map(|(line, (_, out))| format!("{line}: {out}")).collect()
}

/// A transcript of the shell.
fn transcript(folder: &Path, text: &str) -> Vec<String> {
    // What is printed is no line of the prompt's, though it has a dollar sign.
    let lines = text.lines().filter(|line| line.split_once('@').is_some_and(|(who, _)| !who.contains(' ')));
    let input: String = lines.filter_map(|line| Some(format!("{}\n", line.split_once(" $ ")?.1))).collect();
    let (code, printed) = typed(folder, "kubeverdict shell", &input);
    assert_eq!(code, 0, "{printed}");
    // Behind the greeting.
    let wanted: Vec<&str> = std::iter::once("...").chain(text.lines()).collect();
    shows(&printed, &wanted).err().into_iter().collect()
}

#[test]
fn what_the_readme_says_works_as_typed() {
    let readme = include_str!("../README.md");
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for (index, block) in blocks(readme).into_iter().enumerate() {
        let text = block.text.as_str();
        let beside: Vec<(&str, &str)> = BESIDE
            .iter()
            .filter(|(part, _)| text.contains(part))
            .flat_map(|(_, files)| files.iter().copied())
            .chain([("nothing", "")])
            .collect();
        let folder = folder(&format!("readme-{index}"), &beside);
        tried += 1;
        wrong.extend(match block.of {
            "sh" => commands(&folder, text),
            // The line for editors alone is no scenario.
            "yaml" if !text.starts_with('#') => {
                let has = |key: &str| text.lines().any(|line| line.starts_with(key));
                let name = if has("scenario:") { "" } else { "scenario: a\n" };
                let steps = if has("steps:") { "" } else { "steps: [kubectl get namespaces]\n" };
                std::fs::write(folder.join("a.yaml"), format!("{name}{text}{steps}"))
                    .expect("it can be written");
                let (code, out) = typed(&folder, "kubeverdict run a.yaml", "");
                if code == 0 { Vec::new() } else { vec![out] }
            }
            "" if text.starts_with("$ ") => shown(&folder, text),
            "" if text.starts_with("admin@") => transcript(&folder, text),
            "yaml" => Vec::new(),
            _ => vec![format!("nobody knows how to try this block:\n{text}")],
        });
        std::fs::remove_dir_all(folder).expect("it was made");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(tried > 10, "{tried}");
}

/// The commands in a line of prose: whole ones, for which nothing is to be filled in.
fn in_prose(readme: &str) -> Vec<&str> {
    let prose = readme.split("```").step_by(2);
    let spans = prose.flat_map(|text| text.split('`').skip(1).step_by(2));
    let whole = |span: &&str| span.starts_with("kubeverdict ") && !span.contains(['[', '…', '\n']);
    spans.filter(whole).collect()
}

#[test]
fn what_the_readme_mentions_is_a_command() {
    let commands = in_prose(include_str!("../README.md"));
    // It wants a repository, which the tests of `diff` have.
    let commands: Vec<&str> = commands.into_iter().filter(|line| !line.contains("main..HEAD")).collect();
    assert!(commands.len() > 6, "{commands:?}");
    for line in commands {
        let folder = folder("readme-prose", &[("scenarios/a.yaml", ALICE)]);
        let (code, out) = typed(&folder, line, "");
        assert!(code == 0, "{line}: {code}\n{out}");
        std::fs::remove_dir_all(folder).expect("it was made");
    }
}
