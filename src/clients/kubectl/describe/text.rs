//! The text of a description, and the words that descriptions share.

use super::super::print::pairs;
use super::super::{apply, tabs};
use crate::api::Dig;
use crate::json::Value;
use std::fmt::Display;

/// Text with tabs and levels of indentation; aligned at the end.
#[derive(Default)]
pub(super) struct Text(pub(super) String);

impl Text {
    /// A line at a level.
    pub(super) fn line(&mut self, level: usize, line: impl Display) {
        self.0.push_str(&format!("{}{line}\n", "  ".repeat(level)));
    }

    /// `Label:\tvalue`.
    pub(super) fn field(&mut self, label: &str, value: impl Display) {
        self.field_at(0, label, value);
    }

    /// The same at a level.
    pub(super) fn field_at(&mut self, level: usize, label: &str, value: impl Display) {
        self.line(level, format_args!("{label}:\t{value}"));
    }

    /// Those fields that an object has, by label and path.
    pub(super) fn present(&mut self, object: &Value, fields: &[(&str, &str)]) {
        for (label, path) in fields {
            let value = object.at(path);
            if !value.is_null() && value != "" {
                self.field(label, value.shown());
            }
        }
    }

    /// A list, one a line.
    pub(super) fn list(&mut self, label: &str, items: &[String]) {
        self.field(label, or_none(items.join("\n\t")));
    }

    pub(super) fn namespace(&mut self, object: &Value) {
        self.field("Namespace", object.namespace());
    }

    /// Labels and annotations.
    pub(super) fn metadata(&mut self, object: &Value) {
        self.labels(object);
        self.annotations(object);
    }

    pub(super) fn labels(&mut self, object: &Value) {
        self.list("Labels", &pairs(object.at("metadata.labels")));
    }

    /// Annotations without what `apply` remembers; long ones stand on lines of their own.
    pub(super) fn annotations(&mut self, object: &Value) {
        let mut lines = Vec::new();
        for (key, value) in
            object.entries("metadata.annotations").filter(|(key, _)| *key != apply::LAST_APPLIED)
        {
            let value = value.as_str().unwrap_or_default().trim_end_matches('\n');
            match value.len() + key.len() + 2 > 140 || value.contains('\n') {
                false => lines.push(format!("{key}: {value}")),
                true => {
                    lines.push(format!("{key}:"));
                    lines.extend(value.split('\n').map(|line| format!("  {}", shorten(line))));
                }
            }
        }
        self.list("Annotations", &lines);
    }

    /// The whole, its columns aligned.
    pub(super) fn aligned(&self) -> String {
        tabs::align(&self.0, 0, 2)
    }
}

fn shorten(line: &str) -> String {
    match line.char_indices().nth(137) {
        Some((end, _)) if line.chars().count() > 140 => format!("{}...", &line[..end]),
        _ => line.to_owned(),
    }
}

/// A time as `time.RFC1123Z` writes it.
pub(super) fn time(text: &str) -> String {
    match text.parse::<jiff::Timestamp>() {
        Ok(time) => time.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string(),
        Err(_) => "<unset>".to_owned(),
    }
}

/// `a=b,c=d` of `spec.selector.matchLabels`.
pub(super) fn selector(labels: &Value) -> String {
    pairs(labels).join(",")
}

pub(super) fn or_none(text: impl Into<String>) -> String {
    or(text, "<none>")
}

/// A text, or what stands for none.
pub(super) fn or(text: impl Into<String>, none: &str) -> String {
    Some(text.into()).filter(|text| !text.is_empty()).unwrap_or_else(|| none.to_owned())
}

pub(super) fn or_unset(value: &Value) -> String {
    if value.is_null() { "<unset>".to_owned() } else { value.shown() }
}

pub(super) fn yes_no(yes: bool) -> &'static str {
    if yes { "True" } else { "False" }
}
