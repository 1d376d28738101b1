//! Rules, subjects and references of RBAC, and when a rule allows a request (`rbac/v1`,
//! `pkg/apis/rbac/v1/evaluation_helpers.go`).

use crate::api::field::quote;
use crate::api::{Dig, RequestInfo, User};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The API group of roles and bindings.
pub const GROUP: &str = "rbac.authorization.k8s.io";

/// What a role lets its holders do: verbs on resources, or verbs on URLs.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PolicyRule {
    /// The verbs; `*` is all of them.
    pub verbs: Vec<String>,
    /// The API groups; empty text is core, `*` all of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub api_groups: Vec<String>,
    /// Resources (`pods`), subresources (`pods/log`), all (`*`), or one subresource of all (`*/scale`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// The objects; none named means any, and requests without a name too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource_names: Vec<String>,
    /// Paths that are no resources; a last `*` stands for any rest.
    #[serde(rename = "nonResourceURLs", skip_serializing_if = "Vec::is_empty")]
    pub non_resource_urls: Vec<String>,
}

/// A field of a rule that a request can fail on, in the order in which they are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Field {
    /// `verbs`.
    #[serde(rename = "verbs")]
    Verbs,
    /// `apiGroups`.
    #[serde(rename = "apiGroups")]
    ApiGroups,
    /// `resources`.
    #[serde(rename = "resources")]
    Resources,
    /// `resourceNames`.
    #[serde(rename = "resourceNames")]
    ResourceNames,
    /// `nonResourceURLs`.
    #[serde(rename = "nonResourceURLs")]
    NonResourceUrls,
}

type Check = (Field, fn(&PolicyRule, &RequestInfo) -> bool);

const RESOURCE_CHECKS: &[Check] = &[
    (Field::Verbs, |rule, ask| any(&rule.verbs, &ask.verb)),
    (Field::ApiGroups, |rule, ask| any(&rule.api_groups, &ask.group)),
    (Field::Resources, |rule, ask| {
        rule.resources.iter().any(|r| resource_matches(r, ask))
    }),
    (Field::ResourceNames, |rule, ask| {
        rule.resource_names.is_empty() || rule.resource_names.contains(&ask.name)
    }),
];

const URL_CHECKS: &[Check] = &[
    (Field::Verbs, |rule, ask| any(&rule.verbs, &ask.verb)),
    (Field::NonResourceUrls, |rule, ask| {
        rule.non_resource_urls
            .iter()
            .any(|url| url_matches(url, &ask.path))
    }),
];

impl PolicyRule {
    /// The rules of a role as stored.
    pub fn list(role: &Value) -> Vec<PolicyRule> {
        role.list("rules").iter().map(PolicyRule::read).collect()
    }

    /// A rule as stored; what is no text is left out.
    pub fn read(rule: &Value) -> PolicyRule {
        let words = |field| {
            rule.list(field)
                .iter()
                .filter_map(|v| v.as_str().map(str::to_owned))
                .collect()
        };
        PolicyRule {
            verbs: words("verbs"),
            api_groups: words("apiGroups"),
            resources: words("resources"),
            resource_names: words("resourceNames"),
            non_resource_urls: words("nonResourceURLs"),
        }
    }

    /// Whether the rule allows a request.
    pub fn allows(&self, ask: &RequestInfo) -> bool {
        self.misses(ask).next().is_none()
    }

    /// The fields that a request fails on, in order.
    pub fn misses(&self, ask: &RequestInfo) -> impl Iterator<Item = Field> {
        let checks = if ask.is_resource {
            RESOURCE_CHECKS
        } else {
            URL_CHECKS
        };
        checks
            .iter()
            .filter(|(_, matches)| !matches(self, ask))
            .map(|(field, _)| *field)
    }
}

/// Whether a list holds a word, or `*`.
fn any(list: &[String], word: &str) -> bool {
    list.iter().any(|w| w == "*" || w == word)
}

fn resource_matches(rule: &str, ask: &RequestInfo) -> bool {
    if rule == "*" {
        return true;
    }
    if ask.subresource.is_empty() {
        return rule == ask.resource;
    }
    rule.strip_suffix(ask.subresource.as_str())
        .and_then(|rest| rest.strip_suffix('/'))
        .is_some_and(|resource| resource == "*" || resource == ask.resource)
}

/// Whether a rule's URL covers a path: `*` at its end stands for any rest, also for none.
pub(super) fn url_matches(rule: &str, path: &str) -> bool {
    rule == path || (rule.ends_with('*') && path.starts_with(rule.trim_end_matches('*')))
}

/// Whom a binding speaks of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Subject {
    /// `User`, `Group` or `ServiceAccount`.
    pub kind: String,
    /// The group of that kind.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub api_group: String,
    /// The name.
    pub name: String,
    /// An account's namespace; empty means the binding's.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub namespace: String,
}

/// What a subject looks like to an authenticator. A service account is the user of its name, no more.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// A user of that name.
    User(String),
    /// Everybody in that group.
    Group(String),
}

impl Who {
    /// All that a user is: its name, then its groups.
    pub fn of(user: &User) -> impl Iterator<Item = Who> {
        std::iter::once(Who::User(user.name.clone())).chain(user.groups.iter().cloned().map(Who::Group))
    }
}

impl Subject {
    /// A subject as stored.
    pub fn read(subject: &Value) -> Subject {
        Subject {
            kind: subject.text("kind").to_owned(),
            api_group: subject.text("apiGroup").to_owned(),
            name: subject.text("name").to_owned(),
            namespace: subject.text("namespace").to_owned(),
        }
    }

    /// The account's namespace where it says none: the binding's.
    fn account_namespace<'a>(&'a self, binding: &'a str) -> &'a str {
        if self.namespace.is_empty() {
            binding
        } else {
            &self.namespace
        }
    }

    /// Whom the subject means in a binding of that namespace; nobody if its kind is unknown.
    pub fn who(&self, binding: &str) -> Option<Who> {
        match (self.kind.as_str(), self.account_namespace(binding)) {
            ("User", _) => Some(Who::User(self.name.clone())),
            ("Group", _) => Some(Who::Group(self.name.clone())),
            ("ServiceAccount", "") => None,
            ("ServiceAccount", namespace) => Some(Who::User(format!(
                "system:serviceaccount:{namespace}:{}",
                self.name
            ))),
            _ => None,
        }
    }

    /// The subject in words (`User "alice"`, `ServiceAccount "name/namespace"`).
    pub fn describe(&self, binding: &str) -> String {
        match self.kind.as_str() {
            "ServiceAccount" => {
                let name = format!("{}/{}", self.name, self.account_namespace(binding));
                format!("ServiceAccount {}", quote(&name))
            }
            kind => format!("{kind} {}", quote(&self.name)),
        }
    }
}

/// Which role a binding hands out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RoleRef {
    /// The group of that kind.
    pub api_group: String,
    /// `ClusterRole`, or `Role` of the binding's namespace.
    pub kind: String,
    /// The role's name.
    pub name: String,
}

impl RoleRef {
    /// A reference as stored.
    pub fn read(reference: &Value) -> RoleRef {
        RoleRef {
            api_group: reference.text("apiGroup").to_owned(),
            kind: reference.text("kind").to_owned(),
            name: reference.text("name").to_owned(),
        }
    }
}
