//! What maps and lists of a strategic merge patch share: the directive `$patch`.

use super::failed;
use crate::api::Status;
use crate::api::field::{go_kind, go_plain};
use crate::api::value::Fields;
use crate::json::Value;

pub(super) const DIRECTIVE: &str = "$patch";

pub(super) fn unknown_directive(directive: &Value, patch: &Fields) -> Status {
    let shown = match directive {
        Value::String(directive) => directive.to_string(),
        other => format!("%!s({}={})", go_kind(other), go_plain(other)),
    };
    failed(format!("unknown patch type: {shown} in map: {}", go_plain(&Value::Object(patch.clone()))))
}
