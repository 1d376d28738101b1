//! One object that a command is about.

use super::Ctx;
use super::mapping::Mapping;
use crate::json::Value;

/// One object that a command is about.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) mapping: Mapping,
    pub(super) namespace: String,
    pub(super) name: String,
    /// The part of it that is meant (`--subresource`); empty for the whole.
    pub(super) subresource: String,
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
            subresource: String::new(),
            manifest: Value::Null,
            source: String::new(),
        }
    }

    /// Its path at the server.
    pub(super) fn path(&self) -> String {
        let whole = self.mapping.path(&self.namespace, &self.name);
        match self.subresource.as_str() {
            "" => whole,
            part => format!("{whole}/{part}"),
        }
    }
}

impl Ctx<'_> {
    /// Means the part of objects that `--subresource` says.
    pub(super) fn of_part(&self, targets: &mut [Target]) {
        let part = self.flags.text("subresource");
        targets.iter_mut().for_each(|target| part.clone_into(&mut target.subresource));
    }
}
