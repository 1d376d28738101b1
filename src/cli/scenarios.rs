//! Finding and reading scenario files, for every command that takes them.

use crate::clients::{Files, NO_SUCH_FILE};
use crate::error::Error;
use crate::explain::source::{self, Written};
use crate::files::{self, Root};
use crate::limits::SCENARIO_BYTES;
use crate::scenario::format::Scenario;
use crate::scenario::load;
use crate::yaml;
use std::path::{Path, PathBuf};

/// A scenario file that was read.
pub(super) struct Loaded {
    /// Its path as the user gave it, or below the folder that they gave.
    pub(super) path: String,
    /// Its text.
    pub(super) text: String,
    /// What it says.
    pub(super) scenario: Scenario,
    /// Where its files lie, if that was said.
    pub(super) root: Option<PathBuf>,
}

impl Loaded {
    /// The files that it may read.
    pub(super) fn files(&self) -> Beside {
        beside(&self.path, self.root.as_deref())
    }

    /// The objects that its manifests and its own text hold, with the lines on which they stand.
    pub(super) fn written(&self) -> Vec<Written> {
        let steps = self.scenario.steps.iter();
        let named =
            steps.filter_map(|step| step.fields.apply.as_ref().and_then(|manifest| manifest.as_str()));
        let mut written = source::anywhere(&self.path, &self.text);
        let dump = self.scenario.cluster.from.as_deref();
        for path in named.chain(dump) {
            if let Ok(text) = self.files().read(path) {
                written.extend(source::anywhere(path, &text));
            }
        }
        written
    }
}

/// The files that a scenario may read.
pub(super) struct Beside(Root);

/// The files that a scenario of that path may read, and no other of its machine's.
pub(super) fn beside(path: &str, root: Option<&Path>) -> Beside {
    Beside(Root::of(Path::new(path), root))
}

impl Files for Beside {
    fn read(&self, path: &str) -> Result<String, String> {
        String::from_utf8(self.0.read(path).map_err(|error| told(&error))?)
            .map_err(|_| "stream did not contain valid UTF-8".to_owned())
    }

    fn names(&self, folder: &str) -> Option<Result<Vec<String>, String>> {
        self.0.is_folder(folder).then(|| self.0.names(folder).map_err(|error| told(&error)))
    }
}

/// What kubectl says of a file that it can't read.
pub(super) fn told(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => NO_SUCH_FILE.to_owned(),
        _ => error.to_string(),
    }
}

/// Reads the scenarios that paths name: files, or folders with all below them but manifests. What they name stays in the
/// root; unless one is given, the folder that was named, or what [`Root`] makes of a file.
pub(super) fn load(paths: &[String], root: Option<&Path>) -> Result<Vec<Loaded>, Error> {
    if let Some(root) = root.filter(|root| !files::is_folder(root)) {
        return Err(Error::new(format!("`--root`: no such folder: `{}`", root.display())));
    }
    let mut found = Vec::new();
    for path in paths {
        let folder = files::is_folder(Path::new(path));
        let root = root.or(folder.then_some(Path::new(path)));
        let before = found.len();
        // Folders named `manifests` hold what scenarios apply.
        for file in named(path, &["yaml", "yml"], Some("manifests"))? {
            let text = files::text(Path::new(&file), &SCENARIO_BYTES).map_err(Error::of_file(&file))?;
            if !folder || !is_manifest(&text) {
                let scenario = load::parse(&file, &text)?;
                found.push(Loaded { path: file, text, scenario, root: root.map(Path::to_path_buf) });
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
    let documents = yaml::read(text.trim_start_matches('\u{feff}'), false).unwrap_or_default();
    let has = |key: &str| documents.first().is_some_and(|first| first.child(key).is_some());
    has("apiVersion") && has("kind") && !has("scenario")
}

/// The file of that path, or all files below a folder that end so, by path, but for those in folders of a name.
pub(super) fn named(path: &str, endings: &[&str], but: Option<&str>) -> Result<Vec<String>, Error> {
    let at = Path::new(path);
    if !files::is_folder(at) {
        // Whoever reads it says what else it is.
        return if files::exists(at) { Ok(vec![path.to_owned()]) } else { Err(missing(path)) };
    }
    let found = files::below(at, endings, but)?;
    if found.is_empty() {
        let endings: Vec<String> = endings.iter().map(|ending| format!(".{ending}")).collect();
        return Err(Error::new("no such file in this folder")
            .in_file(path)
            .hint(format!("files that end in {} are read", endings.join(", "))));
    }
    Ok(found)
}

fn missing(path: &str) -> Error {
    let error = Error::new(format!("no such file or folder: `{path}`"));
    let folder =
        Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let names = files::names(folder).unwrap_or_default().into_iter();
    let names: Vec<String> = names
        .map(|name| folder.join(name).display().to_string().trim_start_matches("./").to_owned())
        .collect();
    error.nearest(path, names.iter().map(String::as_str))
}
