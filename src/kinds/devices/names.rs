//! How drivers, pools, and what belongs to them are called.

use crate::api::names::dns1123_subdomain;
use crate::kinds::field::Field;

const DRIVER_MAX: usize = 63;
const POOL_MAX: usize = 253;
const DOMAIN_MAX: usize = 63;
const IDENTIFIER_MAX: usize = 32;

/// Checks a driver's name.
pub(super) fn driver(name: Field<'_>) {
    let text = name.text("");
    if text.is_empty() {
        name.required("");
    }
    if text.len() > DRIVER_MAX {
        name.errors.too_long(name.path, DRIVER_MAX);
    }
    if !text.is_empty() {
        name.invalid_each(dns1123_subdomain(&text.to_lowercase()));
    }
}

/// Checks a pool's name: parts between slashes.
pub(super) fn pool(name: Field<'_>) {
    let text = name.text("");
    if text.is_empty() {
        return name.required("");
    }
    if text.len() > POOL_MAX {
        name.errors.too_long(name.path, POOL_MAX);
    }
    for part in text.split('/') {
        name.errors.invalid_each(name.path, part, dns1123_subdomain(part));
    }
}

/// Checks a name with its domain.
pub(super) fn fully_qualified(name: Field<'_>) {
    match name.text("") {
        "" => name.required("name required"),
        text if text.contains('/') => qualified(name, text),
        _ => name.invalid("a fully qualified name must be a domain and a name separated by a slash"),
    }
}

/// Checks a name that may have a domain; errors speak of `at`.
pub(super) fn qualified(at: Field<'_>, name: &str) {
    let parts: Vec<&str> = name.split('/').collect();
    match parts.as_slice() {
        [id] => identifier(at, id),
        [domain, id] => {
            match domain.is_empty() {
                true => at.required("the domain must not be empty"),
                false => {
                    if domain.len() > DOMAIN_MAX {
                        at.errors.too_long(at.path, DOMAIN_MAX);
                    }
                    at.errors.invalid_each(at.path, domain, dns1123_subdomain(domain));
                }
            }
            match id.is_empty() {
                true => at.required("the name must not be empty"),
                false => identifier(at, id),
            }
        }
        _ => at.invalid_as(
            name,
            "a qualified name must be a C identifier, or a domain, a slash and a C identifier",
        ),
    }
}

fn identifier(at: Field<'_>, id: &str) {
    if id.len() > IDENTIFIER_MAX {
        at.errors.too_long(at.path, IDENTIFIER_MAX);
    }
    let first = |c: char| c.is_ascii_alphabetic() || c == '_';
    if !id.starts_with(first) || !id.chars().all(|c| first(c) || c.is_ascii_digit()) {
        let words = "a valid C identifier must start with alphabetic character or '_', followed by a string of \
                     alphanumeric characters or '_'";
        let examples = ["my_name", "MY_NAME", "MyName"];
        at.invalid_as(id, crate::api::names::regex_error(words, "[A-Za-z_][A-Za-z0-9_]*", &examples));
    }
}
