//! The same data as Kubernetes' objects, and the questions as its authorizers hear them.

use super::{Binding, Question, Rule, Subject, World};
use kubeverdict::api::{Attributes, RequestInfo, User, Version};
use kubeverdict::cluster::{Cluster, START};
use kubeverdict::config::Config;
use kubeverdict::json::{Value, json};
use kubeverdict::store::Key;

const GROUP: &str = "rbac.authorization.k8s.io";

/// A fresh cluster.
pub(crate) fn fresh() -> Cluster {
    let start = jiff::Timestamp::from_second(START).expect("it is a time");
    Cluster::new(Config::new(Version::DEFAULT), start).expect("the flags are good")
}

impl World {
    /// A cluster with all roles and bindings.
    pub(crate) fn cluster(&self) -> Cluster {
        let mut cluster = fresh();
        cluster.restore(self.objects());
        cluster
    }

    /// All roles and bindings.
    pub(crate) fn objects(&self) -> Vec<(Key, Value)> {
        let bindings = self.bindings.iter().map(|binding| self.binding(binding));
        bindings.chain((0..self.roles.len()).map(|role| self.role(role))).collect()
    }

    /// A cluster role.
    pub(crate) fn role(&self, role: usize) -> (Key, Value) {
        let (name, rules) = &self.roles[role];
        let rule = |rule: &Rule| json!({"verbs": rule.verbs, "apiGroups": [rule.group], "resources": rule.resources});
        let rules: Vec<Value> = rules.iter().map(rule).collect();
        let object = json!({"apiVersion": format!("{GROUP}/v1"), "kind": "ClusterRole", "metadata": {"name": name}, "rules": rules});
        (Key::new(&format!("clusterroles.{GROUP}"), "", name), object)
    }

    fn binding(&self, binding: &Binding) -> (Key, Value) {
        let subject = match &binding.subject {
            Subject::User(name) => json!({"apiGroup": GROUP, "kind": "User", "name": name}),
            Subject::Group(name) => json!({"apiGroup": GROUP, "kind": "Group", "name": name}),
            Subject::Account { namespace, name } => {
                json!({"kind": "ServiceAccount", "name": name, "namespace": namespace})
            }
        };
        let (kind, plural) = match binding.namespace.as_str() {
            "" => ("ClusterRoleBinding", "clusterrolebindings"),
            _ => ("RoleBinding", "rolebindings"),
        };
        let role = json!({"apiGroup": GROUP, "kind": "ClusterRole", "name": self.roles[binding.role].0});
        let mut object = json!({"apiVersion": format!("{GROUP}/v1"), "kind": kind, "metadata": {"name": binding.name},
            "roleRef": role, "subjects": [subject]});
        if !binding.namespace.is_empty() {
            object["metadata"]["namespace"] = json!(binding.namespace);
        }
        (Key::new(&format!("{plural}.{GROUP}"), &binding.namespace, &binding.name), object)
    }
}

impl Question {
    /// What the authorizers are asked.
    pub(crate) fn attributes(&self) -> Attributes {
        let user = User { name: self.user.clone(), groups: self.groups.clone(), ..User::default() };
        let info = RequestInfo {
            is_resource: true,
            verb: self.verb.clone(),
            group: self.group.clone(),
            version: "v1".to_owned(),
            resource: self.resource.clone(),
            namespace: self.namespace.clone(),
            ..RequestInfo::default()
        };
        Attributes { user, info }
    }
}
