//! Documents that are read: an issuer's discovery document and its keys. How long one counts is whoever reads it to say.

use crate::api::field::quote;
use crate::api::{Dig, Get, Heard};
use crate::golang::json;
use crate::json::Value;
use imbl::OrdMap;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// How long a document is waited for (`oidc.New`).
const TIMEOUT: Duration = Duration::from_secs(30);

/// A document to be read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Document {
    /// Where it is.
    pub(crate) url: String,
    /// Whom its server is trusted by, as a webhook's `clientConfig` has it.
    pub(crate) client_config: Value,
    /// After what time it is read again that could not be read.
    pub(crate) again: SignedDuration,
    /// The issuer that it must be of, if it is one's discovery document.
    pub(crate) issuer: Option<String>,
}

/// A document as it was read last.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    /// What it says; or, where it was never read, why it could not be.
    pub(crate) said: Result<Arc<Value>, String>,
    /// Until when nobody need read it again.
    pub(crate) until: Timestamp,
}

/// All documents as they were read last.
#[derive(Clone, Debug, Default)]
pub(super) struct Shelf(OrdMap<String, Read>);

impl Document {
    /// The reading.
    pub(super) fn get(&self) -> Get {
        Get { url: self.url.clone(), client_config: self.client_config.clone(), timeout: TIMEOUT }
    }

    /// What an HTTP answer comes to, in go-oidc's words.
    pub(super) fn said(&self, heard: &Heard) -> Result<Arc<Value>, String> {
        match heard {
            Heard::Failed(why) => Err(format!("Get \"{}\": {why}", self.url)),
            Heard::TimedOut => Err(format!(
                "Get \"{}\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
                self.url
            )),
            Heard::Http { code: 200, body, .. } => self.is_of(json::value(body)?).map(Arc::new),
            Heard::Http { code, body, .. } => Err(format!("{code}: {}", String::from_utf8_lossy(body))),
        }
    }

    fn is_of(&self, document: Value) -> Result<Value, String> {
        match &self.issuer {
            Some(issuer) if document.text("issuer") != issuer => Err(format!(
                "oidc: issuer did not match the issuer returned by provider, expected {} got {}",
                quote(issuer),
                quote(document.text("issuer"))
            )),
            _ => Ok(document),
        }
    }
}

impl Shelf {
    /// A document as it was read last, if it ever was tried.
    pub(super) fn get(&self, document: &Document) -> Option<&Read> {
        self.0.get(&document.url)
    }

    /// Keeps what was read just now, `fresh` for so long; what could not be read takes the place of nothing that could.
    pub(super) fn put(
        &mut self,
        document: &Document,
        said: &Result<Arc<Value>, String>,
        now: Timestamp,
        fresh: SignedDuration,
    ) {
        let known = self.get(document).is_some_and(|read| read.said.is_ok());
        let time = if said.is_ok() { fresh } else { document.again };
        if said.is_ok() || !known {
            let until = now.saturating_add(time).unwrap_or(Timestamp::MAX);
            self.0.insert(document.url.clone(), Read { said: said.clone(), until });
        }
    }
}
