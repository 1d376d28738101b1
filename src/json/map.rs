//! Maps by key, which are shared until they are changed.

use super::{Text, Value};
use std::fmt;
use std::ops::{Index, IndexMut};
use std::sync::{Arc, LazyLock};

/// So many entries are looked through one by one: faster than by halves, since most keys differ in length.
const FEW: usize = 12;

/// An object's entries in the order of their keys; a copy is a pointer, and whoever changes one that is shared gets their
/// own.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Map(Arc<Vec<(Text, Value)>>);

/// Empty maps are many (each field that somebody owns is one): they are all the same.
static EMPTY: LazyLock<Map> = LazyLock::new(|| Map(Arc::default()));

impl Default for Map {
    fn default() -> Map {
        EMPTY.clone()
    }
}

impl Map {
    /// An empty map.
    pub fn new() -> Map {
        Map::default()
    }

    /// Gives back what was asked of the allocator for entries to come, here and below; what is shared stays.
    pub(super) fn settle(&mut self) {
        if let Some(entries) = Arc::get_mut(&mut self.0) {
            entries.shrink_to_fit();
            entries.iter_mut().for_each(|(_, value)| value.settle());
        }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where a key stands, or would.
    fn find(&self, key: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(there, _)| there.as_str().cmp(key))
    }

    /// Where a key stands.
    fn place(&self, key: &str) -> Option<usize> {
        match self.0.len() {
            0..=FEW => self.0.iter().position(|(there, _)| there.as_str() == key),
            _ => self.find(key).ok(),
        }
    }

    fn own(&mut self) -> &mut Vec<(Text, Value)> {
        Arc::make_mut(&mut self.0)
    }

    /// What stands at a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.place(key).map(|place| &self.0[place].1)
    }

    /// A key as it is stored, and what stands there.
    pub fn get_key_value(&self, key: &str) -> Option<(&Text, &Value)> {
        self.place(key).map(|place| &self.0[place]).map(|(key, value)| (key, value))
    }

    /// What stands at a key, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        let place = self.place(key)?;
        Some(&mut self.own()[place].1)
    }

    /// Whether something stands at a key.
    pub fn contains_key(&self, key: &str) -> bool {
        self.place(key).is_some()
    }

    /// Writes an entry; what stood there before.
    pub fn insert(&mut self, key: impl Into<Text>, value: Value) -> Option<Value> {
        let key = key.into();
        match self.find(&key) {
            Ok(place) => Some(std::mem::replace(&mut self.own()[place].1, value)),
            Err(place) => {
                self.own().insert(place, (key, value));
                None
            }
        }
    }

    /// Takes an entry out.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        self.remove_entry(key).map(|(_, value)| value)
    }

    /// Takes an entry out, with its key.
    pub fn remove_entry(&mut self, key: &str) -> Option<(Text, Value)> {
        let place = self.place(key)?;
        Some(self.own().remove(place))
    }

    /// The place at a key, whether something stands there or not.
    pub fn entry(&mut self, key: impl Into<Text>) -> Entry<'_> {
        Entry { key: key.into(), map: self }
    }

    /// Keeps what fulfils a condition.
    pub fn retain(&mut self, mut keep: impl FnMut(&Text, &mut Value) -> bool) {
        self.own().retain_mut(|(key, value)| keep(key, value));
    }

    /// Moves all entries of another map here, over those of the same keys.
    pub fn append(&mut self, other: &mut Map) {
        self.extend(std::mem::take(other));
    }

    /// Takes out all entries.
    pub fn clear(&mut self) {
        *self = Map::new();
    }

    /// The entries.
    pub fn iter(&self) -> Iter<'_> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// The entries, their values to be changed.
    pub fn iter_mut(&mut self) -> IterMut<'_> {
        self.own().iter_mut().map(|(key, value)| (&*key, value))
    }

    /// The keys.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &Text> + ExactSizeIterator {
        self.0.iter().map(|(key, _)| key)
    }

    /// The values in the order of their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Value> + ExactSizeIterator {
        self.0.iter().map(|(_, value)| value)
    }

    /// The values in the order of their keys, to be changed.
    pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut Value> {
        self.own().iter_mut().map(|(_, value)| value)
    }

    /// The values in the order of their keys.
    pub fn into_values(self) -> impl DoubleEndedIterator<Item = Value> {
        self.into_iter().map(|(_, value)| value)
    }

    /// The keys in order.
    pub fn into_keys(self) -> impl DoubleEndedIterator<Item = Text> {
        self.into_iter().map(|(key, _)| key)
    }
}

type Iter<'a> = std::iter::Map<std::slice::Iter<'a, (Text, Value)>, fn(&(Text, Value)) -> (&Text, &Value)>;
type IterMut<'a> =
    std::iter::Map<std::slice::IterMut<'a, (Text, Value)>, fn(&mut (Text, Value)) -> (&Text, &mut Value)>;

/// The place at a key.
#[derive(Debug)]
pub struct Entry<'m> {
    key: Text,
    map: &'m mut Map,
}

impl<'m> Entry<'m> {
    /// What stands there, or what is put there now.
    pub fn or_insert(self, value: Value) -> &'m mut Value {
        self.or_insert_with(|| value)
    }

    /// What stands there, or what is made and put there now.
    pub fn or_insert_with(self, make: impl FnOnce() -> Value) -> &'m mut Value {
        let place = self.map.find(&self.key).unwrap_or_else(|place| {
            let value = make();
            self.map.own().insert(place, (self.key, value));
            place
        });
        &mut self.map.own()[place].1
    }

    /// Changes what stands there, if something does.
    #[must_use]
    pub fn and_modify(self, change: impl FnOnce(&mut Value)) -> Entry<'m> {
        if let Some(value) = self.map.get_mut(&self.key) {
            change(value);
        }
        self
    }
}

impl<K: Into<Text>> FromIterator<(K, Value)> for Map {
    /// Of entries with the same key the last counts.
    fn from_iter<I: IntoIterator<Item = (K, Value)>>(entries: I) -> Map {
        let mut all: Vec<(Text, Value)> =
            entries.into_iter().map(|(key, value)| (key.into(), value)).collect();
        if all.is_empty() {
            return Map::new();
        }
        if !all.is_sorted_by(|(one, _), (next, _)| one < next) {
            all.sort_by(|(one, _), (other, _)| one.cmp(other));
            all.dedup_by(|later, kept| {
                let same = later.0 == kept.0;
                if same {
                    kept.1 = later.1.take();
                }
                same
            });
        }
        all.shrink_to_fit();
        Map(Arc::new(all))
    }
}

impl<K: Into<Text>> Extend<(K, Value)> for Map {
    fn extend<I: IntoIterator<Item = (K, Value)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl IntoIterator for Map {
    type Item = (Text, Value);
    type IntoIter = std::vec::IntoIter<(Text, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        Arc::unwrap_or_clone(self.0).into_iter()
    }
}

impl<'a> IntoIterator for &'a Map {
    type Item = (&'a Text, &'a Value);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a> IntoIterator for &'a mut Map {
    type Item = (&'a Text, &'a mut Value);
    type IntoIter = IterMut<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl Index<&str> for Map {
    type Output = Value;

    fn index(&self, key: &str) -> &Value {
        self.get(key).unwrap_or(&Value::NULL)
    }
}

impl IndexMut<&str> for Map {
    fn index_mut(&mut self, key: &str) -> &mut Value {
        self.entry(key).or_insert(Value::Null)
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}
