//! What there is to say of a question besides its answer: whom or what no dump tells of, and a refusal that the dump allows.

use crate::api::fact::{Hint, Thing};
use crate::api::rbac::METHODS;
use crate::api::{RequestInfo, User};
use crate::explain::dump::Dump;
use crate::explain::words;
use crate::question::{Refused, refused};

/// What looks like a mistake in a question, in words. What kubectl warns of, and what is told where `--as` is read, is not told again.
pub(super) fn of_question(dump: &Dump, user: &User, info: &RequestInfo, allowed: bool) -> Vec<String> {
    let is_new = |hint: &Hint| match hint {
        Hint::Unknown { what: Thing::Verb, name, nearest } => {
            nearest.is_some() && !METHODS.contains(&name.to_ascii_lowercase().as_str()) && name != "*"
        }
        Hint::Unknown { what: Thing::Resource, .. } | Hint::LooksLikeAccount { .. } => false,
        Hint::OrItsDomain { .. } => !allowed,
        Hint::InNoBinding { nearest, .. } => !allowed && nearest.is_some(),
        Hint::Unknown { .. } | Hint::NothingIn { .. } | Hint::NotEverybody { .. } => true,
    };
    dump.hints(user, info).iter().filter(|hint| is_new(hint)).map(words::hint).collect()
}

/// Of a pasted refusal: that the dump allows it.
pub(super) fn of_pasted(words: &str, reason: &str) -> Option<String> {
    let Some(Refused::Access(_)) = refused(words) else { return None };
    let by = reason.strip_prefix("RBAC: ").unwrap_or(reason);
    let by = if by.is_empty() { String::new() } else { format!(" ({by})") };
    Some(format!(
        "the dump allows what was refused where this comes from{by}: it may be of a later time or of another cluster, or another \
         authorizer refused it there"
    ))
}
