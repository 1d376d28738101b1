//! Paths as they stand in logs and after curl.

use crate::api::RequestInfo;
use crate::api::rbac::METHODS;

/// The request for a path. One below `/api/v1` or `/apis/GROUP/VERSION` is for a resource, as it is for an API server
/// (`RequestInfoFactory.NewRequestInfo`); a verb that is no method is asked as it stands.
pub(super) fn read(verb: &str, target: &str) -> RequestInfo {
    match METHODS.contains(&verb.to_ascii_lowercase().as_str()) {
        true => RequestInfo::parse(&verb.to_ascii_uppercase(), target),
        false => RequestInfo { verb: verb.to_owned(), ..RequestInfo::parse("GET", target) },
    }
}

/// What a path or a URL asks for: what stands behind scheme and host.
pub(super) fn of_url(word: &str) -> Option<&str> {
    if word.starts_with('/') {
        return Some(word);
    }
    let rest = word.strip_prefix("https://").or(word.strip_prefix("http://"))?;
    Some(rest.find('/').map_or("/", |at| &rest[at..]))
}
