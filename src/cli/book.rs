//! `kubeverdict book`: all scenarios as a site for a browser.

use super::{Exit, parallel, scenarios};
use crate::book::{self, Chapter, File, MARKER};
use crate::cluster::Fresh;
use crate::error::Error;
use crate::scenario::run::Options;
use scenarios::Loaded;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Write scenarios as a book: a site for a browser, which needs no network
///
/// Each scenario is replayed in its releases, and with a few other seeds. The folder is written anew; one that holds
/// something else than a book is left alone.
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
}

pub(super) fn cmd_book(args: BookArgs) -> Result<Exit, Error> {
    may_write(&args.folder)?;
    let loaded = scenarios::load(&args.paths)?;
    let progress = super::progress(loaded.len());
    let fresh = Fresh::default();
    let options = Options { seed: args.seed, moments: false, fresh: Some(&fresh) };
    let chapters = parallel::each(&loaded, |one| {
        progress.set_message(one.path.clone());
        let chapter = chapter(one, options);
        progress.inc(1);
        chapter
    });
    let chapters = chapters.into_iter().collect::<Result<Vec<Chapter>, Error>>()?;
    progress.finish_and_clear();
    apart(&chapters)?;
    let files = book::files(&chapters);
    write(&args.folder, &files).map_err(|error| failed(&args.folder, &error))?;
    let index = args.folder.join("index.html");
    // Whoever reads may have gone (`| head`).
    let _ = writeln!(
        std::io::stdout().lock(),
        "{} scenarios, {} files: open {} in a browser",
        chapters.len(),
        files.len(),
        index.display()
    );
    Ok(Exit::Fine)
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
    if folder.is_file() {
        return Err(Error::new("this is a file")
            .in_file(&shown)
            .hint("name a folder to write the book into"));
    }
    let Ok(mut entries) = std::fs::read_dir(folder) else { return Ok(()) };
    if entries.next().is_some() && !folder.join(MARKER).is_file() {
        return Err(Error::new("this folder holds something else than a book")
            .in_file(&shown)
            .hint("name a new folder, or an empty one: everything in it is replaced"));
    }
    Ok(())
}

/// Writes beside the folder, then takes its place: a reader finds the old book or the new one.
fn write(folder: &Path, files: &[File]) -> std::io::Result<()> {
    let absolute = std::path::absolute(folder)?;
    let name = absolute.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let above = absolute.parent().unwrap_or(Path::new("/"));
    std::fs::create_dir_all(above)?;
    let beside = |what: &str| above.join(format!(".{name}.{what}-by-kubeverdict"));
    let (new, old) = (beside("new"), beside("old"));
    for left in [&new, &old] {
        if left.is_dir() {
            std::fs::remove_dir_all(left)?;
        }
    }
    for file in files {
        let path = new.join(&file.path);
        std::fs::create_dir_all(path.parent().unwrap_or(&new))?;
        std::fs::write(path, &file.text)?;
    }
    if absolute.is_dir() {
        std::fs::rename(&absolute, &old)?;
    }
    std::fs::rename(&new, &absolute)?;
    if old.is_dir() {
        std::fs::remove_dir_all(&old)?;
    }
    Ok(())
}

fn failed(folder: &Path, error: &std::io::Error) -> Error {
    Error::new(error.to_string()).in_file(&folder.display().to_string())
}
