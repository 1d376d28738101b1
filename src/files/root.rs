//! Where a scenario may read.
#![expect(clippy::disallowed_methods, reason = "this is the door")]

use crate::limits::READ_BYTES;
use std::io;
use std::path::{Component, Path, PathBuf};

/// The folder that a scenario's files stay in, and the one that its paths begin at.
#[derive(Clone, Debug)]
pub(crate) struct Root {
    root: PathBuf,
    beside: PathBuf,
}

impl Root {
    /// That of a scenario's file: the folder that was given, else the nearest above it that holds `snapshots/` (in the same
    /// repository), else its own.
    pub(crate) fn of(file: &Path, given: Option<&Path>) -> Root {
        let beside = match file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
            Some(_) | None => PathBuf::from("."),
        };
        let above = || super::home::kept(&beside.canonicalize().ok()?.join("scenario"));
        let root = given.map(Path::to_path_buf).or_else(above).unwrap_or_else(|| beside.clone());
        Root { root, beside }
    }

    /// Reads a file that the scenario names.
    pub(crate) fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        super::read(&self.inside(path)?, &READ_BYTES)
    }

    /// The names of what is in a folder that the scenario names.
    pub(crate) fn names(&self, path: &str) -> io::Result<Vec<String>> {
        super::names(&self.inside(path)?)
    }

    /// Whether a path is a folder's inside.
    pub(crate) fn is_folder(&self, path: &str) -> bool {
        self.inside(path).is_ok_and(|path| path.is_dir())
    }

    /// Where a path leads, if that is inside.
    fn inside(&self, path: &str) -> io::Result<PathBuf> {
        let root = self.root.canonicalize()?;
        let out = || {
            let why = "this path leads out of the scenario's root, and a scenario reads only what is in it";
            io::Error::new(io::ErrorKind::PermissionDenied, why)
        };
        let written = plain(&self.beside.canonicalize()?.join(path));
        // What is not inside is not even looked for.
        if !written.starts_with(&root) && !plain(&self.beside.join(path)).starts_with(&self.root) {
            return Err(out());
        }
        let found = written.canonicalize()?;
        if found.starts_with(&root) { Ok(found) } else { Err(out()) }
    }
}

/// A path without `.` and `..`, as it is written.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => out.push(part),
        }
    }
    out
}
