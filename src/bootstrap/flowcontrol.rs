//! Flow schemas and priority levels of a fresh server (`pkg/apis/flowcontrol/bootstrap`).

use super::Object;
use crate::api::differences::{FLOW_SHARES_NOMINAL, NODES_FLOW_HIGH};
use crate::api::{Dig, Version, resources};
use crate::json::{Value, json};

const GROUP: &str = "flowcontrol.apiserver.k8s.io";

/// A level: its name, its shares, how much of them it lends in percent, and how its queues are: number, hand, length.
type Level = (&'static str, u32, u32, Option<[u32; 3]>);

const LEVELS: [Level; 7] = [
    ("catch-all", 5, 0, None),
    ("system", 30, 33, Some([64, 6, 50])),
    ("node-high", 40, 25, Some([64, 6, 50])),
    ("leader-election", 10, 0, Some([16, 4, 50])),
    ("workload-high", 40, 50, Some([128, 6, 50])),
    ("workload-low", 100, 90, Some([128, 6, 50])),
    ("global-default", 20, 50, Some([128, 6, 50])),
];

/// The schemas and levels of a release.
pub(super) fn objects(version: Version) -> Vec<Object> {
    let table = resources(version);
    let mut made = Vec::new();
    let mut make = |plural: &'static str, name: &str, spec: Value| {
        let Some(row) = table.preferred(GROUP, plural) else { return };
        made.push((
            GROUP,
            plural,
            json!({
                "apiVersion": row.api_version(), "kind": row.kind,
                "metadata": {
                    "name": name, "generation": 1, "annotations": {"apf.kubernetes.io/autoupdate-spec": "true"},
                },
                "spec": spec, "status": {},
            }),
        ));
    };
    let has = |name: &str| name != "node-high" || version.has(NODES_FLOW_HIGH);
    make("prioritylevelconfigurations", "exempt", exempt(version));
    for level in LEVELS.iter().filter(|level| has(level.0)) {
        make("prioritylevelconfigurations", level.0, limited(level, version));
    }
    for (name, level, precedence, by, rules) in schemas(version) {
        let mut spec = json!({
            "priorityLevelConfiguration": {"name": level}, "matchingPrecedence": precedence, "rules": rules,
        });
        if !by.is_empty() {
            spec.set("distinguisherMethod", json!({"type": by}));
        }
        make("flowschemas", name, spec);
    }
    made
}

fn exempt(version: Version) -> Value {
    match version.has(FLOW_SHARES_NOMINAL) {
        true => json!({"type": "Exempt", "exempt": {"nominalConcurrencyShares": 0, "lendablePercent": 0}}),
        false => json!({"type": "Exempt"}),
    }
}

fn limited((_, shares, lends, queues): &Level, version: Version) -> Value {
    let response = match queues {
        None => json!({"type": "Reject"}),
        Some([queues, hand, length]) => json!({
            "type": "Queue", "queuing": {"queues": queues, "handSize": hand, "queueLengthLimit": length},
        }),
    };
    let mut limited = json!({"limitResponse": response});
    match version.has(FLOW_SHARES_NOMINAL) {
        true => {
            limited.set("nominalConcurrencyShares", *shares);
            limited.set("lendablePercent", *lends);
        }
        false => limited.set("assuredConcurrencyShares", *shares),
    }
    json!({"type": "Limited", "limited": limited})
}

/// A schema: its name, its level, its precedence, how it tells flows apart, and its rules.
type Schema = (&'static str, &'static str, u32, &'static str, Vec<Value>);

fn schemas(version: Version) -> Vec<Schema> {
    const ALL: [&str; 1] = ["*"];
    let groups = |names: &[&str]| -> Vec<Value> {
        names.iter().map(|name| json!({"kind": "Group", "group": {"name": name}})).collect()
    };
    let user = |name: &str| json!({"kind": "User", "user": {"name": name}});
    let account = |name: &str| json!({"kind": "ServiceAccount", "serviceAccount": {"namespace": "kube-system", "name": name}});
    let resource = |verbs: &[&str], group: &str, resources: &[&str], namespaces: &[&str], cluster: bool| {
        let mut rule =
            json!({"verbs": verbs, "apiGroups": [group], "resources": resources, "namespaces": namespaces});
        if cluster {
            rule.set("clusterScope", true);
        }
        rule
    };
    let rule = |subjects: Vec<Value>, resources: Vec<Value>, paths: Option<Value>| {
        let mut rule = json!({"subjects": subjects});
        if !resources.is_empty() {
            rule.set("resourceRules", resources);
        }
        if let Some(paths) = paths {
            rule.set("nonResourceRules", vec![paths]);
        }
        vec![rule]
    };
    let everything = |subjects: Vec<Value>| {
        let paths = json!({"verbs": ALL, "nonResourceURLs": ALL});
        rule(subjects, vec![resource(&ALL, "*", &ALL, &ALL, true)], Some(paths))
    };
    let everybody = ["system:unauthenticated", "system:authenticated"];
    let locks = |namespaces: &[&str]| {
        let verbs = ["get", "create", "update"];
        vec![
            resource(&verbs, "", &["endpoints", "configmaps"], namespaces, false),
            resource(&["get", "create", "update"], "coordination.k8s.io", &["leases"], namespaces, false),
        ]
    };
    let leaders = vec![user("system:kube-controller-manager"), user("system:kube-scheduler")];
    let probes = json!({"verbs": ["get"], "nonResourceURLs": ["/healthz", "/readyz", "/livez"]});
    let of_nodes = vec![
        resource(&ALL, "", &["nodes", "nodes/status"], &ALL, true),
        resource(&ALL, "coordination.k8s.io", &["leases"], &["kube-node-lease"], false),
    ];
    let endpoints = resource(&["get", "create", "update"], "", &["endpoints"], &ALL, false);
    let mut all: Vec<Schema> = vec![
        ("exempt", "exempt", 1, "", everything(groups(&["system:masters"]))),
        ("probes", "exempt", 2, "", rule(groups(&everybody), Vec::new(), Some(probes))),
        (
            "system-leader-election",
            "leader-election",
            100,
            "ByUser",
            rule(leaders, locks(&["kube-system"]), None),
        ),
        (
            "workload-leader-election",
            "leader-election",
            200,
            "ByUser",
            rule(vec![account("*")], locks(&ALL), None),
        ),
        ("system-nodes", "system", 500, "ByUser", everything(groups(&["system:nodes"]))),
        (
            "kube-controller-manager",
            "workload-high",
            800,
            "ByNamespace",
            everything(vec![user("system:kube-controller-manager")]),
        ),
        (
            "kube-scheduler",
            "workload-high",
            800,
            "ByNamespace",
            everything(vec![user("system:kube-scheduler")]),
        ),
        ("kube-system-service-accounts", "workload-high", 900, "ByNamespace", everything(vec![account("*")])),
        ("service-accounts", "workload-low", 9000, "ByUser", everything(groups(&["system:serviceaccounts"]))),
        ("global-default", "global-default", 9900, "ByUser", everything(groups(&everybody))),
        ("catch-all", "catch-all", 10_000, "ByUser", everything(groups(&everybody))),
    ];
    if version.has(NODES_FLOW_HIGH) {
        let controllers = vec![user("system:kube-controller-manager"), account("endpoint-controller")];
        all.push((
            "endpoint-controller",
            "workload-high",
            150,
            "ByUser",
            rule(controllers, vec![endpoints], None),
        ));
        all.push((
            "system-node-high",
            "node-high",
            400,
            "ByUser",
            rule(groups(&["system:nodes"]), of_nodes, None),
        ));
    }
    all
}
