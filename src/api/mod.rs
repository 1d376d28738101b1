//! What travels: requests, answers, statuses, objects and the table of resources.
//!
//! Nothing here knows of a cluster. Objects are JSON; see [`value::Dig`] for how they are read.

pub(crate) mod attributes;
mod by;
pub(crate) mod custom;
pub(crate) mod decode;
pub(crate) mod definitions;
pub(crate) mod differences;
pub(crate) mod duration;
pub(crate) mod effect;
pub mod fact;
pub(crate) mod field;
pub(crate) mod info;
pub(crate) mod internal;
pub(crate) mod json_patch;
pub(crate) mod jsonpath;
pub mod jwt;
pub(crate) mod labels;
pub(crate) mod list;
pub(crate) mod names;
pub(crate) mod negotiate;
mod path;
pub(crate) mod quantity;
pub mod rbac;
pub(crate) mod refusal;
pub(crate) mod request;
pub(crate) mod resources;
pub(crate) mod response;
pub(crate) mod schema;
pub(crate) mod selector;
pub(crate) mod status;
pub(crate) mod structural;
pub(crate) mod trace;
pub(crate) mod value;
pub(crate) mod version;
pub(crate) mod watch;

pub use attributes::{Attributes, Decision};
pub use by::By;
pub(crate) use duration::human;
pub use effect::{Answer, Answers, Effect, Get, Heard, Post, Stop};
pub use fact::{Fact, Refusal};
pub use field::Errors;
pub use info::{Query, RequestInfo};
pub use list::List;
pub use path::Path;
pub use quantity::{Quantity, QuantityError};
pub use refusal::{broken, refusal};
pub use request::{Credential, Headers, Request, User, service_account};
pub use resources::{Resource, Resources, resources, root_path};
pub use response::{Body, Response};
pub use status::{GroupResource, Status};
pub use trace::{Finding, Outcome, Stage, Trace};
pub use value::Dig;
pub(crate) use value::time;
pub use version::Version;
pub use watch::Watch;
