//! `audit.k8s.io/v1 Policy`: the first rule that matches a request says how much of it is told
//! (`apiserver/pkg/audit/policy`).
//!
//! # Differs from Kubernetes
//! A field that the policy's type does not have is an error; a server warns of it in its own log and goes on.

use super::Stage;
use crate::api::differences::AUDIT_IS_V1;
use crate::api::{RequestInfo, User, Version};
use crate::config::File;
use crate::error::Error;
use crate::golang::yaml;
use serde::Deserialize;

/// How much of a request is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, serde::Serialize)]
pub(crate) enum Level {
    /// Nothing.
    None,
    /// Who, what, when, and the code.
    Metadata,
    /// And what was sent.
    Request,
    /// And what was answered.
    RequestResponse,
}

crate::json::serialized!(Level);

/// A policy.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Policy {
    api_version: String,
    kind: String,
    #[serde(default, rename = "metadata")]
    _metadata: crate::json::Value,
    #[serde(default)]
    rules: Vec<Rule>,
    #[serde(default)]
    omit_stages: Vec<Stage>,
    #[serde(default)]
    omit_managed_fields: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Rule {
    level: Level,
    #[serde(default)]
    users: Vec<String>,
    #[serde(default)]
    user_groups: Vec<String>,
    #[serde(default)]
    verbs: Vec<String>,
    #[serde(default)]
    resources: Vec<GroupResources>,
    #[serde(default)]
    namespaces: Vec<String>,
    #[serde(default, rename = "nonResourceURLs")]
    non_resource_urls: Vec<String>,
    #[serde(default)]
    omit_stages: Vec<Stage>,
    omit_managed_fields: Option<bool>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GroupResources {
    #[serde(default)]
    group: String,
    #[serde(default)]
    resources: Vec<String>,
    #[serde(default)]
    resource_names: Vec<String>,
}

/// What a policy says of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Terms {
    /// How much is told.
    pub level: Level,
    /// The stages that are left out.
    pub omit_stages: Vec<Stage>,
    /// Whether objects are told without their managed fields.
    pub omit_managed_fields: bool,
}

impl Policy {
    /// Reads the file of `--audit-policy-file`.
    pub(crate) fn read(file: &File, version: Version) -> Result<Policy, Error> {
        let text = String::from_utf8_lossy(&file.text);
        let policy: Policy = yaml::typed(&text).map_err(|error| error.in_file(&file.path, &text))?;
        policy.check(version).map_err(|error| error.in_file(&file.path))?;
        Ok(policy)
    }

    fn check(&self, version: Version) -> Result<(), Error> {
        let old = ["audit.k8s.io/v1beta1", "audit.k8s.io/v1alpha1"];
        let known = self.api_version == "audit.k8s.io/v1"
            || !version.has(AUDIT_IS_V1) && old.contains(&self.api_version.as_str());
        if self.kind != "Policy" || !known {
            let what = format!("`{}` of `{}` is no audit policy", self.kind, self.api_version);
            return Err(Error::new(what).hint("kind: Policy, apiVersion: audit.k8s.io/v1"));
        }
        if self.rules.is_empty() {
            return Err(Error::new("loaded illegal policy with 0 rules"));
        }
        for (i, rule) in self.rules.iter().enumerate() {
            rule.check().map_err(|(field, why)| Error::new(format!("rules[{i}].{field}: {why}")))?;
        }
        Ok(())
    }

    /// What the first matching rule says of a request; without one nothing is told.
    pub(super) fn terms(&self, user: Option<&User>, info: &RequestInfo) -> Terms {
        let rule = self.rules.iter().find(|rule| rule.matches(user, info));
        let stages = rule.iter().flat_map(|rule| &rule.omit_stages).chain(&self.omit_stages);
        Terms {
            level: rule.map_or(Level::None, |rule| rule.level),
            omit_stages: stages.copied().collect(),
            omit_managed_fields: rule
                .and_then(|rule| rule.omit_managed_fields)
                .unwrap_or(self.omit_managed_fields),
        }
    }
}

impl Rule {
    /// What is wrong with a rule: the field and why (`audit/validation`).
    fn check(&self) -> Result<(), (&'static str, String)> {
        let of_resources = !self.resources.is_empty() || !self.namespaces.is_empty();
        if of_resources && !self.non_resource_urls.is_empty() {
            return Err((
                "nonResourceURLs",
                "rules cannot apply to both regular resources and non-resource URLs".to_owned(),
            ));
        }
        for url in self.non_resource_urls.iter().filter(|url| *url != "*") {
            if !url.starts_with('/') {
                return Err((
                    "nonResourceURLs",
                    format!("`{url}`: non-resource URL rules must begin with a '/' character"),
                ));
            }
            if url.trim_end_matches('*').contains('*') {
                let why = "non-resource URL wildcards '*' must be the final character of the rule";
                return Err(("nonResourceURLs", format!("`{url}`: {why}")));
            }
        }
        for group in &self.resources {
            if group.group.contains('/') {
                return Err((
                    "resources.group",
                    format!("`{}` is no API group: it comes without a version", group.group),
                ));
            }
            if !group.resource_names.is_empty() && group.resources.is_empty() {
                return Err((
                    "resources.resourceNames",
                    "using resourceNames requires at least one resource".to_owned(),
                ));
            }
        }
        Ok(())
    }

    fn matches(&self, user: Option<&User>, info: &RequestInfo) -> bool {
        let has = |list: &[String], word: &str| list.iter().any(|item| item == word);
        let by_name = self.users.is_empty() || user.is_some_and(|user| has(&self.users, &user.name));
        let by_group = self.user_groups.is_empty()
            || user.is_some_and(|user| user.groups.iter().any(|group| has(&self.user_groups, group)));
        let by_verb = self.verbs.is_empty() || has(&self.verbs, &info.verb);
        by_name && by_group && by_verb && self.matches_what(info)
    }

    fn matches_what(&self, info: &RequestInfo) -> bool {
        if !self.namespaces.is_empty() || !self.resources.is_empty() {
            let here = self.namespaces.is_empty() || self.namespaces.contains(&info.namespace);
            let named = self.resources.is_empty() || self.resources.iter().any(|group| group.matches(info));
            return info.is_resource && here && named;
        }
        let path = |wanted: &String| match wanted.strip_suffix('*') {
            Some(start) => info.path.starts_with(start.trim_end_matches('*')),
            None => info.path == *wanted,
        };
        self.non_resource_urls.is_empty() || !info.is_resource && self.non_resource_urls.iter().any(path)
    }
}

impl GroupResources {
    fn matches(&self, info: &RequestInfo) -> bool {
        let named = self.resource_names.is_empty() || self.resource_names.contains(&info.name);
        let sub = info.subresource.as_str();
        let resource = |wanted: &String| {
            let parts = wanted.split_once('/');
            *wanted == info.full_resource()
                || wanted == "*"
                || parts.is_some_and(|(name, s)| name == "*" && !sub.is_empty() && s == sub)
                || parts.is_some_and(|(name, s)| s == "*" && name == info.resource)
        };
        self.group == info.group
            && (self.resources.is_empty() || named && self.resources.iter().any(resource))
    }
}
