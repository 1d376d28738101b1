//! Releases of Kubernetes, as far as behaviour differs between them.

use super::differences::Difference;
use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

/// A minor release of Kubernetes 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u8);

impl Version {
    /// The oldest release that is modelled: token secrets for every account.
    pub const OLDEST: Version = Version(20);
    /// The newest release that is modelled; of what only a server tells, it is like [`Version::RECORDED`].
    pub const NEWEST: Version = Version(37);
    /// The newest release of which there are records of a real server.
    pub const RECORDED: Version = Version(36);
    /// The release of a cluster that names none.
    pub const DEFAULT: Version = Version::RECORDED;

    const COUNT: usize = (Version::NEWEST.0 - Version::OLDEST.0) as usize + 1;

    /// All releases that are modelled.
    pub fn all() -> impl DoubleEndedIterator<Item = Version> {
        (Version::OLDEST.0..=Version::NEWEST.0).map(Version)
    }

    /// The release 1.`minor`, whether it is modelled or not.
    pub const fn minor(minor: u8) -> Version {
        Version(minor)
    }

    /// Whether this release does what is written in a row of the differences between releases.
    pub(crate) const fn has(self, difference: Difference) -> bool {
        self.0 >= difference.since.0
    }

    /// Whether this is release 1.`minor` or a later one.
    pub const fn at_least(self, minor: u8) -> bool {
        self.0 >= minor
    }

    /// Whether this is a release before 1.`minor`.
    pub const fn before(self, minor: u8) -> bool {
        self.0 < minor
    }

    /// Whether it is one of these minor releases, as tables write them (`25-27`, `30-`, `20-28,31-`).
    pub(crate) fn is_in(self, releases: &str) -> bool {
        self.latest_in(releases) == Some(self)
    }

    /// The latest of these minor releases that isn't after this one.
    pub(crate) fn latest_in(self, releases: &str) -> Option<Version> {
        let latest = |span: &str| {
            let (since, until) = span.split_once('-').unwrap_or((span, span));
            let until = if until.is_empty() { self.0 } else { until.parse().ok()? };
            (since.parse::<u8>().ok()? <= self.0).then(|| Version(until.min(self.0)))
        };
        releases.split(',').filter_map(latest).max()
    }

    /// The minor number.
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}", self.0)
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
        match minor.map(Version) {
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
        let version = version.clamp(Version::OLDEST, Version::NEWEST);
        self.0[usize::from(version.0 - Version::OLDEST.0)].get_or_init(|| make(version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
