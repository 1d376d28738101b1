//! What somebody wants to know, in the words in which people have it: `get pods -n shop` as after `kubectl auth can-i`, a path
//! from a log, or the API server's own refusal, pasted; and what a line of an audit log stands for.

mod logged;
mod path;
mod refused;
pub(crate) mod warnings;
mod words;

#[cfg(test)]
mod tests;

pub(crate) use logged::logged;
pub use refused::{Refused, refused};

use crate::api::{RequestInfo, Resources, User};

/// A question, and of whom it is, as far as its words say so.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Who would do it.
    pub user: Option<User>,
    /// What.
    pub info: RequestInfo,
}

/// Where something is asked whose words don't say it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place<'a> {
    /// In the namespace `default`.
    #[default]
    Default,
    /// In a namespace.
    Namespace(&'a str),
    /// In all of them.
    Everywhere,
}

/// The request that words ask about: `VERB RESOURCE[/SUBRESOURCE] [NAME] [-n NAMESPACE | -A]`, `VERB TYPE/NAME`, `VERB /path`,
/// or a refusal.
///
/// # Errors
///
/// Words of another form, and a resource that nobody knows; the text says what is wrong.
pub fn read(words: &str, table: &Resources, place: Place<'_>) -> Result<Question, String> {
    match refused(words) {
        Some(Refused::Access(question)) => Ok(*question),
        Some(Refused::Otherwise { by, ask }) => {
            Err(format!("this is no refusal of the authorizers: {by} refused it; {ask}"))
        }
        None => words::read(words.trim(), table, place, &mut |_, why| Err(why)),
    }
}

/// A question as kubectl asks it.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// The question; of a resource that nobody knows, the word as it stands.
    pub question: Question,
    /// What kubectl warns of.
    pub warnings: Vec<String>,
    /// What kubectl doesn't say: which resource may be meant.
    pub hint: Option<String>,
}

/// The same as kubectl asks it.
///
/// # Errors
///
/// Words of another form.
pub fn read_as_kubectl(words: &str, table: &Resources, place: Place<'_>) -> Result<Asked, String> {
    if refused(words).is_some() {
        return Ok(Asked { question: read(words, table, place)?, warnings: Vec::new(), hint: None });
    }
    let words = words.trim();
    let mut hint = None;
    let mut unknown = |word: &str, why: String| {
        hint = Some(why);
        Ok(RequestInfo { is_resource: true, resource: word.to_owned(), ..RequestInfo::default() })
    };
    let question = words::read(words, table, place, &mut unknown)?;
    Ok(Asked { question, warnings: words::warnings(words, table, place), hint })
}
