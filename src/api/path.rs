//! A field's path as errors print it (`field.Path`), built without allocating.

use std::fmt;

/// A place in an object: `spec.containers[0].ports`.
#[derive(Clone, Copy, Debug)]
pub struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    part: Part<'a>,
}

/// A step downwards; a name may hold dots, and be empty.
#[derive(Clone, Copy, Debug)]
enum Part<'a> {
    Child(&'a str),
    Item(&'a str, usize),
    Entry(&'a str, &'a str),
}

impl<'a> Path<'a> {
    /// A path that begins here; empty for the object itself.
    pub const fn new(name: &'a str) -> Path<'a> {
        Path { parent: None, part: Part::Child(name) }
    }

    const fn below(&'a self, part: Part<'a>) -> Path<'a> {
        Path { parent: Some(self), part }
    }

    /// A field below.
    pub const fn child(&'a self, name: &'a str) -> Path<'a> {
        self.below(Part::Child(name))
    }

    /// An item of a list below, or of the list here if the name is empty.
    pub const fn item(&'a self, list: &'a str, index: usize) -> Path<'a> {
        self.below(Part::Item(list, index))
    }

    /// An entry of a map below, or of the map here if the name is empty.
    pub const fn entry(&'a self, map: &'a str, key: &'a str) -> Path<'a> {
        self.below(Part::Entry(map, key))
    }

    fn is_empty(&self) -> bool {
        matches!(self.part, Part::Child("")) && self.parent.is_none_or(Path::is_empty)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Part::Child(name) | Part::Item(name, _) | Part::Entry(name, _)) = self.part;
        if let Some(parent) = self.parent.filter(|parent| !parent.is_empty()) {
            write!(f, "{parent}{}", if name.is_empty() { "" } else { "." })?;
        }
        f.write_str(name)?;
        match self.part {
            Part::Child(_) => Ok(()),
            Part::Item(_, index) => write!(f, "[{index}]"),
            Part::Entry(_, key) => write!(f, "[{key}]"),
        }
    }
}
