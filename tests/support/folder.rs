//! Folders of scenarios that are replayed by the command line.

#[path = "files.rs"]
mod files;

pub(crate) use files::folder;
use std::path::Path;
use std::process::Command;

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
