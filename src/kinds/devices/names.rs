//! What drivers, pools, requests and attributes may be called.

use super::lists::{MOST, once};
use crate::api::names::{dns1123_label, dns1123_subdomain, regex_error};
use crate::json::Value;
use crate::kinds::field::Field;
use crate::kinds::parts::volume_sources::csi_driver;

const POOL_MAX: usize = 253;
const ID_MAX: usize = 32;
const DOMAIN_MAX: usize = 63;
/// The longest name of an attribute, with its domain.
pub(super) const ATTRIBUTE_MAX: usize = DOMAIN_MAX + 1 + ID_MAX;

/// Checks a driver's name, which is that of a CSI driver.
pub(super) fn driver(name: Field<'_>) {
    csi_driver(name);
}

/// Checks the name of a request, a device or a counter.
pub(super) fn label(name: Field<'_>) {
    name.errors.invalid_each(name.path, name.text(""), dns1123_label(name.text(""), name.version()));
}

/// Checks a pool's name: subdomains with slashes between (`validatePoolName`).
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

/// Checks an id of a share (`validateUID`).
pub(super) fn uid(id: Field<'_>) {
    let text = id.text("");
    let hex = |text: &str| text.bytes().all(|b| b.is_ascii_hexdigit());
    let bare = text
        .strip_prefix("urn:uuid:")
        .or_else(|| text.strip_prefix('{').and_then(|text| text.strip_suffix('}')))
        .unwrap_or(text);
    let dashed = [8, 13, 18, 23].iter().all(|at| bare.as_bytes().get(*at) == Some(&b'-'));
    match bare.len() {
        36 if dashed && hex(&bare.replace('-', "")) => {}
        32 if hex(bare) => {}
        32 | 36 => return id.invalid("error validating uid: invalid UUID format"),
        _ => {
            return id.invalid(format_args!("error validating uid: invalid UUID length: {}", text.len()));
        }
    }
    if text.len() != 36 || text != text.to_lowercase() {
        id.invalid(
            "uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal \
             characters",
        );
    }
}

fn identifier(name: Field<'_>, text: &str) {
    if text.len() > ID_MAX {
        name.errors.too_long(name.path, ID_MAX);
    }
    let begins = text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    if !begins || !text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        let words = "a valid C identifier must start with alphabetic character or '_', followed by a string of \
                     alphanumeric characters or '_'";
        name.invalid_as(
            text,
            regex_error(words, "[A-Za-z_][A-Za-z0-9_]*", &["my_name", "MY_NAME", "MyName"]),
        );
    }
}

/// Checks an identifier with a domain before it, or without (`validateQualifiedName`).
pub(super) fn qualified(name: Field<'_>) {
    let parts: Vec<&str> = name.text("").split('/').collect();
    match parts.as_slice() {
        [id] => identifier(name, id),
        [domain, id] => {
            match *domain {
                "" => name.invalid_as("", "the domain must not be empty"),
                domain => driver(name.told_as("", &Value::from(domain))),
            }
            match *id {
                "" => name.invalid_as("", "the name must not be empty"),
                id => identifier(name, id),
            }
        }
        _ => name.invalid("must not contain more than one slash"),
    }
}

/// Checks an identifier with a domain before it (`validateFullyQualifiedName`).
pub(super) fn fully_qualified(name: Field<'_>) {
    qualified(name);
    if !name.text("").contains('/') {
        name.invalid("a fully qualified name must be a domain and a name separated by a slash");
    }
}

/// What requests of a claim are called, and those that they are made of.
#[derive(Debug, Default)]
pub(super) struct Requests<'a>(pub(super) Vec<(&'a str, Vec<&'a str>)>);

impl Requests<'_> {
    fn has(&self, name: &str) -> bool {
        let (request, part) = match name.split_once('/') {
            Some((request, part)) => (request, Some(part)),
            None => (name, None),
        };
        self.0.iter().any(|(known, parts)| *known == request && part.is_none_or(|part| parts.contains(&part)))
    }

    /// Checks a reference to a request (`validateRequestNameRef`).
    pub(super) fn check(&self, name: Field<'_>) {
        const DETAIL: &str = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
        let text = name.text("");
        if text.split('/').count() > 2 {
            return name.invalid_as(text, DETAIL);
        }
        for segment in text.split('/') {
            name.errors.invalid_each(name.path, segment, dns1123_label(segment, name.version()));
        }
        if !self.has(text) {
            name.invalid_as(text, DETAIL);
        }
    }
}

/// Checks a list of names of requests.
pub(super) fn references(list: Field<'_>, requests: &Requests<'_>) {
    let name = |name: &Value| name.as_str().unwrap_or_default().to_owned();
    once(list, MOST, name, |name| requests.check(name));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Errors, Version};

    fn told(check: fn(Field<'_>), text: &str) -> String {
        let errors = Errors::new(Version::minor(36));
        check(Field::of(&text.into(), &errors));
        errors.list().into_iter().map(|error| error.message).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn ids_are_written_in_one_way() {
        assert_eq!(told(uid, "7d444840-9dc0-11d1-b245-5ffdce74fad2"), "");
        assert!(told(uid, "7D444840-9dc0-11d1-b245-5ffdce74fad2").contains("normalized form"));
        assert!(told(uid, "7d4448409dc011d1b2455ffdce74fad2").contains("normalized form"));
        assert!(told(uid, "x").ends_with("invalid UUID length: 1"));
    }

    #[test]
    fn attributes_have_domains() {
        assert_eq!(told(fully_qualified, "gpu.example.com/model"), "");
        assert_eq!(
            told(fully_qualified, "model"),
            "Invalid value: \"model\": a fully qualified name must be a domain and a name separated by a slash"
        );
        assert_eq!(told(qualified, "/a"), "Invalid value: \"\": the domain must not be empty");
        assert_eq!(
            told(qualified, "a/b/c"),
            "Invalid value: \"a/b/c\": must not contain more than one slash"
        );
    }

    #[test]
    fn a_reference_names_a_request_or_a_part_of_it() {
        let requests = Requests(vec![("a", vec!["b"]), ("c", Vec::new())]);
        assert!(requests.has("a") && requests.has("a/b") && requests.has("c"));
        assert!(!requests.has("a/c") && !requests.has("b"));
    }
}
