//! Bindings and rules in words: those that allowed, and those that came nearest.

use crate::api::{Dig, RequestInfo};
use crate::authorize::rbac::{PolicyRule, RoleRef, Subject};
use serde::Serialize;
use serde_json::Value;

/// A binding, the subject through which it reaches somebody, its role, and a rule of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Grounds {
    /// `RoleBinding` or `ClusterRoleBinding`.
    pub kind: String,
    /// The binding's namespace; empty for a cluster role binding.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// The binding's name.
    pub binding: String,
    /// The subject; none if the binding reaches others only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// The role.
    pub role: RoleRef,
    /// The rule's place in the role, from 1, and the rule; none if there is no such role, or no rule in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<(usize, PolicyRule)>,
    /// Where the rule is written, as far as that is known: `manifests/coredns.yaml:34`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// A binding that does not allow a request, and why.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Miss {
    /// The binding and the rule that came nearest.
    #[serde(flatten)]
    pub grounds: Grounds,
    /// The fields that failed, the most basic first, in words.
    pub why: Vec<String>,
    /// The fields by name: `subject`, `namespace`, `verbs`, `apiGroups`, `resources`, `resourceNames`,
    /// `nonResourceURLs`, `roleMissing`, `roleEmpty`.
    pub failed: Vec<String>,
}

impl Grounds {
    /// Grounds as the authorizer's evidence has them.
    pub(super) fn read(grounds: &Value) -> Grounds {
        let role = grounds.at("role");
        let rule = || {
            let place = usize::try_from(grounds.at("rule.0").as_u64()?).ok()?;
            Some((place + 1, PolicyRule::read(grounds.at("rule.1"))))
        };
        Grounds {
            kind: grounds.text("kind").to_owned(),
            namespace: grounds.text("namespace").to_owned(),
            binding: grounds.text("binding").to_owned(),
            subject: grounds.has("subject").then(|| Subject::read(grounds.at("subject"))),
            role: RoleRef::read(role),
            rule: rule(),
            source: None,
        }
    }

    /// `RoleBinding a/pods: Role pods to User alice`.
    pub fn describe(&self) -> String {
        let subject = match &self.subject {
            None => "others".to_owned(),
            Some(subject) => format!("{} {}{}", subject.kind, prefix(&subject.namespace), subject.name),
        };
        let place = prefix(&self.namespace);
        format!("{} {place}{}: {} {} to {subject}", self.kind, self.binding, self.role.kind, self.role.name)
    }
}

impl Miss {
    pub(super) fn read(miss: &Value, info: &RequestInfo) -> Miss {
        let grounds = Grounds::read(miss);
        let field = |why: &Value| why.as_str().unwrap_or_else(|| why.text("rule")).to_owned();
        let failed: Vec<String> = miss.list("why").iter().map(field).collect();
        // A rule about paths fails on every field of a resource, and the other way round: said once.
        let about_paths = grounds.rule.as_ref().is_some_and(|(_, rule)| !rule.non_resource_urls.is_empty());
        let other_world = grounds.rule.is_some() && about_paths == info.is_resource;
        let said = |field: &&String| !other_world || !RULE_FIELDS.contains(&field.as_str());
        let mut why: Vec<String> =
            failed.iter().filter(said).map(|field| in_words(field, &grounds, info)).collect();
        if other_world {
            why.push(match about_paths {
                true => "rule: it is for paths that are no resources".to_owned(),
                false => "rule: it is for resources, not for paths".to_owned(),
            });
        }
        Miss { grounds, why, failed }
    }
}

const RULE_FIELDS: [&str; 5] = ["verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs"];

fn prefix(namespace: &str) -> String {
    if namespace.is_empty() { String::new() } else { format!("{namespace}/") }
}

/// Why a binding does not allow a request.
fn in_words(field: &str, grounds: &Grounds, info: &RequestInfo) -> String {
    let none = PolicyRule::default();
    let rule = grounds.rule.as_ref().map_or(&none, |(_, rule)| rule);
    match field {
        "roleMissing" => format!("role: {} {} does not exist", grounds.role.kind, grounds.role.name),
        "roleEmpty" => "role: it has no rules".to_owned(),
        "subject" => "subject: somebody else".to_owned(),
        "namespace" if info.namespace.is_empty() => {
            format!("namespace: only {}, not the whole cluster", grounds.namespace)
        }
        "namespace" => format!("namespace: only {}, not {}", grounds.namespace, info.namespace),
        "verbs" => format!("verb: its nearest rule allows {}, not {}", words(&rule.verbs), info.verb),
        "apiGroups" => {
            format!("API group: its nearest rule is for {}, not \"{}\"", words(&rule.api_groups), info.group)
        }
        "resources" => {
            let wanted = info.full_resource();
            format!("resource: its nearest rule is for {}, not {wanted}", words(&rule.resources))
        }
        "resourceNames" => {
            let asked = if info.name.is_empty() { "a request without a name" } else { info.name.as_str() };
            format!("name: its nearest rule is for {} only, not {asked}", words(&rule.resource_names))
        }
        "nonResourceURLs" => {
            format!("path: its nearest rule is for {}, not {}", words(&rule.non_resource_urls), info.path)
        }
        other => other.to_owned(),
    }
}

fn words(list: &[String]) -> String {
    list.iter().map(|word| if word.is_empty() { "\"\"" } else { word }).collect::<Vec<_>>().join(", ")
}

/// A rule in one line: `verbs [get, list] of groups [""] on [pods]`.
pub fn describe_rule(rule: &PolicyRule) -> String {
    let fields = [
        ("verbs", &rule.verbs),
        ("of groups", &rule.api_groups),
        ("on", &rule.resources),
        ("named", &rule.resource_names),
        ("on paths", &rule.non_resource_urls),
    ];
    let present = fields.iter().filter(|(_, list)| !list.is_empty());
    present.map(|(label, list)| format!("{label} [{}]", words(list))).collect::<Vec<_>>().join(" ")
}
