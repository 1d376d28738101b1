//! Releases of Kubernetes, as far as behaviour differs between them.

use super::differences::Difference;
use std::fmt;
use std::str::FromStr;

/// A minor release of Kubernetes 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u8);

impl Version {
    /// The oldest release that is modelled: token secrets for every account.
    pub const OLDEST: Version = Version(20);
    /// The newest release that is modelled.
    pub const NEWEST: Version = Version(36);

    /// All releases that are modelled, oldest first.
    pub(crate) fn all() -> impl Iterator<Item = Version> {
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
