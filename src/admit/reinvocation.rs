//! Whether mutating plugins see a write a second time (`apiserver/pkg/admission/reinvocation.go`,
//! `plugin/webhook/mutating/reinvocationcontext.go`).
//!
//! Once a webhook or a policy has changed the object, the whole mutating chain runs once more: the plugins that are
//! compiled in do, and those webhooks and policies that asked for it and came before a change.

use crate::json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What is remembered between the two rounds.
#[derive(Clone, Debug, Default)]
pub struct Reinvocation {
    wanted: bool,
    again: bool,
    of: BTreeMap<&'static str, Invocations>,
}

impl Reinvocation {
    /// Something was changed that plugins before may want to see.
    pub fn want(&mut self) {
        self.wanted = true;
    }

    /// Begins the second round, if one is wanted.
    pub fn begin_again(&mut self) -> bool {
        self.again = self.wanted;
        self.again
    }

    /// Whether this is the second round.
    pub fn is_again(&self) -> bool {
        self.again
    }

    /// What one plugin remembers.
    pub fn of(&mut self, plugin: &'static str) -> &mut Invocations {
        self.of.entry(plugin).or_default()
    }
}

/// Which of a plugin's webhooks or policies were called, and which are to be called again.
#[derive(Clone, Debug, Default)]
pub struct Invocations {
    last: Option<Value>,
    called: BTreeSet<String>,
    again: BTreeSet<String>,
}

impl Invocations {
    /// A second round begins: where other plugins have changed the object, everybody who asked for it is called.
    pub fn resume(&mut self, object: &Value) {
        if self.last.as_ref().is_some_and(|last| last != object) {
            self.changed();
        }
    }

    /// The object was changed: whoever was called before and asked for it is called again.
    pub fn changed(&mut self) {
        self.again.append(&mut self.called);
    }

    /// One was called that wants to see later changes.
    pub fn called(&mut self, id: &str) {
        self.called.insert(id.to_owned());
    }

    /// Whether one is called in the second round.
    pub fn is_called_again(&self, id: &str) -> bool {
        self.again.contains(id)
    }

    /// The object as the plugin leaves it; nobody asks for it who called nobody.
    pub fn leave(&mut self, object: &Value) {
        self.last = (!self.called.is_empty()).then(|| object.clone());
    }
}
