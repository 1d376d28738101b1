//! An object on its way, and what it was called before (`api/resource.Resource`; there it is kept in annotations).

use super::id::{Gvk, Id};
use crate::api::Dig;
use crate::json::Value;

/// What a generated object does to one that is there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Behavior {
    /// Nothing was said; it is as good as `create`.
    #[default]
    Unspecified,
    Create,
    Replace,
    Merge,
}

impl Behavior {
    /// What a word says; one that is unknown says nothing.
    pub(super) fn of(word: &str) -> Behavior {
        match word {
            "create" => Behavior::Create,
            "replace" => Behavior::Replace,
            "merge" => Behavior::Merge,
            _ => Behavior::Unspecified,
        }
    }

    /// Its word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Behavior::Unspecified => "unspecified",
            Behavior::Create => "create",
            Behavior::Replace => "replace",
            Behavior::Merge => "merge",
        }
    }
}

/// What an object was called before a change.
#[derive(Clone, Debug, PartialEq)]
struct Former {
    name: String,
    namespace: String,
    kind: String,
}

/// An object, and what was done to its name.
#[derive(Clone, Debug, Default)]
pub(super) struct Resource {
    /// It as it is now.
    pub(super) object: Value,
    former: Vec<Former>,
    /// The prefixes that it got, the innermost first.
    pub(super) prefixes: Vec<String>,
    /// The suffixes, likewise.
    pub(super) suffixes: Vec<String>,
    /// What it does to one that is there already.
    pub(super) behavior: Behavior,
    /// Whether a hash of what it holds belongs to its name.
    pub(super) is_hashed: bool,
}

impl Resource {
    /// An object as it was read.
    pub(super) fn new(object: Value) -> Resource {
        Resource { object, ..Resource::default() }
    }

    /// One that was made.
    pub(super) fn generated(object: Value, behavior: Behavior, is_hashed: bool) -> Resource {
        Resource { object, behavior, is_hashed, ..Resource::default() }
    }

    /// What it is called.
    pub(super) fn id(&self) -> Id {
        Id::of(&self.object)
    }

    /// Its group, version and kind.
    pub(super) fn gvk(&self) -> Gvk {
        Gvk::of(&self.object)
    }

    /// Its name.
    pub(super) fn name(&self) -> String {
        self.id().name
    }

    /// What it was called before, the oldest first.
    pub(super) fn former_ids(&self) -> impl Iterator<Item = Id> + '_ {
        let gvk = self.gvk();
        self.former.iter().map(move |former| Id {
            gvk: Gvk { kind: former.kind.clone(), ..gvk.clone() },
            name: former.name.clone(),
            namespace: former.namespace.clone(),
        })
    }

    /// What it was called in its file.
    pub(super) fn original_id(&self) -> Id {
        self.former_ids().next().unwrap_or_else(|| self.id())
    }

    /// Whether it is called so, or was.
    pub(super) fn was_ever(&self, id: &Id) -> bool {
        self.former_ids().chain([self.id()]).any(|own| own.is(id))
    }

    /// Whether that was its name before a change.
    pub(super) fn was_called(&self, name: &str) -> bool {
        self.former.iter().any(|former| former.name == name)
    }

    /// Remembers what it is called, before that changes.
    pub(super) fn remember(&mut self) {
        let id = self.id();
        let namespace = id.effective_namespace().to_owned();
        self.former.push(Former { name: id.name, namespace, kind: id.gvk.kind });
    }

    /// Gives it another name.
    pub(super) fn rename(&mut self, name: String) {
        self.object.set("metadata.name", name);
    }

    /// Whether nothing is left of it.
    pub(super) fn is_gone(&self) -> bool {
        self.object.as_object().is_none_or(crate::json::Map::is_empty)
    }

    /// Takes over what another was called, and its labels and annotations, where it has none of its own
    /// (`CopyMergeMetaDataFieldsFrom`).
    pub(super) fn take_names_of(&mut self, other: &Resource) {
        for path in ["metadata.labels", "metadata.annotations"] {
            self.take_entries_of(other, path);
        }
        let id = other.id();
        self.rename(id.name);
        set_namespace(&mut self.object, &id.namespace);
        self.former.clone_from(&other.former);
        self.prefixes.clone_from(&other.prefixes);
        self.suffixes.clone_from(&other.suffixes);
        self.behavior = other.behavior;
        self.is_hashed &= other.is_hashed;
    }

    /// Takes over the entries of a map where it has none of its own.
    pub(super) fn take_entries_of(&mut self, other: &Resource, path: &str) {
        for (key, value) in other.object.entries(path) {
            let own = self.object.make(path);
            if own.get(key).is_none() {
                own[key] = value.clone();
            }
        }
    }

    /// Leaves it as it is written: with metadata, its annotations text, and none where there are none.
    pub(super) fn finish(&mut self) {
        let metadata = self.object.make("metadata");
        if metadata.is_null() {
            *metadata = Value::Object(Default::default());
        }
        match self.object.at_mut("metadata.annotations") {
            Some(Value::Object(map)) if !map.is_empty() => {
                for (_, value) in map.iter_mut().filter(|(_, value)| !value.is_string()) {
                    *value = value.shown().into();
                }
            }
            Some(_) => drop(self.object.take_out("metadata.annotations")),
            None => {}
        }
    }

    /// As JSON with what kustomize notes of it, for messages.
    pub(super) fn noted(&self) -> String {
        let mut object = self.object.clone();
        let column = |of: fn(&Former) -> &String| {
            self.former.iter().map(|former| of(former).as_str()).collect::<Vec<_>>().join(",")
        };
        for (note, text) in [
            ("prefixes", self.prefixes.join(",")),
            ("suffixes", self.suffixes.join(",")),
            ("previousKinds", column(|former| &former.kind)),
            ("previousNames", column(|former| &former.name)),
            ("previousNamespaces", column(|former| &former.namespace)),
        ] {
            if !text.is_empty() {
                object.make("metadata.annotations")[format!("internal.config.kubernetes.io/{note}")] =
                    text.into();
            }
        }
        crate::clients::kubectl::json::json_line(&object)
    }
}

/// Writes a namespace; an empty one is none.
pub(super) fn set_namespace(object: &mut Value, namespace: &str) {
    match namespace {
        "" => drop(object.take_out("metadata.namespace")),
        namespace => object.set("metadata.namespace", namespace),
    }
}
