//! The scenarios of the repository, and the files that lie beside them.

use kubeverdict::clients::Files;
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
        std::fs::read_to_string(self.0.join(path)).map_err(|error| error.to_string())
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
