//! A version of a custom resource, in place of a built-in kind's row (`registry/customresource/strategy.go`).

use super::{Rules, validate_type};
use crate::api::custom::Custom;
use crate::api::differences::SCHEMA_RATCHETING;
use crate::api::names::NameRule;
use crate::api::selector::FieldSelector;
use crate::api::structural::Structural;
use crate::api::{Dig, Errors, Resource, Status, Version};
use crate::kinds::columns::{Print, about_name, since};
use crate::kinds::field::Field;
use crate::kinds::parts::{meta, strategy};
use crate::kinds::{Strategy, When};
use serde_json::{Value, json};

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
        let changed = |name: &String| {
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
        if validate_type(field, &self.api_version(), &self.kind) {
            meta::validate_update(field, old);
            self.check(field, Some(old), subresource);
        }
        errors
    }

    fn check_condition(&self, new: &Value, version: Version) -> Result<(), Status> {
        if new.text("metadata.resourceVersion").is_empty() {
            let errors = Errors::new(version);
            errors.invalid_go("metadata.resourceVersion", "0x0", "0", "must be specified for an update");
            return errors.into_status("", "", new.name());
        }
        Ok(())
    }

    fn warnings(&self, _: &Value, _: When, _: Version) -> Vec<String> {
        Vec::new()
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
            let value = object.at(column.path.trim_start_matches('.'));
            match column.kind.as_str() {
                "date" => since(value.as_str().unwrap_or_default(), print).into(),
                _ => value.clone(),
            }
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

    fn is_created_by_update(&self) -> bool {
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
