//! What is created only to be answered, and never stored: access reviews, token reviews, tokens.

use super::{Call, Served};
use crate::admit::Stop;
use crate::api::Status;
use crate::api::resources::Resource;
use crate::authorize::Authorized;

/// Whether objects of this resource are answered and forgotten.
pub fn is_virtual(row: &Resource) -> bool {
    matches!(row.group, "authorization.k8s.io") || row.name.ends_with("reviews") || row.subresource == "token"
}

/// Answers a review.
pub fn serve(_call: &mut Call<'_>, _request: &Authorized, row: &'static Resource) -> Served {
    Err(Stop::Refused(Status::plain(501, "NotImplemented", format!("{} is not modelled", row.path()))))
}
