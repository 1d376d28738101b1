//! A large cluster, the same for the same seed: 1,000 namespaces, 10,000 accounts, 50,000 bindings, and pods on nodes.
//!
//! What accounts hold is drawn: mostly to read, often to deploy, now and then what leads further (exec, secrets, tokens,
//! impersonation), and a few hold everything. A third of the namespaces has Pod Security on.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

/// How many namespaces there are.
pub(crate) const NAMESPACES: usize = 1_000;
/// How many accounts each of them has.
pub(crate) const ACCOUNTS: usize = 10;
/// How many bindings there are.
pub(crate) const BINDINGS: usize = 50_000;
const NODES: usize = 100;

const GROUP: &str = "rbac.authorization.k8s.io";

/// Cluster roles: the name, how often of a thousand they are bound, and their rules: verbs, group, resources.
type Rule = (&'static [&'static str], &'static str, &'static [&'static str]);
const ROLES: &[(&str, u32, &[Rule])] = &[
    ("reader", 420, &[(&["get", "list", "watch"], "", &["pods", "services", "configmaps"])]),
    ("metrics", 200, &[(&["get", "list"], "metrics.k8s.io", &["pods", "nodes"])]),
    ("leader", 150, &[(&["get", "create", "update"], "coordination.k8s.io", &["leases"])]),
    (
        "deployer",
        120,
        &[
            (&["get", "list", "create", "update", "patch"], "apps", &["deployments", "statefulsets"]),
            (&["get", "list"], "", &["pods", "pods/log"]),
        ],
    ),
    ("jobs", 50, &[(&["create", "delete", "get"], "batch", &["jobs"])]),
    ("debugger", 30, &[(&["get", "list"], "", &["pods"]), (&["create"], "", &["pods/exec"])]),
    ("secrets", 20, &[(&["get", "list"], "", &["secrets"])]),
    ("tokens", 7, &[(&["create"], "", &["serviceaccounts/token"])]),
    ("impersonator", 2, &[(&["impersonate"], "", &["serviceaccounts"])]),
    ("binder", 1, &[(&["bind"], GROUP, &["clusterroles"]), (&["create"], GROUP, &["rolebindings"])]),
];

/// The objects of the cluster of a seed.
pub(crate) fn objects(seed: u64) -> Vec<Value> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut objects = Vec::new();
    for node in 0..NODES {
        objects
            .push(json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": format!("node-{node}")}}));
    }
    for (name, _, rules) in ROLES {
        let rule = |(verbs, group, resources): &Rule| json!({"verbs": verbs, "apiGroups": [group], "resources": resources});
        let rules: Vec<Value> = rules.iter().map(rule).collect();
        objects.push(json!({
            "apiVersion": format!("{GROUP}/v1"), "kind": "ClusterRole", "metadata": {"name": name}, "rules": rules,
        }));
    }
    for namespace in 0..NAMESPACES {
        let name = format!("ns-{namespace}");
        let labels = match namespace % 3 {
            0 => json!({"pod-security.kubernetes.io/enforce": "restricted"}),
            _ => json!({}),
        };
        objects.push(json!({
            "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels},
        }));
        for account in 0..ACCOUNTS {
            let metadata =
                json!({"name": format!("app-{account}"), "namespace": name, "uid": uid(namespace, account)});
            objects.push(json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}));
        }
        for pod in 0..2 {
            objects.push(running(&name, pod, &format!("node-{}", random.random_range(0..NODES))));
        }
    }
    for number in 0..BINDINGS {
        objects.push(binding(number, &mut random));
    }
    objects
}

fn uid(namespace: usize, account: usize) -> String {
    format!("00000000-0000-4000-8000-{:012}", namespace * ACCOUNTS + account)
}

fn running(namespace: &str, pod: usize, node: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": format!("pod-{pod}"), "namespace": namespace},
        "spec": {
            "serviceAccountName": format!("app-{pod}"), "nodeName": node, "restartPolicy": "Always",
            "containers": [{"name": "main", "image": "app:1"}],
        },
        "status": {"phase": "Running"},
    })
}

fn binding(number: usize, random: &mut ChaCha8Rng) -> Value {
    // Each account has its first five; who holds more is drawn.
    let account = number % (NAMESPACES * ACCOUNTS);
    let (home, account) = (account / ACCOUNTS, account % ACCOUNTS);
    let mut drawn = random.random_range(0..1_000);
    let role = ROLES.iter().find(|(_, often, _)| {
        let is_it = drawn < *often;
        drawn = drawn.saturating_sub(*often);
        is_it
    });
    let mut role = role.map_or("reader", |(name, ..)| name);
    let mut is_wide = random.random_range(0..500) == 0;
    if random.random_range(0..2_500) == 0 {
        (role, is_wide) = ("cluster-admin", true);
    }
    // Mostly at home, sometimes elsewhere.
    let place = if random.random_range(0..10) == 0 { random.random_range(0..NAMESPACES) } else { home };
    let kind = if is_wide { "ClusterRoleBinding" } else { "RoleBinding" };
    let mut metadata = json!({"name": format!("b-{number}")});
    if !is_wide {
        metadata["namespace"] = json!(format!("ns-{place}"));
    }
    json!({
        "apiVersion": format!("{GROUP}/v1"), "kind": kind, "metadata": metadata,
        "roleRef": {"apiGroup": GROUP, "kind": "ClusterRole", "name": role},
        "subjects": [{"kind": "ServiceAccount", "name": format!("app-{account}"), "namespace": format!("ns-{home}")}],
    })
}

/// The objects as `kubectl get -o json` prints them.
pub(crate) fn json(objects: &[Value]) -> String {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
    serde_json::to_string_pretty(&list).expect("it is JSON")
}

/// The objects as `kubectl get -o yaml` prints them.
pub(crate) fn yaml(objects: &[Value]) -> String {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
    serde_yaml::to_string(&list).expect("it is YAML")
}
