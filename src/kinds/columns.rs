//! What people see of an object: columns, and the cells that several kinds share
//! (`pkg/printers/internalversion/printers.go`).

use crate::api::{Dig, Version, human};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The columns of a kind in a span of releases.
pub(crate) struct Columns {
    since: u8,
    until: u8,
    /// Names with `|` between them; `#` behind a number, `*` where only `-o wide` shows it.
    pub(crate) names: &'static str,
    pub(crate) cells: Cells,
}

/// Fills an object's columns.
pub(crate) type Cells = fn(&Value, Print) -> Vec<Value>;

/// What a printer may look at besides the object.
#[derive(Clone, Copy)]
pub(crate) struct Print {
    pub(crate) now: Timestamp,
    pub(crate) version: Version,
}

impl Columns {
    /// The columns in every release.
    pub(super) const fn new(names: &'static str, cells: Cells) -> Columns {
        Columns { since: 0, until: u8::MAX, names, cells }
    }

    /// From a minor release on.
    pub(super) const fn since(self, minor: u8) -> Columns {
        Columns { since: minor, ..self }
    }

    /// Up to a minor release, that one included.
    pub(super) const fn until(self, minor: u8) -> Columns {
        Columns { until: minor, ..self }
    }
}

impl super::Kind {
    /// What people see of an object in a release; by default its name and the time of its creation.
    pub(crate) fn columns(&self, version: Version) -> &'static Columns {
        const DEFAULT: &Columns = &Columns::new("Name|Created At", created);
        let fits = |columns: &&Columns| (columns.since..=columns.until).contains(&version.number());
        self.columns.iter().find(fits).unwrap_or(DEFAULT)
    }
}

/// How long ago an instant was.
pub(super) fn since(text: &str, print: Print) -> String {
    match text.parse::<Timestamp>() {
        Ok(at) => human(print.now.as_second() - at.as_second()),
        Err(_) => "<unknown>".to_owned(),
    }
}

/// The object's age.
pub(super) fn age(object: &Value, print: Print) -> Value {
    since(object.text("metadata.creationTimestamp"), print).into()
}

/// The text at a path, or what stands for nothing.
pub(super) fn or(object: &Value, path: &str, nothing: &str) -> Value {
    match object.text(path) {
        "" => nothing.into(),
        text => text.into(),
    }
}

/// The number at a path.
pub(super) fn count(object: &Value, path: &str) -> i64 {
    object.at(path).as_i64().unwrap_or_default()
}

/// The text at a path.
pub(super) fn text(object: &Value, path: &str) -> Value {
    object.text(path).into()
}

/// Texts with commas, or what stands for none.
pub(super) fn joined(list: &[&str], nothing: &str) -> String {
    match list {
        [] => nothing.to_owned(),
        list => list.join(","),
    }
}

/// Labels as a selector, `<none>` if there are none.
pub(super) fn labels(selector: &Value) -> String {
    match crate::api::labels::text(selector) {
        text if text.is_empty() => "<none>".to_owned(),
        text => text,
    }
}

/// Names and images of a pod template's containers.
pub(super) fn containers(spec: &Value) -> [Value; 2] {
    let of = |key: &str| spec.list("containers").iter().map(|c| c.text(key)).collect::<Vec<_>>().join(",");
    [of("name").into(), of("image").into()]
}

/// Name, then cells, then age and what `-o wide` shows of the pod template.
pub(super) fn workload(object: &Value, print: Print, mut cells: Vec<Value>, selector: bool) -> Vec<Value> {
    cells.insert(0, object.name().into());
    cells.push(age(object, print));
    cells.extend(containers(object.at("spec.template.spec")));
    if selector {
        cells.push(labels(object.at("spec.selector")).into());
    }
    cells
}

/// Name and age.
pub(super) fn aged(object: &Value, print: Print) -> Vec<Value> {
    vec![object.name().into(), age(object, print)]
}

/// Name and time of creation.
pub(super) fn created(object: &Value, _: Print) -> Vec<Value> {
    let at = match object.text("metadata.creationTimestamp") {
        "" => Value::Null,
        at => at.into(),
    };
    vec![json!(object.name()), at]
}
