//! A field's path as errors print it (`field.Path`), built without allocating.

use std::fmt;

/// A place in an object: `spec.containers[0].ports`.
#[derive(Clone, Copy)]
pub struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    part: Part<'a>,
}

#[derive(Clone, Copy)]
enum Part<'a> {
    Child(&'a str),
    Index(usize),
    Key(&'a str),
}

impl<'a> Path<'a> {
    /// A path that begins here; the name may hold dots.
    pub const fn new(name: &'a str) -> Path<'a> {
        Path { parent: None, part: Part::Child(name) }
    }

    const fn below(&'a self, part: Part<'a>) -> Path<'a> {
        Path { parent: Some(self), part }
    }

    /// A field below; the name may hold dots.
    pub const fn child(&'a self, name: &'a str) -> Path<'a> {
        self.below(Part::Child(name))
    }

    /// An item of the list here.
    pub const fn index(&'a self, index: usize) -> Path<'a> {
        self.below(Part::Index(index))
    }

    /// An entry of the map here.
    pub const fn key(&'a self, key: &'a str) -> Path<'a> {
        self.below(Part::Key(key))
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            write!(f, "{parent}")?;
        }
        match (self.part, self.parent) {
            (Part::Child(name), None) => write!(f, "{name}"),
            (Part::Child(name), Some(_)) => write!(f, ".{name}"),
            (Part::Index(index), _) => write!(f, "[{index}]"),
            (Part::Key(key), _) => write!(f, "[{key}]"),
        }
    }
}
