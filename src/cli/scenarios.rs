//! Finding and reading scenario files, for every command that takes them.

use crate::error::{Error, Place, nearest};
use crate::explain::source::{self, Written};
use crate::scenario::client::Files;
use crate::scenario::format::Scenario;
use crate::scenario::load;
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

    /// The text of the step that an error names (`step 3: …`), as far as it stands on a line of its own.
    fn line_of(&self, error: &Error) -> Option<String> {
        let number = error.message.strip_prefix("step ")?.split(':').next()?;
        let exercise = self.scenario.exercise.as_ref();
        let (mut steps, rest) = match number.split_once('.') {
            Some(("solution", rest)) => (&exercise?.solution, rest),
            Some(("check", rest)) => (&exercise?.check, rest),
            Some(_) | None => (&self.scenario.steps, number),
        };
        let mut fields = None;
        for part in rest.split('.') {
            let step = steps.get(part.parse::<usize>().ok()?.checked_sub(1)?)?;
            fields = Some(&step.fields);
            if let Some(inner) = &step.fields.what_if {
                steps = inner;
            }
        }
        let fields = fields?;
        let request = fields.request.as_ref().map(|request| request.what.clone());
        let manifest = fields.apply.as_ref().map(|manifest| match manifest.as_str() {
            Some(path) => path.to_owned(),
            // A manifest in the scenario is found by its kind.
            None => manifest["kind"].as_str().unwrap_or_default().to_owned(),
        });
        fields.run.clone().or(request).or(manifest)
    }

    /// Says where the step stands that an error is about, as far as the step's text tells; an error that knows its place
    /// keeps it.
    pub(super) fn locate(&self, error: Error) -> Error {
        if error.at.is_some() {
            return error;
        }
        let line = self.line_of(&error).unwrap_or_default();
        let first = line.lines().next().unwrap_or_default();
        let mut place = Place { path: self.path.clone(), position: None, line: None };
        let lines = self.text.lines().enumerate();
        let mut found = lines.filter_map(|(index, text)| Some((index + 1, text.find(first)? + 1, text)));
        if let Some((line, column, text)) = found.next().filter(|_| !first.is_empty()) {
            place.position = Some((line, column));
            place.line = Some(text.to_owned());
        }
        Error { at: Some(place), ..error }
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
            std::io::ErrorKind::NotFound => format!("the path \"{path}\" does not exist"),
            _ => error.to_string(),
        })
    }
}

/// Reads the scenarios that paths name: files, or folders with all below them.
pub(super) fn load(paths: &[String]) -> Result<Vec<Loaded>, Error> {
    let mut found = Vec::new();
    for path in paths {
        found.extend(files(path, &["yaml", "yml"])?);
    }
    found.iter().map(|path| read(path)).collect()
}

/// The file of that path, or all files below a folder that end so, by path. Folders named `manifests` hold what scenarios
/// apply.
pub(super) fn files(path: &str, endings: &[&str]) -> Result<Vec<String>, Error> {
    let at = Path::new(path);
    let mut found = Vec::new();
    if at.is_dir() {
        collect(at, endings, &mut found)?;
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

fn collect(folder: &Path, endings: &[&str], found: &mut Vec<String>) -> Result<(), Error> {
    let failed = |error: std::io::Error| Error::new(error.to_string()).in_file(&folder.display().to_string());
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(failed)?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<_, _>>()
        .map_err(failed)?;
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            if entry.file_name().is_none_or(|name| name != "manifests") {
                collect(&entry, endings, found)?;
            }
        } else if entry.extension().is_some_and(|ending| endings.iter().any(|e| ending == *e)) {
            found.push(entry.display().to_string());
        }
    }
    Ok(())
}

fn read(path: &str) -> Result<Loaded, Error> {
    let text = std::fs::read_to_string(path).map_err(|error| Error::new(error.to_string()).in_file(path))?;
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
