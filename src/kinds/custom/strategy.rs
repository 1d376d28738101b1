//! A version of a custom resource, in place of a built-in kind's row (`registry/customresource/strategy.go`).

use super::{Rules, validate_type};
use crate::api::custom::Custom;
use crate::api::differences::{FINALIZER_PATHS, FINALIZERS_WARNED_OF, SCHEMA_RATCHETING};
use crate::api::field::quote;
use crate::api::jsonpath;
use crate::api::names::{NameRule, qualified_name};
use crate::api::selector::FieldSelector;
use crate::api::structural::Structural;
use crate::api::{Dig, Errors, Resource, Status, Version};
use crate::json::{Text, Value, json};
use crate::kinds::columns::{Print, about_name, since};
use crate::kinds::field::Field;
use crate::kinds::parts::{meta, strategy};
use crate::kinds::{Strategy, When, unconditional};
use std::collections::BTreeSet;

impl Custom {
    fn check(&self, object: Field<'_>, stored: Option<&Value>, subresource: &str) {
        let open = Structural::open();
        let schema = self.schema().unwrap_or(&open);
        let ratchets = object.version().has(SCHEMA_RATCHETING);
        Rules { schema, scale: &self.scale, ratchets }.validate(object, stored, subresource);
    }
}

impl Strategy for Custom {
    fn fill(&self, object: &mut Value, _: Version) {
        Custom::fill(self, object);
    }

    fn kept(&self, _: &str) -> Option<&'static str> {
        None
    }

    /// Converting them may take a webhook: `pipeline/convert.rs`.
    fn show(&self, _: &mut Value, _: Version) {}

    fn is_shown_as_stored(&self) -> bool {
        true
    }

    /// The status is written through `/status` alone where there is one, and a change of anything else counts.
    fn prepare(&self, object: &mut Value, old: Option<&Value>, subresource: &str, _: Version) {
        let Some(old) = old else {
            if self.status {
                object.take_out("status");
            }
            object.set("metadata.generation", 1);
            return;
        };
        if subresource == "status" {
            // Of a status update everything else stays, but for its managers.
            let mut kept = old.clone();
            for path in ["status", "metadata.managedFields", "metadata.resourceVersion"] {
                strategy::keep(&mut kept, object, path);
            }
            *object = kept;
            return;
        }
        if self.status {
            strategy::keep(object, old, "status");
        }
        strategy::keep(object, old, "metadata.generation");
        let changed = |name: &Text| {
            name != "metadata" && !(self.status && name == "status") && object.at(name) != old.at(name)
        };
        let names = object.entries("").chain(old.entries("")).map(|(name, _)| name);
        if names.into_iter().any(changed) {
            let generation = old.number("metadata.generation");
            object.set("metadata.generation", generation + 1);
        }
    }

    fn errors_of_create(&self, object: &Value, version: Version) -> Errors {
        let errors = Errors::new(version);
        let field = Field::of(object, &errors);
        if validate_type(field, &self.api_version(), &self.kind) {
            meta::validate(field, NameRule::Subdomain);
            self.check(field, None, "");
        }
        errors
    }

    fn errors_of_update(&self, new: &Value, old: &Value, subresource: &str, version: Version) -> Errors {
        let errors = Errors::new(version);
        let field = Field::of(new, &errors);
        // Every update is checked for what objects share, and its strategy checks that again.
        meta::validate(field, NameRule::PathSegment);
        meta::validate_update(field, old);
        if validate_type(field, &self.api_version(), &self.kind) {
            meta::validate_update(field, old);
            self.check(field, Some(old), subresource);
        }
        errors
    }

    fn check_condition(&self, new: &Value, row: &Resource, version: Version) -> Result<(), Status> {
        if new.text("metadata.resourceVersion").is_empty() {
            return Err(unconditional(new, row, version));
        }
        Ok(())
    }

    fn warnings(&self, object: &Value, when: When<'_>, version: Version) -> Vec<String> {
        let had = match when {
            When::Created => Vec::new(),
            When::Updated(old) => old.texts("metadata.finalizers"),
            When::Arrived => return Vec::new(),
        };
        if !version.has(FINALIZERS_WARNED_OF) {
            return Vec::new();
        }
        let given = object.texts("metadata.finalizers").into_iter();
        let added: BTreeSet<&str> = given.filter(|name| !had.contains(name)).collect();
        added.into_iter().flat_map(|name| finalizer_warnings(name, version)).collect()
    }

    fn headings(&self, version: Version) -> Vec<Value> {
        let name = json!({
            "name": "Name", "type": "string", "format": "name", "description": about_name(version), "priority": 0,
        });
        let told = self.columns.iter().map(|column| {
            json!({
                "name": column.name, "type": column.kind, "format": column.format,
                "description": column.description, "priority": column.priority,
            })
        });
        [name].into_iter().chain(told).collect()
    }

    fn cells(&self, object: &Value, print: Print) -> Vec<Value> {
        let told = self.columns.iter().map(|column| {
            let found = column.path.as_ref().map(|path| path.find(object)).unwrap_or_default();
            cell(&column.kind, &found, print)
        });
        [object.name().into()].into_iter().chain(told).collect()
    }

    fn check_selector(&self, selector: &FieldSelector, row: &Resource, _: Version) -> Result<(), String> {
        let plain = |name: &str| name == "metadata.name" || row.namespaced && name == "metadata.namespace";
        let mut fields = selector.fields();
        match fields.find(|name| !plain(name) && !self.selectable.iter().any(|path| path == name)) {
            None => Ok(()),
            Some(unknown) => Err(format!("field label not supported: {unknown}")),
        }
    }

    fn selects(&self, selector: &FieldSelector, object: &Value) -> bool {
        selector.matches(|name| match object.at(name) {
            Value::Null => String::new(),
            value => value.shown(),
        })
    }

    fn is_created_by_update(&self, _: &str, _: Version) -> bool {
        false
    }

    fn is_returned(&self, _: Version) -> bool {
        false
    }

    fn begin_deletion(&self, _: &mut Value, _: &str) {}

    fn orphans(&self, _: &str) -> bool {
        false
    }
}

/// What a column of a type shows of what its path found (`tableconvertor`, `cellForJSONValue`); nothing of another type.
fn cell(kind: &str, found: &[Value], print: Print) -> Value {
    let Some(value) = found.first() else { return Value::Null };
    match (kind, value) {
        (_, Value::Null) => Value::Null,
        ("string", _) => found.iter().map(jsonpath::show).collect::<Vec<_>>().join(" ").into(),
        ("integer", Value::Number(number)) => match number.as_i64() {
            Some(whole) => whole.into(),
            None => number.as_f64().map(|float| float as i64).into(),
        },
        ("number", Value::Number(_)) | ("boolean", Value::Bool(_)) => value.clone(),
        ("date", Value::String(text)) if text.is_empty() || text.parse::<jiff::Timestamp>().is_ok() => {
            since(text, print).into()
        }
        ("date", Value::String(_)) => "<invalid>".into(),
        _ => Value::Null,
    }
}

/// What is warned of a finalizer's name (`validateKubeFinalizerName`).
fn finalizer_warnings(name: &str, version: Version) -> Vec<String> {
    let mut wrong = qualified_name(name, version);
    if !name.contains('/') && !meta::is_standard_finalizer(name) {
        let path =
            if name.contains('.') && version.has(FINALIZER_PATHS) { " including a path (/)" } else { "" };
        wrong.push(format!(
            "prefer a domain-qualified finalizer name{path} to avoid accidental conflicts with other finalizer writers"
        ));
    }
    wrong.into_iter().map(|why| format!("metadata.finalizers: {}: {why}", quote(name))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finalizers_are_warned_of() {
        let warned = |name, minor| finalizer_warnings(name, Version::minor(minor)).join("; ");
        let lone = r#"metadata.finalizers: "hold": prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers"#;
        assert_eq!(warned("hold", 36), lone);
        assert_eq!(warned("example.com/hold", 36), "");
        assert_eq!(warned("foregroundDeletion", 36), "");
        assert!(warned("a.example.com", 36).contains("including a path (/)"));
        assert!(!warned("a.example.com", 31).contains("including a path (/)"));
    }

    #[test]
    fn columns_show_what_is_of_their_type() {
        let now = jiff::Timestamp::UNIX_EPOCH;
        let print = Print { now, version: Version::NEWEST };
        for (kind, found, shown) in [
            ("string", vec![json!({"a": ["<", 1]})], json!(r#"{"a":["\u003c",1]}"#)),
            ("string", vec![json!("a"), json!(2)], json!("a 2")),
            ("string", vec![json!(null)], json!(null)),
            ("integer", vec![json!(2.7)], json!(2)),
            ("integer", vec![json!("2")], json!(null)),
            ("number", vec![json!(2.5)], json!(2.5)),
            ("boolean", vec![json!(true)], json!(true)),
            ("date", vec![json!("1969-12-31T23:59:00Z")], json!("60s")),
            ("date", vec![json!("soon")], json!("<invalid>")),
            ("date", vec![], json!(null)),
        ] {
            assert_eq!(cell(kind, &found, print), shown, "{kind} {found:?}");
        }
    }
}
