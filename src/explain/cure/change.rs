//! One change that an administrator makes: carried out on a fork, and shown as kubectl lines and as an object.

use crate::api::rbac::typed;
use crate::api::{Dig, Finding, Request, User, resources, root_path};
use crate::cluster::Cluster;
use crate::json::Value;
use jiff::SignedDuration;
use std::borrow::Cow;

/// A change to a cluster.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Change {
    /// An object is made.
    Create(Value),
    /// An object is changed by a merge patch (RFC 7386) of its whole list or field.
    Merge {
        /// The object as it is.
        object: Value,
        /// The patch.
        patch: Value,
        /// What an administrator types.
        line: String,
    },
    /// The API server is started again with a flag.
    Flag {
        /// The flag's name.
        name: &'static str,
        /// Its value.
        value: String,
    },
    /// Nothing is changed; time passes.
    Wait(SignedDuration),
}

impl Change {
    /// What an administrator types.
    pub(super) fn line(&self) -> String {
        match self {
            Change::Create(object) => create_line(object).unwrap_or_else(|| apply_line(object)),
            Change::Merge { line, .. } => line.clone(),
            Change::Flag { name, value } => format!("kube-apiserver --{name}={value}"),
            Change::Wait(time) => format!("wait {time:#}"),
        }
    }

    /// The object that is made, or as it is after the change.
    pub(super) fn object(&self) -> Option<Value> {
        match self {
            Change::Create(object) => Some(object.clone()),
            Change::Merge { object, patch, .. } => {
                let mut after = object.clone();
                crate::api::json_patch::merge(&mut after, patch);
                for field in ["managedFields", "uid", "resourceVersion", "creationTimestamp"] {
                    after.take_out(&format!("metadata.{field}"));
                }
                Some(after)
            }
            Change::Flag { .. } | Change::Wait(_) => None,
        }
    }

    /// Carries it out as an administrator; what refuses it, where the server does not take it.
    pub(super) fn carry_out(&self, cluster: &mut Cluster) -> Result<(), Option<Finding>> {
        match self {
            Change::Create(object) => {
                let path = place(cluster, object).ok_or(None)?;
                send(cluster, "POST", &path, object)
            }
            Change::Merge { object, patch, .. } => {
                let path = place(cluster, object).ok_or(None)?;
                send(cluster, "PATCH", &format!("{path}/{}", object.name()), patch)
            }
            Change::Flag { name, value } => {
                let mut config = cluster.config().clone();
                let none = |_: &str| Err(std::io::Error::other("no further file"));
                config.apply([(*name, value.as_str())], &none).map_err(|_| None)?;
                cluster.restart(config).map_err(|_| None)
            }
            Change::Wait(time) => {
                cluster.run_until(cluster.now() + *time);
                Ok(())
            }
        }
    }
}

fn send(cluster: &mut Cluster, method: &str, path: &str, body: &Value) -> Result<(), Option<Finding>> {
    let request = Request::new(method, path).by(User::new("admin", &["system:masters"]));
    let media = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
    let reply = cluster.handle_now(request.body(media, body.clone()));
    if reply.response.ok() { Ok(()) } else { Err(reply.trace.refusal().cloned()) }
}

/// The path of the collection that an object belongs to.
fn place(cluster: &Cluster, object: &Value) -> Option<String> {
    let (group, version) =
        object.text("apiVersion").split_once('/').unwrap_or(("", object.text("apiVersion")));
    let row = resources(cluster.version()).by_kind(group, version, object.text("kind"))?;
    let prefix = root_path(group, version);
    Some(match object.namespace() {
        "" => format!("{prefix}/{}", row.name),
        namespace => format!("{prefix}/namespaces/{namespace}/{}", row.name),
    })
}

fn apply_line(object: &Value) -> String {
    format!("kubectl apply -f - <<< {}", word(&object.to_string()))
}

/// A word as a shell takes it for itself. RBAC's names hold nearly every character, and whoever copies a line should run nothing
/// that a role's name says.
pub(super) fn word(text: &str) -> Cow<'_, str> {
    shlex::Quoter::new().allow_nul(true).quote(text).unwrap_or_default()
}

/// Words of one flag, between commas.
fn list(words: &[&str]) -> String {
    words.iter().map(|text| word(text)).collect::<Vec<_>>().join(",")
}

/// The imperative form, where kubectl has one that makes just this object.
fn create_line(object: &Value) -> Option<String> {
    let (kind, name) = (object.text("kind"), object.name());
    let mut words = vec![format!("kubectl create {} {}", kind.to_lowercase(), word(name))];
    if !object.namespace().is_empty() {
        words.push(format!("-n {}", word(object.namespace())));
    }
    match kind {
        "Role" | "ClusterRole" => words.extend(rule_flags(object)?),
        "RoleBinding" | "ClusterRoleBinding" => words.extend(binding_flags(object)?),
        "ServiceAccount" | "Namespace" => {}
        _ => return None,
    }
    Some(words.join(" "))
}

/// The flags of `create role`, which makes one rule of one API group.
fn rule_flags(role: &Value) -> Option<Vec<String>> {
    let [rule] = role.list("rules") else { return None };
    let words = |field: &str| rule.texts(field);
    let mut flags = vec![format!("--verb={}", list(&words("verbs")))];
    let paths = words("nonResourceURLs");
    if !paths.is_empty() {
        flags.push(format!("--non-resource-url={}", list(&paths)));
        return Some(flags);
    }
    let groups = words("apiGroups");
    let [group] = groups.as_slice() else { return None };
    for resource in words("resources") {
        // kubectl finds resources by discovery: what is none, such as `users`, it does not take.
        flags.push(format!("--resource={}", word(&typed(resource, group))));
    }
    flags.extend(words("resourceNames").iter().map(|name| format!("--resource-name={}", word(name))));
    Some(flags)
}

fn binding_flags(binding: &Value) -> Option<Vec<String>> {
    let role = binding.at("roleRef");
    let mut flags = vec![format!("--{}={}", role.text("kind").to_lowercase(), word(role.text("name")))];
    for subject in binding.list("subjects") {
        flags.push(subject_flag(subject)?);
    }
    Some(flags)
}

/// `--user=alice`, `--group=devs`, `--serviceaccount=a:b`.
pub(super) fn subject_flag(subject: &Value) -> Option<String> {
    let name = word(subject.text("name"));
    match subject.text("kind") {
        "User" => Some(format!("--user={name}")),
        "Group" => Some(format!("--group={name}")),
        "ServiceAccount" => Some(format!("--serviceaccount={}:{name}", word(subject.text("namespace")))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;

    #[test]
    fn what_a_name_holds_a_shell_does_not_run() {
        let name = "a'b; echo $(date) `date` \"c\" ~ *";
        let role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": name},
            "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "*"], "resourceNames": [name]}]});
        let words = shlex::split(&Change::Create(role.clone()).line()).expect("a shell reads it");
        let resource_name = format!("--resource-name={name}");
        let wanted =
            ["kubectl", "create", "clusterrole", name, "--verb=get,*", "--resource=pods", &resource_name];
        assert_eq!(words, wanted);
        let mut many = role;
        many["rules"] = json!([{"verbs": []}, {"verbs": []}]);
        let line = Change::Create(many.clone()).line();
        let object = line.strip_prefix("kubectl apply -f - <<< ").expect("no imperative form");
        assert_eq!(shlex::split(object), Some(vec![many.to_string()]));
        let subject = json!({"kind": "Group", "name": name});
        assert_eq!(
            shlex::split(&subject_flag(&subject).expect("a flag")),
            Some(vec![format!("--group={name}")])
        );
    }
}
