//! When a difference is one that must not be: `--fail-on gained:secrets`.

use crate::api::rbac::{METHODS, VERBS};
use crate::api::virtual_resources::RIGHTS;
use crate::api::{RequestInfo, Resources};
use crate::error::Error;
use crate::explain::dump::Dump;
use crate::explain::gained::Right;
use crate::question::{self, Place};

/// Which rights.
pub(super) struct Condition {
    direction: Direction,
    /// About what; about anything unless it is said.
    about: Option<RequestInfo>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Gained,
    Lost,
    Opened,
}

impl Condition {
    /// `gained`, `lost`, `gained:RESOURCE`, `gained:VERB:RESOURCE`, `opened`; `*` is any verb or resource, and `*.*` a right to `*`.
    pub(super) fn read(text: &str, table: &Resources) -> Result<Condition, Error> {
        let wrong = |why: String| Error::new(format!("--fail-on {text}: {why}"));
        let (direction, rest) = text.split_once(':').map_or((text, None), |(word, rest)| (word, Some(rest)));
        let direction = match direction {
            "gained" => Direction::Gained,
            "lost" => Direction::Lost,
            "opened" if rest.is_none() => Direction::Opened,
            other => {
                return Err(wrong(format!("`{other}` is neither `gained` nor `lost`, nor `opened` alone"))
                    .hint(
                        "such as `gained`, `gained:secrets`, `gained:create:pods/exec`, `lost`, `opened`",
                    ));
            }
        };
        let asked = |rest: &str| {
            let (verb, what) = rest.split_once(':').unwrap_or(("*", rest));
            let named =
                || VERBS.into_iter().chain(RIGHTS.iter().flat_map(|right| right.verbs.iter().copied()));
            let is_known = named().chain(METHODS).chain(["*"]).any(|known| known == verb);
            if !is_known && !verb.starts_with("impersonate") {
                return Err(wrong(format!("`{verb}` is no verb")).nearest(verb, named()));
            }
            question::read(&format!("{verb} {what}"), table, Place::Everywhere)
                .map(|question| question.info)
                .map_err(wrong)
        };
        // `*` is anything, paths too.
        let about = rest.filter(|rest| !matches!(*rest, "*" | "*:*"));
        Ok(Condition { direction, about: about.map(asked).transpose()? })
    }

    /// Whether it is any new path to cluster-admin.
    pub(super) fn is_opened(&self) -> bool {
        self.direction == Direction::Opened
    }

    /// Whether a right that was gained is such.
    pub(super) fn is_gained(&self, right: &Right, before: &Dump) -> bool {
        self.is(Direction::Gained, right, before)
    }

    /// Whether a right that was lost is such; `after` is the cluster that has it no more.
    pub(super) fn is_lost(&self, right: &Right, after: &Dump) -> bool {
        self.is(Direction::Lost, right, after)
    }

    fn is(&self, direction: Direction, right: &Right, without: &Dump) -> bool {
        let concerns = |asked: &RequestInfo| right.is_about(asked, without);
        self.direction == direction && self.about.as_ref().is_none_or(concerns)
    }
}
