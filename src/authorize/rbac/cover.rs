//! Do the rules that somebody holds cover those that they want to hand out?
//! (`pkg/registry/rbac/validation/{policy_comparator,policy_compact}.go`)

use super::rule::url_matches;
use crate::api::field::quote_list;
use crate::api::rbac::PolicyRule;

/// The wanted rules that no single rule of the owner covers, broken down to one verb on one thing each.
pub(crate) fn missing(owner: &[PolicyRule], wanted: &[PolicyRule]) -> Vec<PolicyRule> {
    let pieces = wanted.iter().flat_map(break_down);
    pieces.filter(|piece| !owner.iter().any(|rule| covers(rule, piece))).collect()
}

/// A rule as rules of one verb on one resource, of one name where it has names, or on one URL.
pub(crate) fn break_down(rule: &PolicyRule) -> Vec<PolicyRule> {
    let one = |word: &String| vec![word.clone()];
    let names: Vec<Vec<String>> = match rule.resource_names.as_slice() {
        [] => vec![Vec::new()],
        names => names.iter().map(one).collect(),
    };
    let mut pieces = Vec::new();
    for group in &rule.api_groups {
        for resource in &rule.resources {
            for verb in &rule.verbs {
                pieces.extend(names.iter().map(|names| PolicyRule {
                    verbs: one(verb),
                    api_groups: one(group),
                    resources: one(resource),
                    resource_names: names.clone(),
                    ..PolicyRule::default()
                }));
            }
        }
    }
    for url in &rule.non_resource_urls {
        pieces.extend(rule.verbs.iter().map(|verb| PolicyRule {
            verbs: one(verb),
            non_resource_urls: one(url),
            ..PolicyRule::default()
        }));
    }
    pieces
}

/// Whether one rule covers another in every field.
fn covers(owner: &PolicyRule, wanted: &PolicyRule) -> bool {
    let all = |held: &[String], asked: &[String]| has(held, "*") || asked.iter().all(|word| has(held, word));
    let names = match (owner.resource_names.as_slice(), wanted.resource_names.as_slice()) {
        ([], _) => true,
        // All objects are more than some.
        (_, []) => false,
        (held, asked) => asked.iter().all(|name| has(held, name)),
    };
    names
        && all(&owner.verbs, &wanted.verbs)
        && all(&owner.api_groups, &wanted.api_groups)
        && wanted.resources.iter().all(|resource| resource_covered(&owner.resources, resource))
        && wanted
            .non_resource_urls
            .iter()
            .all(|url| owner.non_resource_urls.iter().any(|o| url_matches(o, url)))
}

fn has(list: &[String], word: &str) -> bool {
    list.iter().any(|w| w == word)
}

/// `*` covers all, `*/scale` covers `deployments/scale`; `pods` does not cover `pods/log`.
fn resource_covered(held: &[String], wanted: &str) -> bool {
    let of_any = wanted.split_once('/').map(|(_, sub)| format!("*/{sub}"));
    has(held, "*") || has(held, wanted) || of_any.is_some_and(|all| has(held, &all))
}

/// Rules as the server lists them: the verbs on one thing together, each rule on a line, sorted.
pub(crate) fn describe(rules: Vec<PolicyRule>) -> String {
    let mut lines: Vec<String> = compact(rules).iter().map(line).collect();
    lines.sort_unstable();
    lines.dedup();
    lines.join("\n")
}

/// Joins the rules that differ in their verbs alone. Rules about URLs stay apart.
pub(crate) fn compact(rules: Vec<PolicyRule>) -> Vec<PolicyRule> {
    let mut compacted: Vec<PolicyRule> = Vec::new();
    for rule in rules {
        let same = compacted.iter_mut().find(|r| {
            rule.non_resource_urls.is_empty()
                && r.non_resource_urls.is_empty()
                && (&r.api_groups, &r.resources, &r.resource_names)
                    == (&rule.api_groups, &rule.resources, &rule.resource_names)
        });
        match same {
            Some(joined) => joined.verbs.extend(rule.verbs),
            None => compacted.push(rule),
        }
    }
    compacted
}

/// `{APIGroups:["apps"], Resources:["deployments"], Verbs:["create" "get"]}`.
fn line(rule: &PolicyRule) -> String {
    let fields = [
        ("APIGroups", &rule.api_groups),
        ("Resources", &rule.resources),
        ("NonResourceURLs", &rule.non_resource_urls),
        ("ResourceNames", &rule.resource_names),
        ("Verbs", &rule.verbs),
    ];
    let present = fields.iter().filter(|(_, words)| !words.is_empty());
    let parts: Vec<String> = present.map(|(name, words)| format!("{name}:{}", quote_list(words))).collect();
    format!("{{{}}}", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `verbs groups resources names`, each comma-separated; `verbs /url,/url`. `core` is the empty group.
    fn rules(text: &str) -> Vec<PolicyRule> {
        let words = |w: &str| w.split(',').map(|w| w.replace("core", "")).collect::<Vec<_>>();
        let rule = |line: &str| match *line.split(' ').collect::<Vec<_>>() {
            [verbs, urls] => {
                PolicyRule { verbs: words(verbs), non_resource_urls: words(urls), ..PolicyRule::default() }
            }
            [verbs, groups, resources, ref names @ ..] => PolicyRule {
                verbs: words(verbs),
                api_groups: words(groups),
                resources: words(resources),
                resource_names: names.first().map(|names| words(names)).unwrap_or_default(),
                ..PolicyRule::default()
            },
            _ => panic!("{line}"),
        };
        text.split("; ").filter(|line| !line.is_empty()).map(rule).collect()
    }

    #[test]
    fn holders_cover_what_they_hold() {
        for (owner, wanted, missing_text) in [
            ("get core pods", "get core pods a,b", ""),
            ("get core pods a", "get core pods", r#"{APIGroups:[""], Resources:["pods"], Verbs:["get"]}"#),
            (
                "get core pods a",
                "get core pods a,b",
                r#"{APIGroups:[""], Resources:["pods"], ResourceNames:["b"], Verbs:["get"]}"#,
            ),
            ("* * *", "get,list apps,core pods,pods/log,*/scale", ""),
            ("get core pods; list core pods", "get,list core pods", ""),
            ("get apps */scale", "get apps deployments/scale,*/scale", ""),
            (
                "get apps pods",
                "get apps pods/log",
                r#"{APIGroups:["apps"], Resources:["pods/log"], Verbs:["get"]}"#,
            ),
            ("get,list apps pods", "* apps pods", r#"{APIGroups:["apps"], Resources:["pods"], Verbs:["*"]}"#),
            (
                "",
                "get,list apps,core pods; create core pods",
                "{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"get\" \"list\" \"create\"]}\n\
                 {APIGroups:[\"apps\"], Resources:[\"pods\"], Verbs:[\"get\" \"list\"]}",
            ),
            ("get /a/*", "get /a/b,/a/b/*,/a/", ""),
            (
                "get /a/*",
                "get,post /a,/a/b",
                "{NonResourceURLs:[\"/a\"], Verbs:[\"get\"]}\n{NonResourceURLs:[\"/a\"], Verbs:[\"post\"]}\n\
                 {NonResourceURLs:[\"/a/b\"], Verbs:[\"post\"]}",
            ),
            ("* /*", "get *", "{NonResourceURLs:[\"*\"], Verbs:[\"get\"]}"),
        ] {
            let text = describe(missing(&rules(owner), &rules(wanted)));
            assert_eq!(text, missing_text, "{owner} against {wanted}");
        }
    }
}
