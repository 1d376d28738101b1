//! URLs (`apiserver/pkg/cel/library.URLs`): absolute ones, and absolute paths.

use super::{Row, no_overload, text};
use crate::api::Version;
use crate::api::differences::PORT_AFTER_FIRST_COLON;
use crate::api::field::quote;
use crate::api::info::percent_decode;
use crate::cel::opaque::{Opaque, Url};
use crate::cel::value::{Key, Val};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) const ROWS: &[Row] = &[
    ("url(string) -> kubernetes.URL", |setting, a| match parse(text(&a[0]), setting.version) {
        Ok(url) => Ok(Val::opaque(Opaque::Url(url))),
        Err(why) => Err(format!("URL parse error during conversion from string: {why}")),
    }),
    ("isURL(string) -> bool", |setting, a| Ok(Val::Bool(parse(text(&a[0]), setting.version).is_ok()))),
    ("(kubernetes.URL).getScheme() -> string", |_, a| of(&a[0]).map(|url| Val::text(&url.scheme))),
    ("(kubernetes.URL).getHost() -> string", |_, a| of(&a[0]).map(|url| Val::text(&url.host))),
    ("(kubernetes.URL).getHostname() -> string", |_, a| {
        of(&a[0]).map(|url| Val::text(host_and_port(&url.host).0))
    }),
    ("(kubernetes.URL).getPort() -> string", |_, a| {
        of(&a[0]).map(|url| Val::text(host_and_port(&url.host).1))
    }),
    ("(kubernetes.URL).getEscapedPath() -> string", |_, a| of(&a[0]).map(|url| Val::text(&url.path))),
    ("(kubernetes.URL).getQuery() -> map<string, list<string>>", |_, a| {
        of(&a[0]).map(|url| query(&url.query))
    }),
];

fn of(value: &Val) -> Result<&Url, String> {
    match value.library() {
        Some(Opaque::Url(url)) => Ok(url),
        _ => no_overload(),
    }
}

/// Reads a URL as Go reads that of a request: an absolute one, or an absolute path (`url.ParseRequestURI`).
pub(super) fn parse(whole: &str, version: Version) -> Result<Url, String> {
    parsed(whole, version).map_err(|why| format!("parse {}: {why}", quote(whole)))
}

fn parsed(whole: &str, version: Version) -> Result<Url, String> {
    if whole.bytes().any(|b| b.is_ascii_control()) {
        return Err("net/url: invalid control character in URL".to_owned());
    }
    if whole.is_empty() {
        return Err("empty url".to_owned());
    }
    let (scheme, rest) = scheme_of(whole)?;
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let url = |host: &str, path: &str| Url {
        scheme: scheme.to_lowercase(),
        host: host.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
    };
    if whole == "*" {
        return Ok(url("", "*"));
    }
    if !rest.starts_with('/') {
        return if scheme.is_empty() { Err("invalid URI for request".to_owned()) } else { Ok(url("", "")) };
    }
    let (host, path) = match rest.strip_prefix("//").filter(|_| !scheme.is_empty()) {
        Some(rest) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            (host_of(authority, version)?, path)
        }
        None => (String::new(), rest),
    };
    escapes(path)?;
    Ok(url(&host, path))
}

/// What stands before the first colon, if it can be a scheme, and the rest.
fn scheme_of(whole: &str) -> Result<(&str, &str), String> {
    for (at, letter) in whole.char_indices() {
        match letter {
            'a'..='z' | 'A'..='Z' => {}
            '0'..='9' | '+' | '-' | '.' if at > 0 => {}
            ':' if at == 0 => return Err("missing protocol scheme".to_owned()),
            ':' => return Ok((&whole[..at], &whole[at + 1..])),
            _ => return Ok(("", whole)),
        }
    }
    Ok(("", whole))
}

/// The host, with its port, of what stands before the path.
fn host_of(authority: &str, version: Version) -> Result<String, String> {
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let fits = |c: char| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c);
    if !user.chars().all(fits) {
        return Err("net/url: invalid userinfo".to_owned());
    }
    let port = match (host.starts_with('['), host.rfind(']')) {
        (true, None) => return Err("missing ']' in host".to_owned()),
        (true, Some(end)) => &host[end + 1..],
        (false, _) => {
            let first = version.has(PORT_AFTER_FIRST_COLON);
            let at = if first { host.find(':') } else { host.rfind(':') };
            at.map_or("", |at| &host[at..])
        }
    };
    let digits = port.strip_prefix(':').unwrap_or(port);
    if (port.len() == digits.len() && !port.is_empty()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(format!("invalid port {} after host", quote(port)));
    }
    let mut rest = host;
    while let Some(at) = rest.find(|c: char| !is_of_host(c)) {
        rest = &rest[at..];
        let letter = rest.chars().next().unwrap_or_default();
        if letter != '%' {
            return Err(format!("invalid character {} in host name", quote(&letter.to_string())));
        }
        escapes(rest)?;
        // Only letters beyond ASCII may be escaped here.
        if rest.as_bytes().get(1).is_some_and(|high| *high < b'8') {
            return Err(format!("invalid URL escape {}", quote(&rest[..3])));
        }
        rest = &rest[3..];
    }
    Ok(percent_decode(host, false))
}

fn is_of_host(letter: char) -> bool {
    !letter.is_ascii() || letter.is_ascii_alphanumeric() || "-_.~!$&'()*+,;=:[]<>\"".contains(letter)
}

/// Checks that each percent sign begins an escape.
fn escapes(text: &str) -> Result<(), String> {
    for (at, _) in text.match_indices('%') {
        let escape: String = text[at..].chars().take(3).collect();
        if escape.len() < 3 || !escape[1..].bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(format!("invalid URL escape {}", quote(&escape)));
        }
    }
    Ok(())
}

fn host_and_port(host: &str) -> (&str, &str) {
    if let Some((inside, after)) = host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return (inside, after.strip_prefix(':').unwrap_or(""));
    }
    host.rsplit_once(':').unwrap_or((host, ""))
}

fn query(text: &str) -> Val {
    let mut all: BTreeMap<Key, Vec<Val>> = BTreeMap::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let key = Key::String(percent_decode(key, true).into());
        all.entry(key).or_default().push(Val::text(percent_decode(value, true)));
    }
    Val::Map(Arc::new(all.into_iter().map(|(key, values)| (key, Val::list(values))).collect()))
}
