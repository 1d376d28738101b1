//! `explore --save`: each ending that breaks a property as a scenario's file, with the files that it reads beside it.

use crate::api::Version;
use crate::cli::scenarios::Loaded;
use crate::clients::Files;
use crate::error::Error;
use crate::explore::{Exploration, counterexample};
use crate::files;
use crate::scenario::{load, run};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Component, Path};

/// Writes them into a folder: the paths of the scenarios.
pub(super) fn save(
    folder: &Path,
    loaded: &Loaded,
    version: Version,
    explored: &Exploration,
) -> Result<Vec<String>, Error> {
    let stem = Path::new(&loaded.path).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let broken = (1..).zip(&explored.endings).filter(|(_, found)| !found.broken.is_empty());
    let mut saved = Vec::new();
    for (number, found) in broken {
        let path = folder.join(format!("{stem}-{version}-{number}.yaml"));
        let text = counterexample(&loaded.text, version, &found.schedule)?;
        let named = path.display().to_string();
        let beside = read_by(&named, &text, version, &loaded.files())?;
        for (name, content) in beside.iter().chain([(&named, &text)]) {
            let place = if name == &named { path.clone() } else { folder.join(name) };
            let made = place.parent().map_or(Ok(()), files::make_folder);
            made.and_then(|()| files::write(&place, content.as_bytes())).map_err(Error::of_file(&named))?;
        }
        saved.push(named);
    }
    Ok(saved)
}

/// What a scenario's replay reads, by path.
fn read_by(
    path: &str,
    text: &str,
    version: Version,
    files: &dyn Files,
) -> Result<BTreeMap<String, String>, Error> {
    let noted = Noted { files, read: RefCell::default() };
    run::replay(&load::parse(path, text)?, version, run::Options::default(), &noted)?;
    let read = noted.read.into_inner();
    match read.keys().find(|name| {
        Path::new(name).components().any(|part| !matches!(part, Component::Normal(_) | Component::CurDir))
    }) {
        Some(out) => {
            Err(Error::new(format!("`--save`: the scenario reads `{out}`, which would not be in the folder"))
                .hint("save into a folder beside the scenario's own, or move the file to the scenario"))
        }
        None => Ok(read),
    }
}

/// Files of which is noted what was read.
struct Noted<'a> {
    files: &'a dyn Files,
    read: RefCell<BTreeMap<String, String>>,
}

impl Files for Noted<'_> {
    fn read(&self, path: &str) -> Result<String, String> {
        let text = self.files.read(path)?;
        self.read.borrow_mut().insert(path.to_owned(), text.clone());
        Ok(text)
    }

    fn names(&self, folder: &str) -> Option<Result<Vec<String>, String>> {
        self.files.names(folder)
    }
}
