//! The two that are compared: files, folders, revisions of git.

use super::super::dumps;
use super::git;
use crate::error::Error;
use crate::explain::source::Written;
use crate::files;
use std::path::Path;

/// One of them.
pub(super) struct Side {
    /// As it was given, for reading.
    pub(super) name: String,
    /// Its objects.
    pub(super) objects: Vec<Written>,
}

/// Both, as words name them: `A B`; `A..B`, `A...B` (since they parted) or `A` (against the files as they are) of git.
pub(super) fn read(words: &[String], paths: &[String]) -> Result<[Side; 2], Error> {
    let sides = both(words, paths)?;
    // Of no object at all it is said otherwise.
    let any = sides.iter().any(|side| !side.objects.is_empty());
    match paths.iter().find(|path| any && holds_nothing(path, &sides)) {
        None => Ok(sides),
        Some(path) => {
            let error = Error::new(format!("`{path}` holds no object, in neither of the two"));
            Err(match path.starts_with('-') {
                true => error.hint("what stands behind `--` are files and folders; flags come before it"),
                false => error,
            })
        }
    }
}

/// Whether a path adds nothing to either: it is misspelt, or a flag.
fn holds_nothing(path: &str, sides: &[Side; 2]) -> bool {
    let plain = path.trim_start_matches("./").trim_end_matches('/');
    // What git matches by itself is its own.
    if matches!(plain, "" | ".") || plain.starts_with("..") || plain.contains(['*', '?', '[', ':']) {
        return false;
    }
    let below =
        |file: &str| file.strip_prefix(plain).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    !sides.iter().flat_map(|side| &side.objects).any(|written| below(&written.path))
}

fn both(words: &[String], paths: &[String]) -> Result<[Side; 2], Error> {
    let everything = [".".to_owned()];
    let below = if paths.is_empty() { &everything[..] } else { paths };
    match words {
        [both] => match both.split_once("..") {
            Some((one, other)) => {
                let (other, parted) = other.strip_prefix('.').map_or((other, false), |other| (other, true));
                let [one, other] = [one, other].map(|name| if name.is_empty() { "HEAD" } else { name });
                let (mut from, to) = (git::commit(one)?, git::commit(other)?);
                if parted {
                    from = git::merge_base(&from, &to)?;
                }
                let of = |name: &str, commit| -> Result<Side, Error> {
                    Ok(Side { name: name.to_owned(), objects: git::objects(&commit, name, below)? })
                };
                Ok([of(one, from)?, of(other, to)?])
            }
            None if paths.is_empty() && exists(both) => Err(Error::new(format!(
                "`{both}` is compared with what?"
            ))
            .hint("give two files or folders, or a revision of git: `kubeverdict diff HEAD -- deploy/`")),
            None => {
                let now = Side { name: "the working tree".to_owned(), objects: git::objects_now(below)? };
                Ok([revision(both, below)?, now])
            }
        },
        [one, other] if dumps::is_stdin(one) && dumps::is_stdin(other) => Err(dumps::twice()),
        [one, other] if paths.is_empty() => Ok([named(one)?, named(other)?]),
        words => {
            let sides = words.iter().map(|name| revision(name, below)).collect::<Result<Vec<_>, _>>()?;
            sides.try_into().map_err(|_| Error::new("two are compared"))
        }
    }
}

fn exists(path: &str) -> bool {
    dumps::is_stdin(path) || files::exists(Path::new(path))
}

/// A file or a folder, or what git calls so.
fn named(name: &str) -> Result<Side, Error> {
    if exists(name) {
        let objects = dumps::read(&[name.to_owned()])?.all();
        return Ok(Side { name: name.to_owned(), objects });
    }
    revision(name, &[".".to_owned()]).map_err(|error| Error {
        message: format!("no such file or folder: `{name}`; {}", error.message),
        ..error
    })
}

fn revision(name: &str, paths: &[String]) -> Result<Side, Error> {
    let objects = git::objects(&git::commit(name)?, name, paths)?;
    Ok(Side { name: name.to_owned(), objects })
}
