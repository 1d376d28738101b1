//! A real client library (kube-rs) against the server: what it makes of the answers is what they have to mean.

#[path = "support/client.rs"]
mod client;
#[path = "support/serving.rs"]
mod serving;

use client::{object, refused, settled, with_servers};
use futures_util::StreamExt;
use k8s_openapi::api::authentication::v1::TokenRequest;
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{ConfigMap, ServiceAccount};
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use kube::api::{Api, DeleteParams, Patch, PatchParams, PostParams, WatchEvent, WatchParams};
use kubeverdict::json::{Value, json};
use std::time::Duration;

#[test]
fn a_watch_tells_what_happens() {
    with_servers(|server| async move {
        let maps: Api<ConfigMap> = Api::namespaced(server.admin(), "default");
        let from = maps
            .list(&Default::default())
            .await
            .expect("a list")
            .metadata
            .resource_version
            .expect("a version");
        let only = WatchParams::default().labels("app=a");
        let mut events = maps.watch(&only, &from).await.expect("a watch").boxed();
        let post = PostParams::default();
        let map = |name: &str, app: &str| {
            object(json!({"metadata": {"name": name, "labels": {"app": app}}, "data": {"k": "1"}}))
        };
        maps.create(&post, &map("a", "a")).await.expect("created");
        maps.create(&post, &map("b", "b")).await.expect("created");
        let patch = Patch::Merge(json!({"data": {"k": "2"}}));
        maps.patch("a", &PatchParams::default(), &patch).await.expect("patched");
        maps.delete("a", &DeleteParams::default()).await.expect("deleted");
        let mut seen = Vec::new();
        while seen.len() < 3 {
            let event =
                tokio::time::timeout(Duration::from_secs(10), events.next()).await.expect("an event in time");
            let (what, map) = match event.expect("the watch goes on").expect("an event") {
                WatchEvent::Added(map) => ("added", map),
                WatchEvent::Modified(map) => ("modified", map),
                WatchEvent::Deleted(map) => ("deleted", map),
                WatchEvent::Bookmark(_) => continue,
                WatchEvent::Error(status) => panic!("{status:?}"),
            };
            seen.push(format!(
                "{} {what} {}",
                map.metadata.name.unwrap_or_default(),
                map.data.unwrap_or_default()["k"]
            ));
        }
        assert_eq!(seen, ["a added 1", "a modified 2", "a deleted 2"]);
    });
}

#[test]
fn fields_have_owners() {
    with_servers(|server| async move {
        let maps: Api<ConfigMap> = Api::namespaced(server.admin(), "default");
        let apply = |data: Value| {
            Patch::Apply(
                json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": data}),
            )
        };
        maps.patch("m", &PatchParams::apply("one"), &apply(json!({"a": "1", "b": "1"})))
            .await
            .expect("applied");
        maps.patch("m", &PatchParams::apply("two"), &apply(json!({"c": "2"}))).await.expect("no conflict");
        let (code, reason, message) =
            refused(maps.patch("m", &PatchParams::apply("two"), &apply(json!({"a": "2"}))).await);
        assert_eq!((code, reason.as_str()), (409, "Conflict"));
        assert_eq!(message, "Apply failed with 1 conflict: conflict with \"one\": .data.a");
        // `two` takes `a`, and gives up `c`; `one` then gives up `b`, and no longer has `a` to give up.
        maps.patch("m", &PatchParams::apply("two").force(), &apply(json!({"a": "2"}))).await.expect("forced");
        let map = maps.patch("m", &PatchParams::apply("one"), &apply(json!({}))).await.expect("given up");
        assert_eq!(json!(map.data), json!({"a": "2"}));
        let managers: Vec<String> =
            map.metadata.managed_fields.into_iter().flatten().filter_map(|entry| entry.manager).collect();
        assert!(managers.contains(&"two".to_owned()), "{managers:?}");
    });
}

/// Who may not create a lease does not lead; who may leads alone.
#[test]
fn a_leader_is_elected_once_its_role_suffices() {
    with_servers(|server| async move {
        let post = PostParams::default();
        let accounts: Api<ServiceAccount> = Api::namespaced(server.admin(), "default");
        let roles: Api<Role> = Api::namespaced(server.admin(), "default");
        let bindings: Api<RoleBinding> = Api::namespaced(server.admin(), "default");
        accounts.create(&post, &object(json!({"metadata": {"name": "elector"}}))).await.expect("an account");
        let role = |verbs: &[&str]| {
            json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "elector"},
                   "rules": [{"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": verbs}]})
        };
        roles.create(&post, &object(role(&["get"]))).await.expect("a role");
        let binding = json!({"metadata": {"name": "elector"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "elector"},
            "subjects": [{"kind": "ServiceAccount", "name": "elector", "namespace": "default"}]});
        bindings.create(&post, &object(binding)).await.expect("a binding");
        let request: TokenRequest = object(json!({"spec": {"audiences": [], "expirationSeconds": 3600}}));
        let token = accounts.create_token_request("elector", &post, &request).await.expect("a token");
        let token = token.status.and_then(|status| status.token).expect("a token");
        let leases: Api<Lease> = Api::namespaced(server.client(&token), "default");

        let lease = |holder: &str| -> Lease {
            object(
                json!({"metadata": {"name": "l"}, "spec": {"holderIdentity": holder, "leaseDurationSeconds": 15}}),
            )
        };
        settled(|| async { leases.get_opt("l").await.is_ok() }).await;
        assert!(leases.get_opt("l").await.expect("it may look").is_none());
        let (code, _, message) = refused(leases.create(&post, &lease("one")).await);
        assert_eq!(code, 403);
        assert_eq!(
            message,
            "leases.coordination.k8s.io is forbidden: User \"system:serviceaccount:default:elector\" cannot create \
             resource \"leases\" in API group \"coordination.k8s.io\" in the namespace \"default\""
        );

        let patch = Patch::Apply(role(&["get", "create", "update"]));
        roles.patch("elector", &PatchParams::apply("admin").force(), &patch).await.expect("a larger role");
        settled(|| async { leases.create(&post, &lease("one")).await.is_ok() }).await;
        let (code, reason, _) = refused(leases.create(&post, &lease("two")).await);
        assert_eq!((code, reason.as_str()), (409, "AlreadyExists"));

        let held = leases.get("l").await.expect("it may look");
        let taken = |holder: &str| {
            let mut lease = held.clone();
            lease.spec.get_or_insert_default().holder_identity = Some(holder.to_owned());
            lease
        };
        leases.replace("l", &post, &taken("two")).await.expect("the first to take over");
        let (code, reason, message) = refused(leases.replace("l", &post, &taken("three")).await);
        assert_eq!((code, reason.as_str()), (409, "Conflict"));
        assert!(message.contains("the object has been modified"), "{message}");
        let (code, ..) = refused(leases.delete("l", &DeleteParams::default()).await);
        assert_eq!(code, 403);
    });
}
