//! Lists that are shared until they are changed.

use super::Value;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// A list; a copy is a pointer, and whoever changes one that is shared gets their own.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct List(Arc<Vec<Value>>);

impl List {
    /// Gives back what was asked of the allocator for items to come, here and below; what is shared stays.
    pub(super) fn settle(&mut self) {
        if let Some(items) = Arc::get_mut(&mut self.0) {
            items.shrink_to_fit();
            items.iter_mut().for_each(Value::settle);
        }
    }

    /// The items.
    pub fn as_slice(&self) -> &[Value] {
        &self.0
    }
}

impl Deref for List {
    type Target = Vec<Value>;

    fn deref(&self) -> &Vec<Value> {
        &self.0
    }
}

impl DerefMut for List {
    fn deref_mut(&mut self) -> &mut Vec<Value> {
        Arc::make_mut(&mut self.0)
    }
}

impl From<Vec<Value>> for List {
    fn from(items: Vec<Value>) -> List {
        List(Arc::new(items))
    }
}

impl From<List> for Vec<Value> {
    fn from(list: List) -> Vec<Value> {
        Arc::unwrap_or_clone(list.0)
    }
}

impl FromIterator<Value> for List {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> List {
        List::from(items.into_iter().collect::<Vec<_>>())
    }
}

impl IntoIterator for List {
    type Item = Value;
    type IntoIter = std::vec::IntoIter<Value>;

    fn into_iter(self) -> Self::IntoIter {
        Vec::from(self).into_iter()
    }
}

impl<'a> IntoIterator for &'a List {
    type Item = &'a Value;
    type IntoIter = std::slice::Iter<'a, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a> IntoIterator for &'a mut List {
    type Item = &'a mut Value;
    type IntoIter = std::slice::IterMut<'a, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
