//! Folders with all below them.
#![expect(clippy::disallowed_methods, reason = "this is the door")]

use crate::error::Error;
use crate::limits::{FILES, FOLDERS_DEEP, NAMED_BYTES};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The files below a folder whose names end so, by path, but for those in folders of a name.
///
/// A folder that a link leads back to is not walked again.
///
/// # Errors
/// A link that leads out of the folder, what can't be read or is no regular file, too many of them, too deep, or too large together.
pub(crate) fn below(folder: &Path, endings: &[&str], but: Option<&str>) -> Result<Vec<String>, Error> {
    let shown = folder.display().to_string();
    let root = folder.canonicalize().map_err(Error::of_file(&shown))?;
    let mut walk =
        Walk { root: &root, endings, but, seen: BTreeSet::new(), entries: 0, bytes: 0, found: Vec::new() };
    walk.folder(folder, 0)?;
    Ok(walk.found)
}

struct Walk<'a> {
    root: &'a Path,
    endings: &'a [&'a str],
    but: Option<&'a str>,
    seen: BTreeSet<PathBuf>,
    entries: u64,
    bytes: u64,
    found: Vec<String>,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path, depth: u64) -> Result<(), Error> {
        let shown = folder.display().to_string();
        FOLDERS_DEEP.check(depth).map_err(Error::of_file(&shown))?;
        if !self.seen.insert(self.inside(folder)?) {
            return Ok(());
        }
        let mut entries = Vec::new();
        for entry in fs::read_dir(folder).map_err(Error::of_file(&shown))? {
            self.entries += 1;
            FILES.check(self.entries).map_err(Error::of_file(&shown))?;
            entries.push(entry.map_err(Error::of_file(&shown))?.path());
        }
        entries.sort();
        for entry in entries {
            if entry.is_dir() {
                if self.but.is_none_or(|but| entry.file_name().is_none_or(|name| name != but)) {
                    self.folder(&entry, depth + 1)?;
                }
            } else if entry
                .extension()
                .is_some_and(|ending| self.endings.iter().any(|e| ending.eq_ignore_ascii_case(e)))
            {
                let shown = entry.display().to_string();
                let found = self.inside(&entry)?.metadata().map_err(Error::of_file(&shown))?;
                self.bytes = self.bytes.saturating_add(found.len());
                NAMED_BYTES.check(self.bytes).map_err(Error::of_file(&shown))?;
                self.found.push(shown);
            }
        }
        Ok(())
    }

    /// Where a path leads, if that is inside.
    fn inside(&self, path: &Path) -> Result<PathBuf, Error> {
        let shown = path.display().to_string();
        let real = path.canonicalize().map_err(Error::of_file(&shown))?;
        if real.starts_with(self.root) {
            return Ok(real);
        }
        let why = "this link leads out of the folder, and what is outside was not named";
        Err(Error::new(why).in_file(&shown).hint("name the file itself"))
    }
}
