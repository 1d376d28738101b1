//! What a path and a method ask for (`apiserver/pkg/endpoints/request.RequestInfoFactory`).
//!
//! Pure path parsing: whether the resource exists is asked only after authorization, so that an outsider learns
//! nothing but 401 or 403.

use super::status::GroupResource;

/// A request in the server's words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestInfo {
    /// Whether this is about a resource (and not `/healthz` or discovery).
    pub is_resource: bool,
    /// The path as sent, without the query.
    pub path: String,
    /// `get`, `list`, `watch`, `create`, …; the lower-case method for non-resource paths.
    pub verb: String,
    /// `api` or `apis`.
    pub prefix: String,
    /// The API group; empty for core.
    pub group: String,
    /// The group's version as asked for.
    pub version: String,
    /// The namespace; empty for cluster-scoped requests and for all namespaces.
    pub namespace: String,
    /// The plural name of the resource.
    pub resource: String,
    /// The subresource; empty if none.
    pub subresource: String,
    /// The object's name; empty for collections.
    pub name: String,
    /// What follows the subresource (`proxy/a/b`).
    pub rest: Vec<String>,
    /// The field selector of a list, watch or deletecollection, as sent.
    pub field_selector: String,
    /// The label selector of a list, watch or deletecollection, as sent.
    pub label_selector: String,
}

impl RequestInfo {
    /// Parses a method and a target (path and query).
    pub fn parse(method: &str, target: &str) -> RequestInfo {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let query = Query::parse(query);
        let mut info = RequestInfo {
            path: percent_decode(path, false),
            verb: method.to_lowercase(),
            ..RequestInfo::default()
        };
        let decoded = info.path.clone();
        let parts: Vec<&str> = decoded.trim_matches('/').split('/').collect();
        let rest = match parts.as_slice() {
            ["api", version, rest @ ..] if !rest.is_empty() => {
                info.prefix = "api".to_owned();
                info.version = (*version).to_owned();
                rest
            }
            ["apis", group, version, rest @ ..] if !rest.is_empty() => {
                info.prefix = "apis".to_owned();
                info.group = (*group).to_owned();
                info.version = (*version).to_owned();
                rest
            }
            _ => return info,
        };
        info.resource_request(method, rest);
        info.refine_verb(&query);
        info
    }

    /// The verb by method, then namespace, resource, name, subresource by position.
    fn resource_request(&mut self, method: &str, mut parts: &[&str]) {
        self.is_resource = true;
        self.verb = match method {
            "POST" => "create",
            "GET" | "HEAD" => "get",
            "PUT" => "update",
            "PATCH" => "patch",
            "DELETE" => "delete",
            _ => "",
        }
        .to_owned();
        if let [special @ ("proxy" | "watch"), rest @ ..] = parts {
            self.verb = (*special).to_owned();
            parts = rest;
        }
        if let ["namespaces", namespace, rest @ ..] = parts {
            self.namespace = (*namespace).to_owned();
            // `namespaces/NAME/status` speaks of the namespace itself.
            if !rest.is_empty() && !matches!(rest[0], "status" | "finalize") {
                parts = rest;
            }
        }
        let mut parts = parts.iter().map(|p| (*p).to_owned());
        self.resource = parts.next().unwrap_or_default();
        self.name = parts.next().unwrap_or_default();
        self.subresource = parts.next().unwrap_or_default();
        self.rest = parts.collect();
    }

    /// Collections are listed, watched, or deleted as one; a list by `metadata.name` has that name.
    fn refine_verb(&mut self, query: &Query) {
        if self.name.is_empty() && matches!(self.verb.as_str(), "get" | "watch") {
            let watched = query.flag("watch") || self.verb == "watch";
            self.verb = if watched { "watch" } else { "list" }.to_owned();
            if let Some(name) = query.get("fieldSelector").and_then(name_required) {
                self.name = name;
            }
        }
        if self.name.is_empty() && self.verb == "delete" {
            self.verb = "deletecollection".to_owned();
        }
        if matches!(self.verb.as_str(), "list" | "watch" | "deletecollection") {
            self.field_selector = query.get("fieldSelector").unwrap_or_default().to_owned();
            self.label_selector = query.get("labelSelector").unwrap_or_default().to_owned();
        }
    }

    /// Group and plural name.
    pub fn group_resource(&self) -> GroupResource {
        GroupResource::new(&self.group, &self.resource)
    }

    /// `pods/log`, or `pods`.
    pub fn full_resource(&self) -> String {
        match self.subresource.as_str() {
            "" => self.resource.clone(),
            sub => format!("{}/{sub}", self.resource),
        }
    }
}

/// The name that a field selector demands, if it is a path segment.
fn name_required(selector: &str) -> Option<String> {
    let name = selector.split(',').find_map(|term| {
        let value = term.strip_prefix("metadata.name=")?;
        Some(value.strip_prefix('=').unwrap_or(value).to_owned())
    })?;
    let segment = !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '%']);
    segment.then_some(name)
}

/// A query string's parameters in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Parses what follows the question mark; a pair with a semicolon is none (`net/url.ParseQuery`).
    pub fn parse(query: &str) -> Query {
        let pairs = query.split('&').filter(|pair| !pair.is_empty() && !pair.contains(';'));
        Query(
            pairs
                .map(|pair| {
                    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (percent_decode(key, true), percent_decode(value, true))
                })
                .collect(),
        )
    }

    /// The query of a target (path and query).
    pub fn of(target: &str) -> Query {
        Query::parse(target.split_once('?').map_or("", |(_, query)| query))
    }

    /// The first value of a parameter.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.all(key).next()
    }

    /// All values of a parameter.
    pub fn all<'a>(&'a self, key: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(k, _)| k == key).map(|(_, v)| v.as_str())
    }

    /// Whether a boolean parameter is on: everything but `false` and `0` is, as `metav1.Convert_Slice_string_To_bool`
    /// has it.
    pub fn flag(&self, key: &str) -> bool {
        self.get(key).is_some_and(|v| !v.eq_ignore_ascii_case("false") && v != "0")
    }
}

/// Decodes `%XX`, and `+` where it stands for a space.
pub(crate) fn percent_decode(text: &str, plus: bool) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = match (first, tail) {
            (b'%', [a, b, ..]) => char::from(*a).to_digit(16).zip(char::from(*b).to_digit(16)),
            _ => None,
        };
        match escaped {
            Some((high, low)) => {
                bytes.push((high * 16 + low) as u8);
                rest = &tail[2..];
            }
            None => {
                bytes.push(if plus && *first == b'+' { b' ' } else { *first });
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Encodes what a query value may not hold as it is.
pub(crate) fn percent_encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_verbs_on_resources() {
        for (method, target, want) in [
            ("GET", "/api/v1/pods", "list pods   "),
            ("GET", "/api/v1/namespaces/a/pods/p/log", "get pods log p a"),
            ("GET", "/api/v1/namespaces/a", "get namespaces  a a"),
            ("PUT", "/api/v1/namespaces/a/finalize", "update namespaces finalize a a"),
            ("GET", "/api/v1/watch/namespaces/a/pods", "watch pods   a"),
            ("DELETE", "/api/v1/namespaces/a/pods", "deletecollection pods   a"),
            ("GET", "/api/v1/namespaces/a/pods?fieldSelector=metadata.name%3Dx", "list pods  x a"),
            ("GET", "/api/v1/namespaces/a/pods?watch=1", "watch pods   a"),
            ("PATCH", "/apis/apps/v1/namespaces/a/deployments/d", "patch deployments  d a"),
            ("GET", "/healthz", "get    "),
            ("GET", "/apis/apps/v1", "get    "),
        ] {
            let i = RequestInfo::parse(method, target);
            assert_eq!(
                format!("{} {} {} {} {}", i.verb, i.resource, i.subresource, i.name, i.namespace),
                want,
                "{target}"
            );
        }
    }
}
