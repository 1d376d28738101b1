//! The arrows between modules point one way, and sources are tidy.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The folders of src in the order that things pass through them, outermost first; a module may use those below it.
const LAYERS: &[&[&str]] = &[
    &["main", "cli"],
    &["book"],
    &["access"],
    &["scenario", "server", "explore", "graph"],
    &["clients", "explain"],
    &["cluster"],
    &["registry"],
    &["print"],
    &["pipeline"],
    &["controllers"],
    &["admit", "audit"],
    &["authorize"],
    &["authenticate"],
    &["bootstrap", "certificates", "cel", "delegate"],
    &["tokens"],
    &["config", "store"],
    &["random"],
    &["kinds"],
    &["api"],
    &["error"],
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the sources are there").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn module(path: &Path) -> String {
    let below = path.strip_prefix(Path::new(ROOT).join("src")).expect("below src");
    let first = below.components().next().expect("a name").as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// Unit tests may use what they like.
fn is_test(path: &Path) -> bool {
    path.components()
        .any(|part| matches!(part.as_os_str().to_str(), Some("tests" | "tests.rs" | "testing.rs")))
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

#[test]
fn arrows_point_one_way() {
    let mut wrong = Vec::new();
    for path in sources(&Path::new(ROOT).join("src")) {
        let from = module(&path);
        if from == "lib" || is_test(&path) {
            continue;
        }
        let Some(height) = layer(&from) else {
            wrong.push(format!("{from} has no place in LAYERS"));
            continue;
        };
        let text = std::fs::read_to_string(&path).expect("a source can be read");
        for used in text.split("crate::").skip(1) {
            let used: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if let Some(depth) = layer(&used)
                && (depth < height || depth == height && used != from)
            {
                wrong.push(format!("{} uses {used}", path.strip_prefix(ROOT).expect("below").display()));
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "arrows point upwards:\n{}", wrong.join("\n"));
}

#[test]
fn sources_are_tidy() {
    let banned: BTreeMap<&str, &str> =
        BTreeMap::from([("todo!(", "finish it"), ("unimplemented!(", "finish it"), ("dbg!(", "take it out")]);
    let mut wrong = Vec::new();
    for path in sources(&Path::new(ROOT).join("src")) {
        let text = std::fs::read_to_string(&path).expect("a source can be read");
        let shown = path.strip_prefix(ROOT).expect("below").display().to_string();
        if !text.starts_with("//!") && !is_test(&path) {
            wrong.push(format!("{shown}: a module says what it models"));
        }
        for (word, instead) in &banned {
            if text.contains(word) {
                wrong.push(format!("{shown}: `{word}`: {instead}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What differs between releases is a row of `api/differences.rs` (or of a table of data), never a bare number.
#[test]
fn differences_between_releases_have_names() {
    // The tables themselves.
    const TABLES: [&str; 3] = ["src/api/differences.rs", "src/api/version.rs", "src/api/schema.rs"];
    let mut wrong = Vec::new();
    for path in sources(&Path::new(ROOT).join("src")) {
        let shown = path.strip_prefix(ROOT).expect("below").display().to_string();
        if TABLES.contains(&shown.as_str()) {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a source can be read");
        let calls: &[&str] = match shown.starts_with("src/kinds/") {
            true => &[".at_least(", ".before(", ".since(", ".until("],
            false => &[".at_least(", ".before("],
        };
        for (number, line) in (1..).zip(text.lines()) {
            let mut arguments = calls.iter().flat_map(|call| line.split(call).skip(1));
            if arguments.any(|argument| argument.starts_with(|c: char| c.is_ascii_digit())) {
                wrong.push(format!("{shown}:{number}: {}", line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "a difference needs its row in src/api/differences.rs:\n{}", wrong.join("\n"));
}

/// A kind is one file and its row: no other place may have to know of it.
#[test]
fn a_kind_is_a_file_and_a_row() {
    let folder = Path::new(ROOT).join("src/kinds");
    let list = std::fs::read_to_string(folder.join("mod.rs")).expect("the list of rows");
    let mut wrong = Vec::new();
    for path in sources(&folder) {
        let text = std::fs::read_to_string(&path).expect("a source can be read");
        for row in text
            .split("pub(super) const ")
            .skip(1)
            .filter(|rest| rest.split_once('=').is_some_and(|(head, _)| head.trim_end().ends_with(": Kind")))
        {
            let name = row.split(':').next().unwrap_or_default();
            let file = path.strip_prefix(&folder).expect("below").to_string_lossy().replace("/mod.rs", "");
            let module = file.trim_end_matches(".rs");
            let entry = format!("&{module}::{name},");
            if list.matches(&entry).count() != 1 {
                wrong.push(format!("{file}: {entry} stands in the list of rows once"));
            }
        }
    }
    // A table by resource outside of the rows is a second place to touch.
    for path in sources(&Path::new(ROOT).join("src")) {
        let inside = path.starts_with(&folder) || is_test(&path);
        let text = std::fs::read_to_string(&path).expect("a source can be read");
        let shown = path.strip_prefix(ROOT).expect("below").display().to_string();
        if !inside && text.contains("kinds::named(") {
            wrong.push(format!("{shown}: asks for a kind by its name"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
