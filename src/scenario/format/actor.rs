//! Actors: several people or programs at one cluster, each with steps of their own.

use super::{Step, Who};
use schemars::JsonSchema;
use serde::Deserialize;

/// Somebody who does steps of their own, beside others who do theirs.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// What they are called: a word of small letters, digits and dashes.
    pub actor: String,
    /// Who does those of their steps that do not say it; an administrator unless given.
    #[serde(default, rename = "as")]
    pub by: Option<Who>,
    /// What they do, in order. What they save is their own; what the scenario's steps saved, they all know.
    pub steps: Vec<Step>,
}

/// An actor's step that is tried again where it was answered so: client-go's `retry.RetryOnConflict`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, serde::Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Retry {
    /// On which code: 409 where an object was read and written back.
    pub on: u16,
    /// From which of the actor's steps on they do it again, by its number; the step itself unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<usize>,
    /// How often at most; four times unless given, as `retry.DefaultRetry` tries five times in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
}

impl Retry {
    /// How often at most.
    pub fn most(self) -> u32 {
        self.times.unwrap_or(4)
    }
}
