//! Names with a domain before a slash (`IsDomainPrefixedPath`, `IsFullyQualifiedDomainName` and their like).

use crate::api::names::domain_prefixed_path;
use crate::kinds::field::Field;

/// Checks a domain, a slash and a path.
pub(crate) fn domain_prefixed(field: Field<'_>) {
    match field.text("") {
        "" => field.required(""),
        text => domain_prefixed_path(text).into_iter().for_each(|(part, why)| field.invalid_as(part, why)),
    }
}
