//! A request as it arrives: method, path, headers, body, and the certificate shown in the handshake.

use super::{Payload, info::Query};
use std::sync::Arc;

/// One header or several of the same name, in order of arrival.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// The first value of a header; names compare without case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// All values of a header in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// Adds a value.
    pub fn add(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    /// Puts a value in the place of all values of a header.
    pub fn replace(&mut self, name: &str, value: impl Into<String>) {
        self.remove(name);
        self.add(name, value);
    }

    /// Takes all values of a header out.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
    }

    /// All headers in order of arrival.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }
}

/// Who a user is, once recognised (`user.Info`).
#[derive(
    Clone,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(default)]
pub struct User {
    /// The name (`system:serviceaccount:NS:NAME` for an account).
    #[serde(rename = "username")]
    pub name: String,
    /// The uid, where the authenticator knows one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub uid: String,
    /// The groups, in the authenticator's order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Further facts (`authentication.kubernetes.io/pod-name`, …).
    #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub extra: std::collections::BTreeMap<String, Vec<String>>,
}

crate::json::serialized!(User);

impl User {
    /// A user of that name and those groups.
    pub fn new(name: impl Into<String>, groups: &[&str]) -> User {
        User {
            name: name.into(),
            groups: groups.iter().map(|g| (*g).to_owned()).collect(),
            ..User::default()
        }
    }

    /// A user as the name tells it: a service account is in the groups of all accounts and of its namespace.
    pub fn named(name: &str) -> User {
        match service_account(name) {
            Some((namespace, _)) => {
                let of_namespace = format!("system:serviceaccounts:{namespace}");
                User::new(name, &["system:serviceaccounts", &of_namespace])
            }
            None if name == "system:anonymous" => User::anonymous(),
            None => User::new(name, &[]),
        }
    }

    /// A user whom somebody acts as: groups that are named take the place of those that the name tells
    /// (`endpoints/filters/impersonation`).
    pub fn acted_as(name: &str, groups: &[String]) -> User {
        let mut user = User::named(name);
        if !groups.is_empty() {
            // Nobody who sends no credential is without this one.
            user.groups.retain(|group| group == "system:unauthenticated");
            user.groups.extend(groups.iter().cloned());
        }
        user
    }

    /// Whoever sends no credential.
    pub fn anonymous() -> User {
        User::new("system:anonymous", &["system:unauthenticated"])
    }

    /// With the group of everybody who is known (`group.NewAuthenticatedGroupAdder`).
    pub fn authenticated(mut self) -> User {
        let nobody = self.name == "system:anonymous" || self.in_group("system:unauthenticated");
        if !nobody && !self.in_group("system:authenticated") {
            self.groups.push("system:authenticated".to_owned());
        }
        self
    }

    /// Whether the user belongs to a group.
    pub fn in_group(&self, group: &str) -> bool {
        self.groups.iter().any(|g| g == group)
    }
}

/// Namespace and name of `system:serviceaccount:NAMESPACE:NAME`.
pub fn service_account(user: &str) -> Option<(&str, &str)> {
    user.strip_prefix("system:serviceaccount:")?.split_once(':')
}

/// What a request shows of itself besides its headers.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Credential {
    /// Only what the headers say.
    #[default]
    Headers,
    /// A client certificate (DER), judged by the certificate authenticator.
    Certificate(Arc<[u8]>),
    /// A scenario's person: recognised without proof.
    Known(User),
    /// A component inside the cluster: recognised without proof; nobody reads its answers but the machine, so that
    /// tokens in them need no signature yet.
    Component(User),
}

/// A request by somebody: a person at kubectl, curl in a pod, a controller, a kubelet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// Path and query as sent (`/api/v1/pods?watch=1`).
    pub target: String,
    /// The headers.
    pub headers: Headers,
    /// The body.
    pub body: Payload,
    /// The credential beside the headers.
    pub credential: Credential,
    /// Where the request comes from (an IP address), for audit.
    pub source: Option<String>,
}

impl Request {
    /// A request without headers or body.
    pub fn new(method: &str, target: impl Into<String>) -> Request {
        Request { method: method.to_owned(), target: target.into(), ..Request::default() }
    }

    /// Says who asks, without proof.
    pub fn by(mut self, user: User) -> Request {
        self.credential = Credential::Known(user);
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Request {
        self.headers.add(name, value);
        self
    }

    /// Whether JSON is answered indented: to browsers and curl, known by their names, unless `pretty` says otherwise.
    pub(crate) fn wants_indented(&self) -> bool {
        let query = Query::of(&self.target);
        let agent = self.headers.get("User-Agent").unwrap_or_default();
        match query.get("pretty") {
            Some(_) => query.flag("pretty"),
            None => ["curl", "Wget", "Mozilla/5.0"].iter().any(|name| agent.starts_with(name)),
        }
    }

    /// Sends a JSON body, with the content type of JSON.
    pub fn json(self, body: &crate::json::Value) -> Request {
        self.body("application/json", body.clone())
    }

    /// Sends a body.
    pub fn body(mut self, content_type: &str, body: impl Into<Payload>) -> Request {
        self.body = body.into();
        self.header("Content-Type", content_type)
    }
}
