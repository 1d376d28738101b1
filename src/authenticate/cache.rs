//! Who was recognised a moment ago (`authentication/token/cache`).
//!
//! Around all token authenticators together, account tokens as well as static ones, stands one cache: a token that was
//! recognised stays recognised for ten seconds, whatever happens to its account, pod, secret or time meanwhile. Only
//! success is remembered, and being used does not make it stay longer. The audiences that are asked for are part of the
//! key; a token review goes the same way as a request. Certificates are looked at every time.
//!
//! A remembered token brings the warnings and the audit annotations of the first time; that its secret was used is
//! noted only by whoever really looks.

use super::Notes;
use crate::api::{By, Fact, User};
use crate::store::{Expiring, Kept, Remembered};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// How long success is remembered (`TokenSuccessCacheTTL`; failure is not, `TokenFailureCacheTTL`).
const SUCCESS: SignedDuration = SignedDuration::from_secs(10);

/// Somebody, and how they were recognised.
#[derive(Clone, Debug, PartialEq)]
pub struct Recognised {
    /// Who.
    pub user: User,
    /// By which authenticator.
    pub by: By,
    /// The audiences both of the token and of the server.
    pub audiences: Vec<String>,
    /// How many seconds ago a mounted token should have been renewed, if it is still good.
    pub stale_seconds: Option<i64>,
    /// Where a webhook knew them: that it had said so before.
    pub said_before: Option<Remembered>,
    /// Whether they were recognised from the cache.
    pub cached: Option<Cached>,
}

impl Recognised {
    pub(super) fn new(user: User, by: By, audiences: Vec<String>) -> Recognised {
        Recognised { user, by, audiences, stale_seconds: None, said_before: None, cached: None }
    }
}

/// A token, and the audiences that it was asked to be for.
type Key = Arc<(String, Vec<String>)>;

/// The tokens that were recognised in the last seconds.
#[derive(Clone, Debug, Default)]
pub struct Cache(Expiring<Key, Arc<(Recognised, Notes)>>);

/// That somebody was recognised from the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cached {
    /// Since when, and until when it counts.
    pub remembered: Remembered,
    /// Why it would be refused if it were looked at now; none if it is still good.
    pub now_refused: Option<String>,
}

impl Cache {
    /// Who a token's bearer was, and what was noted of it.
    pub(super) fn get(
        &self,
        token: &str,
        audiences: &[String],
        now: Timestamp,
    ) -> Option<Kept<Arc<(Recognised, Notes)>>> {
        self.0.get(&Arc::new((token.to_owned(), audiences.to_vec())), now).cloned()
    }

    /// Remembers a token's bearer.
    pub(super) fn set(
        &mut self,
        token: &str,
        audiences: &[String],
        now: Timestamp,
        found: (Recognised, Notes),
    ) {
        self.0.set(Arc::new((token.to_owned(), audiences.to_vec())), Arc::new(found), now, SUCCESS);
    }
}

impl Cached {
    /// The same as a fact.
    pub(super) fn fact(self) -> Fact {
        Fact::Recognised { remembered: self.remembered.fact(), now_refused: self.now_refused }
    }

    /// In a few words.
    pub(super) fn told(&self, now: Timestamp) -> String {
        let text = self.remembered.told("recognised", now);
        match &self.now_refused {
            None => text,
            Some(why) => format!("{text}; looked at now, it would be refused: {why}"),
        }
    }
}
