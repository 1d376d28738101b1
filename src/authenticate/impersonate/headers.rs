//! Whom the headers name.

use super::service_account;
use crate::api::differences::{CONSTRAINED_IMPERSONATION, IMPERSONATED_UIDS, NAMELESS_IS_BAD_REQUEST};
use crate::api::field::{go_strings, quote};
use crate::api::info::percent_decode;
use crate::api::{Request, Response, Status, User, Version, broken};

const EXTRA: &str = "impersonate-extra-";

/// The user that a request wants to be, just as the headers have it; none if there are no such headers. An error is told
/// in words and as the server answers it.
pub(super) fn wanted(version: Version, request: &Request) -> Result<Option<User>, (String, Response)> {
    let headers = &request.headers;
    let first = |name: &str| headers.get(name).unwrap_or_default().to_owned();
    let mut user = User {
        name: first("Impersonate-User"),
        uid: if version.has(IMPERSONATED_UIDS) { first("Impersonate-Uid") } else { String::new() },
        groups: headers.all("Impersonate-Group").map(str::to_owned).collect(),
        extra: Default::default(),
    };
    for (name, value) in headers.iter() {
        if let Some(key) = name.to_lowercase().strip_prefix(EXTRA) {
            user.extra.entry(unescape(key)).or_default().push(value.to_owned());
        }
    }
    let nothing = user.groups.is_empty() && user.uid.is_empty() && user.extra.is_empty();
    match (user.name.is_empty(), nothing) {
        (true, true) => Ok(None),
        (false, _) => Ok(Some(user)),
        (true, false) => Err(nameless(version, request, &user)),
    }
}

/// A key with a broken escape stays as it is.
fn unescape(key: &str) -> String {
    let broken = |rest: &str| !(rest.len() >= 2 && rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit()));
    match key.split('%').skip(1).any(broken) {
        true => key.to_owned(),
        false => percent_decode(key, false),
    }
}

fn nameless(version: Version, request: &Request, user: &User) -> (String, Response) {
    if version.has(CONSTRAINED_IMPERSONATION) {
        let text = format!("requested {} without impersonating a user name", go_user(user));
        return (text.clone(), Status::bad_request(text).into());
    }
    let text = format!("requested [{}] without impersonating a user", go_references(user).join(" "));
    let response = match version.has(NAMELESS_IS_BAD_REQUEST) {
        true => Status::bad_request(text.clone()).into(),
        false => broken(&request.target, &text),
    };
    (text, response)
}

/// A `user.DefaultInfo` in Go's syntax.
fn go_user(user: &User) -> String {
    let list = |list: &[String]| go_strings(list.iter().map(String::as_str));
    let groups = if user.groups.is_empty() { "[]string(nil)".to_owned() } else { list(&user.groups) };
    let extra: Vec<String> =
        user.extra.iter().map(|(key, values)| format!("{}:{}", quote(key), list(values))).collect();
    let extra = match extra.as_slice() {
        [] => "(nil)".to_owned(),
        extra => format!("{{{}}}", extra.join(", ")),
    };
    format!(
        "&user.DefaultInfo{{Name:{}, UID:{}, Groups:{groups}, Extra:map[string][]string{extra}}}",
        quote(&user.name),
        quote(&user.uid)
    )
}

/// What is wanted as Go prints a list of `v1.ObjectReference`.
fn go_references(user: &User) -> Vec<String> {
    const AUTHENTICATION: &str = "authentication.k8s.io/v1";
    let mut all: Vec<String> = Vec::new();
    if !user.name.is_empty() {
        all.push(match service_account(&user.name) {
            Some((namespace, name)) => format!("{{ServiceAccount {namespace} {name}    }}"),
            None => format!("{{User  {}    }}", user.name),
        });
    }
    all.extend(user.groups.iter().map(|group| format!("{{Group  {group}    }}")));
    for (key, values) in &user.extra {
        all.extend(values.iter().map(|value| format!("{{UserExtra  {value}  {AUTHENTICATION}  {key}}}")));
    }
    if !user.uid.is_empty() {
        all.push(format!("{{UID  {}  {AUTHENTICATION}  }}", user.uid));
    }
    all
}
