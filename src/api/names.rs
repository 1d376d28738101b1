//! What a name, a label or a key may look like (`apimachinery/pkg/util/validation`, `apimachinery/pkg/api/validate/content`).
//!
//! Each check returns the texts of what is wrong; none means valid.

use crate::api::differences::{DOTS_TOLD, LABEL_BYTES, PORT_NAMES_HAVE_LETTERS, SERVICE_NAME_IS_LABEL};
use crate::api::version::Version;

const LABEL: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const QUALIFIED: &str = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const QUALIFIED_WORDS: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

/// How an object of a kind may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NameRule {
    /// Lower case letters, digits, `-` and dots: most kinds.
    Subdomain,
    /// The same without dots.
    Label,
    /// A service: as `Label`, and once with a letter at the beginning.
    Service,
    /// Whatever can stand in a path: the kinds of RBAC.
    PathSegment,
    /// The kind itself says: its own rules look at names.
    Any,
}

impl NameRule {
    /// What is wrong with a name, or with the `prefix` from which a name is generated.
    pub(crate) fn check(self, name: &str, prefix: bool, version: Version) -> Vec<String> {
        // A prefix may end in a dash: something will follow it. The server takes the character before it along.
        let masked = || match prefix && name.len() > 1 && name.ends_with('-') {
            true => format!("{}a", name.get(..name.len() - 2).unwrap_or_default()),
            false => name.to_owned(),
        };
        match self {
            NameRule::Subdomain => dns1123_subdomain(&masked()),
            NameRule::Label => dns1123_label(&masked(), version),
            NameRule::Service if version.has(SERVICE_NAME_IS_LABEL) => dns1123_label(&masked(), version),
            NameRule::Service => dns1035_label(&masked()),
            NameRule::PathSegment => path_segment(name, prefix),
            NameRule::Any => Vec::new(),
        }
    }
}

fn max_characters(most: usize) -> String {
    format!("must be no more than {most} characters")
}

fn max_label(most: usize, version: Version) -> String {
    if version.has(LABEL_BYTES) { format!("must be no more than {most} bytes") } else { max_characters(most) }
}

/// What a value must look like, with examples and the pattern.
pub(crate) fn regex_error(words: &str, pattern: &str, examples: &[&str]) -> String {
    if examples.is_empty() {
        return format!("{words} (regex used for validation is '{pattern}')");
    }
    let examples: Vec<String> = examples.iter().map(|e| format!("'{e}', ")).collect();
    format!("{words} (e.g. {}regex used for validation is '{pattern}')", examples.join(" or "))
}

/// Whether text begins with a character of `first`, ends with one of `last`, and has only those of `inner` between.
fn shape(text: &str, first: fn(u8) -> bool, inner: fn(u8) -> bool, last: fn(u8) -> bool) -> bool {
    match text.as_bytes() {
        [] => false,
        [one] => first(*one),
        [head, middle @ .., tail] => first(*head) && middle.iter().all(|c| inner(*c)) && last(*tail),
    }
}

fn lower_alnum(c: u8) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit()
}

fn alnum(c: u8) -> bool {
    c.is_ascii_alphanumeric()
}

fn is_label(text: &str) -> bool {
    shape(text, lower_alnum, |c| lower_alnum(c) || c == b'-', lower_alnum)
}

fn is_subdomain(text: &str) -> bool {
    text.split('.').all(is_label)
}

/// A label of DNS (RFC 1123).
pub(crate) fn dns1123_label(value: &str, version: Version) -> Vec<String> {
    let mut errors = Vec::new();
    if value.len() > 63 {
        errors.push(max_characters(63));
    }
    if !is_label(value) {
        if version.has(DOTS_TOLD) && is_subdomain(value) {
            errors.push("must not contain dots".to_owned());
        } else {
            let words = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', \
                         and must start and end with an alphanumeric character";
            errors.push(regex_error(words, LABEL, &["my-name", "123-abc"]));
        }
    }
    errors
}

/// A label of DNS that begins with a letter (RFC 1035).
pub(crate) fn dns1035_label(value: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if value.len() > 63 {
        errors.push(max_characters(63));
    }
    let letter = |c: u8| c.is_ascii_lowercase();
    if !shape(value, letter, |c| lower_alnum(c) || c == b'-', lower_alnum) {
        let words = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', \
                     start with an alphabetic character, and end with an alphanumeric character";
        errors.push(regex_error(words, "[a-z]([-a-z0-9]*[a-z0-9])?", &["my-name", "abc-123"]));
    }
    errors
}

/// What is wrong with a domain, a slash and a path (`IsDomainPrefixedPath`): the part, and why. Of no text nothing is said.
pub(crate) fn domain_prefixed_path(text: &str) -> Vec<(&str, String)> {
    let Some((host, path)) = text.split_once('/').filter(|(host, path)| !host.is_empty() && !path.is_empty())
    else {
        return vec![(text, "must be a domain-prefixed path (such as \"acme.io/foo\")".to_owned())];
    };
    let mut wrong: Vec<_> = dns1123_subdomain(host).into_iter().map(|why| (host, why)).collect();
    if !path.chars().all(|c| c.is_ascii_alphanumeric() || "/-._~%!$&'()*+,;=:".contains(c)) {
        let pattern = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+";
        wrong.push((path, regex_error("Invalid path", pattern, &[])));
    }
    wrong
}

/// A name of DNS, dots included (RFC 1123).
pub(crate) fn dns1123_subdomain(value: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if value.len() > 253 {
        errors.push(max_characters(253));
    }
    if !is_subdomain(value) {
        let words = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', \
                     and must start and end with an alphanumeric character";
        let pattern = format!("{LABEL}(\\.{LABEL})*");
        errors.push(regex_error(words, &pattern, &["example.com"]));
    }
    errors
}

/// A name of DNS that may begin with a wildcard.
pub(crate) fn wildcard_dns1123_subdomain(value: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if value.len() > 253 {
        errors.push(max_characters(253));
    }
    if !value.strip_prefix("*.").is_some_and(is_subdomain) {
        let words = "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must \
                     consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character";
        let pattern = format!("\\*\\.{LABEL}(\\.{LABEL})*");
        errors.push(regex_error(words, &pattern, &["*.example.com"]));
    }
    errors
}

/// What can stand between two slashes of a path; a prefix need not be a whole segment.
pub(crate) fn path_segment(name: &str, prefix: bool) -> Vec<String> {
    if !prefix && matches!(name, "." | "..") {
        return vec![format!("may not be '{name}'")];
    }
    ["/", "%"].into_iter().filter(|c| name.contains(c)).map(|c| format!("may not contain '{c}'")).collect()
}

/// A label's key, an annotation's key, a finalizer: a name with an optional domain before a slash.
pub(crate) fn qualified_name(value: &str, version: Version) -> Vec<String> {
    let mut errors = Vec::new();
    let examples = ["MyName", "my.name", "123-abc"];
    let parts: Vec<&str> = value.split('/').collect();
    let name = match parts.as_slice() {
        [name] => *name,
        ["", name] => {
            errors.push("prefix part must be non-empty".to_owned());
            name
        }
        [prefix, name] => {
            errors.extend(dns1123_subdomain(prefix).iter().map(|e| format!("prefix part {e}")));
            name
        }
        _ => {
            let what = if version.has(LABEL_BYTES) { "a valid label key" } else { "a qualified name" };
            let shape = regex_error(QUALIFIED_WORDS, QUALIFIED, &examples);
            return vec![format!(
                "{what} {shape} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            )];
        }
    };
    if name.is_empty() {
        errors.push("name part must be non-empty".to_owned());
    } else if name.len() > 63 {
        errors.push(format!("name part {}", max_label(63, version)));
    }
    if !shape(name, alnum, qualified_inner, alnum) {
        errors.push(format!("name part {}", regex_error(QUALIFIED_WORDS, QUALIFIED, &examples)));
    }
    errors
}

fn qualified_inner(c: u8) -> bool {
    alnum(c) || matches!(c, b'-' | b'_' | b'.')
}

/// A label's value.
pub(crate) fn label_value(value: &str, version: Version) -> Vec<String> {
    let mut errors = Vec::new();
    if value.len() > 63 {
        errors.push(max_label(63, version));
    }
    if !value.is_empty() && !shape(value, alnum, qualified_inner, alnum) {
        let words = format!("a valid label must be an empty string or {}", &QUALIFIED_WORDS["must ".len()..]);
        let pattern = format!("({QUALIFIED})?");
        errors.push(regex_error(&words, &pattern, &["MyValue", "my_value", "12345"]));
    }
    errors
}

/// A key of a config map or a secret.
pub(crate) fn config_map_key(value: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if value.len() > 253 {
        errors.push(max_characters(253));
    }
    if value.is_empty() || !value.bytes().all(qualified_inner) {
        let words = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
        errors.push(regex_error(words, "[-._a-zA-Z0-9]+", &["key.name", "KEY_NAME", "key-name"]));
    }
    errors.extend(dots(value));
    errors
}

/// What is wrong with a name that would be a folder's, or above it.
fn dots(value: &str) -> Option<String> {
    match value {
        "." | ".." => Some(format!("must not be '{value}'")),
        _ if value.starts_with("..") => Some("must not start with '..'".to_owned()),
        _ => None,
    }
}

/// A variable of an environment, as it had to be named until 1.32 and has to be for kubectl.
pub(crate) fn variable(value: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if value.is_empty()
        || !value.bytes().all(qualified_inner)
        || value.starts_with(|c: char| c.is_ascii_digit())
    {
        let words = "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', \
                     and must not start with a digit";
        let examples = ["my.env-name", "MY_ENV.NAME", "MyEnvName1"];
        errors.push(regex_error(words, "[-._a-zA-Z][-._a-zA-Z0-9]*", &examples));
    }
    errors.extend(dots(value));
    errors
}

/// A port's name.
pub(crate) fn port_name(value: &str, version: Version) -> Vec<String> {
    let mut errors = Vec::new();
    let mut complain = |wrong: bool, text: &str| {
        if wrong {
            errors.push(text.to_owned());
        }
    };
    complain(value.len() > 15, &max_characters(15));
    let allowed = |c: u8| lower_alnum(c) || c == b'-';
    complain(
        value.is_empty() || !value.bytes().all(allowed),
        "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
    );
    let letter = match version.has(PORT_NAMES_HAVE_LETTERS) {
        true => "must contain at least one letter (a-z)",
        false => "must contain at least one letter or number (a-z, 0-9)",
    };
    complain(!value.bytes().any(|c| c.is_ascii_lowercase()), letter);
    complain(value.contains("--"), "must not contain consecutive hyphens");
    complain(value.starts_with('-') || value.ends_with('-'), "must not begin or end with a hyphen");
    errors
}

/// A port's number.
pub(crate) fn port_number(value: i64) -> Vec<String> {
    match (1..=65535).contains(&value) {
        true => Vec::new(),
        false => vec!["must be between 1 and 65535, inclusive".to_owned()],
    }
}
