//! Reading and writing JSON objects by dotted paths.
//!
//! Objects travel and are stored as JSON: what a client wrote is what it gets back, whatever the kind. A path is a
//! list of keys joined by dots (`spec.serviceAccountName`); a number steps into a list. Keys that hold a dot
//! themselves (labels, annotations, data) have accessors of their own.

use crate::json::{List, Map, Text, Value};

/// A JSON object's map.
pub(crate) type Fields = Map;

static NULL: Value = Value::Null;

/// Reads a JSON value as Kubernetes reads an object: what is absent is empty.
pub trait Dig {
    /// The value at a dotted path, or null.
    fn at(&self, path: &str) -> &Value;
    /// The string at a dotted path, or the empty one.
    fn text(&self, path: &str) -> &str;
    /// The list at a dotted path, or the empty one.
    fn list(&self, path: &str) -> &[Value];
    /// The strings of the list at a dotted path.
    fn texts(&self, path: &str) -> Vec<&str>;
    /// The whole number at a dotted path, or zero.
    fn number(&self, path: &str) -> i64;
    /// The entries of the map at a dotted path.
    fn entries(&self, path: &str) -> impl Iterator<Item = (&Text, &Value)>;
    /// The string at `key` of the map at `path`; the key may hold dots.
    fn entry(&self, path: &str, key: &str) -> Option<&str>;
    /// Whether the boolean at a dotted path is true.
    fn flag(&self, path: &str) -> bool;
    /// Whether there is something other than null at a dotted path.
    fn has(&self, path: &str) -> bool;
    /// Text as it is, anything else as JSON.
    fn shown(&self) -> String;
    /// The place at a dotted path, made (as objects) where it is missing.
    fn make(&mut self, path: &str) -> &mut Value;
    /// The place at a dotted path, if it is there.
    fn at_mut(&mut self, path: &str) -> Option<&mut Value>;
    /// Writes a value at a dotted path.
    fn set(&mut self, path: &str, value: impl Into<Value>);
    /// Writes a value at a dotted path unless something stands there.
    fn set_default(&mut self, path: &str, value: impl Into<Value>);
    /// Takes out what stands at a dotted path.
    fn take_out(&mut self, path: &str) -> Option<Value>;
    /// Adds an item to a list, which is made where there is none.
    fn push(&mut self, path: &str, item: Value);

    /// `metadata.name`.
    fn name(&self) -> &str {
        self.text("metadata.name")
    }
    /// `metadata.namespace`.
    fn namespace(&self) -> &str {
        self.text("metadata.namespace")
    }
    /// `metadata.uid`.
    fn uid(&self) -> &str {
        self.text("metadata.uid")
    }
    /// The reference to the object's controller.
    fn controller(&self) -> Option<&Value> {
        self.list("metadata.ownerReferences").iter().find(|owner| owner.flag("controller"))
    }
    /// Whether the object's controller is that one.
    fn is_controlled_by(&self, owner: &Value) -> bool {
        self.controller().is_some_and(|reference| reference.text("uid") == owner.uid())
    }
    /// The value of a label.
    fn label(&self, key: &str) -> Option<&str> {
        self.entry("metadata.labels", key)
    }
    /// The value of an annotation.
    fn annotation(&self, key: &str) -> Option<&str> {
        self.entry("metadata.annotations", key)
    }
}

/// The keys of a dotted path.
fn steps(path: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(path);
    std::iter::from_fn(move || {
        let text = rest?;
        let (step, left) = match first_dot(text.as_bytes()) {
            Some(dot) => (&text[..dot], Some(&text[dot + 1..])),
            None => (text, None),
        };
        rest = left;
        Some(step)
    })
}

/// Where the first dot stands. Keys are a few letters each, and half of what is read by a path was once spent on finding
/// its dots: eight letters are looked at together.
fn first_dot(text: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const DOTS: u64 = u64::from_ne_bytes([b'.'; 8]);
    let mut from = 0;
    while let Some(Ok(eight)) = text.get(from..from + 8).map(<[u8; 8]>::try_from) {
        // A byte that was a dot is zero now, and the first zero is the first to borrow from its highest bit.
        let rest = u64::from_le_bytes(eight) ^ DOTS;
        let zeros = rest.wrapping_sub(ONES) & !rest & (ONES << 7);
        if zeros != 0 {
            return Some(from + zeros.trailing_zeros() as usize / 8);
        }
        from += 8;
    }
    text[from..].iter().position(|byte| *byte == b'.').map(|at| from + at)
}

impl Dig for Value {
    fn at(&self, path: &str) -> &Value {
        if path.is_empty() {
            return self;
        }
        steps(path).fold(self, |value, key| match value {
            Value::Object(map) => map.get(key).unwrap_or(&NULL),
            Value::Array(list) => key.parse::<usize>().ok().and_then(|i| list.get(i)).unwrap_or(&NULL),
            _ => &NULL,
        })
    }

    fn text(&self, path: &str) -> &str {
        self.at(path).as_str().unwrap_or_default()
    }

    fn list(&self, path: &str) -> &[Value] {
        self.at(path).as_array().map(List::as_slice).unwrap_or_default()
    }

    fn texts(&self, path: &str) -> Vec<&str> {
        self.list(path).iter().filter_map(Value::as_str).collect()
    }

    fn number(&self, path: &str) -> i64 {
        self.at(path).as_i64().unwrap_or_default()
    }

    fn entries(&self, path: &str) -> impl Iterator<Item = (&Text, &Value)> {
        self.at(path).as_object().into_iter().flatten()
    }

    fn entry(&self, path: &str, key: &str) -> Option<&str> {
        self.at(path).get(key)?.as_str()
    }

    fn flag(&self, path: &str) -> bool {
        self.at(path).as_bool().unwrap_or_default()
    }

    fn has(&self, path: &str) -> bool {
        !self.at(path).is_null()
    }

    fn shown(&self) -> String {
        self.as_str().map_or_else(|| self.to_string(), str::to_owned)
    }

    fn make(&mut self, path: &str) -> &mut Value {
        if path.is_empty() {
            return self;
        }
        steps(path).fold(self, |value, key| {
            if let (true, Ok(i)) = (value.is_array(), key.parse::<usize>()) {
                return &mut value[i];
            }
            if !value.is_object() {
                *value = Value::Object(Map::new());
            }
            &mut value[key]
        })
    }

    fn at_mut(&mut self, path: &str) -> Option<&mut Value> {
        steps(path).filter(|key| !key.is_empty()).try_fold(self, |value, key| match value {
            Value::Object(map) => map.get_mut(key),
            Value::Array(list) => key.parse::<usize>().ok().and_then(|i| list.get_mut(i)),
            _ => None,
        })
    }

    fn set(&mut self, path: &str, value: impl Into<Value>) {
        *self.make(path) = value.into();
    }

    fn set_default(&mut self, path: &str, value: impl Into<Value>) {
        if !self.has(path) {
            self.set(path, value);
        }
    }

    fn take_out(&mut self, path: &str) -> Option<Value> {
        match path.rsplit_once('.') {
            Some((parent, key)) => self.at_mut(parent)?.as_object_mut()?.remove(key),
            None => self.as_object_mut()?.remove(path),
        }
    }

    fn push(&mut self, path: &str, item: Value) {
        match self.make(path) {
            Value::Array(list) => list.push(item),
            place => *place = Value::from(vec![item]),
        }
    }
}

/// A time as Kubernetes writes it: RFC 3339, whole seconds.
pub(crate) fn time(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
