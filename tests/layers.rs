//! The arrows between modules point one way, and sources are tidy.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The folders of src in the order that things pass through them, outermost first; a module may use those below it.
const LAYERS: &[&[&str]] = &[
    &["main", "cli"],
    &["play"],
    &["book", "prompt"],
    &["access", "explore", "releases"],
    &["scenario", "server", "upgrade", "graph", "paths", "rights"],
    &["clients", "explain"],
    &["question"],
    &["cluster"],
    &["registry"],
    &["print"],
    &["pipeline"],
    &["controllers"],
    &["admit", "audit"],
    &["authorize"],
    &["authenticate"],
    &["rules"],
    &["bootstrap", "certificates", "cel", "delegate"],
    &["tokens"],
    &["config", "store"],
    &["random"],
    &["kinds"],
    &["api"],
    &["golang"],
    &["yaml"],
    &["json"],
    &["html"],
    &["files"],
    &["error"],
    &["limits"],
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

/// The paths that a text names after `start`, each with the braces around its end taken apart.
fn paths(text: &str) -> Vec<Vec<String>> {
    let mut found = vec![Vec::new()];
    let mut rest = text;
    loop {
        let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (name, after) = rest.split_at(word);
        found.last_mut().expect("one at least").push(name.to_owned());
        let Some(further) = after.strip_prefix("::") else { return found };
        let Some(inside) = further.strip_prefix('{') else {
            rest = further;
            continue;
        };
        let head = found.pop().expect("one at least");
        let (mut depth, mut item) = (0, String::new());
        for c in inside.chars() {
            match c {
                ',' | '}' if depth == 0 => {
                    let one = std::mem::take(&mut item);
                    found.extend(paths(one.trim()).into_iter().map(|tail| [head.clone(), tail].concat()));
                    if c == '}' {
                        return found;
                    }
                    continue;
                }
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            item.push(c);
        }
        return found;
    }
}

/// The modules that a file names, from the root of the crate; `here` is its own.
fn named(text: &str, here: &[String]) -> Vec<Vec<String>> {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let text = code.join("\n");
    let starts = text.match_indices("super::").chain(text.match_indices("crate::"));
    let first = starts.filter(|(at, _)| !text[..*at].ends_with("super::"));
    let absolute = |path: Vec<String>| {
        let up = path.iter().take_while(|word| *word == "super").count();
        let base = if path[0] == "crate" { &[] } else { &here[..here.len().saturating_sub(up)] };
        [base, &path[up.max(1)..]].concat()
    };
    first.flat_map(|(at, _)| paths(&text[at..])).map(absolute).collect()
}

/// Within a folder, a file uses those that use nothing of it; what is its parent's is everybody's.
#[test]
fn files_of_a_folder_do_not_go_in_circles() {
    let root = Path::new(ROOT).join("src");
    let mut arrows: BTreeMap<Vec<String>, BTreeSet<(String, String)>> = BTreeMap::new();
    for path in sources(&root).into_iter().filter(|path| !is_test(path)) {
        let below = path.strip_prefix(&root).expect("below src").with_extension("");
        let mut here: Vec<String> = below.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        here.pop_if(|last| last == "mod");
        let text = std::fs::read_to_string(&path).expect("a source can be read");
        for used in named(&text, &here) {
            let common = here.iter().zip(&used).take_while(|(a, b)| a == b).count();
            let folder = &here[..common];
            let file = |name: &String| {
                let at = root.join(folder.join("/")).join(name);
                at.is_dir() || at.with_extension("rs").is_file()
            };
            if let (Some(from), Some(to)) = (here.get(common), used.get(common))
                && common > 0
                && file(to)
            {
                arrows.entry(folder.to_vec()).or_default().insert((from.clone(), to.clone()));
            }
        }
    }
    let mut wrong = Vec::new();
    for (folder, arrows) in arrows {
        let reaches = |from: &str, to: &str| {
            let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
            while let Some(at) = open.pop() {
                let next = arrows.iter().filter(|(one, _)| one == at).map(|(_, other)| other.as_str());
                open.extend(next.filter(|next| seen.insert(*next)));
            }
            seen.contains(to)
        };
        let name = folder.join("/");
        let circles = arrows.iter().filter(|(from, to)| reaches(to, from));
        wrong.extend(circles.map(|(from, to)| format!("{name}: {from} uses {to}, which uses {from}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The files that may open a file, ask the environment or the clock, speak to the network or run a program; clippy holds all
/// others of the library to that (`disallowed-methods`).
#[test]
fn doors_have_names() {
    const DOORS: [&str; 12] = [
        "src/cli/diff/git.rs",
        "src/cli/paint.rs",
        "src/cli/play/mod.rs",
        "src/cli/run/annotations.rs",
        "src/files/home.rs",
        "src/files/mod.rs",
        "src/files/root.rs",
        "src/files/walk.rs",
        "src/files/write.rs",
        "src/server/mod.rs",
        "src/server/wall.rs",
        "src/server/webhook.rs",
    ];
    let read = |path: &str| std::fs::read_to_string(Path::new(ROOT).join(path)).expect("it can be read");
    assert!(read("src/lib.rs").contains("#![warn(clippy::disallowed_methods)]"));
    let forbidden = read(".clippy.toml");
    for method in [
        "std::fs::read",
        "std::fs::File::open",
        "std::env::var",
        "std::net::TcpStream::connect",
        "std::process::Command::new",
    ] {
        assert!(forbidden.contains(&format!("path = \"{method}\"")), "{method}");
    }
    let mut found = Vec::new();
    for path in sources(&Path::new(ROOT).join("src")).into_iter().filter(|path| !is_test(path)) {
        let text = std::fs::read_to_string(&path).expect("a source can be read");
        // Unit tests read what is in the repository.
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        if text.contains("clippy::disallowed_methods, reason") {
            found.push(path.strip_prefix(ROOT).expect("below").display().to_string());
        }
    }
    assert_eq!(found, DOORS);
}
