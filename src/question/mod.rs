//! What somebody wants to know, in the words in which people have it: `get pods -n shop` as after `kubectl auth can-i`, a path
//! from a log, or the API server's own refusal, pasted; and what a line of an audit log stands for.

mod logged;
mod pasted;
mod path;
mod refused;
mod resource;
mod split;
pub(crate) mod warnings;
mod words;
mod written;

#[cfg(test)]
mod tests;

pub(crate) use logged::logged;
pub use refused::{Refused, refusals, refused};
pub(crate) use split::{pieces, quoted};
pub(crate) use words::{is_typed, named_in, says_where};
pub(crate) use written::written;

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

/// What becomes of a word for a resource that nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// It is an error.
    IsWrong,
    /// It is asked for as it stands, as by kubectl, and a hint says which resource may be meant.
    AsItStands,
}

/// A question with what there is to say of its words.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// The question.
    pub question: Question,
    /// What kubectl warns of.
    pub warnings: Vec<String>,
    /// What kubectl doesn't say: what else may be meant.
    pub hints: Vec<String>,
}

/// The request that words ask about: `VERB RESOURCE[/SUBRESOURCE] [NAME] [-n NAMESPACE | -A]`, `VERB TYPE/NAME`, `VERB /path`,
/// or a refusal.
///
/// # Errors
///
/// Words of another form, and a resource that nobody knows; the text says what is wrong.
pub fn read(words: &str, table: &Resources, place: Place<'_>) -> Result<Question, String> {
    asked(words, table, place, Unknown::IsWrong).map(|asked| asked.question)
}

/// The same with what there is to say of the words.
///
/// # Errors
///
/// Words of another form; the text says what is wrong.
pub fn asked(words: &str, table: &Resources, place: Place<'_>, unknown: Unknown) -> Result<Asked, String> {
    let all = refusals(words);
    let count = all.len();
    match all.into_iter().next() {
        Some(Refused::Access(question)) => {
            let first = || {
                format!("the first of {count} refusals is asked about; `explain` and `can-i` ask about all")
            };
            let hints = (count > 1).then(first).into_iter().collect();
            Ok(Asked { question: *question, warnings: Vec::new(), hints })
        }
        Some(Refused::Otherwise { by, ask }) => {
            Err(format!("this is no refusal of the authorizers: {by} refused it; {ask}"))
        }
        None => words::read(words, table, place, unknown),
    }
}
