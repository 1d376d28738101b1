//! Where scenarios are at home: what belongs to them is found from there, wherever somebody stands who names one.
#![expect(clippy::disallowed_methods, reason = "this is the door")]

use std::path::{Component, Path, PathBuf};

/// The folder that a scenario belongs to: the nearest above it that holds `snapshots/`, else the one that holds its folder
/// `scenarios/`, else the folder that was named, else its own.
pub(crate) fn home(file: &Path, named: Option<&Path>) -> PathBuf {
    let is_scenarios = |folder: &Path| folder.file_name().is_some_and(|name| name == "scenarios");
    kept(file)
        .or_else(|| above(file, is_scenarios).map(|folder| beside(&folder)))
        .or_else(|| named.map(Path::to_path_buf))
        .unwrap_or_else(|| beside(file))
}

/// The nearest folder above a file that holds `snapshots/`, in the same repository if it is in one: one further up belongs to
/// something else.
pub(super) fn kept(file: &Path) -> Option<PathBuf> {
    let holds = |folder: &Path| folder.join("snapshots").is_dir();
    let found = above(file, |folder| holds(folder) || folder.join(".git").exists());
    found.filter(|folder| holds(folder))
}

/// The folder of the repository that a folder is in.
pub(crate) fn repository(folder: &Path) -> Option<PathBuf> {
    above(&folder.join("x"), |above| above.join(".git").exists())
}

/// A file's path from a folder, or its own where it is not below it.
pub(crate) fn relative(file: &Path, folder: &Path) -> PathBuf {
    let below = || {
        let (file, folder) = (file.canonicalize().ok()?, folder.canonicalize().ok()?);
        file.strip_prefix(folder).ok().map(Path::to_path_buf)
    };
    below().unwrap_or_else(|| file.to_path_buf())
}

/// The nearest folder above a file that is wanted: as it was written, where that is enough.
fn above(file: &Path, wanted: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    let goes_up = file.components().any(|part| part == Component::ParentDir);
    let written = file.ancestors().skip(1).filter(|_| !goes_up);
    let written = written.map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
    let own = beside(file).canonicalize().unwrap_or_default();
    written.chain(own.ancestors()).find(|folder| wanted(folder)).map(Path::to_path_buf)
}

/// The folder that something lies in.
fn beside(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
        Some(_) | None => PathBuf::from("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_is_at_home_where_its_snapshots_are_or_would_be() {
        let folder = std::env::temp_dir().join(format!("kubeverdict-home-{}", std::process::id()));
        let at = |path: &str| folder.join(path);
        for made in [
            "kept/snapshots",
            "kept/deep/er",
            "kept/theirs/.git",
            "kept/theirs/deep",
            "new/scenarios/deep",
            "bare/deep",
        ] {
            std::fs::create_dir_all(at(made)).unwrap();
        }
        for (file, named, want) in [
            ("kept/deep/er/a.yaml", None, "kept"),
            ("kept/theirs/deep/a.yaml", None, "kept/theirs/deep"),
            ("kept/deep/er/a.yaml", Some("kept/deep"), "kept"),
            ("new/scenarios/deep/a.yaml", None, "new"),
            ("new/scenarios/deep/a.yaml", Some("new/scenarios"), "new"),
            ("bare/deep/a.yaml", None, "bare/deep"),
            ("bare/deep/a.yaml", Some("bare"), "bare"),
        ] {
            std::fs::write(at(file), "").unwrap();
            let home = home(&at(file), named.map(at).as_deref());
            assert_eq!(home, at(want), "{file} {named:?}");
            assert_eq!(at(want).join(relative(&at(file), &home)), at(file));
        }
        let round = at("kept/deep/../deep/er/a.yaml");
        assert_eq!(home(&round, None), at("kept").canonicalize().unwrap());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
