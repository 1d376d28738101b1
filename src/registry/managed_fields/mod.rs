//! Who manages which fields of an object (`metadata.managedFields`; `apimachinery/pkg/util/managedfields`).
//!
//! An update gives its manager the fields that it changed; an apply gives it the fields that it speaks of, and takes out
//! those that it spoke of before and nobody else has. Only what differs between two objects is walked.
//!
//! # Differs from Kubernetes
//!
//! Objects are compared in the version in which they come, whichever version a manager wrote; there is no limit on the
//! number of managers. Objects of a fresh cluster have no managers.

mod entry;
pub(super) mod scale;
mod set;
#[cfg(test)]
mod tests;
mod typed;

pub(super) use set::Set;
pub(super) use typed::{Shape, Typed};

use crate::api::decode::{self, FieldValidation};
use crate::api::differences::{CUSTOM_APPLIED_BY_SCHEMA, MANAGED_SUBRESOURCES};
use crate::api::resources::{Resource, Resources};
use crate::api::{Dig, Status, Version, schema, time};
use crate::json::{Value, json};
use crate::pipeline::{Call, manager};
use entry::Entry;

/// Where an object has its managers.
const FIELDS: &str = "metadata.managedFields";

/// Who writes, as what, and when.
pub(super) struct Writer<'a> {
    /// The field manager.
    pub(super) manager: &'a str,
    /// What is written.
    pub(super) row: &'a Resource,
    /// What is served.
    pub(super) table: &'a Resources,
    /// The release.
    pub(super) version: Version,
    /// The time, as an object tells it.
    pub(super) now: String,
}

impl<'a> Writer<'a> {
    /// Whoever makes a request.
    pub(super) fn of(call: &'a Call<'_>, row: &'a Resource) -> Writer<'a> {
        let now = time(call.now);
        Writer { manager: manager(call), row, table: call.resources, version: call.version, now }
    }
}

/// Tracked by the server, by nobody else.
const UNTRACKED: &[&str] = &[
    "clusterName",
    "creationTimestamp",
    "generation",
    "managedFields",
    "name",
    "namespace",
    "resourceVersion",
    "selfLink",
    "uid",
];

/// The shape of a resource's objects; none where nothing is known of them.
pub(super) fn typed(row: &Resource, version: Version) -> Option<(Typed, Shape<'_>)> {
    let schema = schema::schema(version);
    let shape = match &row.custom {
        // Of old, schemas with extensions made no models; which of the extensions stood in the way is not known.
        Some(custom) if !custom.definition.preserves => custom
            .schema()
            .filter(|schema| version.has(CUSTOM_APPLIED_BY_SCHEMA) || schema.is_plain())
            .map_or(Shape::Deduced, Shape::Resource),
        Some(_) => Shape::Deduced,
        None => Shape::Fields(schema.of_kind(&row.kind_group, &row.kind_version, &row.kind)?),
    };
    Some((Typed(schema), shape))
}

impl<'a> Writer<'a> {
    fn typed(&self) -> Option<(Typed, Shape<'a>)> {
        typed(self.row, self.version)
    }

    fn entry(&self, operation: &str) -> Entry {
        Entry {
            manager: self.manager.to_owned(),
            operation: operation.to_owned(),
            api_version: self.row.kind_api_version(),
            subresource: if self.version.has(MANAGED_SUBRESOURCES) { &*self.row.subresource } else { "" }
                .to_owned(),
            time: self.now.clone(),
            set: Set::default(),
        }
    }

    /// An object of the kind in which nothing was said.
    fn nothing(&self) -> Value {
        let empty = decode::typed(json!({}), self.row, self.version, FieldValidation::Ignore);
        empty.map(|decoded| decoded.object).unwrap_or_default()
    }

    /// Takes out what is not tracked, and what a write of this resource does not reach.
    fn strip(&self, set: &mut Set, update: bool) {
        for name in ["f:apiVersion", "f:kind"] {
            set.below.remove(name);
        }
        if let Some(metadata) = set.below.get_mut("f:metadata") {
            metadata.here = false;
            for name in UNTRACKED {
                metadata.below.remove(&format!("f:{name}"));
            }
        }
        set.below.retain(|_, set| !set.is_empty());
        let row = self.row;
        if !update || !self.version.has(MANAGED_SUBRESOURCES) {
            return;
        }
        match &*row.subresource {
            "" if self.table.find(&row.group, &row.version, &row.name, "status").is_some() => {
                set.below.remove("f:status");
            }
            "status" => {
                set.below.remove("f:spec");
            }
            _ => {}
        }
    }

    fn compare(&self, old: &Value, new: &Value, typed: Typed, shape: Shape<'_>) -> typed::Comparison {
        let mut changes = typed.compare(Some(old), Some(new), shape);
        for set in [&mut changes.added, &mut changes.modified, &mut changes.removed] {
            self.strip(set, true);
        }
        changes
    }
}

/// Writes into an object who manages it, after an update; `live` is what is stored, if anything is.
pub(super) fn update(object: &mut Value, live: Option<&Value>, writer: &Writer<'_>) {
    let given = object.take_out(FIELDS).unwrap_or_default();
    let reset = given.as_array().is_some_and(|list| list.len() == 1 && list.iter().all(|e| *e == json!({})));
    let Some((typed, shape)) = writer.typed() else { return };
    if reset {
        return;
    }
    let mut entries = entry::decode(&given)
        .filter(|entries| !entries.is_empty())
        .unwrap_or_else(|| live.and_then(|live| entry::decode(live.at(FIELDS))).unwrap_or_default());
    if entries.is_empty() && live.is_some() {
        // An object that nobody managed so far is not begun with.
        return;
    }
    let nothing;
    let old = match live {
        Some(live) => live,
        None => {
            nothing = writer.nothing();
            &nothing
        }
    };
    let changes = writer.compare(old, object, typed, shape);
    let mut taken = changes.modified;
    taken.add(&changes.added);
    for entry in &mut entries {
        entry.set.subtract(&taken);
        entry.set.subtract(&changes.removed);
    }
    if !taken.is_empty() {
        let mine = writer.entry("Update");
        match entries.iter_mut().find(|entry| entry.is_of(&mine)) {
            Some(entry) => {
                entry.set.add(&taken);
                entry.time = mine.time;
            }
            None => entries.push(Entry { set: taken, ..mine }),
        }
    }
    write(object, entries);
}

fn write(object: &mut Value, entries: Vec<Entry>) {
    let entries = entry::encode(entries);
    if !entries.is_empty() {
        object.set(FIELDS, entries);
    }
}

/// The object after an apply, with its managers; or the conflicts with others.
pub(super) fn apply(
    live: Option<&Value>,
    applied: &Value,
    force: bool,
    writer: &Writer<'_>,
) -> Result<Value, Status> {
    let Some((typed, shape)) = writer.typed() else { return Ok(applied.clone()) };
    let mut old = live.cloned().unwrap_or_else(|| writer.nothing());
    let stored = old.take_out(FIELDS).unwrap_or_default();
    let mut entries = entry::decode(&stored).unwrap_or_default();
    if let (Some(_), true) = (live, entries.is_empty()) {
        // Nobody managed it so far: what it holds is by those before the first apply.
        let before = Writer { manager: "before-first-apply", now: writer.now.clone(), ..*writer };
        let set = before.compare(&before.nothing(), &old, typed, shape).added;
        entries.push(Entry { set, ..before.entry("Update") });
    }
    let mut mine = writer.entry("Apply");
    mine.set = typed.fields(applied, shape);
    writer.strip(&mut mine.set, false);
    let last = entries.iter().position(|entry| entry.is_of(&mine)).map(|at| entries.remove(at));
    let mut new = old.clone();
    typed.merge(&mut new, applied, shape);
    if let Some(last) = &last {
        convertible(writer, &last.api_version, typed, &new)?;
        let mut owned = mine.set.clone();
        entries.iter().for_each(|entry| owned.add(&entry.set));
        typed.prune(&mut new, &last.set, &owned, shape);
    }
    let changes = writer.compare(&old, &new, typed, shape);
    let mut taken = changes.modified.clone();
    taken.add(&changes.added);
    let conflicts: Vec<(String, Set)> = entries
        .iter()
        .map(|entry| (entry.spoken(), entry.set.intersection(&taken)))
        .filter(|(_, set)| !set.is_empty())
        .collect();
    if !force && !conflicts.is_empty() {
        return Err(conflict(&conflicts));
    }
    for entry in &mut entries {
        entry.set.subtract(&taken);
        entry.set.subtract(&changes.removed);
    }
    if let Some(last) = last.filter(|last| changes.is_same() && last.set == mine.set) {
        mine.time = last.time;
    }
    entries.push(mine);
    write(&mut new, entries);
    Ok(new)
}

/// 500: what was merged has no place in the version of the last apply.
fn convertible(writer: &Writer<'_>, version: &str, typed: Typed, merged: &Value) -> Result<(), Status> {
    let Some(custom) = writer.row.custom.as_ref().filter(|custom| custom.api_version() != version) else {
        return Ok(());
    };
    let schema = version.rsplit('/').next().and_then(|version| custom.definition.schemas.get(version));
    let Some(Some(schema)) = schema else { return Ok(()) };
    match typed.misfit(merged, Shape::Resource(schema), writer.version) {
        None => Ok(()),
        Some(misfit) => {
            let why = "failed to prune fields: failed to convert merged object to last applied version";
            Err(Status::plain(500, "", format!("{why}: {misfit}")))
        }
    }
}

/// 409: others have set these fields to something else.
fn conflict(conflicts: &[(String, Set)]) -> Status {
    let all: Vec<(&str, String)> = conflicts
        .iter()
        .flat_map(|(by, set)| set.paths().into_iter().map(|path| (by.as_str(), path)))
        .collect();
    let message = match all.as_slice() {
        [(by, path)] => format!("Apply failed with 1 conflict: conflict with {by}: {path}"),
        _ => {
            let mut lines = Vec::new();
            let mut managers: Vec<&(String, Set)> = conflicts.iter().collect();
            managers.sort_by(|a, b| a.0.cmp(&b.0));
            for (by, set) in managers {
                lines.push(format!("conflicts with {by}:"));
                lines.extend(set.paths().into_iter().map(|path| format!("- {path}")));
            }
            format!("Apply failed with {} conflicts: {}", all.len(), lines.join("\n"))
        }
    };
    let mut status = Status::plain(409, "Conflict", message);
    let causes: Vec<Value> = all
        .iter()
        .map(|(by, path)| {
            json!({"reason": "FieldManagerConflict", "message": format!("conflict with {by}"), "field": path})
        })
        .collect();
    status.details = json!({"causes": causes});
    status
}
