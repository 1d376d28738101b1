//! Finding and reading scenario files, for every command that takes them.

use crate::clients::{Files, NO_SUCH_FILE};
use crate::error::{Error, nearest};
use crate::explain::source::{self, Written};
use crate::scenario::format::Scenario;
use crate::scenario::load;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// A scenario file that was read.
pub(super) struct Loaded {
    /// Its path as the user gave it, or below the folder that they gave.
    pub(super) path: String,
    /// Its text.
    pub(super) text: String,
    /// What it says.
    pub(super) scenario: Scenario,
}

impl Loaded {
    /// The files that lie beside it.
    pub(super) fn files(&self) -> Beside {
        beside(&self.path)
    }

    /// The objects that its manifests and its own text hold, with the lines on which they stand.
    pub(super) fn written(&self) -> Vec<Written> {
        let steps = self.scenario.steps.iter();
        let named =
            steps.filter_map(|step| step.fields.apply.as_ref().and_then(|manifest| manifest.as_str()));
        let mut written = source::anywhere(&self.path, &self.text);
        for path in named {
            if let Ok(text) = self.files().read(path) {
                written.extend(source::anywhere(path, &text));
            }
        }
        written
    }
}

/// Files beside a scenario.
pub(super) struct Beside(PathBuf);

/// The files beside a path.
pub(super) fn beside(path: &str) -> Beside {
    Beside(Path::new(path).parent().map(Path::to_path_buf).unwrap_or_default())
}

impl Files for Beside {
    fn read(&self, path: &str) -> Result<String, String> {
        std::fs::read_to_string(self.0.join(path)).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => NO_SUCH_FILE.to_owned(),
            _ => error.to_string(),
        })
    }
}

/// Reads the scenarios that paths name: files, or folders with all below them but manifests.
pub(super) fn load(paths: &[String]) -> Result<Vec<Loaded>, Error> {
    let mut found = Vec::new();
    for path in paths {
        let folder = Path::new(path).is_dir();
        let before = found.len();
        // Folders named `manifests` hold what scenarios apply.
        for file in files(path, &["yaml", "yml"], Some("manifests"))? {
            let text = text(&file)?;
            if !folder || !is_manifest(&text) {
                found.push(read(&file, text)?);
            }
        }
        if found.len() == before {
            return Err(Error::new("no scenario in this folder, only manifests").in_file(path));
        }
    }
    Ok(found)
}

/// Whether a file holds what a scenario applies, or is set up with: it may stand beside it.
fn is_manifest(text: &str) -> bool {
    let first = serde_yaml::Deserializer::from_str(text).next();
    let first = first.and_then(|document| serde_yaml::Value::deserialize(document).ok()).unwrap_or_default();
    first.get("apiVersion").is_some() && first.get("kind").is_some() && first.get("scenario").is_none()
}

/// The file of that path, or all files below a folder that end so, by path, but for those in folders of a name.
pub(super) fn files(path: &str, endings: &[&str], but: Option<&str>) -> Result<Vec<String>, Error> {
    let at = Path::new(path);
    let mut found = Vec::new();
    if at.is_dir() {
        collect(at, endings, but, &mut found)?;
        if found.is_empty() {
            let endings: Vec<String> = endings.iter().map(|ending| format!(".{ending}")).collect();
            return Err(Error::new("no such file in this folder")
                .in_file(path)
                .hint(format!("files that end in {} are read", endings.join(", "))));
        }
    } else if at.is_file() {
        found.push(path.to_owned());
    } else {
        return Err(missing(path));
    }
    Ok(found)
}

fn collect(folder: &Path, endings: &[&str], but: Option<&str>, found: &mut Vec<String>) -> Result<(), Error> {
    let failed = |error: std::io::Error| Error::new(error.to_string()).in_file(&folder.display().to_string());
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(failed)?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<_, _>>()
        .map_err(failed)?;
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            if but.is_none_or(|but| entry.file_name().is_none_or(|name| name != but)) {
                collect(&entry, endings, but, found)?;
            }
        } else if entry.extension().is_some_and(|ending| endings.iter().any(|e| ending == *e)) {
            found.push(entry.display().to_string());
        }
    }
    Ok(())
}

fn text(path: &str) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(Error::of_file(path))
}

fn read(path: &str, text: String) -> Result<Loaded, Error> {
    let scenario = load::parse(path, &text)?;
    Ok(Loaded { path: path.to_owned(), text, scenario })
}

fn missing(path: &str) -> Error {
    let error = Error::new(format!("no such file or folder: `{path}`"));
    let folder =
        Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let names: Vec<String> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().display().to_string().trim_start_matches("./").to_owned())
        .collect();
    match nearest(path, names.iter().map(String::as_str)) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error,
    }
}
