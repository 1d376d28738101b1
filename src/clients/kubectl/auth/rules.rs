//! Rules as kubectl tells them: taken apart, put together by resource, sorted (`component-helpers/auth/rbac/validation`,
//! `kubectl/pkg/util/rbac`).

use crate::api::rbac::{PolicyRule, typed};
use crate::authorize::rbac::cover::{break_down, compact};

/// The rows of a table of rules: resource, URLs, names, verbs.
pub(in super::super) fn rows(rules: impl Iterator<Item = PolicyRule>) -> Vec<String> {
    let mut rules = compact(&rules.flat_map(|rule| break_down(&rule)).collect::<Vec<_>>());
    rules.sort_by_cached_key(text);
    let list = |words: &[String]| format!("[{}]", words.join(" "));
    let cells = rules.iter().map(|rule| {
        let [resource, group] =
            [&rule.resources, &rule.api_groups].map(|list| list.first().map_or("", |w| w));
        [typed(resource, group), list(&rule.non_resource_urls), list(&rule.resource_names), list(&rule.verbs)]
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
