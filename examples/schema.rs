//! Writes `src/api/schema/types.txt`: the types of every release, from what Kubernetes publishes of them.
//!
//! ```sh
//! pip download --no-deps kubernetes-validate==1.24.0   # 1.20 to 1.24
//! pip download --no-deps kubernetes-validate==1.37.0   # 1.25 to 1.37
//! tar -xf kubernetes-validate-1.24.0.tar.gz && unzip -d kubernetes-validate-1.37.0 kubernetes_validate-1.37.0-*.whl
//! cargo run --example schema -- kubernetes-validate-1.24.0/src kubernetes-validate-1.37.0 > src/api/schema/types.txt
//! ```
//!
//! These PyPI packages hold the OpenAPI documents of `api/openapi-spec/swagger.json` of each release, as JSON schemas.
//! For one more release: its package's version here, its number in [`RELEASES`].
//!
//! Three things no document says, so that `schema/marks.txt`, beside this file, is kept by hand: what the Go types make of
//! zero values (a pointer, or a struct that is always written; without a line there, a required field is always written
//! and another one dropped when empty), the values of an enum, which only a server's own document tells (1.36.2), and
//! which feature gate a field hangs on.
//! A definition that is not there takes the marks of its kind's other versions. What a release adds is not marked by
//! itself: this program names, on standard error, the fields of the newest release that are worth a look.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::Path;
use std::{env, fs};

/// The minor releases that the table speaks of.
const RELEASES: RangeInclusive<u8> = 20..=37;

/// The first release whose server tells the values of enums (feature gate OpenAPIEnums).
const ENUMS: u8 = 24;

const HEADING: &str = "\
# The types of all releases, written by examples/schema.rs.
# A line at the margin opens a definition (kind=GROUP/VERSION/KIND; `*`: of every group; `atomic`, `atomic=RELEASES`). A field
# below it: name, type, and `merge=KEY` or `merge` (strategic merge of a list by key, of plain values), `retain-keys`, `replace`,
# `keys=` (a list that is a map), `set`, `atomic`, `enum=`, `gate=` (feature gates, one of which must be on), `required`. Behind a
# type: `?` a pointer, whose zero is kept; `!` written always; else dropped when empty. Minor releases (`25-27`, `30-`,
# `20-28,31-`): which have the definition, or of it the field, as the line says; without, all of them have it.
";

/// The releases that have something.
type Releases = BTreeSet<u8>;

/// What the documents say of a definition.
#[derive(Default)]
struct Definition {
    releases: Releases,
    kind: Option<String>,
    atomic: Releases,
    /// By name, and by the rest of the line.
    fields: BTreeMap<String, BTreeMap<String, Releases>>,
}

impl Definition {
    /// The fields of the newest release alone that may want a mark: plain values that need not be given.
    fn unmarked(&self, marked: impl Fn(&str) -> bool) -> impl Iterator<Item = &str> {
        const PLAIN: [&str; 7] = ["bool", "double", "int32", "int64", "int-or-string", "quantity", "string"];
        let new = |lines: &BTreeMap<String, Releases>| {
            lines.values().flatten().all(|minor| minor == RELEASES.end())
                && lines.keys().any(|line| PLAIN.contains(&line.as_str()))
        };
        let told = |name: &str| ["apiVersion", "kind"].contains(&name);
        let fields =
            self.fields.iter().filter(move |(name, lines)| !told(name) && !marked(name) && new(lines));
        fields.map(|(name, _)| name.as_str())
    }
}

/// What is known by hand, by definition and field: a mark (`?`, `!`, or `.` for neither), and more words.
type Marks<'m> = BTreeMap<&'m str, BTreeMap<&'m str, Vec<String>>>;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let folders: Vec<String> = env::args().skip(1).collect();
    let marks = read_marks(include_str!("schema/marks.txt"));
    let mut definitions = BTreeMap::new();
    for minor in RELEASES {
        let path = format!("kubernetes_validate/kubernetes-json-schema/v1.{minor}.0-local/_definitions.json");
        let found = folders.iter().map(|folder| Path::new(folder).join(&path)).find(|path| path.exists());
        let found = found.ok_or_else(|| format!("no folder holds {path}"))?;
        let document: Value = serde_json::from_str(&fs::read_to_string(found)?)?;
        let all = document.get("$defs").or(document.get("definitions")).and_then(Value::as_object);
        for (name, definition) in all.ok_or("a document without definitions")? {
            add(&mut definitions, minor, name, definition, &marks);
        }
    }
    print!("{HEADING}");
    for (name, definition) in &definitions {
        print!("{}", write(name, definition));
    }
    for (name, definition) in definitions.iter().filter(|(name, _)| !name.contains("alpha")) {
        let marks = marks_of(name, &marks);
        for field in definition.unmarked(|field| marks.is_some_and(|marks| marks.contains_key(field))) {
            eprintln!("1.{}: {name} {field}", RELEASES.end());
        }
    }
    Ok(())
}

/// Adds what a release's document says of a definition, unless it is a plain value or a list of objects.
fn add(all: &mut BTreeMap<String, Definition>, minor: u8, name: &str, document: &Value, marks: &Marks) {
    let (name, kind) = (short(name), kind(document));
    let list = kind.as_deref().is_some_and(|kind| kind.ends_with("List"));
    if list || plain(&name).is_some() {
        return;
    }
    let definition = all.entry(name.clone()).or_default();
    definition.releases.insert(minor);
    definition.kind = kind.or(definition.kind.take());
    if document["x-kubernetes-map-type"] == "atomic" {
        definition.atomic.insert(minor);
    }
    let required = document["required"].as_array().map_or(&[][..], Vec::as_slice);
    let marks = marks_of(&name, marks);
    for (field, property) in document["properties"].as_object().into_iter().flatten() {
        let line = Line {
            property,
            required: required.contains(&field.as_str().into()),
            part: definition.kind.is_some() && ["metadata", "spec", "status"].contains(&field.as_str()),
            enums: minor >= ENUMS,
            marks: marks.and_then(|marks| marks.get(field.as_str())).map_or(&[][..], Vec::as_slice),
        };
        definition.fields.entry(field.clone()).or_default().entry(line.write()).or_default().insert(minor);
    }
}

/// Group, version and kind, for one that travels by itself.
fn kind(document: &Value) -> Option<String> {
    let all = document["x-kubernetes-group-version-kind"].as_array()?;
    let first = all.first()?;
    let [group, version, kind] =
        ["group", "version", "kind"].map(|key| first[key].as_str().unwrap_or_default());
    Some(match (all.len(), group) {
        (3.., _) => "*".to_owned(),
        (_, "") => format!("{version}/{kind}"),
        _ => format!("{group}/{version}/{kind}"),
    })
}

/// A definition's name without what all of its family share.
fn short(name: &str) -> String {
    const FAMILIES: [&str; 4] = ["io.k8s.api.", ".pkg.apis.", "io.k8s.apimachinery.pkg.", "io.k8s."];
    FAMILIES.iter().find_map(|family| name.split_once(family)).map_or(name, |(_, rest)| rest).to_owned()
}

/// The word for a definition that is a plain value.
fn plain(name: &str) -> Option<&'static str> {
    Some(match name {
        "api.resource.Quantity" => "quantity",
        "util.intstr.IntOrString" => "int-or-string",
        "meta.v1.Time" => "time",
        "meta.v1.MicroTime" => "microtime",
        _ if name.ends_with(".JSON") || name.contains(".JSONSchemaPropsOr") => "any",
        _ if name.ends_with(".CustomResourceSubresourceStatus") => "any",
        "meta.v1.FieldsV1" | "meta.v1.Patch" | "runtime.RawExtension" => "any",
        _ => return None,
    })
}

/// The type of a property.
fn of_type(property: &Value) -> String {
    if let Some(name) = property["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        let name = short(name);
        return plain(&name).map_or(name, str::to_owned);
    }
    // `["string", "null"]`: a field that is not required may be null.
    let of = property["type"].as_str().or_else(|| property["type"][0].as_str()).unwrap_or_default();
    match (of, property["format"].as_str().unwrap_or_default()) {
        ("string", "byte") => "bytes".to_owned(),
        ("string", _) => "string".to_owned(),
        ("boolean", _) => "bool".to_owned(),
        ("integer", "int64") => "int64".to_owned(),
        ("integer", _) => "int32".to_owned(),
        ("number", _) => "double".to_owned(),
        ("array", _) => format!("[]{}", of_type(&property["items"])),
        _ if property["additionalProperties"].is_object() => {
            format!("map<{}>", of_type(&property["additionalProperties"]))
        }
        _ => "any".to_owned(),
    }
}

/// What a field's line is made from.
struct Line<'a> {
    property: &'a Value,
    required: bool,
    /// Whether it is a part that every kind has: a struct, if it is no plain value.
    part: bool,
    enums: bool,
    marks: &'a [String],
}

impl Line<'_> {
    /// The line without its name and its releases.
    fn write(&self) -> String {
        let of = of_type(self.property);
        let mark = match self.marks.first().map(String::as_str) {
            Some(mark) => mark.trim_start_matches('.'),
            None if self.required || self.part && of.contains('.') => "!",
            None => "",
        };
        let mut words = vec![format!("{of}{mark}")];
        let text = |key: &str| self.property[key].as_str().unwrap_or_default();
        for strategy in text("x-kubernetes-patch-strategy").split(',') {
            match (strategy, text("x-kubernetes-patch-merge-key")) {
                ("", _) => {}
                ("retainKeys", _) => words.push("retain-keys".to_owned()),
                ("merge", key) if !key.is_empty() => words.push(format!("merge={key}")),
                (other, _) => words.push(other.to_owned()),
            }
        }
        if let Some(keys) = self.property["x-kubernetes-list-map-keys"].as_array() {
            let keys: Vec<_> = keys.iter().filter_map(Value::as_str).collect();
            words.push(format!("keys={}", keys.join(",")));
        }
        if text("x-kubernetes-list-type") == "set" {
            words.push("set".to_owned());
        }
        if text("x-kubernetes-map-type") == "atomic" {
            words.push("atomic".to_owned());
        }
        let told = |word: &&String| self.enums || !word.starts_with("enum=");
        words.extend(self.marks.iter().skip(1).filter(told).cloned());
        if self.required {
            words.push("required".to_owned());
        }
        words.join(" ")
    }
}

/// A definition's lines.
fn write(name: &str, definition: &Definition) -> String {
    let mut heading = vec![name.to_owned()];
    heading.extend(spans(&definition.releases, &RELEASES.collect()));
    heading.extend(definition.kind.iter().map(|kind| format!("kind={kind}")));
    if !definition.atomic.is_empty() {
        let spans = spans(&definition.atomic, &definition.releases);
        heading.push(spans.map_or("atomic".to_owned(), |spans| format!("atomic={spans}")));
    }
    let mut text = format!("\n{}\n", heading.join(" "));
    for (field, lines) in &definition.fields {
        let mut lines: Vec<_> = lines.iter().collect();
        lines.sort_by_key(|(_, releases)| releases.first());
        for (line, releases) in lines {
            let spans =
                spans(releases, &definition.releases).map_or(String::new(), |spans| format!(" {spans}"));
            text.push_str(&format!("  {field} {line}{spans}\n"));
        }
    }
    text
}

/// Releases as text (`20-24,30-`); none where it is all of those that there are.
fn spans(releases: &Releases, all: &Releases) -> Option<String> {
    if releases == all {
        return None;
    }
    let mut spans: Vec<RangeInclusive<u8>> = Vec::new();
    for &minor in releases {
        match spans.last_mut() {
            Some(span) if span.end() + 1 == minor => *span = *span.start()..=minor,
            _ => spans.push(minor..=minor),
        }
    }
    let text = |span: &RangeInclusive<u8>| match (span.start(), span.end()) {
        (since, until) if until == RELEASES.end() => format!("{since}-"),
        (since, until) if since == until => since.to_string(),
        (since, until) => format!("{since}-{until}"),
    };
    Some(spans.iter().map(text).collect::<Vec<_>>().join(","))
}

/// Reads `marks.txt`: as the table, with a mark in the place of a type.
fn read_marks(text: &str) -> Marks<'_> {
    let mut marks = Marks::new();
    let mut definition = "";
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.strip_prefix("  ").and_then(|field| field.split_once(' ')) {
            Some((field, words)) => {
                let words = words.split(' ').map(str::to_owned).collect();
                marks.entry(definition).or_default().insert(field, words);
            }
            None => {
                definition = line;
                marks.entry(definition).or_default();
            }
        }
    }
    marks
}

/// The marks of a definition, or those of the same definition in another version of its group.
fn marks_of<'a, 'm>(name: &str, marks: &'a Marks<'m>) -> Option<&'a BTreeMap<&'m str, Vec<String>>> {
    let unversioned = |name: &str| {
        let (group, rest) = name.split_once('.')?;
        Some((group.to_owned(), rest.split_once('.')?.1.to_owned()))
    };
    let sibling = || marks.iter().rev().find(|(other, _)| unversioned(other) == unversioned(name));
    marks.get(name).or_else(|| sibling().map(|(_, marks)| marks))
}
