//! What travels: requests, answers, statuses, objects and the table of resources.
//!
//! Nothing here knows of a cluster. Objects are JSON; see [`value::Dig`] for how they are read.

pub mod attributes;
pub mod info;
pub mod request;
pub mod resources;
pub mod response;
pub mod status;
pub mod value;
pub mod version;

pub use attributes::{Attributes, Decision};
pub use info::{Query, RequestInfo};
pub use request::{Credential, Headers, Request, User};
pub use resources::{Resource, Resources, resources};
pub use response::{Body, Response};
pub use status::{GroupResource, Status};
pub use value::Dig;
pub use version::Version;
