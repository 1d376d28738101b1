//! What a scenario's replay reads: it goes where the scenario goes, and a report is about all of it.

use crate::api::Version;
use crate::cli::scenarios::Loaded;
use crate::clients::Files;
use crate::error::Error;
use crate::scenario::{load, run};
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Component, Path};

/// What a text's replay reads in these releases, by path.
pub(super) fn read_by(
    path: &str,
    text: &str,
    versions: impl IntoIterator<Item = Version>,
    files: &dyn Files,
) -> Result<BTreeMap<String, Vec<u8>>, Error> {
    let noted = Noted { files, read: RefCell::default() };
    let scenario = load::parse(path, text)?;
    for version in versions {
        run::replay(&scenario, version, run::Options::default(), &noted)?;
    }
    Ok(noted.read.into_inner())
}

/// The same where it all is to lie in one folder, which `option` is to write.
pub(super) fn read_beside(
    option: &str,
    path: &str,
    text: &str,
    versions: impl IntoIterator<Item = Version>,
    files: &dyn Files,
) -> Result<BTreeMap<String, Vec<u8>>, Error> {
    let read = read_by(path, text, versions, files)?;
    let inside = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    match read.keys().find(|name| !Path::new(name).components().all(inside)) {
        Some(out) => Err(Error::new(format!(
            "`{option}`: the scenario reads `{out}`, which would not be in the folder"
        ))
        .hint("move the file into the scenario's folder, or one below it")),
        None => Ok(read),
    }
}

/// A hash of a scenario and of all that it reads, in any of its releases.
pub(super) fn digest(loaded: &Loaded) -> Result<String, Error> {
    let read = read_by(&loaded.path, &loaded.text, run::versions(&loaded.scenario), &loaded.files())?;
    let parts = read.iter().flat_map(|(name, bytes)| [name.as_bytes(), bytes]);
    let mut hash = Sha256::new();
    for part in std::iter::once(loaded.text.as_bytes()).chain(parts) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    Ok(format!("sha256:{:x}", hash.finalize()))
}

/// Files of which is noted what was read.
struct Noted<'a> {
    files: &'a dyn Files,
    read: RefCell<BTreeMap<String, Vec<u8>>>,
}

impl Files for Noted<'_> {
    fn read(&self, path: &str) -> Result<String, String> {
        self.bytes(path)?;
        self.files.read(path)
    }

    fn bytes(&self, path: &str) -> Result<Vec<u8>, String> {
        let bytes = self.files.bytes(path)?;
        self.read.borrow_mut().insert(path.to_owned(), bytes.clone());
        Ok(bytes)
    }

    fn names(&self, folder: &str) -> Option<Result<Vec<String>, String>> {
        self.files.names(folder)
    }
}
