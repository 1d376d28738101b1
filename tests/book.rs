//! The book of all scenarios, page by page: every link leads somewhere, nothing comes from a network, and the same
//! scenarios make the same bytes.

#[path = "support/scenarios.rs"]
mod scenarios;

use kubeverdict::book::{self, Chapter, File};
use kubeverdict::explain::source;
use kubeverdict::scenario::load;
use kubeverdict::scenario::run::Options;
use scenarios::{Beside, ROOT};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn chapter(path: &Path) -> Chapter {
    let text = std::fs::read_to_string(path).expect("a scenario can be read");
    let below = path.strip_prefix(ROOT).expect("below the root").display().to_string();
    let scenario = load::parse(&below, &text).expect("a scenario can be parsed");
    let files = Beside::of(path);
    Chapter::play(&below, &text, &scenario, &files, &source::anywhere(&below, &text), Options::default())
        .expect("it can be replayed")
}

/// All chapters, on all processors.
fn chapters(paths: &[PathBuf]) -> Vec<Chapter> {
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    let shares: Vec<&[PathBuf]> = paths.chunks(paths.len().div_ceil(workers)).collect();
    std::thread::scope(|scope| {
        let work: Vec<_> = shares
            .into_iter()
            .map(|share| scope.spawn(|| share.iter().map(|path| chapter(path)).collect::<Vec<_>>()))
            .collect();
        work.into_iter().flat_map(|work| work.join().expect("no panic")).collect()
    })
}

/// The values of an attribute.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let start = format!(" {attribute}=\"");
    html.split(start.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let chapters = chapters(&scenarios::all());
    let files = book::files(&chapters);
    assert!(files.len() > chapters.len() + 3);
    let by_path: BTreeMap<&str, &File> = files.iter().map(|file| (file.path.as_str(), file)).collect();
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| file.path.ends_with(".html")) {
        let ids: Vec<&str> = values(&file.text, "id");
        let known: BTreeSet<&str> = ids.iter().copied().collect();
        if ids.len() != known.len() {
            wrong.push(format!("{}: an id stands twice", file.path));
        }
        for link in ["href", "src"].iter().flat_map(|attribute| values(&file.text, attribute)) {
            if !leads(&by_path, file, &known, link) {
                wrong.push(format!("{}: {link}", file.path));
            }
        }
        for label in values(&file.text, "aria-labelledby").iter().flat_map(|ids| ids.split(' ')) {
            if !known.contains(label) {
                wrong.push(format!("{}: no label {label}", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{} dead:\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
}

fn leads(files: &BTreeMap<&str, &File>, from: &File, ids: &BTreeSet<&str>, link: &str) -> bool {
    if link == "data:," {
        return true;
    }
    let (path, place) = link.split_once('#').unwrap_or((link, ""));
    if path.is_empty() {
        return place == "main" || ids.contains(place);
    }
    let folder = Path::new(&from.path).parent().expect("a folder");
    let mut parts: Vec<&str> = folder.iter().filter_map(|part| part.to_str()).collect();
    for part in path.split('/') {
        match part {
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    files.contains_key(parts.join("/").as_str())
}

#[test]
fn the_same_scenarios_make_the_same_bytes() {
    let folder = Path::new(ROOT).join("scenarios");
    let paths = ["lizhe10.yaml", "roles.yaml", "lessons/01-who-are-you.yaml"].map(|name| folder.join(name));
    assert_eq!(book::files(&chapters(&paths)), book::files(&chapters(&paths)));
}

#[test]
fn nothing_is_lost_without_a_script() {
    let page = book::files(&[chapter(&Path::new(ROOT).join("scenarios/lizhe.yaml"))])
        .into_iter()
        .find(|file| file.path == "lizhe.html")
        .expect("its page");
    for told in [
        "401 would mean that it does not.",
        "authorize",
        "&quot;reason&quot;: &quot;Forbidden&quot;",
        "tried on a copy of the cluster",
        "scenario: when a binding takes effect",
        "the replica set controller",
        "the kubelet",
    ] {
        assert!(page.text.contains(told), "the page does not tell `{told}`");
    }
}
