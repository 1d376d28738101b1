//! Finding and reading scenario files, for every command that takes them.

use super::stories::{self, Story};
use crate::clients::{Files, NO_SUCH_FILE};
use crate::error::{Error, is_slip};
use crate::explain::source::{self, Written};
use crate::files::{self, Root};
use crate::limits::{NAMED_BYTES, SCENARIO_BYTES};
use crate::scenario::format::Scenario;
use crate::scenario::load;
use crate::yaml::{self, Is, Node};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// How files of scenarios and manifests end.
pub(super) const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

/// A scenario file that was read.
pub(super) struct Loaded {
    /// Its path as the user gave it, or below the folder that they gave.
    pub(super) path: String,
    /// Its text.
    pub(super) text: String,
    /// What it says.
    pub(super) scenario: Scenario,
    /// Where it lies.
    pub(super) lies: Lies,
}

/// A scenario file that was read and is none.
pub(super) struct Broken {
    /// Its path, as that of one that was read.
    pub(super) path: String,
    /// What is wrong with it.
    pub(super) error: Box<Error>,
}

/// Where a scenario lies.
pub(super) enum Lies {
    /// In a file; and where its files lie, if that was said.
    File { root: Option<PathBuf> },
    /// In the program.
    Program,
    /// Nowhere yet; these files are to lie beside it, by their paths from there.
    Yet(BTreeMap<String, Vec<u8>>),
}

impl Loaded {
    /// The files that it may read.
    pub(super) fn files(&self) -> Beside {
        match &self.lies {
            Lies::File { root } => Beside::Folder(Root::of(Path::new(&self.path), root.as_deref())),
            Lies::Program => Beside::Story(self.path.clone()),
            Lies::Yet(files) => Beside::Yet(files.clone(), Root::of(Path::new(&self.path), None)),
        }
    }

    /// The objects that its manifests and its own text hold, with the lines on which they stand.
    pub(super) fn written(&self) -> Vec<Written> {
        let of_actors = self.scenario.actors.iter().flat_map(|actor| &actor.steps);
        let steps = self.scenario.steps.iter().chain(of_actors);
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

/// The files that a scenario may read, and no other of its machine's.
pub(super) enum Beside {
    /// Those in its root.
    Folder(Root),
    /// Those in the program beside the story of that name.
    Story(String),
    /// Those that are to lie there, and those that do.
    Yet(BTreeMap<String, Vec<u8>>, Root),
}

impl Beside {
    fn of_root(root: &Root, path: &str) -> Result<Vec<u8>, String> {
        root.read(path).map_err(|error| told(&error))
    }
}

impl Files for Beside {
    fn read(&self, path: &str) -> Result<String, String> {
        text(self.bytes(path)?)
    }

    fn bytes(&self, path: &str) -> Result<Vec<u8>, String> {
        match self {
            Beside::Folder(root) => Beside::of_root(root, path),
            Beside::Yet(files, root) => match files.get(path) {
                Some(bytes) => Ok(bytes.clone()),
                None => Beside::of_root(root, path),
            },
            Beside::Story(name) => {
                let text = stories::beside(name, path).ok_or_else(|| NO_SUCH_FILE.to_owned())?;
                Ok(text.as_bytes().to_vec())
            }
        }
    }

    fn names(&self, folder: &str) -> Option<Result<Vec<String>, String>> {
        match self {
            Beside::Yet(files, _) if files.keys().any(|file| Path::new(file).starts_with(folder)) => {
                let below = files.keys().filter_map(|file| Path::new(file).strip_prefix(folder).ok());
                let names: BTreeSet<String> =
                    below.filter_map(|file| file.iter().next()?.to_str().map(str::to_owned)).collect();
                Some(Ok(names.into_iter().collect()))
            }
            Beside::Folder(root) | Beside::Yet(_, root) => {
                root.is_folder(folder).then(|| root.names(folder).map_err(|error| told(&error)))
            }
            Beside::Story(name) => stories::names(name, folder).map(Ok),
        }
    }
}

/// A file's bytes as text.
pub(super) fn text(bytes: Vec<u8>) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|_| "stream did not contain valid UTF-8".to_owned())
}

/// What kubectl says of a file that it can't read.
pub(super) fn told(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => NO_SUCH_FILE.to_owned(),
        _ => error.to_string(),
    }
}

/// Reads the scenarios that paths name: files, or folders with all below them that are scenarios; or [stories](super::stories)
/// in the program. What files name stays in the root; unless one is given, the folder that was named, or what [`Root`] makes
/// of a file.
pub(super) fn load(paths: &[String], root: Option<&Path>) -> Result<Vec<Loaded>, Error> {
    each(paths, root)?.into_iter().map(|read| read.map_err(|broken| *broken.error)).collect()
}

/// The same where a path is to name one scenario. Of several that are broken all but the last are reported at once.
pub(super) fn one(path: &str, root: Option<&Path>) -> Result<Loaded, Error> {
    let (mut loaded, mut broken) = (Vec::new(), Vec::new());
    for read in each(&[path.to_owned()], root)? {
        match read {
            Ok(one) => loaded.push(one),
            Err(one) => broken.push(one),
        }
    }
    if let Some(last) = broken.pop() {
        broken.iter().for_each(|broken| super::report(&broken.error));
        return Err(*last.error);
    }
    if loaded.len() > 1 {
        let names: Vec<&str> = loaded.iter().map(|one| one.path.as_str()).collect();
        return Err(Error::new("one scenario is wanted, and this is a folder of them")
            .in_file(path)
            .hint(format!("one of them: {}", names.join(", "))));
    }
    loaded.pop().ok_or_else(|| missing(path))
}

/// Whether the root that was given is a folder.
pub(super) fn check_root(root: Option<&Path>) -> Result<(), Error> {
    match root.filter(|root| !files::is_folder(root)) {
        None => Ok(()),
        Some(root) => Err(Error::new(format!("`--root`: no such folder: `{}`", root.display()))
            .hint("the root is the folder that a scenario's own files lie in; `.` is this one")),
    }
}

/// The same as [`load`], where one that is broken does not keep others from being run.
pub(super) fn each(paths: &[String], root: Option<&Path>) -> Result<Vec<Result<Loaded, Broken>>, Error> {
    check_root(root)?;
    let mut found = Vec::new();
    for path in paths {
        let stories = if files::exists(Path::new(path)) { Vec::new() } else { stories::named(path) };
        match stories.as_slice() {
            [] => found.extend(of_files(path, root)?),
            stories => found.extend(stories.iter().map(of_story)),
        }
    }
    Ok(found)
}

fn of_files(path: &str, root: Option<&Path>) -> Result<Vec<Result<Loaded, Broken>>, Error> {
    if !files::exists(Path::new(path)) {
        return Err(missing(path));
    }
    let mut found = Vec::new();
    let folder = files::is_folder(Path::new(path));
    let root = root.or(folder.then_some(Path::new(path)));
    // Folders named `manifests` hold what scenarios apply.
    for file in named(path, &ENDINGS, Some("manifests"))? {
        let limit = if folder { &NAMED_BYTES } else { &SCENARIO_BYTES };
        let text = files::text(Path::new(&file), limit).map_err(Error::of_file(&file))?;
        if !folder || is_scenario(&text) {
            let lies = Lies::File { root: root.map(Path::to_path_buf) };
            found.push(parsed(file, text, lies));
        }
    }
    if found.is_empty() {
        return Err(Error::new("no scenario in this folder, only other YAML")
            .in_file(path)
            .hint("a scenario begins with `scenario: NAME`; `kubeverdict init` writes a first one"));
    }
    Ok(found)
}

fn of_story(Story { name, text }: &Story) -> Result<Loaded, Broken> {
    parsed((*name).to_owned(), (*text).to_owned(), Lies::Program)
}

fn parsed(path: String, text: String, lies: Lies) -> Result<Loaded, Broken> {
    let small = SCENARIO_BYTES.check(text.len() as u64).map_err(Error::of_file(&path));
    match small.and_then(|()| load::parse(&path, &text)) {
        Ok(scenario) => Ok(Loaded { path, text, scenario, lies }),
        Err(error) => Err(Broken { path, error: Box::new(error) }),
    }
}

/// Whether a file in a folder is a scenario, right or wrong: anything else may lie beside it.
pub(super) fn is_scenario(text: &str) -> bool {
    // Most of what lies there is told by a look.
    if !text.contains("steps") && !text.contains("scenario") {
        return false;
    }
    match yaml::read(text, false) {
        Ok(documents) => documents.first().is_some_and(|first| {
            first.child("scenario").is_some()
                || first.child("steps").is_some() && first.keys().any(|key| is_slip(key, "scenario"))
                || lacks_its_name(first)
        }),
        // What is broken is a scenario if it says so.
        Err(_) => text.lines().any(|line| line.starts_with("scenario:")),
    }
}

/// Whether a document has all that a scenario has, but for its name. Pipelines and workflows have `steps`, too.
fn lacks_its_name(document: &Node) -> bool {
    const KEYS: [&str; 10] = [
        "about",
        "story",
        "symptom",
        "cluster",
        "steps",
        "never",
        "always",
        "eventually",
        "schedule",
        "exercise",
    ];
    const OF_STEPS: [&str; 5] = ["apply", "request", "what-if", "as", "expect"];
    let Some(Is::List(steps)) = document.child("steps").map(Node::is) else { return false };
    let types = |node: &Node| node.text().is_some_and(|line| line.starts_with("kubectl "));
    let is_step = |step: &Node| {
        types(step) || step.child("run").is_some_and(types) || step.keys().any(|key| OF_STEPS.contains(&key))
    };
    document.keys().all(|key| KEYS.contains(&key)) && steps.iter().any(is_step)
}

/// The file of that path, or all files below a folder that end so, by path, but for those in folders of a name.
pub(super) fn named(path: &str, endings: &[&str], but: Option<&str>) -> Result<Vec<String>, Error> {
    let at = Path::new(path);
    if !files::is_folder(at) {
        // Whoever reads it says what else it is.
        return if files::exists(at) { Ok(vec![path.to_owned()]) } else { Err(nothing(path, &[])) };
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

/// That there is nothing of that path, no story either, and what there is.
pub(super) fn missing(path: &str) -> Error {
    if path == "-" {
        return Error::new("a scenario is a file; none is read from standard input")
            .hint("`kubeverdict shell` takes lines from there");
    }
    let stories: Vec<&str> = stories::all().map(|story| story.name).collect();
    let error = nothing(path, &stories);
    if let Some(story) = stories::meant(path) {
        return error.hint(format!("did you mean `{}`, a story in the program?", story.name));
    }
    match error.hint {
        Some(_) => error,
        None => error.hint(format!(
            "`kubeverdict init` writes a first one; stories in the program: {}",
            stories::told()
        )),
    }
}

/// That there is nothing of that path; the nearest of what is there, or of those names.
fn nothing(path: &str, others: &[&str]) -> Error {
    let error = Error::new(format!("no such file or folder: `{path}`"));
    let folder =
        Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let names = files::names(folder).unwrap_or_default().into_iter();
    let names: Vec<String> = names
        .map(|name| folder.join(name).display().to_string().trim_start_matches("./").to_owned())
        .collect();
    error.nearest(path, names.iter().map(String::as_str).chain(others.iter().copied()))
}
