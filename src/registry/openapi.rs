//! `/openapi/v2` and `/openapi/v3`.

use crate::api::{Response, Status, Version};

/// Answers what stands below `/openapi`; none where there is nothing.
pub(super) fn answer(_version: Version, _rest: &[&str], _accept: &str) -> Option<Result<Response, Status>> {
    None
}
