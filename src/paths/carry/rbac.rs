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
    run.is_bound(namespace, (if of.is_empty() { "ClusterRole" } else { "Role" }, role))
}

/// The kind and the resource of a binding in a namespace, or in the whole cluster.
fn binding_of(namespace: &str) -> (&'static str, &'static str) {
    match namespace {
        "" => ("ClusterRoleBinding", "clusterrolebindings"),
        _ => ("RoleBinding", "rolebindings"),
    }
}

/// Makes a role of all rights, and binds it to whoever climbs.
pub(in crate::paths) fn make(run: &mut Run, hop: &Hop<'_>) -> Done {
    let namespace = if hop.resource == "clusterroles" { "" } else { hop.place };
    let (kind, resource) = match namespace {
        "" => ("ClusterRole", "clusterroles"),
        _ => ("Role", "roles"),
    };
    // Who may bind only some gives it such a name.
    let stored = format!("{resource}.{GROUP}");
    let free = hop.names.iter().find(|name| run.stored(&stored, namespace, name).is_none());
    let name = free.cloned().unwrap_or_else(|| run.name());
    let role = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": Run::metadata(&name, namespace),
        "rules": everything(namespace),
    });
    let path = run.collection(GROUP, resource, namespace);
    run.ask("POST", &path, Some(&role))?;
    run.binds(namespace, (kind, &name))
}

/// How many roles are tried that somebody could bind and fill.
const TRIED: usize = 20;

/// Binds a role that gives nothing new, an empty one or one whose rights are held, and then puts all rights into it: whoever may
/// `escalate` needs no `bind` for that.
pub(in crate::paths) fn fill(run: &mut Run, hop: &Hop<'_>) -> Done {
    let namespace = if hop.resource == "clusterroles" { "" } else { hop.place };
    let (kind, resource) =
        if namespace.is_empty() { ("ClusterRole", "clusterroles") } else { ("Role", "roles") };
    let stored = format!("{resource}.{GROUP}");
    let may = |run: &Run, verb: &str, name: &str| run.may_do(verb, GROUP, resource, namespace, name);
    let fills = |run: &Run, name: &str| {
        may(run, "escalate", name) && (may(run, "patch", name) || may(run, "update", name))
    };
    if may(run, "create", "") {
        let made = run.name();
        let names = hop.names.iter().chain([&made]);
        let free = names.filter(|name| run.stored(&stored, namespace, name).is_none());
        if let Some(name) = free.into_iter().find(|name| fills(run, name)) {
            let role = json!({
                "apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind,
                "metadata": Run::metadata(name, namespace), "rules": [],
            });
            let path = run.collection(GROUP, resource, namespace);
            run.ask("POST", &path, Some(&role))?;
            run.is_bound(namespace, (kind, name))?;
            return run.put_all_into(namespace, name);
        }
    }
    let there = run.cluster.store().objects().list(&stored, namespace);
    let there: Vec<String> =
        there.map(|role| role.name().to_owned()).filter(|name| fills(run, name)).collect();
    let mut stopped =
        Err(run.stopped("there is none", &format!("no {resource} that may be bound and filled")));
    for name in there.into_iter().take(TRIED) {
        let mut attempt = run.clone();
        let done = attempt.is_bound(namespace, (kind, &name));
        match done.and_then(|()| attempt.put_all_into(namespace, &name)) {
            Ok(()) => {
                *run = attempt;
                return Ok(());
            }
            Err(why) => stopped = Err(why),
        }
    }
    stopped
}

/// The rules of a role of all rights; of one in a namespace, paths mean nothing and are not taken.
fn everything(namespace: &str) -> Vec<PolicyRule> {
    let mut rules = PolicyRule::everything().to_vec();
    if !namespace.is_empty() {
        rules.truncate(1);
    }
    rules
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
    /// Binds whoever climbs to a role: by a binding of its own, or as one more subject of one that is there.
    fn is_bound(&mut self, namespace: &str, (of_kind, role): (&str, &str)) -> Done {
        let (_, resource) = binding_of(namespace);
        if self.may_do("create", GROUP, resource, namespace, "") {
            return self.binds(namespace, (of_kind, role));
        }
        let binds =
            |binding: &Value| binding.text("roleRef.kind") == of_kind && binding.text("roleRef.name") == role;
        let me = self.as_subject();
        self.changes_one((GROUP, resource, namespace), binds, |binding| binding.push("subjects", me))
    }

    /// Makes a binding of whoever climbs.
    fn binds(&mut self, namespace: &str, (of_kind, role): (&str, &str)) -> Done {
        let (kind, resource) = binding_of(namespace);
        let name = self.name();
        let binding = json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind,
            "metadata": Run::metadata(&name, namespace),
            "roleRef": {"apiGroup": GROUP, "kind": of_kind, "name": role},
            "subjects": [self.as_subject()],
        });
        let path = self.collection(GROUP, resource, namespace);
        self.ask("POST", &path, Some(&binding)).map(drop)
    }

    fn as_subject(&self) -> Value {
        json!({"apiGroup": GROUP, "kind": "User", "name": self.receiver()})
    }

    fn put_all_into(&mut self, namespace: &str, name: &str) -> Done {
        let resource = if namespace.is_empty() { "clusterroles" } else { "roles" };
        let rules = everything(namespace);
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
