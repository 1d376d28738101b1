//! The values that only libraries make.

use crate::api::quantity::Quantity;
use crate::api::{RequestInfo, User};
use std::net::IpAddr;

/// A value that only a library makes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Opaque {
    /// An amount.
    Quantity(Quantity),
    /// An address.
    Ip(IpAddr),
    /// A range of addresses.
    Cidr(IpAddr, u8),
    /// A URL.
    Url(Url),
    /// A version.
    Semver(Semver),
    /// A format of names.
    Format(&'static str),
    /// What asks the authorizer.
    Authorizer(Box<Question>),
    /// What the authorizer said.
    Decision(bool, String),
}

impl Opaque {
    /// The name of its type.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Opaque::Quantity(_) => "kubernetes.Quantity",
            Opaque::Ip(_) => "net.IP",
            Opaque::Cidr(..) => "net.CIDR",
            Opaque::Url(_) => "kubernetes.URL",
            Opaque::Semver(_) => "kubernetes.Semver",
            Opaque::Format(_) => "kubernetes.NamedFormat",
            Opaque::Authorizer(check) => check.type_name(),
            Opaque::Decision(..) => "kubernetes.authorization.Decision",
        }
    }
}

/// The parts of a URL.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Url {
    pub(super) scheme: String,
    pub(super) host: String,
    pub(super) path: String,
    pub(super) query: String,
}

/// A version: its numbers, and what precedes the release. What was built is not kept: it does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Semver {
    pub(super) numbers: [u64; 3],
    pub(super) before: Vec<String>,
}

/// A question, as far as it has been put.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Question {
    pub(super) user: User,
    pub(super) info: RequestInfo,
    pub(super) stage: Stage,
}

/// What a question is about so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Whole,
    Path,
    Group,
    Resource,
}

impl Question {
    pub(super) fn type_name(&self) -> &'static str {
        match self.stage {
            Stage::Whole => "kubernetes.authorization.Authorizer",
            Stage::Path => "kubernetes.authorization.PathCheck",
            Stage::Group => "kubernetes.authorization.GroupCheck",
            Stage::Resource => "kubernetes.authorization.ResourceCheck",
        }
    }
}
