//! What somebody holds who acts as somebody else for some verbs only (KEP-5284), and what two rules have in common.

use crate::api::rbac::PolicyRule;
use crate::authorize::rbac::rule::url_matches;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Who acts for some verbs: how, and the roles that are held, with their places.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Lender {
    pub(super) mode: &'static str,
    pub(super) held: Vec<(usize, Arc<str>)>,
}

/// All of them by number, and the roles that came of them: by how somebody acts, the role that allows it, and the other one's.
#[derive(Clone, Debug, Default)]
pub(super) struct Lent {
    pub(super) lenders: Vec<Lender>,
    pub(super) numbers: BTreeMap<Lender, usize>,
    pub(super) roles: BTreeMap<Key, Option<usize>>,
}

pub(super) type Key = (&'static str, usize, usize);

/// Of what a role is made that is in two: by the number of its rules, that of the other one's rule, and that of the rule by which
/// somebody acts for it.
#[derive(Clone, Debug)]
pub(super) struct Both {
    pub(super) of: usize,
    pub(super) by: usize,
    pub(super) rules: Vec<(usize, Option<usize>)>,
}

/// The verbs for which a rule lets somebody act. No star within a word stands for others: `impersonate-on:user-info:*` is no verb of
/// any request.
pub(super) fn for_what(rule: &PolicyRule, mode: &str) -> Vec<String> {
    let of = |verb: &String| match verb.as_str() {
        "*" => Some("*".to_owned()),
        verb => {
            let of = verb.strip_prefix("impersonate-on:")?.strip_prefix(mode)?.strip_prefix(':')?;
            (of != "*").then(|| of.to_owned())
        }
    };
    rule.verbs.iter().filter_map(of).collect()
}

/// What the server asks by itself.
pub(super) const ASKED: [&str; 6] = ["bind", "escalate", "approve", "sign", "attest", "use"];

/// What of a rule that is.
pub(super) fn asked_besides(rule: &PolicyRule) -> PolicyRule {
    let asked = ASKED.into_iter().filter(|asked| rule.verbs.iter().any(|verb| verb == "*" || verb == asked));
    PolicyRule { verbs: asked.map(str::to_owned).collect(), non_resource_urls: Vec::new(), ..rule.clone() }
}

/// What two rules have in common.
pub(super) fn in_both(one: &PolicyRule, other: &PolicyRule) -> Option<PolicyRule> {
    let word = |wide: &str, narrow: &str| wide == "*" || wide == narrow;
    let resource = |wide: &str, narrow: &str| {
        let part = wide.strip_prefix("*/");
        word(wide, narrow)
            || part.is_some_and(|part| narrow.split_once('/').is_some_and(|(_, of)| of == part))
    };
    let names = match (one.resource_names.as_slice(), other.resource_names.as_slice()) {
        ([], names) | (names, []) => Some(names.to_vec()),
        (one, other) => Some(common(one, other, |one, other| one == other)).filter(|names| !names.is_empty()),
    };
    let mut both = PolicyRule {
        verbs: common(&one.verbs, &other.verbs, word),
        non_resource_urls: common(&one.non_resource_urls, &other.non_resource_urls, url_matches),
        ..PolicyRule::default()
    };
    if let Some(names) = names {
        both.api_groups = common(&one.api_groups, &other.api_groups, word);
        both.resources = common(&one.resources, &other.resources, resource);
        both.resource_names = names;
    }
    let any = !both.api_groups.is_empty() && !both.resources.is_empty() || !both.non_resource_urls.is_empty();
    (any && !both.verbs.is_empty()).then_some(both)
}

/// The words that both have, by what each covers.
fn common(one: &[String], other: &[String], covers: impl Fn(&str, &str) -> bool) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (a, b) in one.iter().flat_map(|a| other.iter().map(move |b| (a, b))) {
        let narrow = if covers(a, b) { Some(b) } else { Some(a).filter(|_| covers(b, a)) };
        found.extend(narrow.filter(|word| !found.contains(word)).cloned());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::RequestInfo;

    fn words(list: &str) -> Vec<String> {
        list.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    /// What two rules have in common allows what both allow, and nothing else.
    #[test]
    fn both_allow_what_each_allows() {
        let (mut rules, mut asked) = (Vec::new(), Vec::new());
        for verbs in ["*", "get", "get list"] {
            for urls in ["*", "/x*", "/x/y /z"] {
                let (verbs, non_resource_urls) = (words(verbs), words(urls));
                rules.push(PolicyRule { verbs, non_resource_urls, ..PolicyRule::default() });
            }
            for (api_groups, resources) in [
                ("*", "*"),
                ("core", "pods */log"),
                ("*", "pods/log"),
                ("core apps", "pods deployments"),
                ("apps", "*/log"),
            ] {
                for names in [vec![], words("a"), vec![String::new(), "b".to_owned()]] {
                    rules.push(PolicyRule {
                        verbs: words(verbs),
                        api_groups: words(api_groups),
                        resources: words(resources),
                        resource_names: names,
                        ..PolicyRule::default()
                    });
                }
            }
        }
        for verb in ["get", "list", "put"] {
            for path in ["/x", "/x/y", "/z", "/w"] {
                let (verb, path) = (verb.to_owned(), path.to_owned());
                asked.push(RequestInfo { verb, path, ..RequestInfo::default() });
            }
            for (group, resource, subresource, name) in ["core", "apps"].into_iter().flat_map(|group| {
                [("pods", ""), ("pods", "log"), ("deployments", ""), ("deployments", "log")]
                    .into_iter()
                    .flat_map(move |(resource, sub)| ["", "a", "b"].map(|name| (group, resource, sub, name)))
            }) {
                asked.push(RequestInfo {
                    is_resource: true,
                    verb: verb.to_owned(),
                    group: group.to_owned(),
                    resource: resource.to_owned(),
                    subresource: subresource.to_owned(),
                    name: name.to_owned(),
                    ..RequestInfo::default()
                });
            }
        }
        for (one, other) in rules.iter().flat_map(|one| rules.iter().map(move |other| (one, other))) {
            let both = in_both(one, other);
            for ask in &asked {
                let allowed = both.as_ref().is_some_and(|both| both.allows(ask));
                assert_eq!(allowed, one.allows(ask) && other.allows(ask), "{one:?} and {other:?}: {ask:?}");
            }
        }
    }

    #[test]
    fn a_rule_says_for_what_one_may_act() {
        let verbs = words("get impersonate impersonate-on:user-info:list impersonate-on:serviceaccount:get");
        let rule = PolicyRule { verbs, ..PolicyRule::default() };
        assert_eq!(for_what(&rule, "user-info"), ["list"]);
        assert_eq!(for_what(&PolicyRule { verbs: words("*"), ..rule.clone() }, "user-info"), ["*"]);
        let verbs = words("impersonate-on:user-info:* impersonate-on:user-info:get");
        assert_eq!(for_what(&PolicyRule { verbs, ..rule }, "user-info"), ["get"]);
    }
}
