//! Bad user input: a wrong flag, a broken scenario, a file that isn't there.
//!
//! Not modelled behaviour (that is a `Status`) and not a bug of ours (that is a panic).

use std::fmt;

/// What is wrong with the input, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What is wrong: lower case, no full stop, the user's text in backticks.
    pub message: String,
    /// The file, with line and column where they are known.
    pub at: Option<Place>,
    /// What to do about it.
    pub hint: Option<String>,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file's path as the user gave it.
    pub path: String,
    /// Line and column, from 1.
    pub position: Option<(usize, usize)>,
    /// The text of that line.
    pub line: Option<String>,
}

impl Error {
    /// An error of that message.
    pub fn new(message: impl Into<String>) -> Error {
        Error { message: message.into(), at: None, hint: None }
    }

    /// An error that something else reports.
    pub(crate) fn of(error: impl fmt::Display) -> Error {
        Error::new(error.to_string())
    }

    /// The same about a file.
    pub(crate) fn of_file<E: fmt::Display>(path: &str) -> impl FnOnce(E) -> Error {
        move |error| Error::of(error).in_file(path)
    }

    /// Adds a hint.
    pub fn hint(mut self, hint: impl Into<String>) -> Error {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the nearest of the known names as a hint, if one is near.
    pub fn nearest<'a>(self, word: &str, known: impl IntoIterator<Item = &'a str>) -> Error {
        match nearest(word, known) {
            Some(name) => self.hint(format!("did you mean `{name}`?")),
            None => self,
        }
    }

    /// Says in which file, unless that is known already.
    pub fn in_file(mut self, path: &str) -> Error {
        self.at.get_or_insert_with(|| Place { path: path.to_owned(), position: None, line: None });
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.at {
            Some(Place { path, position: Some((line, column)), .. }) => {
                write!(f, "{path}:{line}:{column}: {}", self.message)
            }
            Some(Place { path, position: None, .. }) => write!(f, "{path}: {}", self.message),
            None => write!(f, "{}", self.message),
        }
    }
}

impl std::error::Error for Error {}

/// Whether a name looks like a slip of the pen for another: nearly the same, and not the same.
///
/// What qualifies both alike (`system:serviceaccount:shop:`, `@example.com`) makes them no nearer to each other.
pub fn is_slip(name: &str, meant: &str) -> bool {
    slips(name, meant).is_some()
}

/// The known name that a name looks like a slip of the pen for.
pub fn nearest_slip<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let slips = known.into_iter().filter_map(|meant| Some((slips(name, meant)?, meant)));
    slips.min_by_key(|(slips, _)| *slips).map(|(_, meant)| meant)
}

/// How many slips of the pen lie between two names; none if they are the same, or too many.
fn slips(name: &str, meant: &str) -> Option<usize> {
    if name == meant {
        return None;
    }
    let (name, meant) = (name.to_lowercase(), meant.to_lowercase());
    let (name, meant) = own_parts(&name, &meant);
    let length = meant.chars().count();
    let slips = distance(name, meant, 1.max(length / 6))?;
    (slips == 0 || slips < length).then_some(slips)
}

/// Two names without what qualifies both: up to a `:` or `/`, and from an `@`.
fn own_parts<'a>(one: &'a str, other: &'a str) -> (&'a str, &'a str) {
    let alike = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let own = one.as_bytes()[..alike].iter().rposition(|c| matches!(c, b':' | b'/')).map_or(0, |at| at + 1);
    let (one, other) = (&one[own..], &other[own..]);
    match (one.rsplit_once('@'), other.rsplit_once('@')) {
        (Some((one, of_one)), Some((other, of_other))) if of_one == of_other => (one, other),
        _ => (one, other),
    }
}

/// How many letters lie between two words, whatever their case; none beyond a limit.
fn distance(word: &str, name: &str, limit: usize) -> Option<usize> {
    if word.chars().count().abs_diff(name.chars().count()) > limit {
        return None;
    }
    let distance = strsim::damerau_levenshtein(&word.to_lowercase(), &name.to_lowercase());
    (distance <= limit).then_some(distance)
}

/// The known name that a misspelt word most likely stands for.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = |name| distance(word, name, 1 + word.len() / 4).map(|distance| (distance, name));
    known.into_iter().filter_map(near).min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_qualifies_both_names_makes_them_no_nearer() {
        for (name, meant, slip) in [
            ("alise", "alice", true),
            ("Alice", "alice", true),
            ("alice", "alice", false),
            ("system:serviceaccount:shop:ap", "system:serviceaccount:shop:app", true),
            ("system:serviceaccount:shp:app", "system:serviceaccount:shop:app", true),
            ("system:serviceaccount:shop:app", "system:serviceaccount:shop:bot", false),
            ("system:serviceaccount:shop", "system:serviceaccount:shop:bot", false),
            ("system:serviceaccount:shop", "system:serviceaccounts:shop", true),
            ("alise@example.com", "alice@example.com", true),
            ("ann@example.com", "bob@example.com", false),
            ("alice@exmple.com", "alice@example.com", true),
            ("a", "b", false),
        ] {
            assert_eq!(is_slip(name, meant), slip, "{name} for {meant}");
            assert_eq!(nearest_slip(name, [meant, "nobody else"]), slip.then_some(meant), "{name}");
        }
    }
}
