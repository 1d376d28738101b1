//! The rules of an aggregated cluster role (`pkg/controller/clusterroleaggregation`).

use super::rbac::PolicyRule;
use crate::api::Dig;
use crate::api::labels::selects;
use crate::json::Value;

/// The rules that a cluster role gathers: selector by selector, of the selected roles by name, each rule once.
/// None if the role has no aggregation rule.
pub(crate) fn rules<'a>(
    role: &Value,
    cluster_roles: impl IntoIterator<Item = &'a Value>,
) -> Option<Vec<PolicyRule>> {
    Some(parts(role, cluster_roles)?.into_iter().map(|part| part.rule).collect())
}

/// A rule that is gathered, and of which role: its name, and the number of the rule there, from 1.
pub(crate) struct Part<'a> {
    pub(crate) rule: PolicyRule,
    pub(crate) role: &'a str,
    pub(crate) number: usize,
}

/// The same rules, each with where it comes from.
pub(crate) fn parts<'a>(
    role: &Value,
    cluster_roles: impl IntoIterator<Item = &'a Value>,
) -> Option<Vec<Part<'a>>> {
    role.at("aggregationRule").as_object()?;
    let selectors = role.list("aggregationRule.clusterRoleSelectors");
    let mut others: Vec<&Value> =
        cluster_roles.into_iter().filter(|other| other.name() != role.name()).collect();
    others.sort_by_key(|other| other.name());
    let mut parts: Vec<Part<'a>> = Vec::new();
    for selector in selectors {
        for other in others.iter().filter(|other| selects(selector, other)) {
            for (number, rule) in (1..).zip(PolicyRule::list(other)) {
                if !parts.iter().any(|part| part.rule == rule) {
                    parts.push(Part { rule, role: other.name(), number });
                }
            }
        }
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;

    #[test]
    fn roles_are_gathered_by_name_and_rules_once() {
        let role = |name: &str, team: &str, verbs: &[&str]| {
            let rules: Vec<Value> =
                verbs.iter().map(|v| json!({"verbs": [v], "nonResourceURLs": ["/"]})).collect();
            json!({"metadata": {"name": name, "labels": {"team": team}}, "rules": rules})
        };
        let mut sum = role("sum", "x", &["own"]);
        let roles = [
            role("b", "x", &["get", "put"]),
            role("a", "x", &["put"]),
            role("c", "y", &["post"]),
            sum.clone(),
        ];
        assert_eq!(rules(&sum, &roles), None);
        for (selectors, verbs) in [
            (json!([{"matchLabels": {"team": "x"}}]), "put get"),
            (json!([{"matchLabels": {"team": "y"}}, {"matchLabels": {"team": "x"}}]), "post put get"),
            (json!([{}]), "put get post"),
            (json!([{"matchExpressions": [{"key": "team", "operator": "NotIn", "values": ["x"]}]}]), "post"),
            (json!([]), ""),
        ] {
            sum["aggregationRule"] = json!({"clusterRoleSelectors": selectors});
            let got: Vec<String> =
                rules(&sum, &roles).unwrap().into_iter().flat_map(|rule| rule.verbs).collect();
            assert_eq!(got.join(" "), verbs, "{selectors}");
        }
    }
}
