//! Folders of scenarios that are replayed by the command line.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder with these files in it.
pub(crate) fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("kubeverdict-{}-{name}", std::process::id()));
    for (file, text) in files {
        let path = folder.join(file);
        std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("a folder can be made");
        std::fs::write(path, text).expect("a file can be written");
    }
    folder
}

/// Runs what lies in a folder, without snapshots; the exit code and all that was printed.
pub(crate) fn run(folder: &Path, path: &str) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_kubeverdict"))
        .args(["run", path, "--seed", "0"])
        .current_dir(folder)
        .output()
        .expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().expect("it ended"), text(&output.stdout) + &text(&output.stderr))
}

/// Runs one scenario, by its text.
pub(crate) fn run_text(name: &str, text: &str) -> (i32, String) {
    let folder = folder(name, &[("a.yaml", text)]);
    let ran = run(&folder, "a.yaml");
    std::fs::remove_dir_all(folder).expect("it was made");
    ran
}
