//! Releases as a scenario names them: one, or a range with both its ends.

use crate::api::Version;
use crate::error::Error;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use std::fmt;
use std::str::FromStr;

/// A release, `1.20` to `1.37`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Release(pub Version);

/// A release, or a range of them with both its ends: `1.20`, `1.24..1.36`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Releases {
    first: Version,
    last: Version,
}

impl Releases {
    pub(super) fn hold(self, version: Version) -> bool {
        self.first <= version && version <= self.last
    }

    pub(in crate::scenario) fn overlap(self, other: Releases) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    /// Its releases, the oldest first.
    pub fn each(self) -> impl Iterator<Item = Version> {
        Version::all().filter(move |version| self.hold(*version))
    }
}

impl fmt::Display for Releases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.first == self.last {
            true => write!(f, "{}", self.first),
            false => write!(f, "{}..{}", self.first, self.last),
        }
    }
}

impl FromStr for Releases {
    type Err = Error;

    fn from_str(text: &str) -> Result<Releases, Error> {
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        let (first, last) = match (release(first), release(last)) {
            (Ok(first), Ok(last)) => (first, last),
            (Err(error), _) | (_, Err(error)) => {
                return Err(match otherwise_written(text) {
                    Some(meant) => error.hint(format!("a range is written `{meant}`")),
                    None => error,
                });
            }
        };
        match first <= last {
            true => Ok(Releases { first, last }),
            false => Err(Error::new(format!("`{text}` holds no release: the older one comes first"))
                .hint(format!("did you mean `{last}..{first}`?"))),
        }
    }
}

/// A release; of one that is not modelled, the nearest that is.
fn release(text: &str) -> Result<Version, Error> {
    let text = text.trim();
    text.parse().map_err(|why: String| {
        let minor: Option<u8> = text.strip_prefix("1.").and_then(|minor| minor.parse().ok());
        let nearest = minor.map(|minor| Version::minor(minor).clamp(Version::OLDEST, Version::NEWEST));
        let known: Vec<String> = match nearest {
            Some(nearest) => return Error::new(why).hint(format!("did you mean `{nearest}`?")),
            None => Version::all().map(|version| version.to_string()).collect(),
        };
        Error::new(why).nearest(text, known.iter().map(String::as_str))
    })
}

/// The range that `1.24-1.36`, `1.24...1.36` or `1.24 to 1.36` stands for.
fn otherwise_written(text: &str) -> Option<Releases> {
    let words = text.split("..").flat_map(|part| part.split(|c: char| !c.is_ascii_digit() && c != '.'));
    let words: Vec<&str> = words.map(|word| word.trim_matches('.')).filter(|word| !word.is_empty()).collect();
    let &[first, last] = words.as_slice() else { return None };
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (first < last).then_some(Releases { first, last })
}

impl<'de> Deserialize<'de> for Release {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Release, D::Error> {
        deserializer.deserialize_any(Quoted(release)).map(Release)
    }
}

impl<'de> Deserialize<'de> for Releases {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Releases, D::Error> {
        deserializer.deserialize_any(Quoted(Releases::from_str))
    }
}

/// What is written in quotes: YAML reads 1.36 without them as a number, and 1.30 as 1.3.
struct Quoted<T>(fn(&str) -> Result<T, Error>);

impl<T> Visitor<'_> for Quoted<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a release in quotes, as in \"1.20\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.0)(text).map_err(super::custom)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<T, E> {
        Err(E::custom("a version is text: write it in quotes, as in \"1.20\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_both_its_ends() {
        let range: Releases = "1.24..1.27".parse().unwrap();
        let minors: Vec<u8> = range.each().map(Version::number).collect();
        assert_eq!((minors, range.to_string()), (vec![24, 25, 26, 27], "1.24..1.27".to_owned()));
        assert_eq!("1.20".parse::<Releases>().unwrap().each().count(), 1);
    }

    #[test]
    fn what_is_no_range_is_told_with_what_was_meant() {
        for (text, want, hint) in [
            ("1.99", "unknown Kubernetes version `1.99`", "did you mean `1.37`?"),
            ("1.4..1.24", "unknown Kubernetes version `1.4`", "did you mean `1.20`?"),
            ("1,24", "unknown Kubernetes version `1,24`", "did you mean `1.24`?"),
            ("1.24-1.36", "unknown Kubernetes version `1.24-1.36`", "a range is written `1.24..1.36`"),
            ("1.24...1.36", "unknown Kubernetes version `.1.36`", "a range is written `1.24..1.36`"),
            ("1.24 to 1.36", "unknown Kubernetes version `1.24 to 1.36`", "a range is written `1.24..1.36`"),
            ("1.36..1.24", "the older one comes first", "did you mean `1.24..1.36`?"),
        ] {
            let error = text.parse::<Releases>().unwrap_err();
            assert!(error.message.contains(want), "{text}: {error}");
            assert_eq!(error.hint.as_deref(), Some(hint), "{text}");
        }
    }
}
