//! Whatever is asked, in whatever order: the store stays consistent, and a replay gives the same bytes.
//!
//! Requests are drawn from few names, so that they meet: created twice, changed after they are gone, deleted with their
//! namespace, patched by broken patches. After each sequence the invariants are checked.

use jiff::{SignedDuration, Timestamp};
use kubeverdict::api::{Dig, Request, User, Version};
use kubeverdict::authorize::Knowledge;
use kubeverdict::cluster::Cluster;
use kubeverdict::config::Config;
use kubeverdict::json::{Value, json};
use proptest::prelude::*;

/// The resources that are drawn: where they are served, and an object's beginning.
const KINDS: &[(&str, &str, &str)] = &[
    ("/api/v1", "configmaps", r#"{"apiVersion": "v1", "kind": "ConfigMap", "data": {"k": "v"}}"#),
    ("/api/v1", "serviceaccounts", r#"{"apiVersion": "v1", "kind": "ServiceAccount"}"#),
    (
        "/api/v1",
        "pods",
        r#"{"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "c", "image": "i"}]}}"#,
    ),
    (
        "/apis/rbac.authorization.k8s.io/v1",
        "roles",
        r#"{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
            "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]}"#,
    ),
    (
        "/apis/rbac.authorization.k8s.io/v1",
        "rolebindings",
        r#"{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "a"},
            "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": "n1"}]}"#,
    ),
];

/// Media types of patches, with a body that fits and one that does not.
const PATCHES: &[(&str, &str)] = &[
    ("application/merge-patch+json", r#"{"metadata": {"labels": {"x": "y"}}}"#),
    ("application/merge-patch+json", r#"{"metadata": {"finalizers": ["x.io/f"]}}"#),
    ("application/merge-patch+json", r#"{"metadata": {"finalizers": null}}"#),
    ("application/merge-patch+json", r#"{"metadata": {"uid": "other"}}"#),
    ("application/merge-patch+json", "{"),
    (
        "application/json-patch+json",
        r#"[{"op": "add", "path": "/metadata/annotations", "value": {"a": "b"}}]"#,
    ),
    ("application/json-patch+json", r#"[{"op": "remove", "path": "/nosuch"}]"#),
    ("application/strategic-merge-patch+json", r#"{"metadata": {"$retainKeys": 1}}"#),
    ("application/strategic-merge-patch+json", r#"{"metadata": {"labels": {"x": null}}}"#),
    ("application/json", "{}"),
];

/// A request as it is drawn: indices into what there is.
#[derive(Clone, Debug)]
struct Step {
    what: u8,
    kind: usize,
    namespace: u8,
    name: u8,
    patch: usize,
    wait: bool,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (0u8..10, 0..KINDS.len(), 0u8..3, 0u8..3, 0..PATCHES.len(), any::<bool>());
    let step = step.prop_map(|(what, kind, namespace, name, patch, wait)| Step {
        what,
        kind,
        namespace,
        name,
        patch,
        wait,
    });
    prop::collection::vec(step, 1..25)
}

fn request(step: &Step) -> Request {
    let (root, resource, object) = KINDS[step.kind];
    let namespace = format!("n{}", step.namespace);
    let name = ["a", "b", "Bad_Name"][usize::from(step.name)];
    let collection = format!("{root}/namespaces/{namespace}/{resource}");
    let named = format!("{collection}/{name}");
    let mut object: Value = serde_json::from_str(object).expect("the object is JSON");
    object.set("metadata.name", name);
    let (media, patch) = PATCHES[step.patch];
    let apply = json!({"apiVersion": object.at("apiVersion"), "kind": object.at("kind"), "metadata": {"labels": {"l": "m"}}});
    match step.what {
        0 => Request::new("POST", "/api/v1/namespaces")
            .json(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})),
        1 => Request::new("DELETE", format!("/api/v1/namespaces/{namespace}")),
        2 | 3 => Request::new("POST", collection).json(&object),
        4 => Request::new("PUT", named).json(&object),
        5 => Request::new("DELETE", named),
        6 => Request::new("DELETE", format!("{named}?propagationPolicy=Foreground")),
        7 => Request::new("DELETE", collection),
        8 => Request::new("PATCH", format!("{named}?fieldManager=m&force=true"))
            .body("application/apply-patch+yaml", apply.to_string().into_bytes()),
        _ => Request::new("PATCH", named).body(media, patch.as_bytes().to_vec()),
    }
}

/// A cluster after the steps, with all that it answered.
fn run(version: Version, steps: &[Step]) -> (Cluster, String) {
    let start = Timestamp::from_second(1_704_067_200).expect("an instant");
    let mut cluster = Cluster::new(Config::new(version), start).expect("a cluster");
    let admin = User::new("admin", &["system:masters", "system:authenticated"]);
    let mut told = String::new();
    for step in steps {
        let before = cluster.store().revision();
        let reply = cluster.handle_now(request(step).by(admin.clone()));
        assert!(cluster.store().revision() >= before, "revisions rise");
        told += &format!("{} {}\n", reply.response.code, reply.response.object());
        if step.wait {
            let until = cluster.now() + SignedDuration::from_secs(2);
            cluster.run_until(until);
        }
    }
    let until = cluster.now() + SignedDuration::from_secs(120);
    cluster.run_until(until);
    for (key, object) in cluster.store().objects().iter() {
        told += &format!("{key} {object}\n");
    }
    (cluster, told)
}

fn check(cluster: &Cluster) {
    let objects = cluster.store().objects();
    let mut revisions = std::collections::BTreeSet::new();
    for (key, object) in objects.iter() {
        let revision: u64 = object.text("metadata.resourceVersion").parse().expect("a revision is a number");
        assert!(revision <= cluster.store().revision(), "{key} is from the future");
        assert!(revisions.insert(revision), "{key} shares its revision");
        assert_eq!(object.name(), &*key.name, "{key}");
        assert_eq!(object.namespace(), &*key.namespace, "{key}");
        assert!(!object.uid().is_empty(), "{key} has no uid");
        assert!(object.has("metadata.creationTimestamp"), "{key} has no time of creation");
        let home = key.namespace.is_empty() || objects.get("namespaces", "", &key.namespace).is_some();
        assert!(home, "{key} lives in a namespace that is gone");
    }
    let mut rebuilt = Knowledge::default();
    rebuilt.catch_up(cluster.store(), cluster.now());
    assert_eq!(cluster.knowledge().rbac(), rebuilt.rbac(), "the RBAC index, rebuilt");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_leaves_a_consistent_store(steps in steps(), old in any::<bool>()) {
        let version = if old { Version::minor(20) } else { Version::NEWEST };
        let (cluster, told) = run(version, &steps);
        check(&cluster);
        let (_, again) = run(version, &steps);
        prop_assert_eq!(told, again);
    }
}
