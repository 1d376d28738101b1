//! Ways through roles and bindings: `bind`, `escalate`, and the parts of aggregated roles.

use super::{Done, Hop, Run};
use crate::api::Dig;
use crate::api::rbac::{GROUP, PolicyRule};
use crate::json::{Value, json};

/// Binds a role to whoever climbs: by a binding of its own, or as one more subject of one that is there.
pub(in crate::paths) fn bind(run: &mut Run, hop: &Hop<'_>) -> Done {
    let (of, role) = hop.gained_role();
    // What a role of a namespace gives counts there.
    let namespace = if of.is_empty() { hop.place } else { of };
    let (kind, resource) = match namespace {
        "" => ("ClusterRoleBinding", "clusterrolebindings"),
        _ => ("RoleBinding", "rolebindings"),
    };
    let me = json!({"apiGroup": GROUP, "kind": "User", "name": run.me.user.name});
    if !run.may_do("create", GROUP, resource, namespace, "") {
        let of_kind = if of.is_empty() { "ClusterRole" } else { "Role" };
        let binds =
            |binding: &Value| binding.text("roleRef.kind") == of_kind && binding.text("roleRef.name") == role;
        return run.changes_one((GROUP, resource, namespace), binds, |binding| binding.push("subjects", me));
    }
    let name = run.name();
    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": Run::metadata(&name, namespace),
        "roleRef": {
            "apiGroup": GROUP, "kind": if of.is_empty() { "ClusterRole" } else { "Role" }, "name": role,
        },
        "subjects": [me],
    });
    let path = run.collection(GROUP, resource, namespace);
    run.ask("POST", &path, Some(&binding)).map(drop)
}

/// Puts all rights into a role that is held.
pub(in crate::paths) fn escalate(run: &mut Run, hop: &Hop<'_>) -> Done {
    let Some((namespace, name)) = hop.roles.first() else { return Ok(()) };
    run.put_all_into(namespace, name)
}

/// Puts all rights into a part of a role that is held; the controller of aggregated roles gathers them.
pub(in crate::paths) fn escalate_part(run: &mut Run, hop: &Hop<'_>) -> Done {
    let [(_, whole), parts @ ..] = hop.roles else { return Ok(()) };
    let Some((_, part)) = parts.first() else { return Ok(()) };
    run.put_all_into("", part)?;
    let stored = run.stored("clusterroles.rbac.authorization.k8s.io", "", whole).unwrap_or_default();
    let rules: Vec<Value> = PolicyRule::everything().iter().map(|rule| json!(rule)).collect();
    let all: Vec<Value> = stored.list("rules").iter().cloned().chain(rules).collect();
    let path = run.collection(GROUP, "clusterroles", "");
    let controller = Run::controller("clusterrole-aggregation-controller");
    run.ask_as(controller, "PATCH", &format!("{path}/{whole}"), Some(&json!({"rules": all}))).map(drop)
}

impl Run {
    fn put_all_into(&mut self, namespace: &str, name: &str) -> Done {
        let resource = if namespace.is_empty() { "clusterroles" } else { "roles" };
        let mut rules = PolicyRule::everything().to_vec();
        if !namespace.is_empty() {
            // Of a role in a namespace, paths mean nothing and are not taken.
            rules.truncate(1);
        }
        let path = format!("{}/{name}", self.collection(GROUP, resource, namespace));
        let stored = self.stored(&format!("{resource}.{GROUP}"), namespace, name).unwrap_or_default();
        if self.may_do("patch", GROUP, resource, namespace, name) {
            return self.ask("PATCH", &path, Some(&json!({"rules": rules}))).map(drop);
        }
        let mut role = stored;
        role.set("apiVersion", "rbac.authorization.k8s.io/v1");
        role.set("rules", json!(rules));
        self.ask("PUT", &path, Some(&role)).map(drop)
    }
}
