//! A repository of git's, and the command line run in it.

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A new repository, whose branch is `main`; it goes with its test.
pub(crate) struct Repository(PathBuf);

impl Repository {
    pub(crate) fn new() -> Repository {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder =
            std::env::temp_dir().join(format!("kubeverdict-repository-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        let repository = Repository(folder);
        repository.git(&["init", "-q", "-b", "main"]);
        repository
    }

    /// Writes a file.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("a folder can be made");
        std::fs::write(path, text).expect("it can be written");
    }

    /// Runs git, which must do it.
    pub(crate) fn git(&self, words: &[&str]) {
        let who = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
        let (code, out, error) = self.at("git", &[&who, words].concat());
        assert_eq!(code, 0, "{words:?}: {out}{error}");
    }

    /// Runs the command line: the exit code, standard output and standard error.
    pub(crate) fn run(&self, words: &[&str]) -> (i32, String, String) {
        self.at(env!("CARGO_BIN_EXE_kubeverdict"), words)
    }

    fn at(&self, program: &str, words: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(program);
        command.args(words).current_dir(&self.0);
        // A test may be run by a hook of git's.
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
            command.env_remove(name);
        }
        let output = command.output().expect("it runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it is text");
        (output.status.code().expect("it ended"), text(output.stdout), text(output.stderr))
    }
}

impl Drop for Repository {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
