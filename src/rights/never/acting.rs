//! Rules about whom somebody may act as: accounts and nodes are no users to whoever is asked that (`filters/impersonation/mode.go`).

use super::super::{Findings, checks};
use crate::api::rbac::PolicyRule;
use crate::api::service_account;
use crate::authorize::rbac::is_no_account;

/// Tells of accounts and nodes by the names of their users.
pub(super) fn check(at: usize, rule: &PolicyRule, findings: &mut Findings<'_>) {
    let acts = |verb: &String| verb == "*" || verb == "impersonate" || verb.starts_with("impersonate:");
    let is_of = |known: &[&str]| rule.resources.iter().all(|resource| known.contains(&resource.as_str()));
    if !is_of(&["users", "serviceaccounts"]) || !rule.verbs.iter().all(acts) {
        return;
    }
    // By the right to act as anybody, a node is a user.
    let for_some = is_of(&["users"]) && rule.verbs.iter().all(|verb| verb.starts_with("impersonate:"));
    for (number, name) in rule.resource_names.iter().enumerate() {
        let account = service_account(name).filter(|_| !is_no_account(name));
        let node = name.strip_prefix("system:node:").filter(|_| for_some);
        let meant = match (account, node) {
            (Some((namespace, account)), _) => {
                format!(
                    "an account: who acts as it is asked about serviceaccounts, `{account}` in the namespace {namespace}"
                )
            }
            (None, Some(node)) => {
                format!(
                    "a node: who acts as it is asked about nodes, `{node}`, by `impersonate:arbitrary-node`"
                )
            }
            (None, None) => continue,
        };
        findings.add_to_rule(
            &checks::ACCOUNT_AS_USER,
            at,
            &format!("resourceNames[{number}]"),
            format!("`{name}` is {meant}"),
        );
    }
}
