//! The book: all scenarios as pages for a browser, without a network.
//!
//! A pure function of scenarios and their replays: the same in, the same bytes out. Everything that a reader can learn
//! is in the HTML; the style sheet and the short script beside it only make it pleasant. No guess is judged by the
//! script: the reasons are written at build time, and it shows the one that fits.

mod bound;
mod changes;
mod chapter;
mod contents;
mod cures;
mod evidence;
mod exercise;
pub(crate) mod fragments;
mod layout;
mod pictures;
mod played;
mod question;
mod scenario;
pub(crate) mod shuffle;
mod step;
mod strip;
mod timeline;

pub use chapter::Chapter;

use bound::Neighbour;

/// A file of the book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path in the book's folder.
    pub path: String,
    /// What it holds.
    pub text: String,
}

/// The name of the file by which a folder is known to be a book. It lists the others, a path a line.
pub const MARKER: &str = ".kubeverdict-book";

/// The style sheet.
pub(crate) const CSS: &str = include_str!("assets/book.css");

/// The book's files: the contents, a page a chapter and a step between releases, the style sheet, the script.
pub fn files(chapters: &[Chapter]) -> Vec<File> {
    let parts = contents::parts(chapters);
    let steps = changes::steps();
    let mut files = vec![
        File { path: "assets/book.css".to_owned(), text: CSS.to_owned() },
        File { path: "assets/book.js".to_owned(), text: include_str!("assets/book.js").to_owned() },
        File { path: "index.html".to_owned(), text: contents::contents(&parts, &steps).into_string() },
    ];
    let order: Vec<(&str, &Chapter)> = parts
        .iter()
        .flat_map(|part| part.chapters.iter().map(|chapter| (part.title.as_str(), *chapter)))
        .collect();
    for (place, (part, chapter)) in order.iter().enumerate() {
        let beside = |place: Option<usize>| -> Neighbour<'_> {
            let (_, chapter) = order.get(place?)?;
            Some((chapter.page(), &chapter.scenario.scenario))
        };
        let page =
            bound::scenario(chapter, part, &beside(place.checked_sub(1)), &beside(place.checked_add(1)));
        files.push(File { path: chapter.page(), text: page.into_string() });
    }
    let changes = changes::pages(&steps, chapters);
    files.extend(changes.into_iter().map(|(path, page)| File { path, text: page.into_string() }));
    let paths: String = files.iter().map(|file| format!("{}\n", file.path)).collect();
    let text = format!("Written by `kubeverdict book`, which replaces these files:\n\n{paths}");
    files.insert(0, File { path: MARKER.to_owned(), text });
    files
}
