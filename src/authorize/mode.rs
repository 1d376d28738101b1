//! The authorizers that can be named in `--authorization-mode`.

use crate::api::By;
use crate::api::field::quote;
use crate::error::Error;
use std::str::FromStr;

/// One authorizer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// What a kubelet needs for its own node and pods.
    Node,
    /// Roles and bindings.
    Rbac,
    /// A file of policies.
    Abac,
    /// Everything is allowed.
    AlwaysAllow,
    /// Nothing is allowed.
    AlwaysDeny,
}

impl Mode {
    /// All modes, in the order of kube-apiserver's help.
    pub const ALL: [Mode; 5] = [Mode::AlwaysAllow, Mode::AlwaysDeny, Mode::Abac, Mode::Rbac, Mode::Node];

    /// The mode's word.
    pub fn name(self) -> &'static str {
        self.by().name()
    }

    /// The mode as whoever decides.
    pub(super) fn by(self) -> By {
        match self {
            Mode::Node => By::Node,
            Mode::Rbac => By::Rbac,
            Mode::Abac => By::Abac,
            Mode::AlwaysAllow => By::AlwaysAllow,
            Mode::AlwaysDeny => By::AlwaysDeny,
        }
    }
}

impl FromStr for Mode {
    type Err = Error;

    fn from_str(word: &str) -> Result<Mode, Error> {
        let found = Mode::ALL.into_iter().find(|mode| mode.name() == word);
        found.ok_or_else(|| {
            let error = Error::new(format!("authorization-mode {} is not a valid mode", quote(word)));
            error.nearest(word, Mode::ALL.map(Mode::name))
        })
    }
}
