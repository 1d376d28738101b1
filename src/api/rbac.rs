//! Rules, subjects, references and bindings as they are stored (`rbac/v1`).

use super::field::quote;
use super::request::User;
use super::value::Dig;
use crate::json::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The API group of roles and bindings.
pub const GROUP: &str = "rbac.authorization.k8s.io";

/// The verbs on resources that Kubernetes itself asks for (`k8s.io/kubectl/pkg/cmd/auth`).
pub const VERBS: [&str; 15] = [
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "use",
    "bind",
    "impersonate",
    "approve",
    "sign",
    "escalate",
    "attest",
];

/// The verbs on paths: those of requests, in small letters.
pub const METHODS: [&str; 7] = ["get", "head", "post", "put", "patch", "delete", "options"];

/// What a role lets its holders do: verbs on resources, or verbs on URLs.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
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

crate::json::serialized!(PolicyRule);

impl PolicyRule {
    /// The rules of whoever may do anything.
    pub fn everything() -> [PolicyRule; 2] {
        let all = || vec!["*".to_owned()];
        let verbs = all();
        [
            PolicyRule { verbs: all(), api_groups: all(), resources: all(), ..PolicyRule::default() },
            PolicyRule { verbs, non_resource_urls: all(), ..PolicyRule::default() },
        ]
    }
}

impl PolicyRule {
    /// The rules of a role as stored.
    pub fn list(role: &Value) -> Vec<PolicyRule> {
        role.list("rules").iter().map(PolicyRule::read).collect()
    }

    /// A rule as stored; what is no text is left out.
    pub fn read(rule: &Value) -> PolicyRule {
        let words = |field| rule.list(field).iter().filter_map(|v| v.as_str().map(str::to_owned)).collect();
        PolicyRule {
            verbs: words("verbs"),
            api_groups: words("apiGroups"),
            resources: words("resources"),
            resource_names: words("resourceNames"),
            non_resource_urls: words("nonResourceURLs"),
        }
    }
}

/// A rule's resource as people type it: `deployments.apps/scale`.
pub(crate) fn typed(resource: &str, group: &str) -> String {
    let (plain, sub) = resource.split_at(resource.find('/').unwrap_or(resource.len()));
    match group {
        "" => resource.to_owned(),
        group => format!("{plain}.{group}{sub}"),
    }
}

/// Words of a rule as a reader has them: `""` for the empty one.
pub(crate) fn listed(words: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let shown = |word: &str| if word.is_empty() { "\"\"".to_owned() } else { word.to_owned() };
    words.into_iter().map(|word| shown(word.as_ref())).collect::<Vec<_>>().join(", ")
}

/// A field of a rule that a request can fail on, in the order in which they are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Field {
    /// `verbs`.
    Verbs,
    /// `apiGroups`.
    ApiGroups,
    /// `resources`.
    Resources,
    /// `resourceNames`.
    ResourceNames,
    /// `nonResourceURLs`.
    #[serde(rename = "nonResourceURLs")]
    NonResourceUrls,
}

/// Whom a binding speaks of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

/// As `--as` names a user, and `group NAME`.
impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Who::User(name) => f.write_str(name),
            Who::Group(name) => write!(f, "group {name}"),
        }
    }
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
        if self.namespace.is_empty() { binding } else { &self.namespace }
    }

    /// Whom the subject means in a binding of that namespace; nobody if its kind is unknown.
    pub fn who(&self, binding: &str) -> Option<Who> {
        match (self.kind.as_str(), self.account_namespace(binding)) {
            ("User", _) => Some(Who::User(self.name.clone())),
            ("Group", _) => Some(Who::Group(self.name.clone())),
            ("ServiceAccount", "") => None,
            ("ServiceAccount", namespace) => {
                Some(Who::User(format!("system:serviceaccount:{namespace}:{}", self.name)))
            }
            _ => None,
        }
    }

    /// Whom it means in a binding of that namespace, as commands name them: `alice`, `system:serviceaccount:a:b`, `group devs`.
    pub fn called(&self, binding: &str) -> String {
        self.who(binding).map_or_else(|| self.shown(), |who| who.to_string())
    }

    /// By its kind, where that is what matters: `User alice`, `ServiceAccount a/b`.
    pub fn shown(&self) -> String {
        let place = if self.namespace.is_empty() { String::new() } else { format!("{}/", self.namespace) };
        format!("{} {place}{}", self.kind, self.name)
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

/// A role binding, or a cluster role binding if its namespace is empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Binding {
    /// The namespace in which it grants.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// The name.
    pub name: String,
    /// The role.
    pub role_ref: RoleRef,
    /// To whom.
    pub subjects: Vec<Subject>,
}

impl Binding {
    /// A binding as stored.
    pub fn read(namespace: &str, name: &str, object: &Value) -> Binding {
        Binding {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            role_ref: RoleRef::read(object.at("roleRef")),
            subjects: object.list("subjects").iter().map(Subject::read).collect(),
        }
    }

    /// `ClusterRoleBinding`, or `RoleBinding`.
    pub fn kind(&self) -> &'static str {
        if self.namespace.is_empty() { "ClusterRoleBinding" } else { "RoleBinding" }
    }

    /// The first subject that a user is.
    pub fn subject(&self, user: &User) -> Option<&Subject> {
        self.subjects.iter().find(|subject| match subject.who(&self.namespace) {
            Some(Who::User(name)) => name == user.name,
            Some(Who::Group(name)) => user.in_group(&name),
            None => false,
        })
    }

    /// Whom it reaches, and in which namespace; the empty one stands for all.
    pub fn reach(&self) -> impl Iterator<Item = (Who, String)> {
        let whom = self.subjects.iter().filter_map(|subject| subject.who(&self.namespace));
        whom.map(|who| (who, self.namespace.clone()))
    }

    /// The binding, its role and one of its subjects in the server's words.
    pub fn describe(&self, subject: &Subject) -> String {
        let binding = match self.namespace.as_str() {
            "" => quote(&self.name),
            namespace => quote(&format!("{}/{namespace}", self.name)),
        };
        let (kind, of, role) = (self.kind(), &self.role_ref.kind, quote(&self.role_ref.name));
        format!("{kind} {binding} of {of} {role} to {}", subject.describe(&self.namespace))
    }

    /// Why the role cannot be read, as a lister says it.
    pub fn role_error(&self) -> String {
        match self.role_ref.kind.as_str() {
            kind @ ("Role" | "ClusterRole") => {
                format!("{}.{GROUP} {} not found", kind.to_lowercase(), quote(&self.role_ref.name))
            }
            kind => format!("unsupported role reference kind: {}", quote(kind)),
        }
    }
}
