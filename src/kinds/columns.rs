//! What people see of an object: columns, and the cells that several kinds share
//! (`pkg/printers/internalversion/printers.go`).

use crate::api::differences::{Difference, NAMES_DOCUMENTED_ANEW};
use crate::api::{Dig, Version, human, labels as selectors};
use crate::json::{Value, json};
use jiff::Timestamp;

/// A column of a kind's table.
#[derive(Clone, Copy)]
pub(super) struct Column {
    name: &'static str,
    cell: Cell,
    /// Of which type its cells are.
    of: &'static str,
    /// Whether only `-o wide` shows it.
    wide: bool,
    about: About,
    since: Option<Difference>,
    until: Option<Difference>,
}

/// What a table says of a column.
#[derive(Clone, Copy)]
enum About {
    Nothing,
    /// What the documents say of `metadata.name`.
    Name,
    /// What they say of `metadata.creationTimestamp`.
    Created,
    Text(&'static str),
}

/// What the documents say of `metadata.creationTimestamp`.
pub(super) const CREATED: &str = "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

/// What the documents say of `metadata.name`.
pub(super) fn about_name(version: Version) -> String {
    let more = match version.has(NAMES_DOCUMENTED_ANEW) {
        true => "https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names",
        false => "http://kubernetes.io/docs/user-guide/identifiers#names",
    };
    format!(
        "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: {more}"
    )
}

/// What a column shows of an object.
#[derive(Clone, Copy)]
enum Cell {
    /// The text at a path, or what stands for nothing.
    Text(&'static str, &'static str),
    /// The number at a path, or how many stand there.
    Count(&'static str),
    /// The labels at a path as a selector.
    Labels(&'static str),
    With(fn(&Value, Print) -> Value),
}

/// What a printer may look at besides the object.
#[derive(Clone, Copy)]
pub(crate) struct Print {
    pub(crate) now: Timestamp,
    pub(crate) version: Version,
}

pub(super) const NAME: Column = text("Name", "metadata.name");
pub(super) const AGE: Column =
    with("Age", |object, print| since(object.text("metadata.creationTimestamp"), print).into());
/// The containers of a workload's pods.
pub(super) const CONTAINERS: Column =
    with("Containers", |object, _| containers(object.at("spec.template.spec"), "name")).wide();
/// Their images.
pub(super) const IMAGES: Column =
    with("Images", |object, _| containers(object.at("spec.template.spec"), "image")).wide();
/// The pods that a workload selects.
pub(super) const SELECTOR: Column = labels("Selector", "spec.selector").wide();

/// What is shown of a kind that has no printer.
const DEFAULT: &[Column] = &[
    NAME.documented(),
    Column {
        of: "date",
        ..with("Created At", |object, _| object.at("metadata.creationTimestamp").clone()).documented()
    },
];

const fn new(name: &'static str, cell: Cell) -> Column {
    Column { name, cell, of: "string", wide: false, about: About::Nothing, since: None, until: None }
}

/// The text at a path.
pub(super) const fn text(name: &'static str, path: &'static str) -> Column {
    or(name, path, "")
}

/// The text at a path, or what stands for nothing.
pub(super) const fn or(name: &'static str, path: &'static str, nothing: &'static str) -> Column {
    new(name, Cell::Text(path, nothing))
}

/// The number at a path, or how many stand there.
pub(super) const fn count(name: &'static str, path: &'static str) -> Column {
    new(name, Cell::Count(path)).number()
}

/// The labels at a path as a selector.
pub(super) const fn labels(name: &'static str, path: &'static str) -> Column {
    new(name, Cell::Labels(path))
}

/// What a function makes of the object.
pub(super) const fn with(name: &'static str, cell: fn(&Value, Print) -> Value) -> Column {
    new(name, Cell::With(cell))
}

impl Column {
    /// Its cells are numbers.
    pub(super) const fn number(self) -> Column {
        Column { of: "integer", ..self }
    }

    /// Only `-o wide` shows it.
    pub(super) const fn wide(self) -> Column {
        Column { wide: true, ..self }
    }

    /// A table says that of it.
    pub(super) const fn about(self, text: &'static str) -> Column {
        Column { about: About::Text(text), ..self }
    }

    /// A table says of it what the documents say of the field of metadata.
    pub(super) const fn documented(self) -> Column {
        let about = match self.cell {
            Cell::Text(..) => About::Name,
            _ => About::Created,
        };
        Column { about, ..self }
    }

    /// It is there in releases that have a difference.
    pub(super) const fn since(self, difference: Difference) -> Column {
        Column { since: Some(difference), ..self }
    }

    /// It is there in releases that don't have a difference yet.
    pub(super) const fn until(self, difference: Difference) -> Column {
        Column { until: Some(difference), ..self }
    }

    /// How a table defines it.
    pub(super) fn definition(&self, version: Version) -> Value {
        let about = match self.about {
            About::Nothing => String::new(),
            About::Name => about_name(version),
            About::Created => CREATED.to_owned(),
            About::Text(text) => text.to_owned(),
        };
        json!({
            "name": self.name, "type": self.of,
            "format": if self.name == "Name" { "name" } else { "" }, "description": about,
            "priority": i32::from(self.wide),
        })
    }

    /// What it shows of an object.
    pub(super) fn cell(&self, object: &Value, print: Print) -> Value {
        match self.cell {
            Cell::Text(path, nothing) => match object.text(path) {
                "" => nothing.into(),
                text => text.into(),
            },
            Cell::Count(path) => number(object, path).into(),
            Cell::Labels(path) => match selectors::text(object.at(path)) {
                text if text.is_empty() => "<none>".into(),
                text => text.into(),
            },
            Cell::With(make) => make(object, print),
        }
    }
}

impl super::Kind {
    /// What people see of an object in a release; by default its name and the time of its creation.
    pub(super) fn columns_of(&self, version: Version) -> impl Iterator<Item = &'static Column> {
        let columns = if self.columns.is_empty() { DEFAULT } else { self.columns };
        columns.iter().filter(move |column| {
            column.since.is_none_or(|since| version.has(since))
                && column.until.is_none_or(|until| !version.has(until))
        })
    }
}

/// How long ago an instant was.
pub(super) fn since(text: &str, print: Print) -> String {
    match text.parse::<Timestamp>() {
        Ok(at) => human(print.now.as_second() - at.as_second()),
        Err(_) => "<unknown>".to_owned(),
    }
}

/// The number at a path, or how many items or entries stand there.
pub(super) fn number(object: &Value, path: &str) -> i64 {
    let length = match object.at(path) {
        Value::Array(list) => list.len(),
        Value::Object(map) => map.len(),
        other => return other.as_i64().unwrap_or_default(),
    };
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// Texts with commas, or what stands for none.
pub(super) fn joined<T: AsRef<str>>(list: impl IntoIterator<Item = T>, nothing: &str) -> Value {
    let texts: Vec<T> = list.into_iter().collect();
    match texts.iter().map(T::as_ref).collect::<Vec<_>>().as_slice() {
        [] => nothing.into(),
        texts => texts.join(",").into(),
    }
}

/// What a field of a pod's containers says, with commas.
pub(super) fn containers(spec: &Value, key: &str) -> Value {
    joined(spec.list("containers").iter().map(|container| container.text(key)), "")
}

/// The status of a condition; nothing if there is none.
pub(super) fn condition<'a>(object: &'a Value, path: &str, kind: &str) -> Option<&'a str> {
    object.list(path).iter().find(|c| c.text("type") == kind).map(|c| c.text("status"))
}
