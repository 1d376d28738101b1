//! The scenarios of the repository, and the files that lie beside them.

use kubeverdict::clients::{Files, NO_SUCH_FILE};
use std::path::{Path, PathBuf};

/// Where the repository is.
pub(crate) const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The files beside a scenario.
pub(crate) struct Beside(PathBuf);

impl Beside {
    /// The files beside that scenario.
    pub(crate) fn of(scenario: &Path) -> Beside {
        Beside(scenario.parent().map(Path::to_path_buf).unwrap_or_default())
    }
}

impl Files for Beside {
    fn read(&self, path: &str) -> Result<String, String> {
        std::fs::read_to_string(self.0.join(path)).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => NO_SUCH_FILE.to_owned(),
            _ => error.to_string(),
        })
    }

    fn names(&self, folder: &str) -> Option<Result<Vec<String>, String>> {
        let entries = std::fs::read_dir(self.0.join(folder)).ok()?.flatten();
        let mut names: Vec<String> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        Some(Ok(names))
    }
}

/// Every scenario, by path; folders named `manifests` hold what scenarios apply.
pub(crate) fn all() -> Vec<PathBuf> {
    below(&Path::new(ROOT).join("scenarios"))
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the scenarios are there").flatten() {
        let path = entry.path();
        if path.is_dir() {
            if !path.ends_with("manifests") {
                found.extend(below(&path));
            }
        } else if path.extension().is_some_and(|ending| ending == "yaml") {
            found.push(path);
        }
    }
    found.sort();
    found
}
