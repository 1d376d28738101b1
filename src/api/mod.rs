//! What travels: requests, answers, statuses, objects and the table of resources.
//!
//! Nothing here knows of a cluster. Objects are JSON; see [`value::Dig`] for how they are read.

pub mod attributes;
pub mod decode;
pub mod fact;
pub mod field;
pub mod info;
pub mod labels;
pub mod negotiate;
pub mod objects;
pub mod quantity;
pub mod rbac;
pub mod refusal;
pub mod request;
pub mod resources;
pub mod response;
pub mod schema;
pub mod selector;
pub mod status;
pub mod trace;
pub mod value;
pub mod version;
pub mod watch;

pub use attributes::{Attributes, Decision};
pub use fact::{Fact, Refusal};
pub use field::Errors;
pub use info::{Query, RequestInfo};
pub use quantity::Quantity;
pub use refusal::refusal;
pub use request::{Credential, Headers, Request, User, service_account};
pub use resources::{Resource, Resources, resources, root_path};
pub use response::{Body, Response};
pub use status::{GroupResource, Status};
pub use trace::{By, Finding, Outcome, Stage, Trace};
pub use value::Dig;
pub use version::Version;
pub use watch::Watch;
