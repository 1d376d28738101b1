//! A line of an audit log as questions: what a server asked its authorizers for each request that it tells of.
//!
//! # Differs from Kubernetes
//! An event says what was asked for, not what the authorizers were asked. That somebody acts as another, that a patch or a PUT
//! creates (201), that a stream needs `create`, and what a refusal named is taken from it; that somebody held all that they
//! handed out by a role, it does not tell.

use super::{Refused, refused};
use crate::api::differences::CREATE_FOR_STREAMS;
use crate::api::{RequestInfo, User, Version};
use crate::audit::{self, Seen};
use crate::authenticate::acting;

/// A request of an audit log.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Logged {
    /// By which its events are known to be of one request; empty where they don't say.
    pub(crate) id: String,
    /// Whether it was let through, as far as 401 and 403 tell.
    pub(crate) passed: bool,
    /// What was asked, and of whom.
    pub(crate) asked: Vec<(User, RequestInfo)>,
}

/// The requests of a line of the log of a server of that release.
///
/// # Errors
///
/// That it is no audit event.
pub(crate) fn logged(line: &str, version: Version) -> Result<Vec<Logged>, String> {
    let one = |seen: Seen| Logged {
        id: seen.id.clone(),
        passed: !matches!(seen.code, 401 | 403),
        asked: asked(seen, version),
    };
    Ok(audit::of_line(line)?.into_iter().map(one).collect())
}

fn asked(seen: Seen, version: Version) -> Vec<(User, RequestInfo)> {
    let Seen { user, acting: other, info, code, message, .. } = seen;
    let mut asked = Vec::new();
    // What the refusal names is needed, too; who was not let act as somebody else did not ask as themselves.
    if let Some(Refused::Access(question)) = refused(&message).filter(|_| code == 403) {
        let impersonates = question.info.verb.starts_with("impersonate");
        let by = if impersonates { &user } else { other.as_ref().unwrap_or(&user) };
        asked.push((by.clone(), question.info));
        if impersonates {
            return asked;
        }
    }
    if let Some(other) = &other {
        asked.extend(acting(other).into_iter().map(|info| (user.clone(), info)));
    }
    let by = other.unwrap_or(user);
    // Who creates by another verb needs both.
    let created =
        code == 201 && matches!(info.verb.as_str(), "patch" | "update") && info.subresource.is_empty();
    let streams =
        matches!(info.subresource.as_str(), "exec" | "attach" | "portforward") && info.verb == "get";
    if created || streams && version.has(CREATE_FOR_STREAMS) {
        asked.push((by.clone(), RequestInfo { verb: "create".to_owned(), ..info.clone() }));
    }
    asked.push((by, info));
    asked
}
