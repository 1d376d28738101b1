//! Rules as kubectl tells them: taken apart, put together by resource, sorted (`component-helpers/auth/rbac/validation`,
//! `kubectl/pkg/util/rbac`).

use crate::api::Dig;
use serde_json::Value;

/// A rule of a role, with its parts as texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Rule {
    pub(in super::super) verbs: Vec<String>,
    pub(in super::super) groups: Vec<String>,
    pub(in super::super) resources: Vec<String>,
    pub(in super::super) names: Vec<String>,
    pub(in super::super) urls: Vec<String>,
}

impl Rule {
    /// Reads a rule of a role or of a rules review.
    pub(in super::super) fn read(rule: &Value) -> Rule {
        let texts = |key| rule.list(key).iter().filter_map(Value::as_str).map(str::to_owned).collect();
        Rule {
            verbs: texts("verbs"),
            groups: texts("apiGroups"),
            resources: texts("resources"),
            names: texts("resourceNames"),
            urls: texts("nonResourceURLs"),
        }
    }

    /// As Go prints the type; the order of rules is the order of these texts.
    fn text(&self) -> String {
        let list = |l: &[String]| l.join(" ");
        format!(
            "&PolicyRule{{Verbs:[{}],APIGroups:[{}],Resources:[{}],ResourceNames:[{}],NonResourceURLs:[{}],}}",
            list(&self.verbs),
            list(&self.groups),
            list(&self.resources),
            list(&self.names),
            list(&self.urls)
        )
    }

    /// `deployments.apps/scale`.
    fn resource(&self) -> String {
        let Some(resource) = self.resources.first() else {
            return String::new();
        };
        let (plain, sub) = resource.split_once('/').unwrap_or((resource, ""));
        let group = match self.groups.first().map_or("", String::as_str) {
            "" => String::new(),
            group => format!(".{group}"),
        };
        let sub = if sub.is_empty() { String::new() } else { format!("/{sub}") };
        format!("{plain}{group}{sub}")
    }

    /// The four cells of a table.
    pub(in super::super) fn cells(&self) -> String {
        let list = |l: &[String]| format!("[{}]", l.join(" "));
        format!("{}\t{}\t{}\t{}", self.resource(), list(&self.urls), list(&self.names), list(&self.verbs))
    }

    /// Rules with one verb, one resource and one name each.
    fn breakdown(&self) -> Vec<Rule> {
        let one = |text: &String| vec![text.clone()];
        let mut found = Vec::new();
        for group in &self.groups {
            for resource in &self.resources {
                for verb in &self.verbs {
                    let rule = Rule {
                        verbs: one(verb),
                        groups: one(group),
                        resources: one(resource),
                        ..Rule::default()
                    };
                    match self.names.is_empty() {
                        true => found.push(rule),
                        false => found
                            .extend(self.names.iter().map(|name| Rule { names: one(name), ..rule.clone() })),
                    }
                }
            }
        }
        for url in &self.urls {
            found.extend(self.verbs.iter().map(|verb| Rule {
                verbs: one(verb),
                urls: one(url),
                ..Rule::default()
            }));
        }
        found
    }
}

/// The rules as a table shows them.
pub(in super::super) fn compact(rules: impl Iterator<Item = Rule>) -> Vec<Rule> {
    let mut found: Vec<Rule> = Vec::new();
    for rule in rules.flat_map(|rule| rule.breakdown()) {
        let same = |r: &&mut Rule| {
            r.urls.is_empty()
                && r.groups == rule.groups
                && r.resources == rule.resources
                && r.names == rule.names
        };
        match found.iter_mut().find(same).filter(|_| rule.urls.is_empty()) {
            Some(known) => known.verbs.extend(rule.verbs),
            None => found.push(rule),
        }
    }
    found.sort_by_cached_key(Rule::text);
    found
}
