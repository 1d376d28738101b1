//! What lets somebody act as somebody else: the verb `impersonate` on each part of that user, by name.

use super::Proposal;
use super::grant;
use crate::api::{Request, Trace, service_account};
use crate::authorize::rbac::PolicyRule;
use crate::cluster::Cluster;

const EXTRA: &str = "impersonate-extra-";

pub(super) fn propose(cluster: &Cluster, trace: &Trace, request: &Request) -> Vec<Proposal> {
    let Some(user) = &trace.user else { return Vec::new() };
    let rules = rules(request);
    if rules.is_empty() {
        return Vec::new();
    }
    vec![Proposal {
        title: "the right to act as just this user".to_owned(),
        changes: grant::role_and_binding(cluster, user, "", "impersonate", &rules),
        caution: Some("who impersonates may do whatever that user may".to_owned()),
        ..Proposal::default()
    }]
}

/// The rules for whom the headers name.
fn rules(request: &Request) -> Vec<PolicyRule> {
    let headers = &request.headers;
    let rule = |group: &str, resource: &str, names: Vec<String>| PolicyRule {
        verbs: vec!["impersonate".to_owned()],
        api_groups: vec![group.to_owned()],
        resources: vec![resource.to_owned()],
        resource_names: names,
        ..PolicyRule::default()
    };
    let all = |name: &str| headers.all(name).map(str::to_owned).collect::<Vec<_>>();
    let mut rules = Vec::new();
    for name in all("Impersonate-User") {
        rules.push(match service_account(&name) {
            Some((_, account)) => rule("", "serviceaccounts", vec![account.to_owned()]),
            None => rule("", "users", vec![name]),
        });
    }
    let groups = all("Impersonate-Group");
    if !groups.is_empty() {
        rules.push(rule("", "groups", groups));
    }
    let uids = all("Impersonate-Uid");
    if !uids.is_empty() {
        rules.push(rule("authentication.k8s.io", "uids", uids));
    }
    for (name, value) in headers.iter() {
        if let Some(key) = name.to_lowercase().strip_prefix(EXTRA) {
            rules.push(rule("authentication.k8s.io", &format!("userextras/{key}"), vec![value.to_owned()]));
        }
    }
    rules
}
