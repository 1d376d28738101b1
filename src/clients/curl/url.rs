//! The parts of a URL.

use super::Problem;

/// Where a request goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Url {
    pub(super) https: bool,
    pub(super) user: Option<String>,
    pub(super) host: String,
    pub(super) port: u16,
    /// Path and query.
    pub(super) target: String,
}

impl Url {
    /// Reads a URL; without a scheme it is HTTP.
    pub(super) fn parse(text: &str) -> Result<Url, Problem> {
        let malformed = |why: &str| Problem(3, format!("URL rejected: {why}"));
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let https = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            other => return Err(Problem(1, format!("Protocol \"{other}\" not supported"))),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        let (user, place) = match authority.rsplit_once('@') {
            Some((user, place)) => (Some(user.to_owned()), place),
            None => (None, authority),
        };
        let (host, port) = match place.strip_prefix('[').and_then(|p| p.split_once(']')) {
            Some((host, port)) => (host, port.strip_prefix(':').unwrap_or_default()),
            None => place.split_once(':').unwrap_or((place, "")),
        };
        if host.is_empty() {
            return Err(malformed("No host part in the URL"));
        }
        if text.contains(char::is_whitespace) {
            return Err(malformed("Malformed input to a URL function"));
        }
        let port = match port {
            "" if https => 443,
            "" => 80,
            port => port
                .parse()
                .map_err(|_| malformed("Port number was not a decimal number between 0 and 65535"))?,
        };
        Ok(Url { https, user, host: host.to_ascii_lowercase(), port, target: squash(target) })
    }
}

/// A path begins with a slash and holds no `.` and `..`.
fn squash(target: &str) -> String {
    let (path, query) = match target.find('?') {
        Some(at) => target.split_at(at),
        None => (target, ""),
    };
    let mut kept: Vec<&str> = Vec::new();
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    for (i, part) in parts.iter().enumerate() {
        let last = i + 1 == parts.len();
        match *part {
            "." | ".." => {
                if *part == ".." {
                    kept.pop();
                }
                if last {
                    kept.push("");
                }
            }
            part => kept.push(part),
        }
    }
    format!("/{}{query}", kept.join("/"))
}
