//! Lists, some of which are sets or have items with keys (`apiserver/pkg/cel/common/values.go`).

use super::{Key, Val};
use std::ops::Deref;
use std::sync::Arc;

/// A list, and what makes two of its kind equal.
#[derive(Clone, Debug)]
pub(crate) struct List {
    items: Arc<Vec<Val>>,
    keys: Keys,
}

/// What tells the items of a list apart (`x-kubernetes-list-type`).
#[derive(Clone, Debug, Default)]
pub(crate) enum Keys {
    /// Their place.
    #[default]
    Place,
    /// What they are: the list is a set.
    Value,
    /// These fields of theirs.
    Fields(Arc<[Arc<str>]>),
}

impl Deref for List {
    type Target = [Val];

    fn deref(&self) -> &[Val] {
        &self.items
    }
}

impl List {
    pub(crate) fn new(items: Vec<Val>, keys: Keys) -> List {
        List { items: Arc::new(items), keys }
    }

    /// The item that has the place of another, if there is one.
    fn twin(&self, other: &Val) -> Option<usize> {
        self.iter().position(|item| match &self.keys {
            Keys::Place => false,
            Keys::Value => item == other,
            Keys::Fields(names) => names.iter().all(|name| match (item, other) {
                (Val::Map(a), Val::Map(b)) => {
                    let key = Key::String(name.clone());
                    a.get(&key) == b.get(&key)
                }
                _ => false,
            }),
        })
    }

    /// Both lists as one: an item of the other takes the place of the one that it is like. What nobody else holds is not
    /// copied.
    pub(in crate::cel) fn joined(mut self, other: &List) -> List {
        let twins: Vec<Option<usize>> = match self.keys {
            Keys::Place => Vec::new(),
            Keys::Value | Keys::Fields(_) => other.iter().map(|item| self.twin(item)).collect(),
        };
        let items = Arc::make_mut(&mut self.items);
        for (at, item) in other.iter().enumerate() {
            match twins.get(at).copied().flatten() {
                Some(twin) => items[twin] = item.clone(),
                None => items.push(item.clone()),
            }
        }
        self
    }
}

/// Sets are equal in any order, and so are lists whose items have keys.
impl PartialEq for List {
    fn eq(&self, other: &List) -> bool {
        match self.keys {
            Keys::Place => self.items == other.items,
            Keys::Value | Keys::Fields(_) => {
                let has = |item: &Val| self.twin(item).is_some_and(|at| self.items[at] == *item);
                self.len() == other.len() && other.iter().all(has)
            }
        }
    }
}
