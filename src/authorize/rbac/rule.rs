//! When a rule allows a request (`pkg/apis/rbac/v1/evaluation_helpers.go`).

use crate::api::RequestInfo;
use crate::api::rbac::{Field, PolicyRule};

type Check = (Field, fn(&PolicyRule, &RequestInfo) -> bool);

const RESOURCE_CHECKS: &[Check] = &[
    (Field::Verbs, |rule, ask| any(&rule.verbs, &ask.verb)),
    (Field::ApiGroups, |rule, ask| any(&rule.api_groups, &ask.group)),
    (Field::Resources, |rule, ask| rule.resources.iter().any(|r| covers_resource(r, ask))),
    (Field::ResourceNames, |rule, ask| {
        rule.resource_names.is_empty() || rule.resource_names.contains(&ask.name)
    }),
];

const URL_CHECKS: &[Check] = &[
    (Field::Verbs, |rule, ask| any(&rule.verbs, &ask.verb)),
    (Field::NonResourceUrls, |rule, ask| {
        rule.non_resource_urls.iter().any(|url| url_matches(url, &ask.path))
    }),
];

impl PolicyRule {
    /// Whether the rule allows a request.
    pub fn allows(&self, ask: &RequestInfo) -> bool {
        self.misses(ask).next().is_none()
    }

    /// The fields that a request fails on, in order.
    pub fn misses(&self, ask: &RequestInfo) -> impl Iterator<Item = Field> {
        let checks = if ask.is_resource { RESOURCE_CHECKS } else { URL_CHECKS };
        checks.iter().filter(|(_, matches)| !matches(self, ask)).map(|(field, _)| *field)
    }
}

/// Whether a list holds a word, or `*`.
fn any(list: &[String], word: &str) -> bool {
    list.iter().any(|w| w == "*" || w == word)
}

/// Whether a rule's resource covers that of a request, or its part.
pub(super) fn covers_resource(rule: &str, ask: &RequestInfo) -> bool {
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
pub(crate) fn url_matches(rule: &str, path: &str) -> bool {
    rule == path || (rule.ends_with('*') && path.starts_with(rule.trim_end_matches('*')))
}
