//! Releases of Kubernetes, as far as behaviour differs between them.

use super::differences::{Difference, Number};
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

/// A minor release of Kubernetes 1.
///
/// One of the differences to the releases before it may be taken out, to see what it is the cause of. It then is still
/// the same release: two are compared by their minor alone.
#[derive(Clone, Copy, Debug)]
pub struct Version {
    minor: u8,
    lacks: Option<Number>,
}

impl Version {
    /// The oldest release that is modelled: token secrets for every account.
    pub const OLDEST: Version = Version::minor(20);
    /// The newest release that is modelled; of what only a server tells, it is like [`Version::RECORDED`].
    pub const NEWEST: Version = Version::minor(37);
    /// The newest release of which there are records of a real server.
    pub const RECORDED: Version = Version::minor(36);
    /// The release of a cluster that names none.
    pub const DEFAULT: Version = Version::RECORDED;

    const COUNT: usize = (Version::NEWEST.minor - Version::OLDEST.minor) as usize + 1;

    /// All releases that are modelled.
    pub fn all() -> impl DoubleEndedIterator<Item = Version> {
        (Version::OLDEST.minor..=Version::NEWEST.minor).map(Version::minor)
    }

    /// The release 1.`minor`, whether it is modelled or not.
    pub const fn minor(minor: u8) -> Version {
        Version { minor, lacks: None }
    }

    /// This release without one of the differences to those before it.
    pub(crate) const fn without(self, difference: Difference) -> Version {
        Version { lacks: Some(difference.number), ..self }
    }

    /// Whether this release does what is written in a row of the differences between releases.
    pub(crate) const fn has(self, difference: Difference) -> bool {
        let lacks = matches!(self.lacks, Some(number) if number as u16 == difference.number as u16);
        self.minor >= difference.since.minor && !lacks
    }

    /// Whether this is release 1.`minor` or a later one.
    pub const fn at_least(self, minor: u8) -> bool {
        self.minor >= minor
    }

    /// Whether this is a release before 1.`minor`.
    pub const fn before(self, minor: u8) -> bool {
        self.minor < minor
    }

    /// Whether it is one of these minor releases, as tables write them (`25-27`, `30-`, `20-28,31-`).
    pub(crate) fn is_in(self, releases: &str) -> bool {
        self.latest_in(releases) == Some(self)
    }

    /// The latest of these minor releases that isn't after this one.
    pub(crate) fn latest_in(self, releases: &str) -> Option<Version> {
        let latest = |span: &str| {
            let (since, until) = span.split_once('-').unwrap_or((span, span));
            let until = if until.is_empty() { self.minor } else { until.parse().ok()? };
            (since.parse::<u8>().ok()? <= self.minor).then(|| Version::minor(until.min(self.minor)))
        };
        releases.split(',').filter_map(latest).max()
    }

    /// The minor number.
    pub const fn number(self) -> u8 {
        self.minor
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Version) -> bool {
        self.minor == other.minor
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Version) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Version) -> Ordering {
        self.minor.cmp(&other.minor)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}", self.minor)
    }
}

impl serde::Serialize for Version {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Version, String> {
        let minor = text
            .trim_start_matches('v')
            .strip_prefix("1.")
            .and_then(|rest| rest.split('.').next()?.parse().ok());
        match minor.map(Version::minor) {
            Some(version) if (Version::OLDEST..=Version::NEWEST).contains(&version) => Ok(version),
            _ => Err(format!(
                "unknown Kubernetes version `{text}`: modelled are {} to {}",
                Version::OLDEST,
                Version::NEWEST
            )),
        }
    }
}

/// A value for each release, made when it is first asked for; what is not modelled has that of the nearest release.
#[derive(Debug)]
pub(crate) struct ByRelease<T>([OnceLock<T>; Version::COUNT]);

impl<T> ByRelease<T> {
    pub(crate) const fn new() -> ByRelease<T> {
        ByRelease([const { OnceLock::new() }; Version::COUNT])
    }

    /// The value of a release.
    pub(crate) fn get(&self, version: Version, make: impl FnOnce(Version) -> T) -> &T {
        let minor = version.minor.clamp(Version::OLDEST.minor, Version::NEWEST.minor);
        self.0[usize::from(minor - Version::OLDEST.minor)].get_or_init(|| make(Version::minor(minor)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_can_be_taken_out() {
        use crate::api::differences::{SIDECARS, SLEEP_OF_ZERO};
        let whole = Version::minor(33);
        let without = whole.without(SIDECARS);
        assert!(whole.has(SIDECARS) && !without.has(SIDECARS) && without.has(SLEEP_OF_ZERO));
        assert!(whole == without && without.is_in("33-") && without < Version::minor(34));
    }

    #[test]
    fn releases_as_tables_write_them() {
        let of = |releases: &str| {
            let minors = Version::all().filter(|version| version.is_in(releases)).map(Version::number);
            minors.collect::<Vec<_>>()
        };
        assert_eq!(of("25-27"), [25, 26, 27]);
        assert_eq!(of("20,36-"), [20, 36, 37]);
        assert_eq!(of("20-21,30,35-"), [20, 21, 30, 35, 36, 37]);
        assert!(of("set").is_empty());
        let latest = |minor| Version::minor(minor).latest_in("22-24,30-").map(Version::number);
        assert_eq!(
            [21, 22, 24, 29, 30, 37].map(latest),
            [None, Some(22), Some(24), Some(24), Some(30), Some(37)]
        );
    }
}
