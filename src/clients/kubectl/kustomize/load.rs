//! Where a kustomization reads (`api/internal/loader`): files in or below its own folder, and folders beside it that have a
//! kustomization of their own.
//!
//! Differs from Kubernetes: paths in messages are told as they lead from where kubectl was typed, not from the machine's root; a
//! link is what it leads to; nothing is fetched from elsewhere.

use super::wrong::Wrong;
use crate::clients::{Files, NO_SUCH_FILE};
use crate::limits::FOLDERS_DEEP;

/// The names that a kustomization's file may have.
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// A folder with a kustomization, and those that led to it.
pub(super) struct Loader<'a> {
    files: &'a dyn Files,
    /// The folder.
    pub(super) root: String,
    /// The folders whose kustomizations led here.
    visited: Vec<String>,
}

impl<'a> Loader<'a> {
    /// The folder that a command line names.
    pub(super) fn new(files: &'a dyn Files, path: &str) -> Result<Loader<'a>, Wrong> {
        if is_elsewhere(path) {
            return Err(elsewhere(path));
        }
        let root = folder(files, path, &clean(path))?;
        Ok(Loader { files, root, visited: Vec::new() })
    }

    /// A folder that the kustomization names.
    pub(super) fn below(&self, path: &str) -> Result<Loader<'a>, Wrong> {
        if path.is_empty() {
            return Err("new root cannot be empty".into());
        }
        if is_elsewhere(path) {
            return Err(elsewhere(path));
        }
        if path.starts_with('/') {
            return Err(format!("new root '{path}' cannot be absolute").into());
        }
        let at = self.at(path);
        let root = folder(self.files, &at, &at)?;
        let visited: Vec<String> = self.visited.iter().chain([&self.root]).cloned().collect();
        FOLDERS_DEEP.check(visited.len() as u64)?;
        if let Some(inner) = visited.iter().rev().find(|visited| is_within(visited, &root)) {
            return Err(
                format!("cycle detected: candidate root '{root}' contains visited root '{inner}'").into()
            );
        }
        Ok(Loader { files: self.files, root, visited })
    }

    /// What a file in or below the folder holds.
    pub(super) fn bytes(&self, path: &str) -> Result<Vec<u8>, Wrong> {
        if path.starts_with("http://") || path.starts_with("https://") {
            return Err(elsewhere(path));
        }
        let at = self.at(path);
        if self.files.names(&at).is_some() {
            return Err(format!("'{at}' must resolve to a file").into());
        }
        let read = self.files.bytes(&at);
        if read.as_ref().is_err_and(|why| why == NO_SUCH_FILE) {
            return Err(missing(self.files, &at).into());
        }
        let (folder, _) = at.rsplit_once('/').unwrap_or((".", ""));
        if !is_within(folder, &self.root) {
            return Err(format!("security; file '{at}' is not in or below '{}'", self.root).into());
        }
        read.map_err(|why| format!("open {at}: {why}").into())
    }

    /// The same of a file of text.
    pub(super) fn text(&self, path: &str) -> Result<String, Wrong> {
        let bytes = self.bytes(path)?;
        String::from_utf8(bytes).map_err(|_| format!("{}: this is no text in UTF-8", self.at(path)).into())
    }

    /// The kustomization's file: where it is, and what it holds.
    pub(super) fn kustomization(&self) -> Result<(String, String), Wrong> {
        let read = |name: &str| self.text(name).ok().map(|text| (self.at(name), text));
        let mut found = NAMES.iter().filter_map(|name| read(name));
        match (found.next(), found.next()) {
            (Some(only), None) => Ok(only),
            (Some(_), Some(_)) => {
                Err(format!("Found multiple kustomization files under: {}\n", self.root).into())
            }
            (None, _) => Err(format!(
                "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '{}'",
                self.root
            )
            .into()),
        }
    }

    fn at(&self, path: &str) -> String {
        match path.starts_with('/') {
            true => clean(path),
            false => clean(&format!("{}/{path}", self.root)),
        }
    }
}

/// That a path is a folder's.
fn folder(files: &dyn Files, told: &str, at: &str) -> Result<String, Wrong> {
    if files.names(at).is_some() {
        return Ok(at.to_owned());
    }
    let why = match files.bytes(at) {
        Err(why) if why == NO_SUCH_FILE => {
            let why = missing(files, at);
            let (_, because) = why.split_once(" : ").unwrap_or(("", &why));
            format!("not a valid directory: evalsymlink failure on '{told}' : {because}")
        }
        Err(why) => format!("'{told}': {why}"),
        Ok(_) => format!("'{told}': file is not directory"),
    };
    Err(format!("must build at directory: {why}").into())
}

/// That there is nothing of that path: the first part of it that is missing.
fn missing(files: &dyn Files, at: &str) -> String {
    let ends = at.char_indices().filter(|(place, c)| *c == '/' && *place > 0).map(|(place, _)| &at[..place]);
    let absent =
        ends.filter(|part| !part.ends_with("..")).find(|part| files.names(part).is_none()).unwrap_or(at);
    format!("evalsymlink failure on '{at}' : lstat {absent}: {NO_SUCH_FILE}")
}

/// Whether a path leads to another machine.
fn is_elsewhere(path: &str) -> bool {
    let schemes =
        ["https://", "http://", "ssh://", "git://", "git::", "git@", "oci://", "github.com/", "github.com:"];
    schemes.iter().any(|scheme| path.starts_with(scheme))
}

fn elsewhere(path: &str) -> Wrong {
    format!(
        "nothing is fetched from elsewhere here: keep what is at \"{path}\" in a folder beside the scenario"
    )
    .into()
}

/// A path without `.` and, as far as it goes, without `..`.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            ".." if path.starts_with('/') => {}
            part => parts.push(part),
        }
    }
    match (path.starts_with('/'), parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => parts.join("/"),
    }
}

/// Whether a folder is another, or below it.
fn is_within(folder: &str, root: &str) -> bool {
    let is_up = |path: &str| path == ".." || path.starts_with("../");
    match root {
        "." => !is_up(folder) && !folder.starts_with('/'),
        "/" => folder.starts_with('/'),
        root => match folder.strip_prefix(root) {
            Some(rest) => rest.is_empty() || rest.starts_with('/') && !is_up(&rest[1..]),
            // A way up that is longer than the folder's own begins above it.
            None => {
                let ups = |path: &str| path.split('/').take_while(|part| *part == "..").count();
                let only_up = root.split('/').all(|part| part == "..");
                only_up && !folder.starts_with('/') && ups(folder) < ups(root)
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_and_compared_as_written() {
        for (path, want) in
            [("a/./b/..", "a"), (".", "."), ("a/../..", ".."), ("../a/../b/", "../b"), ("/a/../../b", "/b")]
        {
            assert_eq!(clean(path), want, "{path}");
        }
        for (folder, root, want) in [
            ("a/b", "a", true),
            ("ab", "a", false),
            ("a", "a", true),
            ("a", ".", true),
            ("../a", ".", false),
            ("a", "..", true),
            ("../..", "..", false),
            ("../a", "..", true),
            ("..", "../..", true),
            ("/a", ".", false),
        ] {
            assert_eq!(is_within(folder, root), want, "{folder} in {root}");
        }
    }
}
