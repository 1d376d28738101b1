//! What stands in the tree of dependencies is what `deny.toml` lets stand there: licences, one source, no crate twice but those
//! that are named. The file is cargo-deny's, and read here too: a test is there wherever cargo is.

use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// The parts of the file that are held here.
#[derive(Deserialize)]
struct Deny {
    licenses: Licenses,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licenses {
    allow: Vec<String>,
}

#[derive(Deserialize)]
struct Bans {
    skip: Vec<Skip>,
}

/// An older version that may stand beside a newer one: `NAME@VERSION`, or how that begins.
#[derive(Deserialize)]
struct Skip {
    #[serde(rename = "crate")]
    version: String,
    reason: String,
}

fn deny() -> Deny {
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/deny.toml")).expect("it is there");
    toml::from_str(&text).expect("it is TOML")
}

/// What cargo says of the tree.
fn metadata() -> Value {
    let cargo = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--locked", "--offline", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .expect("cargo runs");
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    serde_json::from_slice(&cargo.stdout).expect("it is JSON")
}

fn items<'a>(of: &'a Value, field: &str) -> &'a [Value] {
    of[field].as_array().map_or(&[], Vec::as_slice)
}

/// What is built for whoever uses the program: not what its tests use.
fn built(metadata: &Value) -> Vec<&Value> {
    let nodes: BTreeMap<&str, &Value> = items(&metadata["resolve"], "nodes")
        .iter()
        .filter_map(|node| Some((node["id"].as_str()?, node)))
        .collect();
    let mut wanted = vec![metadata["resolve"]["root"].as_str().expect("a root")];
    let mut reached = BTreeSet::new();
    while let Some(id) = wanted.pop() {
        if !reached.insert(id) {
            continue;
        }
        let dependencies = items(nodes[id], "deps").iter();
        let kept =
            dependencies.filter(|one| items(one, "dep_kinds").iter().any(|kind| kind["kind"] != "dev"));
        wanted.extend(kept.filter_map(|one| one["pkg"].as_str()));
    }
    let packages = items(metadata, "packages").iter();
    packages.filter(|package| package["id"].as_str().is_some_and(|id| reached.contains(id))).collect()
}

/// Whether an expression of SPDX is met: of `OR` one side, of `AND` both.
fn is_met(expression: &str, allowed: &dyn Fn(&str) -> bool) -> bool {
    let expression = expression.trim();
    for (operator, any) in [(" OR ", true), (" AND ", false)] {
        let sides = sides(expression, operator);
        if sides.len() > 1 {
            let mut met = sides.iter().map(|side| is_met(side, allowed));
            return if any { met.any(|met| met) } else { met.all(|met| met) };
        }
    }
    match expression.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) => is_met(inner, allowed),
        None => allowed(expression.trim_end_matches('+')),
    }
}

/// What stands between operators outside of parentheses.
fn sides<'a>(expression: &'a str, operator: &str) -> Vec<&'a str> {
    let (mut sides, mut deep, mut start) = (Vec::new(), 0, 0);
    for (at, letter) in expression.char_indices() {
        match letter {
            '(' => deep += 1,
            ')' => deep -= 1,
            _ if deep == 0 && at >= start && expression[at..].starts_with(operator) => {
                sides.push(&expression[start..at]);
                start = at + operator.len();
            }
            _ => {}
        }
    }
    sides.push(&expression[start..]);
    sides
}

#[test]
fn expressions_of_licences_are_read() {
    let allowed = |name: &str| matches!(name, "MIT" | "ISC" | "Apache-2.0 WITH LLVM-exception");
    for (expression, met) in [
        ("MIT", true),
        ("MIT+", true),
        ("GPL-3.0", false),
        ("GPL-3.0 OR MIT", true),
        ("GPL-3.0 AND MIT", false),
        ("(GPL-3.0 OR ISC) AND MIT", true),
        ("GPL-3.0 OR (ISC AND GPL-2.0)", false),
        ("Apache-2.0 WITH LLVM-exception OR GPL-3.0", true),
    ] {
        assert_eq!(is_met(expression, &allowed), met, "{expression}");
    }
}

#[test]
fn licences_and_sources_are_those_that_are_allowed() {
    let (deny, metadata) = (deny(), metadata());
    let allowed = |name: &str| deny.licenses.allow.iter().any(|one| one == name);
    let mut sources = BTreeSet::new();
    for package in built(&metadata) {
        let license = package["license"].as_str().unwrap_or("none").replace('/', " OR ");
        assert!(is_met(&license, &allowed), "{}: {license}", package["name"]);
        sources.extend(package["source"].as_str());
    }
    assert!(
        sources.len() == 1 && sources.iter().all(|source| source.starts_with("registry+")),
        "{sources:?}"
    );
}

#[test]
fn no_crate_stands_twice_in_the_tree_but_for_a_reason() {
    let (deny, metadata) = (deny(), metadata());
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in built(&metadata) {
        let (name, version) = (package["name"].as_str(), package["version"].as_str());
        versions.entry(name.expect("a name")).or_default().insert(version.expect("a version"));
    }
    let skipped = |name: &str, version: &str| {
        let version = format!("{name}@{version}");
        deny.bans.skip.iter().any(|skip| {
            version.strip_prefix(&skip.version).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    };
    for (name, versions) in &versions {
        let several: Vec<_> = versions.iter().filter(|version| !skipped(name, version)).collect();
        assert!(several.len() <= 1, "{name}: {several:?}");
    }
    for Skip { version, reason } in &deny.bans.skip {
        assert!(!reason.is_empty(), "{version} has no reason");
        let (name, _) = version.split_once('@').expect("NAME@VERSION");
        let locked = items(&metadata, "packages").iter().filter(|package| package["name"] == name).count();
        assert!(locked > 1, "{name} no longer stands twice in the tree: take it out of deny.toml");
    }
}
