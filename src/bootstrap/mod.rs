//! What a fresh cluster holds: the objects that kube-apiserver makes when it starts, by release.
//!
//! Roles and bindings are `plugin/pkg/auth/authorizer/rbac/bootstrappolicy` (recorded, as text); the rest is made by the
//! server's post-start hooks. What controllers make afterwards (accounts, their tokens, `kube-root-ca.crt`) is not here.
//! Aggregated roles come with their rules, as the aggregation controller leaves them.
//!
//! # Differs from Kubernetes
//!
//! Where kubelets have no Node mode but RBAC, the binding system:node, which is born without subjects, names the group
//! system:nodes: an administrator has to do so before such a cluster works.
//! Not made: the endpoints of the service `kubernetes`, identity leases.

use crate::api::{Dig, Version};
use crate::config::{Config, gates};
use crate::json::{Value, json};

mod flowcontrol;
mod rbac;
mod system;

pub(crate) use rbac::{cluster_role, controller_accounts, is_cluster_role, is_default};

/// What the objects depend on besides the release.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings<'a> {
    /// The flags: gates and versions that are switched on bring more.
    pub config: &'a Config,
    /// Whether the RBAC authorizer is among the modes: only then are its roles made.
    pub rbac: bool,
    /// Whether kubelets have nothing but RBAC: then the group system:nodes is bound to the cluster role system:node.
    pub nodes_by_rbac: bool,
    /// The time of the start, as RFC 3339.
    pub now: &'a str,
    /// The port of the server, target of the service `kubernetes`.
    pub secure_port: u16,
    /// The certificates of the authority for clients (PEM), shown to extension servers; empty where there is none.
    pub client_ca: &'a str,
}

/// An object with the group and the plural under which it is kept.
pub(crate) type Object = (&'static str, &'static str, Value);

/// The objects of a fresh cluster, without uid, resourceVersion and creationTimestamp, in the order to store them.
pub(crate) fn objects(version: Version, settings: Settings<'_>) -> Vec<Object> {
    let mut objects = system::objects(version, settings);
    if settings.rbac {
        objects.extend(rbac::objects(version, &|gate| settings.config.feature_or_default(gate)));
        if settings.nodes_by_rbac {
            bind_nodes(&mut objects);
        }
    }
    objects.extend(flowcontrol::objects(version));
    objects
}

/// The default roles and bindings of a release.
pub(crate) fn roles(version: Version) -> Vec<Value> {
    let objects = rbac::objects(version, &|gate| gates::is_on_by_default(gate, version));
    objects.into_iter().map(|(_, _, object)| object).collect()
}

/// Gives the group system:nodes the cluster role system:node, as an administrator does whose cluster has no Node mode.
fn bind_nodes(objects: &mut [Object]) {
    let of_nodes = |(_, resource, binding): &&mut Object| {
        *resource == "clusterrolebindings" && binding.name() == "system:node"
    };
    if let Some((_, _, binding)) = objects.iter_mut().find(of_nodes) {
        let group = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "system:nodes"});
        binding.set("subjects", json!([group]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::resources;

    fn fresh(minor: u8, rbac: bool) -> Vec<Object> {
        let config = Config::new(Version::minor(minor));
        let settings = Settings {
            config: &config,
            rbac,
            nodes_by_rbac: false,
            now: "2024-01-01T00:00:00Z",
            secure_port: 6443,
            client_ca: "",
        };
        objects(Version::minor(minor), settings)
    }

    fn rules(objects: &[Object], role: &str) -> usize {
        let found =
            objects.iter().find(|(_, resource, object)| *resource == "clusterroles" && object.name() == role);
        found.unwrap().2.list("rules").len()
    }

    #[test]
    fn every_object_belongs_to_a_resource() {
        for version in Version::all() {
            let table = resources(version);
            for (group, name, object) in fresh(version.number(), true) {
                let resource = table.preferred(group, name).unwrap();
                assert_eq!(object.text("apiVersion"), resource.api_version());
                assert_eq!(object.text("kind"), resource.kind);
                assert_eq!(object.has("metadata.namespace"), resource.namespaced, "{object}");
            }
        }
    }

    #[test]
    fn roles_by_release() {
        let (old, new) = (fresh(20, true), fresh(36, true));
        for (role, in_old, in_new) in
            [("admin", 21, 29), ("edit", 19, 27), ("view", 9, 12), ("cluster-admin", 2, 2)]
        {
            assert_eq!((rules(&old, role), rules(&new, role)), (in_old, in_new), "{role}");
        }
        let count = |objects: &[Object], resource| objects.iter().filter(|o| o.1 == resource).count();
        for (minor, roles, bindings, services) in
            [(20, 60, 41, 35), (25, 62, 43, 23), (33, 66, 47, 20), (36, 69, 50, 21)]
        {
            let fresh = fresh(minor, true);
            let counts = ["clusterroles", "clusterrolebindings", "apiservices"].map(|of| count(&fresh, of));
            assert_eq!(counts, [roles, bindings, services], "1.{minor}");
        }
        assert_eq!(count(&fresh(36, false), "clusterroles"), 0);
    }

    #[test]
    fn flows_by_release() {
        for (minor, schemas, levels) in [(20, 11, 7), (36, 13, 8)] {
            let fresh = fresh(minor, true);
            let count = |plural| fresh.iter().filter(|o| o.1 == plural).count();
            let counts = [count("flowschemas"), count("prioritylevelconfigurations")];
            assert_eq!(counts, [schemas, levels], "1.{minor}");
        }
    }

    #[test]
    fn controllers_have_accounts() {
        let accounts = controller_accounts(Version::NEWEST);
        assert!(accounts.contains(&"replicaset-controller") && accounts.contains(&"token-cleaner"));
        assert!(!controller_accounts(Version::OLDEST).contains(&"legacy-service-account-token-cleaner"));
    }
}
