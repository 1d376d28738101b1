//! `kubeverdict book`: all scenarios as a site for a browser.

use super::out::{Out, safe};
use super::words::many;
use super::{Exit, parallel, scenarios};
use crate::book::{self, Chapter, MARKER};
use crate::cluster::Fresh;
use crate::error::Error;
use crate::files;
use crate::limits::NAMED_BYTES;
use crate::scenario::run::Options;
use scenarios::Loaded;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Write scenarios as a book: a site for a browser, which needs no network
///
/// Each scenario is replayed in its releases, and with a few other seeds. The folder is written anew; one that holds
/// something else than a book is left alone. Exit codes: 0, 1 where a step is not as expected, 2 for bad input.
#[derive(clap::Args)]
pub(super) struct BookArgs {
    /// The folder to write
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Scenario files, or folders of them
    #[arg(default_value = "scenarios", value_name = "PATH")]
    paths: Vec<String>,
    /// Another seed than the scenarios' own
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// The folder that scenarios may read in, unless it is the one that holds them
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

pub(super) fn cmd_book(args: BookArgs) -> Result<Exit, Error> {
    may_write(&args.folder)?;
    let loaded = scenarios::load(&args.paths, args.root.as_deref())?;
    let progress = super::progress(loaded.len());
    let fresh = Fresh::default();
    let options = Options { seed: args.seed, fresh: Some(&fresh), ..Options::default() };
    let chapters = parallel::each(&loaded, |one| {
        progress.set_message(safe(&one.path));
        let chapter = chapter(one, options);
        progress.inc(1);
        chapter
    });
    let chapters = chapters.into_iter().collect::<Result<Vec<Chapter>, Error>>()?;
    progress.finish_and_clear();
    apart(&chapters)?;
    let pages = book::files(&chapters);
    files::write_folder(&args.folder, pages.iter().map(|page| (page.path.as_str(), page.text.as_str())))
        .map_err(|error| failed(&args.folder, &error))?;
    let index = args.folder.join("index.html");
    let mut out = Out::open();
    let _ = writeln!(
        out,
        "{}, {}: open {} in a browser",
        many(chapters.len(), "scenario"),
        many(pages.len(), "file"),
        index.display()
    );
    let failing: Vec<&str> = chapters.iter().filter(|one| one.fails).map(|one| one.path.as_str()).collect();
    if failing.is_empty() {
        return out.end(Exit::Fine);
    }
    super::warn(&format!("not as expected, which the book shows, too: {}", failing.join(", ")));
    out.end(Exit::Differs)
}

/// Replays a scenario in each of its releases.
fn chapter(one: &Loaded, options: Options<'_>) -> Result<Chapter, Error> {
    Chapter::play(&one.path, &one.text, &one.scenario, &one.files(), &one.written(), options)
        .map_err(|error| error.in_file(&one.path))
}

/// Two files may not become one page.
fn apart(chapters: &[Chapter]) -> Result<(), Error> {
    let mut pages: BTreeMap<String, &str> = BTreeMap::new();
    for chapter in chapters {
        if let Some(other) = pages.insert(chapter.page(), &chapter.path) {
            let text = format!("`{other}` and `{}` would be the same page of the book", chapter.path);
            return Err(Error::new(text).hint("name one of them, or put them into one folder of scenarios"));
        }
    }
    Ok(())
}

/// A folder that is not there, is empty, or is a book already.
fn may_write(folder: &Path) -> Result<(), Error> {
    let shown = folder.display().to_string();
    if files::is_file(folder) {
        return Err(Error::new("this is a file")
            .in_file(&shown)
            .hint("name a folder to write the book into"));
    }
    let Ok(names) = files::names(folder) else { return Ok(()) };
    if !names.is_empty() && !files::is_file(&folder.join(MARKER)) {
        return Err(Error::new("this folder holds something else than a book")
            .in_file(&shown)
            .hint("name a new folder, or an empty one: everything in it is replaced"));
    }
    let marker = folder.join(MARKER);
    if !files::is_file(&marker) {
        return Ok(());
    }
    let listed = files::text(&marker, &NAMED_BYTES).map_err(|error| failed(&marker, &error))?;
    match foreign(folder, "", &listed.lines().chain([MARKER]).collect()) {
        None => Ok(()),
        Some(path) => Err(Error::new(format!("`{path}` in this folder is no file of the book's"))
            .in_file(&shown)
            .hint("take it elsewhere, or name another folder: this one is replaced")),
    }
}

/// What lies in a book's folder and is not the book's.
fn foreign(folder: &Path, below: &str, own: &BTreeSet<&str>) -> Option<String> {
    files::names(&folder.join(below)).unwrap_or_default().into_iter().find_map(|name| {
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        let at = folder.join(&path);
        match files::is_folder(&at) && !files::is_link(&at) {
            true => foreign(folder, &path, own),
            false => (!own.contains(path.as_str())).then_some(path),
        }
    })
}

fn failed(folder: &Path, error: &std::io::Error) -> Error {
    Error::new(error.to_string()).in_file(&folder.display().to_string())
}
