//! What lets somebody hand out rights: an administrator does it, the verbs `bind` and `escalate`, or holding them first.

use super::grant;
use super::{Proposal, authorization};
use crate::api::{Dig, Request, Trace, User};
use crate::authorize::rbac::{GROUP, PolicyRule, RoleRef, cover};
use crate::cluster::{Cluster, Question};
use crate::json::Value;

pub(super) fn propose(cluster: &Cluster, trace: &Trace, request: &Request) -> Vec<Proposal> {
    let Some(user) = &trace.user else { return Vec::new() };
    let info = &trace.info;
    let mut proposals = Vec::new();
    let (verb, roles, name) = match info.resource.as_str() {
        "roles" | "clusterroles" => ("escalate", info.resource.clone(), info.name.clone()),
        _ => {
            let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
            let role = RoleRef::read(body.at("roleRef"));
            if role.name.is_empty() {
                return vec![administrator(request)];
            }
            proposals.extend(hold(cluster, user, &info.namespace, &role));
            ("bind", format!("{}s", role.kind.to_lowercase()), role.name)
        }
    };
    let rule = PolicyRule {
        verbs: vec![verb.to_owned()],
        api_groups: vec![GROUP.to_owned()],
        resources: vec![roles.clone()],
        resource_names: if name.is_empty() { Vec::new() } else { vec![name] },
        ..PolicyRule::default()
    };
    let caution = match verb {
        "bind" => "who may bind a role can give it to anybody, themselves included",
        _ => "who may escalate can write any right into a role, also into one that they hold",
    };
    proposals.push(Proposal {
        title: format!("the verb {verb} on {roles}"),
        changes: grant::role_and_binding(cluster, user, &info.namespace, &format!("{verb}-{roles}"), &[rule]),
        caution: Some(caution.to_owned()),
        ..Proposal::default()
    });
    proposals.push(administrator(request));
    proposals
}

/// Somebody who holds everything does it.
fn administrator(request: &Request) -> Proposal {
    let admin = User::new("admin", &["system:masters"]);
    let mut request = request.clone().by(admin);
    request.headers.remove("Authorization");
    Proposal {
        title: "let somebody do it who holds these rights".to_owned(),
        instead: Some((Question::Request(request), "the same, by an administrator".to_owned())),
        ..Proposal::default()
    }
}

/// The rules of the role that the user does not hold yet.
fn hold(cluster: &Cluster, user: &User, namespace: &str, role: &RoleRef) -> Option<Proposal> {
    let rules = cluster.knowledge().rbac().role(role, namespace)?;
    let missing = cover::missing(&authorization::held(cluster, user, namespace), rules);
    Some(Proposal {
        title: "hold these rights first".to_owned(),
        changes: grant::role_and_binding(cluster, user, namespace, &format!("{}-held", role.name), &missing),
        ..Proposal::default()
    })
}
