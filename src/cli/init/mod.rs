//! `kubeverdict init`: a first scenario, and what runs it in CI.

use super::out::Out;
use super::stories::{self, Story};
use super::{Exit, run, schema};
use crate::error::Error;
use crate::files;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Write a first scenario, a README and a CI workflow; what is there is left as it is
///
/// With --from, a story of the program in the place of the first scenario, with the manifests that it applies.
#[derive(clap::Args)]
pub(super) struct InitArgs {
    /// The folder, a repository's
    #[arg(default_value = ".", value_name = "DIR")]
    folder: PathBuf,
    /// The story: lizhe10, lessons/04
    #[arg(long, value_name = "STORY")]
    from: Option<String>,
}

const FIRST: &str = include_str!("first.yaml");
const README: &str = include_str!("README.md");
const WORKFLOW: &str = include_str!("workflow.yml");

pub(super) fn cmd_init(args: InitArgs) -> Result<Exit, Error> {
    let files = match &args.from {
        Some(name) => of_story(story(name)?),
        None => vec![
            ("scenarios/first.yaml".to_owned(), FIRST.to_owned()),
            ("scenarios/README.md".to_owned(), README.to_owned()),
            ("scenarios/schema.json".to_owned(), schema::of_scenarios()?),
        ],
    };
    let mut files: Vec<(PathBuf, String)> =
        files.into_iter().map(|(name, text)| (args.folder.join(name), text)).collect();
    if args.from.is_none() {
        files::make_folder(&args.folder).map_err(Error::of_file(&args.folder.display().to_string()))?;
        files.push(workflow(&args.folder));
    }
    let mut out = Out::open();
    for (path, text) in &files {
        let shown = path.strip_prefix(".").unwrap_or(path).display().to_string();
        let done = match files::exists(path) {
            true => "left as it is",
            false => {
                run::write(path, text).map_err(Error::of_file(&shown))?;
                "written"
            }
        };
        let _ = writeln!(out, "{shown}: {done}");
    }
    let first = files.first().map(|(path, _)| path.as_path()).unwrap_or(Path::new(""));
    let first = first.strip_prefix(".").unwrap_or(first);
    let _ = writeln!(out, "`kubeverdict run {}` replays it", first.display());
    out.end(Exit::Fine)
}

/// The workflow, which is read at the top of a repository only; from there it names the scenarios.
fn workflow(folder: &Path) -> (PathBuf, String) {
    const PLACE: &str = ".github/workflows/kubeverdict.yml";
    let top = files::repository(folder).unwrap_or_else(|| folder.to_path_buf());
    let below = files::relative(folder, &top);
    let scenarios = match below.to_str() {
        Some(below) if below.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c)) => {
            Path::new(below).join("scenarios").display().to_string()
        }
        // Words for a shell, in YAML.
        _ => "scenarios".to_owned(),
    };
    let scenarios = scenarios.trim_start_matches("./");
    (top.join(PLACE), WORKFLOW.replace("run scenarios", &format!("run {scenarios}")))
}

/// The one story of a name.
fn story(name: &str) -> Result<Story, Error> {
    match stories::named(name).as_slice() {
        [story] => Ok(*story),
        [] => {
            let wrong = Error::new(format!("there is no story `{name}` in the program"));
            let wrong = wrong.nearest(name, stories::all().map(|story| story.name));
            Err(if wrong.hint.is_some() {
                wrong
            } else {
                wrong.hint(format!("there are {}", stories::told()))
            })
        }
        several => {
            let names: Vec<&str> = several.iter().map(|story| story.name).collect();
            Err(Error::new(format!("`{name}` is a folder of stories"))
                .hint(format!("one of them: {}", names.join(", "))))
        }
    }
}

/// A story, and what it reads.
fn of_story(story: Story) -> Vec<(String, String)> {
    let path = format!("scenarios/{}.yaml", story.name);
    let folder = Path::new(&path).parent().unwrap_or(Path::new("scenarios")).to_path_buf();
    let beside = stories::reads(story).into_iter();
    let beside = beside.map(|(name, text)| (folder.join(name).display().to_string(), text.to_owned()));
    std::iter::once((path.clone(), story.text.to_owned())).chain(beside).collect()
}
