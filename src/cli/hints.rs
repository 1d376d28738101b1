//! What there is to say of a question besides its answer: whom or what no dump tells of, and a refusal that the dump allows.

use crate::api::fact::{Hint, Thing};
use crate::api::rbac::METHODS;
use crate::api::{RequestInfo, User};
use crate::explain::dump::Dump;
use crate::explain::words;
use crate::question::{Refused, refused};

/// What looks like a mistake in a question, in words. What kubectl warns of is not told again.
pub(super) fn of_question(dump: &Dump, user: &User, info: &RequestInfo, allowed: bool) -> Vec<String> {
    let is_new = |hint: &Hint| match hint {
        Hint::Unknown { what: Thing::Verb, .. } => is_slip(hint),
        Hint::Unknown { what: Thing::Resource, .. } => false,
        Hint::OrItsDomain { .. } => !allowed,
        Hint::InNoBinding { nearest, .. } => nearest.is_some(),
        Hint::Unknown { .. }
        | Hint::NothingIn { .. }
        | Hint::NotEverybody { .. }
        | Hint::LooksLikeAccount { .. }
        | Hint::LooksLikeGroup { .. } => true,
    };
    let found = dump.hints(user, info);
    let found = found.iter().filter(|hint| is_new(hint)).map(words::hint);
    let is_node = !allowed && user.name.starts_with("system:node:") && !user.in_group("system:nodes");
    found.chain(is_node.then(|| OF_A_NODE.to_owned())).collect()
}

const OF_A_NODE: &str =
    "the API server knows a node by its group, too: ask with `--as-group system:nodes` beside its name";

/// The same of a question that is nobody's: about its verb and its namespace.
pub(super) fn of_asked(dump: &Dump, info: &RequestInfo) -> Vec<String> {
    let namespace = dump.hint_of_namespace(&info.namespace);
    verb(dump, info).filter(is_slip).iter().chain(&namespace).map(words::hint).collect()
}

/// Of a question whose answer is expected: that its verb is none, so that no rule can be meant by it.
pub(super) fn wrong_verb(dump: &Dump, info: &RequestInfo) -> Option<String> {
    verb(dump, info).filter(|hint| is_slip(hint) || is_method(hint)).as_ref().map(words::hint)
}

/// A verb that neither the server nor a rule knows.
fn verb(dump: &Dump, info: &RequestInfo) -> Option<Hint> {
    let is_verb = |hint: &Hint| matches!(hint, Hint::Unknown { what: Thing::Verb, .. });
    dump.hints(&User::default(), info).into_iter().find(is_verb)
}

/// Whether a verb looks like a slip of the pen. What a method of HTTP means is told where the question is read.
fn is_slip(hint: &Hint) -> bool {
    let Hint::Unknown { name, nearest, .. } = hint else { return false };
    nearest.is_some() && !is_method(hint) && name != "*"
}

fn is_method(hint: &Hint) -> bool {
    matches!(hint, Hint::Unknown { name, .. } if METHODS.contains(&name.to_ascii_lowercase().as_str()))
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
