use super::*;
use crate::api::Dig;
use crate::config::Config;
use crate::json::{Value, json};
use crate::store::{Objects, Store};
use jiff::Timestamp;
use std::collections::BTreeSet;

fn put(store: &mut Store, resource: &str, object: Value) {
    let key = Key::new(resource, object.namespace(), object.name());
    store.load(key, object, Timestamp::UNIX_EPOCH);
}

fn pod(name: &str, node: &str, spec: Value) -> Value {
    let mut pod = json!({"metadata": {"name": name, "namespace": "red"}, "spec": spec});
    pod.set("spec.nodeName", node);
    pod
}

/// A store whose pods on n1 need a bit of everything, through all its writes.
fn store() -> Store {
    let mut store = Store::default();
    let at = Timestamp::UNIX_EPOCH;
    let uses = json!({
        "serviceAccountName": "robot",
        "imagePullSecrets": [{"name": "pull"}],
        "volumes": [
            {"name": "a", "secret": {"secretName": "volume"}},
            {"name": "b", "projected": {"sources": [{"configMap": {"name": "projected"}}]}},
            {"name": "c", "persistentVolumeClaim": {"claimName": "claim"}},
            {"name": "d", "ephemeral": {}},
        ],
        "containers": [{"envFrom": [{"secretRef": {"name": "env"}}]}],
        "resourceClaims": [{"name": "g", "resourceClaimName": "gpu"}],
    });
    put(&mut store, "pods", pod("p1", "", uses.clone()));
    put(&mut store, "pods", pod("p1", "n1", uses));
    put(&mut store, "pods", pod("p2", "n2", json!({"serviceAccountName": "other"})));
    put(&mut store, "pods", pod("p3", "n1", json!({"imagePullSecrets": [{"name": "gone"}]})));
    store.unload(&Key::new("pods", "red", "p3"), at);
    let mut mirror = pod("m", "n1", json!({"imagePullSecrets": [{"name": "stolen"}]}));
    mirror.make("metadata.annotations")["kubernetes.io/config.mirror"] = "x".into();
    put(&mut store, "pods", mirror);
    let volume = json!({"metadata": {"name": "pv"}, "spec": {
        "claimRef": {"namespace": "red", "name": "claim"},
        "csi": {"nodeStageSecretRef": {"name": "stage", "namespace": "disks"}, "controllerPublishSecretRef": {"name": "c"}},
    }});
    put(&mut store, "persistentvolumes", volume);
    put(
        &mut store,
        "volumeattachments.storage.k8s.io",
        json!({"metadata": {"name": "va"}, "spec": {"nodeName": "n1"}}),
    );
    store
}

#[test]
fn a_kept_graph_is_the_rebuilt_one() {
    let store = store();
    let mut kept = Graph::default();
    let mut objects = crate::store::View::default();
    objects.catch_up(&store, Timestamp::MAX, |event| kept.apply(event));
    assert_eq!(kept, Graph::of(store.objects()));
    assert_eq!(Graph::default(), Graph::of(&Objects::default()));
}

#[test]
fn a_kubelet_sees_what_its_pods_need() {
    let store = store();
    let graph = Graph::of(store.objects());
    let none = "no relationship found between node 'n1' and this object";
    let of_pods = "can only list/watch pods with spec.nodeName field selector";
    for (method, path, old, new) in [
        ("GET", "/api/v1/namespaces/red/secrets/volume", "", ""),
        ("GET", "/api/v1/namespaces/red/secrets/pull", "", ""),
        ("GET", "/api/v1/namespaces/red/secrets/env", "", ""),
        ("GET", "/api/v1/namespaces/red/secrets?fieldSelector=metadata.name=env&watch=1", "", ""),
        ("GET", "/api/v1/namespaces/disks/secrets/stage", "", ""),
        ("GET", "/api/v1/namespaces/red/secrets/c", none, none),
        ("GET", "/api/v1/namespaces/red/secrets/gone", none, none),
        ("GET", "/api/v1/namespaces/red/secrets/stolen", none, none),
        (
            "PUT",
            "/api/v1/namespaces/red/secrets/env",
            "can only read resources of this type",
            "can only read resources of this type",
        ),
        (
            "GET",
            "/api/v1/secrets",
            "can only read namespaced object of this type",
            "can only read namespaced object of this type",
        ),
        ("GET", "/api/v1/namespaces/red/configmaps/projected", "", ""),
        ("GET", "/api/v1/namespaces/red/persistentvolumeclaims/claim", "", ""),
        ("GET", "/api/v1/namespaces/red/persistentvolumeclaims/p1-d", "", ""),
        ("PATCH", "/api/v1/namespaces/red/persistentvolumeclaims/claim/status", "", ""),
        ("GET", "/api/v1/persistentvolumes/pv", "", ""),
        ("GET", "/apis/storage.k8s.io/v1/volumeattachments/va", "", ""),
        ("POST", "/api/v1/namespaces/red/serviceaccounts/robot/token", "", ""),
        ("POST", "/api/v1/namespaces/red/serviceaccounts/other/token", none, none),
        (
            "GET",
            "/api/v1/namespaces/red/serviceaccounts/robot",
            "can only create tokens for individual service accounts",
            "",
        ),
        ("GET", "/api/v1/pods", "", of_pods),
        ("GET", "/api/v1/pods?fieldSelector=spec.nodeName%3Dn1", "", ""),
        ("GET", "/api/v1/pods?fieldSelector=spec.nodeName!%3Dn1", "", of_pods),
        ("GET", "/api/v1/namespaces/red/pods/p2", "", none),
        ("GET", "/api/v1/nodes", "", "node 'n1' cannot read all nodes, only its own Node object"),
        ("GET", "/api/v1/nodes/n2", "", "node 'n1' cannot read 'n2', only its own Node object"),
        ("GET", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n1", "", ""),
        ("POST", "/apis/storage.k8s.io/v1/csinodes", "", ""),
    ] {
        for (minor, want) in [(20, old), (36, new)] {
            let version = Version::minor(minor);
            let by = Authorizer::new(version, super::super::chain::node_rules(&Config::new(version)));
            let user = User::new("system:node:n1", &["system:nodes"]);
            let (decision, edge) =
                by.decide(&graph, &Attributes { user, info: RequestInfo::parse(method, path) });
            let edge = edge.expect("it is a node");
            assert_eq!(
                (decision == Decision::Allow, &*edge.why),
                (want.is_empty(), want),
                "1.{minor} {method} {path}"
            );
        }
    }
    for (minor, allowed) in [(25, false), (26, true), (36, true)] {
        let version = Version::minor(minor);
        let by = Authorizer::new(version, super::super::chain::node_rules(&Config::new(version)));
        let user = User::new("system:node:n1", &["system:nodes"]);
        let info = RequestInfo::parse("GET", "/apis/resource.k8s.io/v1/namespaces/red/resourceclaims/gpu");
        let (decision, _) = by.decide(&graph, &Attributes { user, info });
        assert_eq!(decision == Decision::Allow, allowed, "1.{minor} a claim");
    }
}

proptest::proptest! {
    /// To search from both ends finds what a search from one end does.
    #[test]
    fn an_object_leads_to_a_node_if_edges_do(edges in proptest::collection::vec((0..9_u8, 0..9_u8), 0..24)) {
        let key = |number: u8| match number {
            0 | 1 => Key::new("nodes", "", &format!("n{number}")),
            _ => Key::new("pods", "red", &format!("p{number}")),
        };
        // A node leads nowhere.
        let edges: Vec<(u8, u8)> = edges.into_iter().filter(|(from, _)| *from > 1).collect();
        let mut graph = Graph::default();
        graph.add(edges.iter().map(|(from, to)| (key(*from), key(*to))).collect());
        for from in 2..9 {
            let mut reached = BTreeSet::from([from]);
            while edges.iter().any(|(from, to)| reached.contains(from) && reached.insert(*to)) {}
            for node in [0, 1] {
                proptest::prop_assert_eq!(graph.leads(&key(from), &format!("n{node}")), reached.contains(&node));
            }
        }
    }
}
