//! What of a rule can match, by where it is bound.

use super::super::matching::Known;
use super::super::*;
use crate::api::{Version, resources};

fn rule(verbs: &[&str], groups: &[&str], things: &[&str], names: &[&str]) -> PolicyRule {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    PolicyRule {
        verbs: words(verbs),
        api_groups: words(groups),
        resources: words(things),
        resource_names: words(names),
        non_resource_urls: Vec::new(),
    }
}

/// `get, list pods.apps`, a rule each.
fn told(rules: &[PolicyRule]) -> String {
    let one = |rule: &PolicyRule| {
        let things =
            rule.resources.iter().flat_map(|thing| rule.api_groups.iter().map(move |group| (thing, group)));
        let things = things.map(|(thing, group)| crate::api::rbac::typed(thing, group));
        let things: Vec<String> = things.chain(rule.non_resource_urls.clone()).collect();
        format!("{} {}", rule.verbs.join(","), things.join(" "))
    };
    rules.iter().map(one).collect::<Vec<_>>().join("; ")
}

#[test]
fn only_what_somebody_can_ask_for_counts() {
    let table = resources(Version::DEFAULT);
    let known = Known::of(table);
    for (rule, in_cluster, in_shop) in [
        (
            rule(&["get"], &["", "apps"], &["pods", "deployments"], &[]),
            "get pods; get deployments.apps",
            "get pods; get deployments.apps",
        ),
        (
            rule(&["get", "lst"], &[""], &["pods", "po", "Pods", "pods/*", "pods.v1"], &[]),
            "get pods",
            "get pods",
        ),
        (rule(&["get"], &["apps/v1", "core", "v1"], &["pods", "deployments"], &[]), "", ""),
        (
            rule(&["get"], &["", "example.com"], &["secretz"], &[]),
            "get secretz.example.com",
            "get secretz.example.com",
        ),
        (rule(&["get"], &["*"], &["*"], &[]), "get *.*", "get *.*"),
        (
            rule(&["use"], &["policy"], &["podsecuritypolicies"], &[]),
            "use podsecuritypolicies.policy",
            "use podsecuritypolicies.policy",
        ),
        (rule(&["get"], &[""], &["pods", "nodes"], &[]), "get pods nodes", "get pods"),
        (rule(&["get", "list"], &[""], &["namespaces"], &[]), "get,list namespaces", "get namespaces"),
        (rule(&["get"], &[""], &["namespaces"], &["build"]), "get namespaces", ""),
        (rule(&["get", "deletecollection"], &[""], &["pods"], &["a"]), "get pods", "get pods"),
        (
            rule(&["impersonate"], &[""], &["users", "serviceaccounts"], &[]),
            "impersonate users serviceaccounts",
            "impersonate serviceaccounts",
        ),
        (
            rule(&["bind", "escalate"], &["rbac.authorization.k8s.io"], &["clusterroles"], &[]),
            "bind,escalate clusterroles.rbac.authorization.k8s.io",
            "bind clusterroles.rbac.authorization.k8s.io",
        ),
    ] {
        assert_eq!(told(&known.in_force(&rule, "")), in_cluster, "{rule:?}");
        assert_eq!(told(&known.in_force(&rule, "shop")), in_shop, "{rule:?} in shop");
    }
    let paths = |verbs: &[&str], paths: &[&str]| PolicyRule {
        non_resource_urls: paths.iter().map(|path| (*path).to_owned()).collect(),
        ..rule(verbs, &[], &[], &[])
    };
    let all = paths(&["get", "list"], &["/metrics", "healthz", "/a/*/b", "/api/v1/pods"]);
    assert_eq!(told(&known.in_force(&all, "")), "get /metrics");
    assert_eq!(told(&known.in_force(&all, "shop")), "");
    // Older releases ask for what newer ones don't.
    let table = resources(Version::minor(24));
    let policies = rule(&["use", "get"], &["policy"], &["podsecuritypolicies"], &[]);
    assert_eq!(told(&Known::of(table).in_force(&policies, "shop")), "use podsecuritypolicies.policy");
}
