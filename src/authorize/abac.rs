//! Attribute based access control: a file of policies, one JSON object a line (`pkg/auth/authorizer/abac`,
//! `pkg/apis/abac/{v0,v1beta1}`).

use super::rbac::PolicyRule;
use crate::api::field::quote;
use crate::api::{Attributes, Decision, Fact, User};
use crate::error::Error;
use crate::json::Value;
use serde::Deserialize;

const V0: &str = "abac.authorization.kubernetes.io/v0";
const V1BETA1: &str = "abac.authorization.kubernetes.io/v1beta1";
const AUTHENTICATED: &str = "system:authenticated";

/// The policies of a file, in order. Any of them allows; none denies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Policies(Vec<Line>);

/// A line of the file with the policy on it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    /// From 1.
    number: usize,
    text: String,
    policy: Policy,
}

/// One policy: who may do what. An empty field matches nothing but emptiness, `*` anything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Policy {
    user: String,
    group: String,
    readonly: bool,
    api_group: String,
    resource: String,
    namespace: String,
    non_resource_path: String,
}

impl Policies {
    /// Reads a policy file; blank lines and those that begin with `#` are left out.
    pub(crate) fn parse(path: &str, text: &str) -> Result<Policies, Error> {
        let lines = text.lines().enumerate().filter(|(_, line)| {
            let line = line.trim();
            !line.is_empty() && !line.starts_with('#')
        });
        let policy = |(i, line): (usize, &str)| {
            let policy = Policy::parse(line).map_err(|why| {
                Error::new(format!("error reading policy file {path}, line {}: {line}: {why}", i + 1))
            })?;
            Ok(Line { number: i + 1, text: line.trim().to_owned(), policy })
        };
        lines.map(policy).collect::<Result<_, _>>().map(Policies)
    }

    /// Allows what a policy matches; has no opinion on the rest.
    pub(crate) fn decide(&self, attributes: &Attributes) -> (Decision, Fact) {
        match self.0.iter().find(|line| line.policy.matches(attributes)) {
            Some(line) => {
                (Decision::Allow, Fact::PolicyLine { line: line.number, policy: line.text.clone() })
            }
            None => (Decision::NoOpinion, Fact::NoPolicyLine { policies: self.0.len() }),
        }
    }

    /// The policies that speak of a user in a namespace, as rules.
    pub(crate) fn rules_for(&self, user: &User, namespace: &str) -> Vec<PolicyRule> {
        let policies = self.0.iter().map(|line| &line.policy);
        let of_user = policies.filter(|policy| {
            policy.matches_user(user) && (policy.namespace == "*" || policy.namespace == namespace)
        });
        of_user.flat_map(Policy::rules).collect()
    }
}

impl Policy {
    fn parse(line: &str) -> Result<Policy, String> {
        let json = |e: serde_json::Error| format!("couldn't get version/kind; json parse error: {e}");
        let mut object: Value = serde_json::from_str(line).map_err(json)?;
        let word = |field: &str| object.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (version, kind) = (word("apiVersion"), word("kind"));
        let read = |value: Value| crate::json::from_value::<Policy>(value).map_err(|e| e.to_string());
        match (version.as_str(), kind.as_str()) {
            (V1BETA1, "Policy") => {
                let spec = object.get_mut("spec").map(Value::take).filter(|spec| !spec.is_null());
                Ok(spec.map(read).transpose()?.unwrap_or_default().converted_v1beta1())
            }
            // The oldest files say neither.
            (_, "") | ("" | V0, "Policy") => Ok(read(object)?.converted_v0()),
            _ => Err(format!("no kind {} is registered for version {}", quote(&kind), quote(&version))),
        }
    }

    /// `*` is everybody who is authenticated.
    fn converted_v1beta1(mut self) -> Policy {
        if self.user == "*" || self.group == "*" {
            AUTHENTICATED.clone_into(&mut self.group);
            self.user.clear();
        }
        self
    }

    /// What is left out matches everything, and everybody who is authenticated.
    fn converted_v0(mut self) -> Policy {
        self.non_resource_path.clear();
        if self.namespace.is_empty() && self.resource.is_empty() {
            "*".clone_into(&mut self.non_resource_path);
        }
        if self.user.is_empty() && self.group.is_empty() {
            AUTHENTICATED.clone_into(&mut self.group);
        }
        for field in [&mut self.namespace, &mut self.resource] {
            if field.is_empty() {
                "*".clone_into(field);
            }
        }
        "*".clone_into(&mut self.api_group);
        self.converted_v1beta1()
    }

    fn matches(&self, Attributes { user, info }: &Attributes) -> bool {
        let readonly = matches!(info.verb.as_str(), "get" | "list" | "watch");
        let word = |pattern: &str, word: &str| pattern == "*" || pattern == word;
        let target = match info.is_resource {
            true => {
                word(&self.namespace, &info.namespace)
                    && word(&self.resource, &info.resource)
                    && word(&self.api_group, &info.group)
            }
            false => {
                let path = self.non_resource_path.as_str();
                path == info.path
                    || (path.ends_with('*') && info.path.starts_with(path.trim_end_matches('*')))
            }
        };
        target && (readonly || !self.readonly) && self.matches_user(user)
    }

    /// User and group must both match where both are named; a policy that names neither matches nobody.
    fn matches_user(&self, user: &User) -> bool {
        let named = !self.user.is_empty() || !self.group.is_empty();
        named
            && (self.user.is_empty() || self.user == user.name)
            && (self.group.is_empty() || user.in_group(&self.group))
    }

    fn rules(&self) -> Vec<PolicyRule> {
        let words = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let verbs = if self.readonly { words(&["get", "list", "watch"]) } else { words(&["*"]) };
        let resource = PolicyRule {
            verbs: verbs.clone(),
            api_groups: words(&[&self.api_group]),
            resources: words(&[&self.resource]),
            ..PolicyRule::default()
        };
        let url = PolicyRule {
            verbs,
            non_resource_urls: words(&[&self.non_resource_path]),
            ..PolicyRule::default()
        };
        let resource = (!self.resource.is_empty()).then_some(resource);
        resource.into_iter().chain((!self.non_resource_path.is_empty()).then_some(url)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::RequestInfo;

    #[test]
    fn policies_match_who_and_what() {
        let v1 = |spec: &str| format!(r#"{{"apiVersion":"{V1BETA1}","kind":"Policy","spec":{spec}}}"#);
        for (policy, ask, allowed) in [
            (
                v1(r#"{"user":"a","namespace":"n","resource":"pods"}"#),
                "a POST /api/v1/namespaces/n/pods",
                true,
            ),
            (
                v1(r#"{"user":"a","namespace":"n","resource":"pods"}"#),
                "b GET /api/v1/namespaces/n/pods",
                false,
            ),
            (
                v1(r#"{"user":"a","namespace":"n","resource":"pods"}"#),
                "a GET /apis/x/v1/namespaces/n/pods",
                false,
            ),
            (v1(r#"{"user":"a","group":"g","nonResourcePath":"*"}"#), "a GET /x", false),
            (v1(r#"{"user":"a","group":"g","nonResourcePath":"*"}"#), "a,g GET /x", true),
            (v1(r#"{"user":"*","nonResourcePath":"/x*"}"#), "a GET /x", false),
            (v1(r#"{"user":"*","nonResourcePath":"/x*"}"#), "a,system:authenticated PUT /xy", true),
            (
                v1(r#"{"group":"g","readonly":true,"resource":"*","namespace":"*"}"#),
                "a,g POST /api/v1/pods",
                false,
            ),
            (v1(r#"{"resource":"*","namespace":"*"}"#), "a,g GET /api/v1/pods", false),
            (r#"{"user":"a"}"#.to_owned(), "a DELETE /apis/x/v1/namespaces/n/pods/p", true),
            (r#"{"user":"a"}"#.to_owned(), "a GET /x", true),
            (r#"{"user":"a","resource":"pods"}"#.to_owned(), "a GET /x", false),
            (r#"{"readonly":true}"#.to_owned(), "a,system:authenticated GET /x", true),
        ] {
            let policies = Policies::parse("f", &format!("# all\n\n{policy}\n")).unwrap();
            let words: Vec<&str> = ask.split(' ').collect();
            let names: Vec<&str> = words[0].split(',').collect();
            let user = User::new(names[0], &names[1..]);
            let attributes = Attributes { user, info: RequestInfo::parse(words[1], words[2]) };
            assert_eq!(policies.decide(&attributes).0 == Decision::Allow, allowed, "{policy}: {ask}");
        }
        let error =
            Policies::parse("p.jsonl", "\n{\"user\": \"a\"}\n{\"apiVersion\":\"x/v1\",\"kind\":\"P\"}")
                .unwrap_err();
        let want = "error reading policy file p.jsonl, line 3: {\"apiVersion\":\"x/v1\",\"kind\":\"P\"}: no kind \"P\"";
        assert!(error.message.starts_with(want), "{error}");
    }
}
