//! Where a scenario's snapshot is kept, and what differs from it.
//!
//! Snapshots lie in one folder for all scenarios that belong together, wherever `run` is typed: the nearest `snapshots/` at or
//! above the scenario, else one that is made there by `--accept`. Without that folder there is nothing to compare with, and only
//! what steps expect counts; where there is one, a scenario without a snapshot is not as it should be.

use super::super::scenarios::{Lies, Loaded};
use super::difference::{lines, words};
use super::outcome::{Failure, Outcome};
use super::{RunArgs, write};
use crate::error::Error;
use crate::files;
use crate::limits::NAMED_BYTES;
use crate::scenario::snapshot;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The folder that a scenario belongs to, and the name of its snapshot there.
pub(super) fn place(loaded: &Loaded) -> (PathBuf, String) {
    let path = Path::new(&loaded.path);
    let home = match &loaded.lies {
        Lies::File { root } => files::home(path, root.as_deref()),
        Lies::Program | Lies::Yet(_) => PathBuf::from("."),
    };
    let name = snapshot::name(&files::relative(path, &home).display().to_string());
    (home, name)
}

/// Two scenarios may not have one snapshot.
pub(super) fn apart<'a>(args: &RunArgs, all: impl Iterator<Item = &'a Loaded>) -> Result<(), Error> {
    let mut seen: BTreeMap<(PathBuf, String), (PathBuf, &str)> = BTreeMap::new();
    for loaded in all.filter(|loaded| matches!(loaded.lies, Lies::File { .. })) {
        let (home, name) = place(loaded);
        let file = files::relative(Path::new(&loaded.path), &home);
        let folder = args.snapshots.clone().unwrap_or(home);
        let shown = format!("{name}.snap");
        match seen.insert((folder, name), (file.clone(), &loaded.path)) {
            Some((other, path)) if other != file => {
                let why = format!("its snapshot would be `{shown}`, as that of `{path}` is");
                return Err(Error::new(why).in_file(&loaded.path).hint("name one of the two otherwise"));
            }
            Some(_) | None => {}
        }
    }
    Ok(())
}

/// Compares with a scenario's snapshot, or writes it. What is in the program has none.
pub(super) fn compare(
    args: &RunArgs,
    loaded: &Loaded,
    text: &str,
    outcome: &mut Outcome,
) -> Result<(), Error> {
    if let Lies::Program = loaded.lies {
        outcome.note = Some("a story in the program");
        return Ok(());
    }
    if let Some(folder) = args.snapshots.as_ref().filter(|folder| !args.accept && !files::is_folder(folder)) {
        let error = Error::new("no such folder").in_file(&folder.display().to_string());
        return Err(error.hint("--accept makes it, --no-snapshots says that there are none"));
    }
    let (home, name) = place(loaded);
    let folder = args.snapshots.clone().unwrap_or_else(|| home.join("snapshots"));
    let path = folder.join(format!("{name}.snap"));
    let shown = path.display().to_string().trim_start_matches("./").to_owned();
    let old = match files::text(&path, &NAMED_BYTES) {
        Ok(old) => Some(old),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(Error::new(error.to_string()).in_file(&shown)),
    };
    // Git may have written it with other ends of lines.
    let old = old.map(|old| old.replace("\r\n", "\n"));
    let before = old.as_deref().map(snapshot::content);
    if before.map(str::trim_end) == Some(text.trim_end()) {
        return Ok(());
    }
    if args.accept {
        // It would be whatever the link names that is replaced.
        if files::is_link(&path) {
            let error = Error::new("this is a link, and a snapshot is a file: nothing was written");
            return Err(error.in_file(&shown));
        }
        let expression = format!("scenarios/{}.yaml", name.replace("__", "/"));
        write(&path, snapshot::file(&expression, text)).map_err(Error::of_file(&shown))?;
        outcome.note = Some(if before.is_some() { "snapshot written anew" } else { "snapshot written" });
        return Ok(());
    }
    let (what, details) = match before {
        None if !files::is_folder(&folder) => {
            outcome.note = Some(NO_SNAPSHOT);
            return Ok(());
        }
        None => {
            ("there is no snapshot: look at what came out with -v, and keep it with --accept", Vec::new())
        }
        Some(before) if args.verbose > 1 => ("something else came out", lines(before, text)),
        Some(before) => ("something else came out", words(before, text)),
    };
    outcome.failures.push(Failure { position: None, of: shown, what: what.to_owned(), details });
    Ok(())
}

/// What is said of a scenario that has none, where nobody keeps any.
pub(super) const NO_SNAPSHOT: &str = "no snapshot";
