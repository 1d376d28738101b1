//! Rules as kubectl tells them: taken apart, put together by resource, sorted (`component-helpers/auth/rbac/validation`,
//! `kubectl/pkg/util/rbac`).

use crate::api::rbac::PolicyRule;
use crate::authorize::rbac::cover::{break_down, compact};

/// The rows of a table of rules: resource, URLs, names, verbs.
pub(in super::super) fn rows(rules: impl Iterator<Item = PolicyRule>) -> Vec<String> {
    let mut rules = compact(rules.flat_map(|rule| break_down(&rule)).collect());
    rules.sort_by_cached_key(text);
    let list = |words: &[String]| format!("[{}]", words.join(" "));
    let cells = rules.iter().map(|rule| {
        [resource(rule), list(&rule.non_resource_urls), list(&rule.resource_names), list(&rule.verbs)]
    });
    cells.map(|cells| cells.join("\t")).collect()
}

/// As Go prints the type; the order of rules is the order of these texts.
fn text(rule: &PolicyRule) -> String {
    let fields = [
        ("Verbs", &rule.verbs),
        ("APIGroups", &rule.api_groups),
        ("Resources", &rule.resources),
        ("ResourceNames", &rule.resource_names),
        ("NonResourceURLs", &rule.non_resource_urls),
    ];
    let fields = fields.map(|(name, words)| format!("{name}:[{}],", words.join(" ")));
    format!("&PolicyRule{{{}}}", fields.concat())
}

/// `deployments.apps/scale`.
fn resource(rule: &PolicyRule) -> String {
    let Some(resource) = rule.resources.first() else {
        return String::new();
    };
    let (plain, sub) = resource.split_at(resource.find('/').unwrap_or(resource.len()));
    match rule.api_groups.first().map_or("", String::as_str) {
        "" => resource.clone(),
        group => format!("{plain}.{group}{sub}"),
    }
}
