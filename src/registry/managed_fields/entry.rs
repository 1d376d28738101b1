//! `ManagedFieldsEntry`, read and written.

use super::Set;
use crate::api::Dig;
use crate::json::{Value, json};

/// One manager's fields.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) manager: String,
    /// `Apply` or `Update`.
    pub(super) operation: String,
    pub(super) api_version: String,
    pub(super) subresource: String,
    pub(super) time: String,
    pub(super) set: Set,
}

impl Entry {
    /// Whether two entries are of the same manager: an applier is the same in every version.
    pub(super) fn is_of(&self, other: &Entry) -> bool {
        self.manager == other.manager
            && self.operation == other.operation
            && self.subresource == other.subresource
            && (self.operation == "Apply" || self.api_version == other.api_version)
    }

    /// The manager as a conflict names it.
    pub(super) fn spoken(&self) -> String {
        let mut text = format!("{:?}", self.manager);
        if !self.subresource.is_empty() {
            text += &format!(" with subresource {:?}", self.subresource);
        }
        if self.operation == "Update" {
            text += &format!(" using {}", self.api_version);
        }
        text
    }
}

/// Reads `managedFields`; none if one of them cannot be read.
pub(super) fn decode(list: &Value) -> Option<Vec<Entry>> {
    list.as_array().map(crate::json::List::as_slice).unwrap_or_default().iter().map(entry).collect()
}

fn entry(entry: &Value) -> Option<Entry> {
    let text = |key| entry.text(key).to_owned();
    let known =
        matches!(entry.text("operation"), "Apply" | "Update") && entry.text("fieldsType") == "FieldsV1";
    known.then(|| {
        let mut set = Set::of_fields(entry.at("fieldsV1"))?;
        set.here = false;
        Some(Entry {
            manager: text("manager"),
            operation: text("operation"),
            api_version: text("apiVersion"),
            subresource: text("subresource"),
            time: text("time"),
            set,
        })
    })?
}

/// Writes `managedFields`: appliers first, then by time; who has nothing left is no manager.
pub(super) fn encode(mut entries: Vec<Entry>) -> Vec<Value> {
    entries.retain(|entry| !entry.set.is_empty());
    let order =
        |e: &Entry| [&e.operation, &e.time, &e.manager, &e.api_version, &e.subresource].map(String::clone);
    entries.sort_by_key(order);
    entries
        .into_iter()
        .map(|entry| {
            let mut value = json!({
                "manager": entry.manager, "operation": entry.operation, "apiVersion": entry.api_version,
                "fieldsType": "FieldsV1", "fieldsV1": entry.set.to_fields(),
            });
            if !entry.time.is_empty() {
                value.set("time", entry.time);
            }
            if !entry.subresource.is_empty() {
                value.set("subresource", entry.subresource);
            }
            value
        })
        .collect()
}
