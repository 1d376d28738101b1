//! May they? The authorizers (`apiserver/pkg/authorization`), asked in the order of `--authorization-mode`.

mod abac;
mod chain;
pub mod rbac;

pub use chain::{Authorized, Authorizers, Knowledge, Said, authorize};

use crate::api::{Attributes, GroupResource, Status, User, Version, resources::Resource};
use crate::error::Error;
use serde_json::Value;

/// A mode of `--authorization-mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Nodes may what their pods need.
    Node,
    /// Roles and bindings.
    Rbac,
    /// A policy file.
    Abac,
    /// Everybody may everything.
    AlwaysAllow,
    /// Nobody may anything.
    AlwaysDeny,
}

impl Mode {
    /// The word of the flag.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Node => "Node",
            Mode::Rbac => "RBAC",
            Mode::Abac => "ABAC",
            Mode::AlwaysAllow => "AlwaysAllow",
            Mode::AlwaysDeny => "AlwaysDeny",
        }
    }
}

impl std::str::FromStr for Mode {
    type Err = Error;
    fn from_str(word: &str) -> Result<Mode, Error> {
        [Mode::Node, Mode::Rbac, Mode::Abac, Mode::AlwaysAllow, Mode::AlwaysDeny]
            .into_iter()
            .find(|mode| mode.name() == word)
            .ok_or_else(|| Error::new(format!("unknown authorization mode `{word}`")))
    }
}

/// The 403 of a request that nobody allows.
pub fn refusal(attributes: &Attributes, reason: &str, _errors: &[String]) -> Status {
    let info = &attributes.info;
    let user = &attributes.user.name;
    let mut why = if info.is_resource {
        let scope = match info.namespace.as_str() {
            "" => "at the cluster scope".to_owned(),
            namespace => format!("in the namespace \"{namespace}\""),
        };
        format!("User \"{user}\" cannot {} resource \"{}\" in API group \"{}\" {scope}", info.verb, info.full_resource(), info.group)
    } else {
        format!("User \"{user}\" cannot {} path \"{}\"", info.verb, info.path)
    };
    if !reason.is_empty() {
        why = format!("{why}: {reason}");
    }
    Status::forbidden(&info.group_resource(), &info.name, why)
}

/// Escalation.
#[expect(clippy::too_many_arguments, reason = "temporary")]
pub fn escalation(_: &Authorizers, _: &Knowledge, _: Version, _: &User, _: &Resource, _: &str, _: Option<&Value>, _: &Value) -> Result<String, Status> {
    let _ = GroupResource::new("", "");
    Ok(String::new())
}
