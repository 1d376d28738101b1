//! A command that is run beside files of its own.

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Runs the command line in a folder that holds these files; the exit code, and what it wrote to both outputs.
pub(crate) fn run_beside(files: &[(&str, &str)], arguments: &[&str]) -> (i32, String) {
    let folder = folder();
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    for (file, text) in files {
        std::fs::write(folder.join(file), text).expect("a file can be written");
    }
    let output = Command::new(env!("CARGO_BIN_EXE_kubeverdict"))
        .args(arguments)
        .current_dir(&folder)
        .output()
        .expect("it runs");
    std::fs::remove_dir_all(folder).expect("it was made");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().expect("it ended"), String::from_utf8(text).expect("it is text"))
}

/// A folder that nobody else has.
fn folder() -> PathBuf {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    std::env::temp_dir().join(format!("kubeverdict-beside-{}-{number}", std::process::id()))
}
