//! What a fresh cluster holds: the objects that kube-apiserver makes when it starts, by release.
//!
//! Roles and bindings are `plugin/pkg/auth/authorizer/rbac/bootstrappolicy` (recorded, as text); the rest is made by the
//! server's post-start hooks. What controllers make afterwards (accounts, their tokens, `kube-root-ca.crt`) is not here.
//! Aggregated roles come with their rules, as the aggregation controller leaves them.
//!
//! # Differs from Kubernetes
//!
//! Releases in between have the roles of the nearest recorded one: up to 1.24 those of 1.20, then those of 1.36.
//! Not made: flow schemas and priority levels, the endpoints of the service `kubernetes`, identity leases.

use crate::api::Version;
use serde_json::Value;

mod rbac;
mod system;

/// What the objects depend on besides the release.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    /// Whether the RBAC authorizer is among the modes: only then are its roles made.
    pub rbac: bool,
    /// The time of the start, as RFC 3339.
    pub now: &'a str,
    /// The port of the server, target of the service `kubernetes`.
    pub secure_port: u16,
    /// The certificates of the authority for clients (PEM), shown to extension servers; empty where there is none.
    pub client_ca: &'a str,
}

/// An object with the group and the plural under which it is kept.
pub type Object = (&'static str, &'static str, Value);

/// The objects of a fresh cluster, without uid, resourceVersion and creationTimestamp, in the order to store them.
pub fn objects(version: Version, settings: Settings<'_>) -> Vec<Object> {
    let mut objects = system::objects(version, settings);
    if settings.rbac {
        objects.extend(rbac::objects(version));
    }
    objects
}

/// The service accounts in kube-system that the bootstrap bindings name: those of the controllers.
///
/// The binding `system:controller:NAME` belongs to the account NAME.
pub fn controller_accounts(version: Version) -> Vec<&'static str> {
    rbac::accounts(version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Dig, resources};

    fn fresh(minor: u8, rbac: bool) -> Vec<Object> {
        let settings = Settings {
            rbac,
            now: "2024-01-01T00:00:00Z",
            secure_port: 6443,
            client_ca: "",
        };
        objects(Version::minor(minor), settings)
    }

    fn rules(objects: &[Object], role: &str) -> usize {
        let found = objects
            .iter()
            .find(|(_, resource, object)| *resource == "clusterroles" && object.name() == role);
        found.unwrap().2.list("rules").len()
    }

    #[test]
    fn every_object_belongs_to_a_resource() {
        for minor in Version::OLDEST.number()..=Version::NEWEST.number() {
            let table = resources(Version::minor(minor));
            for (group, name, object) in fresh(minor, true) {
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
        for (role, in_old, in_new) in [
            ("admin", 21, 29),
            ("edit", 19, 27),
            ("view", 9, 12),
            ("cluster-admin", 2, 2),
        ] {
            assert_eq!((rules(&old, role), rules(&new, role)), (in_old, in_new), "{role}");
        }
        let count = |objects: &[Object], resource| objects.iter().filter(|o| o.1 == resource).count();
        assert_eq!(
            (count(&old, "clusterroles"), count(&new, "clusterroles")),
            (60, 69)
        );
        assert_eq!(
            (
                count(&old, "clusterrolebindings"),
                count(&new, "clusterrolebindings")
            ),
            (41, 50)
        );
        assert_eq!((count(&old, "apiservices"), count(&new, "apiservices")), (35, 21));
        assert_eq!(count(&fresh(36, false), "clusterroles"), 0);
    }

    #[test]
    fn controllers_have_accounts() {
        let accounts = controller_accounts(Version::NEWEST);
        assert!(accounts.contains(&"replicaset-controller") && accounts.contains(&"token-cleaner"));
        assert!(!controller_accounts(Version::OLDEST).contains(&"legacy-service-account-token-cleaner"));
    }
}
