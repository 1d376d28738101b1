//! Goal: `explore` tells endings, and what breaks a property is a file that `run` replays, with what it reads; parts of a search
//! come to the same as the whole, and none is missed.
//! Method: a scenario that reads a manifest, explored in a folder of its own; a race, in parts.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const SCENARIO: &str = "\
scenario: late
cluster: {versions: [\"1.20\", \"1.36\"]}
steps:
- {apply: manifests/role.yaml, settle: true}
- kubectl create clusterrolebinding alice --clusterrole=reader --user=alice
- {as: alice, run: kubectl get configmaps}
never:
- {who: alice, code: 403}
";

const ROLE: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules: [{apiGroups: [''], resources: [configmaps], verbs: [list]}]
";

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("kubeverdict-explore-{}-{name}", std::process::id()));
    std::fs::create_dir_all(folder.join("manifests")).expect("a folder can be made");
    std::fs::write(folder.join("late.yaml"), SCENARIO).expect("a file can be written");
    std::fs::write(folder.join("manifests/role.yaml"), ROLE).expect("a file can be written");
    folder
}

/// Runs the program; the exit code and all that it printed.
fn typed(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kubeverdict"));
    let output = command.args(arguments).current_dir(folder).output().expect("it runs");
    let printed = [output.stdout, output.stderr].concat();
    (output.status.code().expect("it ended"), String::from_utf8_lossy(&printed).into_owned())
}

#[test]
fn a_search_that_was_cut_off_is_no_proof() {
    let folder = folder("cut-off");
    let (code, printed) = typed(
        &folder,
        &["explore", "races/01-default-account-cured", "--exhaustive", "--states", "1", "--save", "found"],
    );
    assert!(code == 1 && printed.contains("more states than --states allows"), "{printed}");
    assert!(printed.contains("note: nothing is saved, as no property is broken"), "{printed}");
}

#[test]
fn what_breaks_a_property_is_saved_and_replayed() {
    let folder = folder("save");
    let (code, printed) = typed(&folder, &["explore", "late.yaml", "--exhaustive", "--save", "found"]);
    assert!(code == 1 && printed.contains("every order: 2 endings"), "{printed}");
    assert!(
        printed
            .contains("never: GET /api/v1/namespaces/default/configmaps?limit=500 by alice is answered 403"),
        "{printed}"
    );
    for version in ["1.20", "1.36"] {
        let saved = format!("found/late-{version}-2.yaml");
        assert!(printed.contains(&format!("written: {saved}")), "{printed}");
        let (code, replayed) = typed(&folder, &["run", "--no-snapshots", &saved]);
        assert!(code == 1 && replayed.contains("by alice is answered 403"), "{replayed}");
        assert!(
            replayed.contains("schedule: step 3 came before caches had heard of what step 2 wrote"),
            "{replayed}"
        );
    }
    // Whoever walks through it, or reads of it in a book, is told at the step.
    let chance = "By chance: step 3 came before caches had heard of what step 2 wrote.";
    let (_, walked) = typed(&folder, &["walk", "found/late-1.36-2.yaml"]);
    assert!(walked.split("\nStep 3 ").nth(1).is_some_and(|step| step.contains(chance)), "{walked}");
    let (code, printed) = typed(&folder, &["book", "site", "found/late-1.36-2.yaml"]);
    assert_eq!(code, 1, "{printed}");
    let page = read(&folder, "site/found/late-1.36-2.html");
    assert_eq!(page.matches(chance).count(), 1, "{page}");
    assert_eq!(page.matches("Not as expected: never: GET").count(), 1, "{page}");
    std::fs::remove_dir_all(folder).expect("it was made");
}

#[test]
fn seeds_are_the_same_on_every_run_and_a_folder_is_no_scenario() {
    let folder = folder("seeds");
    let explore = || typed(&folder, &["explore", "late.yaml", "--seeds", "40", "-o", "json"]);
    let (code, printed) = explore();
    assert!(code == 1 && printed.contains("\"runs\": 40") && !printed.contains("\"search\""), "{printed}");
    assert_eq!(explore(), (code, printed));
    std::fs::copy(folder.join("late.yaml"), folder.join("later.yaml")).expect("it can be copied");
    let (code, printed) = typed(&folder, &["explore", "."]);
    assert!(
        code == 2 && printed.contains("one scenario is wanted, and this is a folder of them"),
        "{printed}"
    );
    std::fs::remove_dir_all(folder).expect("it was made");
}

/// One part of the seeds as a report in the folder.
fn report(folder: &Path, scenario: &str, seeds: &str, shard: &str, file: &str) {
    let (code, printed) =
        typed(folder, &["explore", scenario, "--seeds", seeds, "--shard", shard, "--report", file]);
    assert!(code == 0 && printed.contains(&format!("written: {file}")), "{printed}");
}

fn read(folder: &Path, file: &str) -> String {
    std::fs::read_to_string(folder.join(file)).expect("it was written")
}

#[test]
fn three_parts_in_any_order_are_one_run_with_any_number_of_threads() {
    let folder = folder("parts");
    for scenario in ["late.yaml", "races/01-default-account", "races/02-binding"] {
        for (part, file) in ["a.jsonl", "b.jsonl", "c.jsonl"].iter().enumerate() {
            report(&folder, scenario, "100", &format!("{part}/3"), file);
        }
        // As the logs of several pods.
        let all: String = ["c.jsonl", "a.jsonl", "b.jsonl"].map(|file| read(&folder, file)).concat();
        std::fs::write(folder.join("all.jsonl"), all).expect("a file can be written");
        for output in ["json", "text"] {
            let explore =
                |more: &[&str]| typed(&folder, &[&["explore", scenario, "-o", output], more].concat());
            let one = explore(&["--seeds", "100", "--threads", "1"]);
            assert!(one.0 == 1 && one.1.contains("100"), "{}", one.1);
            assert_eq!(explore(&["--seeds", "100", "--threads", "2"]), one, "{scenario}: threads");
            assert_eq!(explore(&["--merge", "b.jsonl", "c.jsonl", "a.jsonl"]), one, "{scenario}: parts");
            assert_eq!(explore(&["--merge", "all.jsonl"]), one, "{scenario}: parts in one file");
        }
    }
    std::fs::remove_dir_all(folder).expect("it was made");
}

#[test]
fn reports_that_are_no_whole_are_told() {
    let folder = folder("no-whole");
    report(&folder, "late.yaml", "40", "0/2", "0.jsonl");
    report(&folder, "late.yaml", "40", "1/2", "1.jsonl");
    report(&folder, "late.yaml", "41", "1/2", "longer.jsonl");
    report(&folder, "races/02-binding", "40", "1/2", "race.jsonl");
    let whole = read(&folder, "1.jsonl");
    let lines: Vec<&str> = whole.lines().collect();
    let changed = |file: &str, from: &str, to: &str| {
        assert!(whole.contains(from), "{from} is not in {whole}");
        std::fs::write(folder.join(file), whole.replace(from, to)).expect("a file can be written");
    };
    let (own, other) = (concat!("\"kubeverdict\":\"", env!("CARGO_PKG_VERSION")), "\"kubeverdict\":\"9.8.7");
    changed("version.jsonl", own, other);
    changed("release.jsonl", "\"release\":\"1.20\"", "\"release\":\"1.21\"");
    changed("text.jsonl", "\"digest\":\"sha256:", "\"digest\":\"sha256:0");
    changed("verdict.jsonl", "\"code\":403", "\"code\":401");
    changed("lines.jsonl", &format!("{}\n", lines[1]), "");
    changed("none.jsonl", &whole, "");
    std::fs::write(folder.join("half.jsonl"), &whole[..whole.len() - 9]).expect("a file can be written");
    for (files, told) in [
        (&["0.jsonl"][..], "part 1/2 of Kubernetes 1.20 is missing"),
        (
            &["1.jsonl", "0.jsonl", "1.jsonl"],
            "1.jsonl: part 1/2 of Kubernetes 1.20 is there already, in 1.jsonl",
        ),
        (&["0.jsonl", "longer.jsonl"], "longer.jsonl: part 1/2 of 41 seeds, and 0.jsonl has part 0/2 of 40"),
        (
            &["0.jsonl", "race.jsonl"],
            "race.jsonl: a report of the scenario `Race - a binding`, and this is `late`",
        ),
        (&["version.jsonl", "0.jsonl"], "version.jsonl: a report of kubeverdict 9.8.7, and this is "),
        (
            &["0.jsonl", "release.jsonl"],
            "release.jsonl: a report of Kubernetes 1.21, and the scenario is about 1.20, 1.36",
        ),
        (&["0.jsonl", "text.jsonl"], "text.jsonl: a report of the scenario `late` with another text"),
        (&["0.jsonl", "verdict.jsonl"], "ends otherwise here"),
        (&["0.jsonl", "lines.jsonl"], "lines.jsonl: part 1/2 has 20 seeds, and its endings tell of "),
        (&["0.jsonl", "none.jsonl"], "none.jsonl: there is no report in it"),
        (&["0.jsonl", "half.jsonl"], &format!("half.jsonl: line {}, the last, is half-written", lines.len())),
        (&["0.jsonl", "late.yaml"], "late.yaml: line 1 is none of a report"),
        (&["0.jsonl", "nowhere.jsonl"], "nowhere.jsonl"),
    ] {
        let (code, printed) = typed(&folder, &[&["explore", "late.yaml", "--merge"], files].concat());
        assert!(code == 2 && printed.contains(told), "{files:?}: {told}\n{printed}");
    }
    std::fs::write(folder.join("manifests/role.yaml"), ROLE.replace("list", "get")).expect("it is there");
    let (code, printed) = typed(&folder, &["explore", "late.yaml", "--merge", "0.jsonl", "1.jsonl"]);
    assert!(code == 2 && printed.contains("or with other files that it reads"), "{printed}");
    std::fs::remove_dir_all(folder).expect("it was made");
}

/// The manifest that the scenario about it applies.
#[test]
fn the_manifest_of_a_job_is_the_one_in_the_scenario() {
    let arguments = ["explore", "races/02-binding", "--seeds", "1000", "--job-manifest", "10"];
    let (code, printed) = typed(Path::new("."), &arguments);
    let kept = include_str!("../scenarios/manifests/explore-job.yaml");
    assert_eq!((code, printed.as_str()), (0, kept), "write it into scenarios/manifests/explore-job.yaml");
}

/// What the pods of a Job do, without a cluster: the files where the kubelet puts them, the arguments as the manifest has them.
#[test]
fn the_pods_of_a_job_find_what_one_machine_finds() {
    let folder = folder("job");
    let (code, manifest) = typed(&folder, &["explore", "late.yaml", "--seeds", "30", "--job-manifest", "3"]);
    assert_eq!(code, 0, "{manifest}");
    std::fs::write(folder.join("job.yaml"), &manifest).expect("a file can be written");
    let documents: Vec<serde_yaml::Value> = serde_yaml::Deserializer::from_str(&manifest)
        .map(|one| serde::Deserialize::deserialize(one).expect("it is YAML"))
        .collect();
    let [_, map, job] = documents.as_slice() else { panic!("three objects: {manifest}") };
    let pod = &job["spec"]["template"]["spec"];
    let items = pod["volumes"][0]["configMap"]["items"].as_sequence().expect("files");
    assert_eq!(items.len(), 2, "the scenario and its manifest");
    let mounted = folder.join("scenario");
    for item in items {
        let (path, text) = (item["path"].as_str().expect("a path"), &map["data"][&item["key"]]);
        // A kubelet writes files into a folder of a hidden name, and links their first parts to it.
        let file = mounted.join("..data").join(path);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder can be made");
        std::fs::write(file, text.as_str().expect("its text")).expect("a file can be written");
        let first = path.split('/').next().expect("a name");
        std::os::unix::fs::symlink(Path::new("..data").join(first), mounted.join(first)).expect("a link");
    }
    let mut logs = String::new();
    for pod_index in 0..3 {
        let arguments = pod["containers"][0]["args"].as_sequence().expect("arguments").iter();
        let filled: Vec<String> = arguments
            .map(|word| {
                word.as_str().expect("a word").replace("$(JOB_COMPLETION_INDEX)", &pod_index.to_string())
            })
            .map(|word| word.replace("/scenario/", &format!("{}/", mounted.display())))
            .collect();
        let (code, printed) = typed(&folder, &filled.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(code, 0, "{printed}");
        logs += &printed;
    }
    std::fs::write(folder.join("reports.jsonl"), logs).expect("a file can be written");
    let merged = typed(&folder, &["explore", "late.yaml", "--merge", "reports.jsonl"]);
    assert_eq!(merged, typed(&folder, &["explore", "late.yaml", "--seeds", "30"]));

    // And each release that knows Indexed Jobs takes it.
    let releases: Vec<String> = (24..=36).map(|minor| format!("\"1.{minor}\"")).collect();
    let applied = format!(
        "scenario: applied\ncluster: {{versions: [{}]}}\nsteps:\n- {{apply: job.yaml, settle: true, expect: 201}}\n\
         - {{run: 'kubectl get pods --selector=job-name=explore-late -o name', \
         expect: {{prints: pod/explore-late-}}}}\n",
        releases.join(", ")
    );
    std::fs::write(folder.join("applied.yaml"), applied).expect("a file can be written");
    let (code, printed) = typed(&folder, &["run", "--no-snapshots", "applied.yaml"]);
    assert_eq!(code, 0, "{printed}");
    std::fs::remove_dir_all(folder).expect("it was made");
}

/// The most memory, in KiB, that the program had while it drew so many seeds of a race.
fn peak(folder: &Path, seeds: &str) -> u64 {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kubeverdict"));
    command.args(["explore", "races/02-binding", "--threads=1", "--report=long.jsonl", "--seeds", seeds]);
    let mut child = command.current_dir(folder).stdout(Stdio::null()).spawn().expect("it runs");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().expect("it runs").is_none() {
        let shown = std::fs::read_to_string(&status).unwrap_or_default();
        let line = shown.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(now.unwrap_or_default());
        std::thread::sleep(Duration::from_millis(5));
    }
    peak
}

#[test]
fn memory_is_flat_over_replays() {
    let folder = folder("flat");
    let (fewer, more) = (peak(&folder, "1000"), peak(&folder, "4000"));
    // A few KiB kept of each replay would be more.
    assert!(fewer > 0 && more < fewer + 8 * 1024, "{fewer} KiB, then {more} KiB");
    std::fs::remove_dir_all(folder).expect("it was made");
}

#[test]
fn what_cannot_be_is_told_before_anything_is_searched() {
    let folder = folder("before");
    let refused = |arguments: &[&str], told: &str| {
        let (code, printed) = typed(&folder, &[&["explore", "late.yaml"], arguments].concat());
        assert!(code == 2 && printed.contains(told) && !printed.contains("endings"), "{printed}");
    };
    refused(&["--save", "late.yaml"], "late.yaml: ");
    refused(&["--save", "late.yaml/below"], "late.yaml/below: ");
    refused(&["--job-manifest", "9", "--seeds", "8"], "9 pods share 8 seeds, so some would have none");
    refused(&["--job-manifest", "2", "--image", " "], "`--image` is empty");
    let (code, printed) = typed(&folder, &["explore", "late.yaml", "--seeds", "2", "--shard", "2/3"]);
    assert!(
        printed.contains("warning: part 2/3 of 2 seeds has none of them: nothing is drawn"),
        "{code} {printed}"
    );
    std::fs::remove_dir_all(folder).expect("it was made");
}

#[test]
fn actors_and_faults_are_saved_and_replayed() {
    let folder = folder("actors");
    let text = "\
scenario: both
faults: [lost-answer]
steps: []
actors:
- {actor: alice, steps: [{run: kubectl create configmap list, settle: true}]}
- {actor: bob, steps: [{run: kubectl get configmap list, settle: true}]}
never:
- {asks: create configmaps, code: 409}
- {asks: get configmaps list, code: 404}
";
    std::fs::write(folder.join("both.yaml"), text).expect("a file can be written");
    let (code, printed) = typed(&folder, &["explore", "both.yaml", "--exhaustive", "--save", "found"]);
    assert!(code == 1 && printed.contains("every order: 4 endings"), "{printed}");
    assert!(printed.contains("- bob's step 1 came before alice's step 1"), "{printed}");
    assert!(printed.contains("- the answer to alice's step 1 was lost, and it was done again"), "{printed}");
    for number in ["2", "3", "4"] {
        let saved = format!("found/both-1.36-{number}.yaml");
        assert!(printed.contains(&format!("written: {saved}")), "{printed}");
        let (code, replayed) = typed(&folder, &["run", "--no-snapshots", &saved]);
        assert!(code == 1 && replayed.contains("never: "), "{replayed}");
    }
    std::fs::remove_dir_all(folder).expect("it was made");
}
