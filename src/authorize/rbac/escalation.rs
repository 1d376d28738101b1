//! Nobody hands out more than they hold (`pkg/registry/rbac/{role,clusterrole,rolebinding,clusterrolebinding}/policybased`,
//! `pkg/registry/rbac/escalation_check.go`).
//!
//! Only what RBAC itself grants counts as held. Other authorizers can let through with the verbs `escalate` and `bind`.

use super::aggregate;
use super::cover::{TooMany, by_verb, describe, lacking};
use super::index::{Grant, Index};
use crate::api::differences::MISSING_ROLE_AS_ASKED;
use crate::api::field::{quote, quote_list};
use crate::api::rbac::{Binding, GROUP, PolicyRule, RoleRef};
use crate::api::{Attributes, Dig, Fact, GroupResource, Refusal, RequestInfo, Status, User, Version};
use crate::json::Value;

/// So many rights that are not held are evidence enough; the message tells of all.
const EVIDENCE: usize = 1_000;

/// A write to a role or a binding, as far as this check looks at it.
#[derive(Clone, Debug)]
pub(crate) struct Write<'a> {
    /// The server's release.
    pub version: Version,
    /// Who writes.
    pub user: &'a User,
    /// `roles`, `clusterroles`, `rolebindings` or `clusterrolebindings`.
    pub resource: &'a str,
    /// The namespace; empty for what belongs to the cluster.
    pub namespace: &'a str,
    /// What is there before; none for a create.
    pub old: Option<&'a Value>,
    /// What it shall become.
    pub new: &'a Value,
}

/// Asks the authorizers whether something is allowed.
pub(crate) type Ask<'a> = &'a mut dyn FnMut(&Attributes) -> bool;

/// Checks a write to any of the four resources. What lets it through is told in a few words.
pub(crate) fn check(index: &Index, write: &Write<'_>, ask: Ask<'_>) -> Result<String, Refusal> {
    match write.resource {
        "roles" | "clusterroles" => check_role(index, write, ask),
        _ => check_binding(index, write, ask),
    }
}

/// Checks a write to a role: its rules, and a cluster role's aggregation rule, which gathers anything.
pub(crate) fn check_role(index: &Index, write: &Write<'_>, ask: Ask<'_>) -> Result<String, Refusal> {
    if write.user.in_group("system:masters") {
        return Ok("system:masters may grant anything".to_owned());
    }
    // A create asks without a name, as its path has none.
    let name = write.old.map(Dig::name).unwrap_or_default();
    if ask(&write.question("escalate", write.resource, name)) {
        return Ok(format!("{} may escalate {}", write.user.name, write.resource));
    }
    if write.only_for_the_collector() {
        return Ok("only what the garbage collector needs is changed".to_owned());
    }
    confirm(index, write, &PolicyRule::list(write.new))?;
    let aggregates = |role: &Value| !role.list("aggregationRule.clusterRoleSelectors").is_empty();
    let aggregates = aggregates(write.new) || write.old.is_some_and(aggregates);
    if write.resource == "clusterroles"
        && aggregates
        && confirm(index, write, &PolicyRule::everything()).is_err()
    {
        let why = "must have cluster-admin privileges to use the aggregationRule";
        return Err(write.forbidden(Fact::NotHeld { rules: PolicyRule::everything().to_vec() }, why));
    }
    Ok(format!("{} holds every rule of the role", write.user.name))
}

/// Checks a write to a binding: all rules of the role that it hands out.
pub(crate) fn check_binding(index: &Index, write: &Write<'_>, ask: Ask<'_>) -> Result<String, Refusal> {
    if write.user.in_group("system:masters") {
        return Ok("system:masters may bind anything".to_owned());
    }
    if write.only_for_the_collector() {
        return Ok("only what the garbage collector needs is changed".to_owned());
    }
    let reference = RoleRef::read(write.new.at("roleRef"));
    let Some(roles) = plural(&reference) else {
        let message = format!("unsupported role reference kind: {}", quote(&reference.kind));
        return Err(Status::plain(500, "", message).into());
    };
    if ask(&write.question("bind", roles, &reference.name)) {
        return Ok(format!("{} may bind {roles} {}", write.user.name, quote(&reference.name)));
    }
    match index.role(&reference, write.namespace) {
        Some(rules) => confirm(index, write, rules)?,
        None => {
            let status = Status::not_found(&write.read_as(roles), &reference.name);
            return Err(Refusal::new(status, Fact::RoleMissing(reference)));
        }
    }
    Ok(format!("{} holds every rule of {roles} {}", write.user.name, quote(&reference.name)))
}

/// 403 unless the user holds all of these rules where the write takes place.
fn confirm(index: &Index, write: &Write<'_>, wanted: &[PolicyRule]) -> Result<(), Refusal> {
    let grants = index.grants(write.user, write.namespace);
    let held: Vec<PolicyRule> = grants.iter().filter_map(|g| g.rules).flatten().cloned().collect();
    let lacking = match lacking(&held, wanted) {
        Ok(lacking) if lacking.is_empty() => return Ok(()),
        Ok(lacking) => lacking,
        Err(TooMany) => {
            let text =
                "Timeout: request did not complete within requested timeout - context deadline exceeded";
            return Err(Status::plain(504, "Timeout", text).into());
        }
    };
    let mut text = format!(
        "user {} (groups={}) is attempting to grant RBAC permissions not currently held:\n{}",
        quote(&write.user.name),
        quote_list(&write.user.groups),
        describe(&lacking)
    );
    if let Some(errors) = aggregate(&write.resolution_errors(&grants)) {
        text.push_str(&format!("; resolution errors: [{errors}]"));
    }
    let rules = by_verb(&lacking).take(EVIDENCE).collect();
    Err(write.forbidden(Fact::NotHeld { rules }, &text))
}

impl Write<'_> {
    fn question(&self, verb: &str, resource: &str, name: &str) -> Attributes {
        let info = RequestInfo {
            is_resource: true,
            verb: verb.to_owned(),
            group: GROUP.to_owned(),
            version: "*".to_owned(),
            resource: resource.to_owned(),
            namespace: self.namespace.to_owned(),
            name: name.to_owned(),
            ..RequestInfo::default()
        };
        Attributes { user: self.user.clone(), info }
    }

    fn forbidden(&self, fact: Fact, why: &str) -> Refusal {
        let status = Status::forbidden(&GroupResource::new(GROUP, self.resource), self.new.name(), why);
        Refusal::new(status, fact)
    }

    /// The resource as which a missing role is reported. Since the request's context reaches the registry, it is the
    /// request's own resource.
    fn read_as(&self, roles: &str) -> GroupResource {
        GroupResource::new(GROUP, if self.version.has(MISSING_ROLE_AS_ASKED) { self.resource } else { roles })
    }

    fn resolution_errors(&self, grants: &[Grant<'_>]) -> Vec<String> {
        let unread = grants.iter().filter(|grant| grant.rules.is_none());
        let error = |binding: &Binding| match plural(&binding.role_ref) {
            Some(roles) => format!("{} {} not found", self.read_as(roles), quote(&binding.role_ref.name)),
            None => binding.role_error(),
        };
        unread.map(|grant| error(grant.binding)).collect()
    }

    /// Whether nothing but finalizers, owners and the fields' managers differs, so that whoever may delete an object
    /// can do so even if it grants more than they hold.
    fn only_for_the_collector(&self) -> bool {
        const SPARED: [&str; 4] = ["ownerReferences", "finalizers", "selfLink", "managedFields"];
        let strip = |object: &Value| {
            let mut object = object.clone();
            for field in SPARED {
                object.take_out(&format!("metadata.{field}"));
            }
            drop_empty(&mut object);
            object
        };
        self.old.is_some_and(|old| strip(old) == strip(self.new))
    }
}

/// Takes out what is empty: to Go's semantic comparison it equals what is absent.
fn drop_empty(value: &mut Value) {
    let empty = |value: &Value| match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::String(text) => text.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    };
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(drop_empty);
            map.retain(|_, value| !empty(value));
        }
        Value::Array(list) => list.iter_mut().for_each(drop_empty),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The resource of the role that a reference means.
fn plural(reference: &RoleRef) -> Option<&'static str> {
    match reference.kind.as_str() {
        "ClusterRole" => Some("clusterroles"),
        "Role" => Some("roles"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;

    const HELD: &str =
        r#"user "alice" (groups=["g"]) is attempting to grant RBAC permissions not currently held:"#;

    #[test]
    fn writers_need_what_they_hand_out() {
        let rule = |verbs: &[&str]| json!([{"verbs": verbs, "apiGroups": [""], "resources": ["pods"]}]);
        let binding = |role: &str| {
            json!({"metadata": {"name": "b"}, "roleRef": {"kind": "ClusterRole", "name": role},
                "subjects": [{"kind": "Group", "name": "g"}]})
        };
        let index = Index::rebuild([
            ("clusterroles", "", "get", &json!({"rules": rule(&["get"])})),
            ("clusterroles", "", "put", &json!({"rules": rule(&["get", "put"])})),
            ("rolebindings", "n", "holds", &binding("get")),
            ("rolebindings", "n", "broken", &binding("gone")),
        ]);
        let role = |verbs: &[&str]| json!({"metadata": {"name": "r"}, "rules": rule(verbs)});
        let mut summing = role(&["get"]);
        summing["aggregationRule"] = json!({"clusterRoleSelectors": [{}]});
        let mut owned = role(&["put"]);
        owned["metadata"]["finalizers"] = json!(["x"]);
        let (old, none) = (role(&["put"]), None);
        let put = r#"{APIGroups:[""], Resources:["pods"], Verbs:["put"]}"#;
        let gone = "[roles.rbac.authorization.k8s.io \"gone\" not found]";
        for (resource, namespace, before, after, may, want) in [
            ("roles", "n", none, &role(&["get"]), "", String::new()),
            (
                "roles",
                "n",
                none,
                &role(&["put"]),
                "bind roles r",
                format!("{HELD}\n{put}; resolution errors: {gone}"),
            ),
            ("roles", "n", none, &role(&["put"]), "escalate roles ", String::new()),
            ("roles", "n", Some(&old), &role(&["put"]), "escalate roles r", String::new()),
            ("roles", "n", Some(&old), &owned, "", String::new()),
            ("clusterroles", "", none, &role(&["get"]), "", format!("{HELD}\n{}", put.replace("put", "get"))),
            (
                "clusterroles",
                "n",
                none,
                &summing,
                "",
                "must have cluster-admin privileges to use the aggregationRule".to_owned(),
            ),
            ("rolebindings", "n", none, &binding("get"), "", String::new()),
            ("rolebindings", "n", none, &binding("put"), "bind clusterroles put", String::new()),
            (
                "rolebindings",
                "n",
                none,
                &binding("none"),
                "",
                "rolebindings.rbac.authorization.k8s.io \"none\" not found".to_owned(),
            ),
            ("clusterrolebindings", "", none, &binding("put"), "", format!("{HELD}\n")),
        ] {
            let user = &User::new("alice", &["g"]);
            let version = Version::NEWEST;
            let write = Write { version, user, resource, namespace, old: before, new: after };
            let checked = check(&index, &write, &mut |ask| {
                may == format!("{} {} {}", ask.info.verb, ask.info.resource, ask.info.name)
            });
            let message = checked.err().map(|refused| refused.status.message).unwrap_or_default();
            let fits = message.is_empty() == want.is_empty() && message.contains(&want);
            assert!(fits, "{resource} {after}: {message}");
        }
    }
}
