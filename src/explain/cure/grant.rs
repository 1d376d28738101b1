//! Roles and bindings that grant just some rules to somebody, under names that are free.

use super::change::Change;
use crate::api::{User, service_account};
use crate::authorize::rbac::{GROUP, PolicyRule};
use crate::cluster::Cluster;
use crate::json::{Value, json};
use std::sync::Arc;

/// A role and a binding that give rules to a user, in a namespace or in the whole cluster.
pub(super) fn role_and_binding(
    cluster: &Cluster,
    user: &User,
    namespace: &str,
    name: &str,
    rules: &[PolicyRule],
) -> Vec<Change> {
    let kind = if namespace.is_empty() { "ClusterRole" } else { "Role" };
    let free = free_name(cluster, kind, namespace, name);
    let role = object(kind, namespace, &free, json!({"rules": rules}));
    let changes = [Change::Create(role), binding(cluster, user, namespace, kind, &free)];
    within(cluster, namespace, changes)
}

/// Changes in a namespace; where it is not there, it is made first.
pub(super) fn within(
    cluster: &Cluster,
    name: &str,
    changes: impl IntoIterator<Item = Change>,
) -> Vec<Change> {
    let missing = !name.is_empty() && cluster.store().objects().get("namespaces", "", name).is_none();
    missing.then(|| namespace(name)).into_iter().chain(changes).collect()
}

/// A namespace, made.
pub(super) fn namespace(name: &str) -> Change {
    Change::Create(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}))
}

/// A binding of a role to a user, in a namespace or in the whole cluster.
pub(super) fn binding(cluster: &Cluster, user: &User, namespace: &str, kind: &str, role: &str) -> Change {
    let binding = if namespace.is_empty() { "ClusterRoleBinding" } else { "RoleBinding" };
    let short = user.name.rsplit(':').next().unwrap_or_default();
    let name = free_name(cluster, binding, namespace, &format!("{}-{role}", plain(short)));
    let fields = json!({
        "roleRef": {"apiGroup": GROUP, "kind": kind, "name": role},
        "subjects": [subject(user)],
    });
    Change::Create(object(binding, namespace, &name, fields))
}

/// A missing role under the name that bindings refer to.
pub(super) fn role(kind: &str, namespace: &str, name: &str, rules: &[PolicyRule]) -> Change {
    Change::Create(object(kind, namespace, name, json!({"rules": rules})))
}

fn object(kind: &str, namespace: &str, name: &str, fields: Value) -> Value {
    let mut object = json!({
        "apiVersion": format!("{GROUP}/v1"),
        "kind": kind,
        "metadata": {"name": name},
    });
    if !namespace.is_empty() {
        object["metadata"]["namespace"] = json!(namespace);
    }
    crate::api::json_patch::merge(&mut object, &fields);
    object
}

/// A user as a binding names it.
pub(super) fn subject(user: &User) -> Value {
    match service_account(&user.name) {
        Some((namespace, name)) => json!({"kind": "ServiceAccount", "name": name, "namespace": namespace}),
        None => json!({"apiGroup": GROUP, "kind": "User", "name": user.name}),
    }
}

/// A stored role or binding.
pub(super) fn stored<'a>(
    cluster: &'a Cluster,
    kind: &str,
    namespace: &str,
    name: &str,
) -> Option<&'a Arc<Value>> {
    let resource = format!("{}s.{GROUP}", kind.to_lowercase());
    cluster.store().objects().get(&resource, namespace, name)
}

/// The name, or the first of `NAME-2`, `NAME-3`, … that no object has.
fn free_name(cluster: &Cluster, kind: &str, namespace: &str, name: &str) -> String {
    let taken = |name: &str| stored(cluster, kind, namespace, name).is_some();
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    std::iter::once(name.to_owned()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
}

/// A word that is good in a name.
pub(super) fn plain(word: &str) -> String {
    let good = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name: String = word.chars().map(good).collect();
    name.trim_matches('-').to_owned()
}
