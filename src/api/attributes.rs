//! What an authorizer is asked (`authorizer.Attributes`), and what it may say.

use super::info::RequestInfo;
use super::request::User;

/// Who wants to do what to what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// Who.
    pub user: User,
    /// What, in the server's words.
    pub info: RequestInfo,
}

/// An authorizer's answer. The first definite one of a chain wins; none at all is a 403.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub enum Decision {
    /// Allowed, and no further authorizer is asked.
    Allow,
    /// Refused, and no further authorizer is asked.
    Deny,
    /// The next authorizer may decide.
    #[default]
    NoOpinion,
}
