//! What git knows of a revision: the one place that runs it. It reads and changes nothing.

use super::super::dumps::{Dumps, Found};
use super::super::scenarios::ENDINGS;
use crate::error::Error;
use crate::explain::source::Written;
use crate::files;
use crate::limits::{FILES, NAMED_BYTES};
use std::path::Path;
use std::process::{Command, Output};

/// A commit, by its hash.
pub(super) struct Commit(String);

/// The commit that a revision names.
pub(super) fn commit(revision: &str) -> Result<Commit, Error> {
    let named = format!("{revision}^{{commit}}");
    let output = git(&["rev-parse", "--verify", "--quiet", "--end-of-options", &named])?;
    if output.status.success() {
        return Ok(Commit(String::from_utf8_lossy(&output.stdout).trim().to_owned()));
    }
    match said(&output) {
        Some(why) => Err(Error::new(format!("git: {why}"))),
        None => Err(Error::new(format!("git knows no revision `{revision}` here")).hint(
            "branches of others are `origin/NAME`; a shallow clone (actions/checkout without `fetch-depth: 0`) has its last commit only",
        )),
    }
}

/// The last commit that two have in common.
pub(super) fn merge_base(one: &Commit, other: &Commit) -> Result<Commit, Error> {
    let output = git(&["merge-base", &one.0, &other.0])?;
    if output.status.success() {
        return Ok(Commit(String::from_utf8_lossy(&output.stdout).trim().to_owned()));
    }
    Err(Error::new("git: these revisions have no commit in common")
        .hint("a shallow clone has its last commit only: `git fetch --unshallow`"))
}

/// The objects in the files of a commit below paths, which are seen from the folder where the command runs.
pub(super) fn objects(commit: &Commit, revision: &str, paths: &[String]) -> Result<Vec<Written>, Error> {
    let list = listed(&["ls-tree", "-r", "-z", "--long", &commit.0], paths)?;
    let (mut dumps, mut bytes) = (Dumps::default(), 0);
    for (count, (blob, size, path)) in (1..).zip(list.split('\0').filter_map(entry)) {
        let Some(found) = found(path, paths) else { continue };
        let called = format!("{revision}:{path}");
        bytes += size;
        FILES.check(count).and_then(|()| NAMED_BYTES.check(bytes)).map_err(Error::of_file(&called))?;
        let text =
            files::as_text(checked(git(&["cat-file", "blob", blob])?)?).map_err(Error::of_file(&called))?;
        dumps.add(path, text, found).map_err(|mut error| {
            if let Some(place) = &mut error.at {
                place.path = called;
            }
            error
        })?;
    }
    Ok(dumps.all())
}

/// The objects in the files as they are now, those that git is told to ignore excepted.
pub(super) fn objects_now(paths: &[String]) -> Result<Vec<Written>, Error> {
    let list = listed(&["ls-files", "-z", "--cached", "--others", "--exclude-standard"], paths)?;
    let mut dumps = Dumps::default();
    for path in list.split('\0').filter(|path| files::is_file(Path::new(path))) {
        let Some(found) = found(path, paths) else { continue };
        let text = files::text(Path::new(path), &NAMED_BYTES).map_err(Error::of_file(path))?;
        dumps.add(path, text, found)?;
    }
    Ok(dumps.all())
}

/// How a file was found; not at all where nobody named it and it is called as no manifest is.
fn found(path: &str, paths: &[String]) -> Option<Found> {
    let is_manifest = || {
        Path::new(path)
            .extension()
            .is_some_and(|end| ENDINGS.iter().any(|known| end.eq_ignore_ascii_case(known)))
    };
    match paths.iter().any(|named| named.trim_start_matches("./") == path) {
        true => Some(Found::Named),
        false => is_manifest().then_some(Found::Below),
    }
}

/// What git lists of paths.
fn listed(command: &[&str], paths: &[String]) -> Result<String, Error> {
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let list = checked(git(&[command, &["--"], &paths].concat())?)?;
    Ok(String::from_utf8_lossy(&list).into_owned())
}

/// Hash, size and path of a regular file in a tree's list; links and other repositories are none.
fn entry(line: &str) -> Option<(&str, u64, &str)> {
    let (about, path) = line.split_once('\t')?;
    let about: Vec<&str> = about.split_whitespace().collect();
    match about[..] {
        ["100644" | "100755", "blob", blob, size] => Some((blob, size.parse().ok()?, path)),
        _ => None,
    }
}

fn git(arguments: &[&str]) -> Result<Output, Error> {
    #[expect(clippy::disallowed_methods, reason = "the command line asks git for what it alone knows")]
    let output = Command::new("git").args(arguments).output();
    output.map_err(|error| {
        Error::new(format!("`git` can't be run: {error}"))
            .hint("revisions are read by git; two files or folders are compared without it")
    })
}

fn checked(output: Output) -> Result<Vec<u8>, Error> {
    match output.status.success() {
        true => Ok(output.stdout),
        false => Err(Error::new(format!("git: {}", said(&output).unwrap_or_else(|| "it failed".to_owned())))),
    }
}

/// What git says is wrong.
fn said(output: &Output) -> Option<String> {
    let text = String::from_utf8_lossy(&output.stderr);
    text.lines().next().map(|line| line.trim_start_matches("fatal: ").to_owned())
}
