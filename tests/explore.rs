//! Goal: `explore` tells endings, and what breaks a property is a file that `run` replays, with what it reads.
//! Method: a scenario that reads a manifest, explored in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

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
