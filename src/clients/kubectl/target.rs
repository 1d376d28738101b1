//! One object that a command is about.

use super::mapping::Mapping;
use serde_json::Value;

/// One object that a command is about.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) mapping: Mapping,
    pub(super) namespace: String,
    pub(super) name: String,
    /// What the manifest says; null for `TYPE NAME`.
    pub(super) manifest: Value,
    /// The file, for messages; empty for `TYPE NAME`.
    pub(super) source: String,
}

impl Target {
    /// An object by its name.
    pub(super) fn new(mapping: &Mapping, namespace: &str, name: &str) -> Target {
        Target {
            mapping: mapping.clone(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            manifest: Value::Null,
            source: String::new(),
        }
    }

    /// Its path at the server.
    pub(super) fn path(&self) -> String {
        self.mapping.path(&self.namespace, &self.name)
    }
}
