//! URLs (`apiserver/pkg/cel/library.URLs`): absolute ones, and absolute paths.

use super::{Row, no_overload, text};
use crate::api::field::quote;
use crate::api::info::percent_decode;
use crate::cel::opaque::{Opaque, Url};
use crate::cel::value::{Key, Val};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) const ROWS: &[Row] = &[
    ("url(string) -> kubernetes.URL", |_, a| parse(text(&a[0])).map(|url| Val::opaque(Opaque::Url(url)))),
    ("isURL(string) -> bool", |_, a| Ok(Val::Bool(parse(text(&a[0])).is_ok()))),
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

fn parse(whole: &str) -> Result<Url, String> {
    let quoted = quote(whole);
    let wrong = |why: &str| format!("URL parse error during conversion from string: parse {quoted}: {why}");
    if whole.chars().any(|c| c.is_control()) {
        return Err(wrong("net/url: invalid control character in URL"));
    }
    let (rest, query) = whole.split_once('?').unwrap_or((whole, ""));
    let url = |scheme: &str, host: &str, path: &str| Url {
        scheme: scheme.to_lowercase(),
        host: host.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
    };
    if rest.starts_with('/') {
        return Ok(url("", "", rest));
    }
    let scheme = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    };
    let (name, rest) = rest
        .split_once(':')
        .filter(|(name, _)| scheme(name))
        .ok_or_else(|| wrong("invalid URI for request"))?;
    let Some(rest) = rest.strip_prefix("//") else {
        return match rest.starts_with('/') {
            true => Ok(url(name, "", rest)),
            false => Err(wrong("invalid URI for request")),
        };
    };
    let cut = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(cut);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let port = host_and_port(host).1;
    if !port.chars().all(|c| c.is_ascii_digit()) {
        return Err(wrong(&format!("invalid port \":{port}\" after host")));
    }
    Ok(url(name, host, path))
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
