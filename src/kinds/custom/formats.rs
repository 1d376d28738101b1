//! The formats of texts (`apiserver/validation/formats.go`, `kube-openapi/pkg/validation/strfmt`).
//!
//! # Differs from Kubernetes
//!
//! Addresses of mail are those that people have: comments, groups and encoded words are not read.

use crate::api::Version;
use crate::api::differences::SHORT_AND_LONG_NAMES;
use crate::api::names::{dns1123_label, dns1123_subdomain};
use regex::Regex;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

/// A format's name, and whether a text is of it.
type Format = (&'static str, fn(&str) -> bool);

/// The formats that every release knows; dashes in a name don't count.
const FORMATS: &[Format] = &[
    ("bsonobjectid", |text| text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit())),
    ("uri", is_uri),
    ("email", is_email),
    ("hostname", is_hostname),
    ("ipv4", |text| text.contains('.') && is_address(text)),
    ("ipv6", |text| text.contains(':') && is_address(text)),
    ("cidr", is_cidr),
    ("mac", is_mac),
    ("uuid", |text| shape(&UUID, text)),
    ("uuid3", |text| shape(&UUID3, text)),
    ("uuid4", |text| shape(&UUID4, text)),
    ("uuid5", |text| shape(&UUID5, text)),
    ("isbn", |text| is_isbn10(text) || is_isbn13(text)),
    ("isbn10", is_isbn10),
    ("isbn13", is_isbn13),
    ("creditcard", is_credit_card),
    ("ssn", |text| text.len() == 11 && shape(&SSN, text)),
    ("hexcolor", |text| shape(&HEX_COLOR, text)),
    ("rgbcolor", |text| shape(&RGB_COLOR, text)),
    ("byte", |text| shape(&BASE64, text)),
    ("password", |_| true),
    ("date", is_date),
    ("duration", is_duration),
    ("datetime", is_date_time),
];

/// Whether a release knows a format.
pub(in crate::kinds) fn is_known(format: &str, version: Version) -> bool {
    if format.is_empty() {
        return false;
    }
    is_name(format).filter(|_| version.has(SHORT_AND_LONG_NAMES)).is_some() || row(format).is_some()
}

/// Whether a text has a format; nothing of one that the release doesn't know.
pub(super) fn check(format: &str, text: &str, version: Version) -> Option<bool> {
    if let Some(check) = is_name(format).filter(|_| version.has(SHORT_AND_LONG_NAMES)) {
        return Some(check(text, version).is_empty());
    }
    row(format).map(|check| check(text))
}

fn row(format: &str) -> Option<fn(&str) -> bool> {
    let format = format.replace('-', "");
    FORMATS.iter().find(|(name, _)| *name == format).map(|(_, check)| *check)
}

/// Kubernetes' own formats, of names.
fn is_name(format: &str) -> Option<fn(&str, Version) -> Vec<String>> {
    match format.replace('-', "").as_str() {
        "k8sshortname" => Some(dns1123_label),
        "k8slongname" => Some(|text, _| dns1123_subdomain(text)),
        _ => None,
    }
}

macro_rules! patterns {
    ($($name:ident: $pattern:literal;)*) => {$(
        static $name: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new($pattern).ok());
    )*

    #[cfg(test)]
    static ALL: &[&LazyLock<Option<Regex>>] = &[$(&$name,)*];
    };
}

patterns! {
    UUID: "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$";
    UUID3: "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$";
    UUID4: "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$";
    UUID5: "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$";
    HOSTNAME: r"^([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)|([a-zA-Z0-9\p{S}\p{L}](([a-zA-Z0-9-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.)){1,}([a-zA-Z0-9\p{S}\p{L}])(-?[a-zA-Z0-9\p{S}\p{L}]){1,62})$";
    CREDIT_CARD: "^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|(222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]|2720)[0-9]{12}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35[0-9]{3})[0-9]{11}|6[27][0-9]{14})$";
    SSN: "^[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}$";
    HEX_COLOR: "^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$";
    RGB_COLOR: r"^rgb\([\t\n\f\r ]*(0|[1-9][0-9]?|1[0-9][0-9]?|2[0-4][0-9]|25[0-5])[\t\n\f\r ]*,[\t\n\f\r ]*(0|[1-9][0-9]?|1[0-9][0-9]?|2[0-4][0-9]|25[0-5])[\t\n\f\r ]*,[\t\n\f\r ]*(0|[1-9][0-9]?|1[0-9][0-9]?|2[0-4][0-9]|25[0-5])[\t\n\f\r ]*\)$";
    BASE64: "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$";
    DATE: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";
    TIME: r"^([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))$";
    GO_DURATION: r"^[-+]?(0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$";
    DURATION_PART: r"[0-9]+[\t\n\f\r ]*([A-Za-zµ]+)";
    EMAIL: r#"^(?:[^<>"]*<)?(?:[^\s()<>\[\]:;@\\,."]+(?:\.[^\s()<>\[\]:;@\\,."]+)*|"[^"]*")@[^\s()<>\[\]:;@\\,."]+(?:\.[^\s()<>\[\]:;@\\,."]+)*(>?)$"#;
}

fn shape(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

/// `net/url.ParseRequestURI`: a scheme, or a path from the root.
fn is_uri(text: &str) -> bool {
    if text.is_empty() || text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
        return false;
    }
    if text == "*" {
        return true;
    }
    let Some((scheme, rest)) = split_scheme(text) else { return false };
    let rest = rest.split_once('?').map_or(rest, |(rest, _)| rest);
    if !rest.starts_with('/') {
        // Opaque (`mailto:a@b.c`) with a scheme, and no request without.
        return !scheme.is_empty();
    }
    let authority = rest.strip_prefix("//").filter(|rest| !scheme.is_empty() && !rest.starts_with('/'));
    match authority {
        None => is_escaped(rest),
        Some(rest) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
            is_host(host) && is_escaped(path)
        }
    }
}

/// The scheme, or nothing, and the rest; none if there is a colon without a scheme.
fn split_scheme(text: &str) -> Option<(&str, &str)> {
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            b':' if at == 0 => return None,
            b':' => return Some((&text[..at], &text[at + 1..])),
            _ => break,
        }
    }
    Some(("", text))
}

fn is_host(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((_, port)) => ("", port),
            None => return false,
        },
        None => host.split_at(host.rfind(':').unwrap_or(host.len())),
    };
    let port = port.is_empty()
        || port.strip_prefix(':').is_some_and(|port| port.bytes().all(|b| b.is_ascii_digit()));
    let allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || byte >= 0x80 || b"-_.~!$&'()*+,;=:[]<>\"%".contains(&byte);
    port && name.bytes().all(allowed)
}

/// Whether each percent sign stands before two hexadecimal digits.
fn is_escaped(path: &str) -> bool {
    path.split('%')
        .skip(1)
        .all(|rest| rest.len() >= 2 && rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit()))
}

/// `net/mail.ParseAddress`: `a@b.example`, or `A <a@b.example>`.
fn is_email(text: &str) -> bool {
    let text = text.trim();
    shape(&EMAIL, text) && text.contains('<') == text.ends_with('>')
}

fn is_hostname(text: &str) -> bool {
    shape(&HOSTNAME, text) && text.len() <= 255 && text.split('.').all(|part| part.len() <= 63)
}

/// `net.ParseIP`.
fn is_address(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok() || text.parse::<Ipv6Addr>().is_ok()
}

/// `net.ParseCIDR`.
fn is_cidr(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let most = match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    bits.bytes().all(|byte| byte.is_ascii_digit()) && bits.parse::<u32>().is_ok_and(|bits| bits <= most)
}

/// `net.ParseMAC`: 6, 8 or 20 bytes in pairs of digits, or in fours with dots.
fn is_mac(text: &str) -> bool {
    [(':', 2), ('-', 2), ('.', 4)].iter().any(|(between, digits)| {
        let parts: Vec<&str> = text.split(*between).collect();
        let hexadecimal =
            |part: &&str| part.len() == *digits && part.bytes().all(|byte| byte.is_ascii_hexdigit());
        parts.iter().all(hexadecimal) && [6, 8, 20].contains(&(parts.len() * digits / 2))
    })
}

/// The digits of a number in which people put spaces and dashes.
fn digits(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c' | '-')).collect()
}

fn is_isbn10(text: &str) -> bool {
    let text = digits(text);
    let values: Option<Vec<u32>> = text
        .char_indices()
        .map(|(at, c)| if at == 9 && c == 'X' { Some(10) } else { c.to_digit(10) })
        .collect();
    values.filter(|values| values.len() == 10).is_some_and(|values| {
        let sum: u32 = values.iter().zip(1..).map(|(value, place)| value * place).sum();
        sum.is_multiple_of(11)
    })
}

fn is_isbn13(text: &str) -> bool {
    let values: Option<Vec<u32>> = digits(text).chars().map(|c| c.to_digit(10)).collect();
    values.filter(|values| values.len() == 13).is_some_and(|values| {
        let sum: u32 =
            values.iter().zip([1, 3].into_iter().cycle()).map(|(value, factor)| value * factor).sum();
        sum.is_multiple_of(10)
    })
}

/// The shape of the companies' numbers, and Luhn's sum.
fn is_credit_card(text: &str) -> bool {
    let text = digits(text);
    let doubled = |digit: u32| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let values = text.chars().rev().filter_map(|c| c.to_digit(10));
    let sum: u32 =
        values.enumerate().map(|(at, digit)| if at % 2 == 1 { doubled(digit) } else { digit }).sum();
    shape(&CREDIT_CARD, &text) && sum.is_multiple_of(10)
}

fn is_date(text: &str) -> bool {
    shape(&DATE, text) && text.parse::<jiff::civil::Date>().is_ok()
}

/// A date, and a time of day of which only the bounds of its numbers are checked.
fn is_date_time(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let Some((date, time)) = text.split_once('t') else { return false };
    let Some(found) = TIME.as_ref().and_then(|pattern| pattern.captures(time)) else { return false };
    let within = |group, most| found.get(group).is_some_and(|part| part.as_str() <= most);
    is_date(date) && within(1, "23") && within(2, "59") && within(3, "59")
}

/// Go's durations, and those with words (`3 days`), of which one is enough.
fn is_duration(text: &str) -> bool {
    const UNITS: &[&str] = &["ns", "us", "µs", "ms", "s", "m", "h", "hr", "d", "w", "wk"];
    const WORDS: &[&str] = &["nano", "micro", "milli", "sec", "min", "hour", "day", "week"];
    let is_unit = |unit: &str| {
        let unit = unit.to_lowercase();
        UNITS.contains(&unit.as_str()) || WORDS.iter().any(|word| unit.starts_with(word))
    };
    shape(&GO_DURATION, text)
        || DURATION_PART.as_ref().is_some_and(|pattern| {
            pattern.captures_iter(text).any(|found| found.get(1).is_some_and(|unit| is_unit(unit.as_str())))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_compile() {
        assert!(ALL.iter().all(|pattern| pattern.is_some()));
    }

    #[test]
    fn texts_have_formats() {
        for (format, good, bad) in [
            ("bsonobjectid", "507f1f77bcf86cd799439011", "507f1f77bcf86cd79943901"),
            ("uri", "https://u:p@a.example:8443/x?q= y", "https://a b/x"),
            ("uri", "/relative", "relative"),
            ("uri", "mailto:a@b.example", ":x"),
            ("uri", "/a%20b", "/a%2"),
            ("uri", "http://[::1]:80/", "http://a:b/"),
            ("email", "a.b+c@d.example", "a"),
            ("email", "A B <a@b.example>", "A B <a@b.example"),
            ("hostname", "a-b.example", "a_b"),
            ("ipv4", "10.0.0.1", "::1"),
            ("ipv6", "fe80::1", "10.0.0.1"),
            ("cidr", "10.0.0.1/8", "10.0.0.1/33"),
            ("mac", "00:11:22:33:44:55", "00:11:22"),
            ("mac", "0011.2233.4455", "0011-2233-4455"),
            ("uuid", "A0EEBC999C0B4EF8BB6D6BB9BD380A11", "x"),
            ("uuid3", "a0eebc99-9c0b-3ef8-bb6d-6bb9bd380a11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
            ("isbn10", "0-321-75104-3", "0321751044"),
            ("isbn13", "978-0321751041", "9780321751043"),
            ("creditcard", "4111 1111 1111 1111", "4111111111111112"),
            ("ssn", "111-11-1111", "111111111"),
            ("hexcolor", "#f00", "red"),
            ("rgbcolor", "rgb( 1, 2,255)", "rgb(256,0,0)"),
            ("byte", "aGVsbG8=", ""),
            ("date", "2024-02-29", "2023-02-29"),
            ("date-time", "2024-01-01t00:00:00.5+01:00", "2024-01-01T24:00:00Z"),
            ("duration", "1h5m", "x"),
            ("duration", "3 days", "3 parsecs"),
            ("k8s-short-name", "abc", "a.b"),
            ("k8s-long-name", "a.b", "A"),
        ] {
            let valid = |text| check(format, text, Version::NEWEST);
            assert_eq!((valid(good), valid(bad)), (Some(true), Some(false)), "{format} {good} {bad}");
        }
        assert_eq!(check("k8s-long-name", "A", Version::minor(33)), None);
        assert_eq!(check("mystery", "x", Version::NEWEST), None);
    }
}
