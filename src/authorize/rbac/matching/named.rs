//! Whether a request has a name when it is authorized: `resourceNames` are compared with it, and the empty one is that of
//! requests without any (`ResourceNameMatches` in `pkg/apis/rbac/v1/evaluation_helpers.go`; `requestinfo.go`).

use crate::api::virtual_resources::acted_for;

/// What requests with a verb have for a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// Always one.
    Always,
    /// One where the field selector `metadata.name` tells it, and else none.
    Selected,
    /// None where something new is posted; one where a PUT or server-side apply makes it.
    Anew,
    /// Never any.
    Never,
    /// Nobody knows: any verb, or one that others ask for.
    Open,
}

/// What requests with a verb have for a name, on a resource as rules write it.
pub(crate) fn named(verb: &str, resource: &str) -> Named {
    let verb = acted_for(verb).unwrap_or(verb);
    let (_, part) = resource.split_once('/').unwrap_or((resource, ""));
    match verb {
        "deletecollection" => Named::Never,
        "get" | "update" | "patch" | "delete" | "bind" | "use" | "approve" | "sign" | "attest" => {
            Named::Always
        }
        // The old right to act as somebody is also asked for where a group or a value is empty.
        _ if verb.starts_with("impersonate:") => Named::Always,
        "create" | "list" | "watch" if !part.is_empty() => Named::Always,
        "list" | "watch" => Named::Selected,
        "create" | "escalate" => Named::Anew,
        _ => Named::Open,
    }
}

/// Whether names leave nothing of a verb on a resource, as rules write it: they all want a name, or none does.
pub(crate) fn is_idle(verb: &str, resource: &str, names: &[String]) -> bool {
    let empty = names.iter().filter(|name| name.is_empty()).count();
    !names.is_empty()
        && match named(verb, resource) {
            Named::Always => empty == names.len(),
            Named::Never => empty == 0,
            Named::Selected | Named::Anew | Named::Open => false,
        }
}
