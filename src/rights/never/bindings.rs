//! Bindings that give nobody anything: whom they name, and what they refer to.

use super::super::{Findings, checks};
use super::places::{in_words, outside};
use crate::api::names::dns1123_subdomain;
use crate::api::rbac::{Binding, GROUP, PolicyRule, Subject};
use crate::api::{Dig, service_account};
use crate::authorize::rbac::matching::Known;
use crate::authorize::rbac::{account_meant, is_no_account};
use crate::bootstrap;
use crate::error::{nearest, nearest_slip};
use crate::explain::dump::Dump;

/// Looks at bindings.
pub(super) struct Bound<'a> {
    pub(super) dump: &'a Dump,
    pub(super) known: &'a Known<'a>,
}

/// The groups that a server puts somebody into.
const GROUPS: [&str; 5] = [
    "system:authenticated",
    "system:unauthenticated",
    "system:masters",
    "system:serviceaccounts",
    "system:nodes",
];

impl Bound<'_> {
    pub(super) fn check(&self, findings: &mut Findings<'_>) {
        let binding = Binding::read(&findings.at.key.namespace, &findings.at.key.name, findings.at.object);
        self.role(&binding, findings);
        for (number, subject) in binding.subjects.iter().enumerate() {
            self.subject(&binding, subject, &format!("subjects[{number}]"), findings);
        }
    }

    fn role(&self, binding: &Binding, findings: &mut Findings<'_>) {
        let reference = &binding.role_ref;
        let (resource, namespace) = match (reference.kind.as_str(), binding.namespace.as_str()) {
            ("ClusterRole", _) => ("clusterroles", ""),
            ("Role", "") => {
                let text = "a ClusterRoleBinding refers to a ClusterRole".to_owned();
                return findings.add(&checks::ROLE_KIND, "roleRef.kind", text);
            }
            ("Role", namespace) => ("roles", namespace),
            (kind, _) => {
                let text = format!("`{kind}` is neither ClusterRole nor Role");
                return findings.add(&checks::ROLE_KIND, "roleRef.kind", text);
            }
        };
        let objects = self.dump.cluster.store().objects();
        let resource = format!("{resource}.{GROUP}");
        let Some(role) = objects.get(&resource, namespace, &reference.name) else {
            let names = objects.list(&resource, namespace).map(|role| role.name());
            let near = nearest_slip(&reference.name, names).map(|near| format!("; did you mean {near}?"));
            let text =
                format!("there is no {} {}{}", reference.kind, reference.name, near.unwrap_or_default());
            return findings.add(&checks::MISSING_ROLE, "roleRef.name", text);
        };
        // What comes with a server is bound as it is.
        if reference.kind == "ClusterRole" && !binding.namespace.is_empty() && !bootstrap::is_default(role) {
            for (at, rule) in PolicyRule::list(role).iter().enumerate() {
                let (name, out) = (&reference.name, outside(self.known, rule));
                let is_all = out.len() == rule.resources.len() && out.iter().all(|outside| outside.is_all);
                let (check, what) = match (rule.non_resource_urls.is_empty(), out.is_empty()) {
                    (false, _) if rule.resources.is_empty() => {
                        (&checks::URL_IN_NAMESPACE, "is about paths".to_owned())
                    }
                    (_, true) => continue,
                    _ if is_all => (&checks::CLUSTER_SCOPED, "is about what is in no namespace".to_owned()),
                    _ => {
                        let what = format!("has {}, which is in no namespace", in_words(&out));
                        (&checks::CLUSTER_SCOPED, what)
                    }
                };
                let text = format!(
                    "rule {} of ClusterRole {name} {what}: a RoleBinding gives nothing of it",
                    at + 1
                );
                findings.add(check, "roleRef.name", text);
            }
        }
    }

    fn subject(&self, binding: &Binding, subject: &Subject, field: &str, findings: &mut Findings<'_>) {
        let of = |key: &str| format!("{field}.{key}");
        let Subject { kind, api_group, name, .. } = subject;
        let group = match kind.as_str() {
            "User" | "Group" => GROUP,
            "ServiceAccount" => "",
            kind => {
                let near = nearest(kind, ["User", "Group", "ServiceAccount"]);
                let hint = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
                let text = format!("`{kind}` is neither User, Group nor ServiceAccount{hint}");
                return findings.add(&checks::SUBJECT_KIND, &of("kind"), text);
            }
        };
        if !api_group.is_empty() && api_group != group {
            let right = if group.is_empty() { "\"\"" } else { group };
            let text = format!("a {kind} is of the API group {right}, not {api_group}");
            findings.add(&checks::SUBJECT_GROUP, &of("apiGroup"), text);
        }
        match kind.as_str() {
            "User" => {
                user(name, &of("name"), findings);
                if let Some((namespace, name)) = service_account(name).filter(|_| !is_no_account(name)) {
                    self.is_there(namespace, name, &of("name"), findings);
                }
            }
            "Group" => {
                members(name, &of("name"), findings);
                if let Some(namespace) = name.strip_prefix("system:serviceaccounts:") {
                    self.has_accounts(namespace, &of("name"), findings);
                }
            }
            _ => self.account(binding, subject, field, findings),
        }
    }

    fn account(&self, binding: &Binding, subject: &Subject, field: &str, findings: &mut Findings<'_>) {
        let of = |key: &str| format!("{field}.{key}");
        let name = &subject.name;
        if !dns1123_subdomain(name).is_empty() {
            let meant = account_meant(name).or_else(|| service_account(name).map(|_| name.clone()));
            let hint = meant.as_deref().and_then(service_account);
            let hint =
                hint.map(|(namespace, name)| format!("; did you mean {name} of the namespace {namespace}?"));
            let text = format!("no service account has the name `{name}`{}", hint.unwrap_or_default());
            return findings.add(&checks::ACCOUNT_SPELLING, &of("name"), text);
        }
        let namespace = match (subject.namespace.as_str(), binding.namespace.as_str()) {
            ("", "") => {
                let text = format!("the service account {name} is of no namespace");
                return findings.add(&checks::ACCOUNT_HOMELESS, field, text);
            }
            ("", namespace) | (namespace, _) => namespace,
        };
        self.is_there(namespace, name, &of("name"), findings);
    }

    /// Tells of an account that is not there.
    fn is_there(&self, namespace: &str, name: &str, field: &str, findings: &mut Findings<'_>) {
        let all = self.dump.cluster.store().objects();
        let accounts: Vec<&str> =
            all.list("serviceaccounts", namespace).map(|account| account.name()).collect();
        // A dump of roles and bindings alone holds no accounts; `default` is in every namespace.
        if !accounts.is_empty() && name != "default" && !accounts.contains(&name) {
            let hint = nearest_slip(name, accounts).map(|near| format!("; did you mean {near}?"));
            let text = format!("there is no service account {namespace}/{name}{}", hint.unwrap_or_default());
            findings.add(&checks::MISSING_ACCOUNT, field, text);
        }
    }

    /// Tells of the accounts of a namespace that is not there, where the dump has namespaces of its own.
    fn has_accounts(&self, namespace: &str, field: &str, findings: &mut Findings<'_>) {
        let all = self.dump.cluster.store().objects();
        let there = all.get("namespaces", "", namespace).is_some()
            || all.list("serviceaccounts", namespace).next().is_some();
        if !there && self.dump.has_kind("Namespace") {
            let names: Vec<&str> = all.all("namespaces").map(|namespace| namespace.name()).collect();
            let hint = nearest_slip(namespace, names).map(|near| format!("; did you mean {near}?"));
            let text = format!("there is no namespace {namespace}{}", hint.unwrap_or_default());
            findings.add(&checks::MISSING_ACCOUNT, field, text);
        }
    }
}

/// Looks at the name of a user.
fn user(name: &str, field: &str, findings: &mut Findings<'_>) {
    if GROUPS.contains(&name) || name.starts_with("system:serviceaccounts:") && account_meant(name).is_none()
    {
        return findings.add(
            &checks::GROUP_AS_USER,
            field,
            format!("{name} is a group, and no user has its name"),
        );
    }
    if is_no_account(name) {
        let text = format!("`{name}` is no account's name: that is system:serviceaccount:NAMESPACE:NAME");
        return findings.add(&checks::ACCOUNT_SPELLING, field, text);
    }
    if let Some(meant) = account_meant(name) {
        let text = format!("`{name}`: the user of a service account is called {meant}");
        findings.add(&checks::ACCOUNT_SPELLING, field, text);
    }
}

/// Looks at the name of a group.
fn members(name: &str, field: &str, findings: &mut Findings<'_>) {
    if name == "system:anonymous" || service_account(name).is_some_and(|_| !is_no_account(name)) {
        return findings.add(
            &checks::GROUP_AS_USER,
            field,
            format!("{name} is a user, and no group has its name"),
        );
    }
    let beginnings = ["system:serviceaccount:", "serviceaccounts:", "serviceaccount:"];
    let namespace = beginnings.iter().find_map(|beginning| name.strip_prefix(beginning));
    if let Some(namespace) = namespace {
        let text =
            format!("`{name}`: the accounts of a namespace are the group system:serviceaccounts:{namespace}");
        findings.add(&checks::ACCOUNT_SPELLING, field, text);
    }
}
