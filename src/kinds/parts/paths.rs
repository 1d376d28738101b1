//! Names with a domain before a slash (`IsDomainPrefixedPath`, `IsFullyQualifiedDomainName` and their like).

use crate::api::names::{dns1123_subdomain, regex_error};
use crate::kinds::field::Field;

/// Checks a domain, a slash and a path.
pub(crate) fn domain_prefixed(field: Field<'_>) {
    let text = field.text("");
    if text.is_empty() {
        return field.required("");
    }
    let Some((host, path)) = text.split_once('/').filter(|(host, path)| !host.is_empty() && !path.is_empty())
    else {
        return field.invalid("must be a domain-prefixed path (such as \"acme.io/foo\")");
    };
    for wrong in dns1123_subdomain(host) {
        field.invalid_as(host, wrong);
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || "/-._~%!$&'()*+,;=:".contains(c);
    if !path.chars().all(fits) {
        let pattern = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+";
        field.invalid_as(path, regex_error("Invalid path", pattern, &[]));
    }
}
