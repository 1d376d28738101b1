//! A write as a verb asks for it.

use super::Call;
use crate::admit::{self, Operation, Review};
use crate::api::Dig;
use crate::api::resources::Resource;
use crate::json::{Value, json};
use crate::store::Key;
use std::sync::Arc;

/// A write on its way: the review that plugins see, and where the object is stored.
pub struct Draft {
    pub(super) review: Review,
    pub(super) key: Key,
}

impl Draft {
    /// A draft of what the request asks for.
    pub fn new(call: &Call<'_>, row: &Arc<Resource>, operation: Operation, key: Key) -> Draft {
        let kind = match operation {
            Operation::Create => "CreateOptions",
            Operation::Update => "UpdateOptions",
            Operation::Delete => "DeleteOptions",
            Operation::Connect => &*row.kind,
        };
        let mut options = json!({"kind": kind, "apiVersion": "meta.k8s.io/v1"});
        for name in ["fieldManager", "fieldValidation"] {
            if let Some(value) = call.query.get(name) {
                options.set(name, value);
            }
        }
        let dry_run = call.query.all("dryRun").any(|value| value == "All");
        if dry_run {
            options.set("dryRun", json!(["All"]));
        }
        let review = Review {
            user: call.request.user().clone(),
            info: call.request.info().clone(),
            resource: row.clone(),
            operation,
            name: key.name.to_string(),
            object: Value::Null,
            old: None,
            options,
            dry_run,
            warnings: Vec::new(),
            audit: Vec::new(),
            along: Vec::new(),
            reinvocation: admit::Reinvocation::default(),
        };
        Draft { review, key }
    }

    /// With the new object.
    pub fn object(mut self, object: Value) -> Draft {
        self.review.object = object;
        self
    }

    /// With the options of a deletion.
    pub fn delete_options(mut self, options: &Value) -> Draft {
        // What the body says counts, and of the query only what was taken into the options.
        self.review.options.take_out("dryRun");
        for (key, value) in options.entries("") {
            if !matches!(key.as_str(), "kind" | "apiVersion") {
                self.review.options.set(key, value.clone());
            }
        }
        self.review.dry_run = is_dry(options);
        self
    }

    /// Stores nothing, either, if the options say so that come with the object.
    pub fn dry_by(mut self, options: &Value) -> Draft {
        self.review.dry_run |= is_dry(options);
        self
    }

    /// With the name that was generated for the object, or that a plugin gave it.
    pub fn named(&mut self) {
        let name = self.review.object.name();
        if !name.is_empty() {
            self.key.name = name.into();
            if self.review.name.is_empty() {
                self.review.name = name.to_owned();
            }
        }
    }

    /// The row of the resource table.
    pub fn row(&self) -> &Arc<Resource> {
        &self.review.resource
    }

    /// Without a name: one of a collection.
    pub fn unnamed(mut self) -> Draft {
        self.review.name.clear();
        self
    }

    /// Whether nothing will be stored.
    pub fn is_dry_run(&self) -> bool {
        self.review.dry_run
    }

    /// Whether it is of a resource that the release has by itself.
    pub(crate) fn is_of_built_in(&self) -> bool {
        self.review.resource.custom.is_none()
    }

    /// The object as it is by now.
    pub fn object_now(&self) -> &Value {
        &self.review.object
    }

    /// The object, to be completed.
    pub fn object_mut(&mut self) -> &mut Value {
        &mut self.review.object
    }

    /// With the stored object.
    pub fn old(mut self, old: Arc<Value>) -> Draft {
        self.review.old = Some(old);
        self
    }
}

fn is_dry(options: &Value) -> bool {
    options.list("dryRun").iter().any(|value| value == "All")
}

/// Who wants to be the manager of the fields that a request writes.
pub fn manager<'c>(call: &'c Call<'_>) -> &'c str {
    let agent = || match call.header("User-Agent").split('/').next() {
        None | Some("") => "unknown",
        Some(name) => name,
    };
    call.query.get("fieldManager").unwrap_or_else(agent)
}
