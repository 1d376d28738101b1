//! Ways up, a file each in `tests/paths/`: the path is found and carried out, gone after its cut, and none where the gate that
//! stops it is on.
//!
//! In each of them an account of the namespace `shop` holds everything, and a pod runs as it on the node `n1`; alice holds the
//! rules of the file, in a namespace or in the whole cluster.

use kubeverdict::api::Version;
use kubeverdict::api::rbac::Who;
use kubeverdict::cluster::Cluster;
use kubeverdict::explain::dump::Dump;
use kubeverdict::explain::source;
use kubeverdict::paths::{Climbs, Declared, Target, WAYS, cut, prepared};
use kubeverdict::question::{self, Place};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/paths");
const GROUP: &str = "rbac.authorization.k8s.io";

/// A file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// The way that is found.
    way: String,
    /// What is done after it.
    #[serde(default)]
    then: Vec<String>,
    /// The namespace in which alice holds the rules; the whole cluster, if none is named.
    r#where: Option<String>,
    /// Where the path leads; everything, if nothing is said.
    target: Option<String>,
    /// What alice holds.
    rules: Vec<Value>,
    /// What else is there.
    #[serde(default)]
    objects: Vec<Value>,
    /// Controllers that were declared.
    #[serde(default)]
    declared: Vec<Declared>,
    gate: Gate,
}

/// What stops the path.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Gate {
    /// Its name.
    by: String,
    /// The objects that make it.
    #[serde(default)]
    objects: Vec<Value>,
    /// The flags that turn it on.
    #[serde(default)]
    flags: BTreeMap<String, String>,
    /// Requests that a policy denies.
    deny: Option<Deny>,
    /// Unless this holds.
    #[serde(default)]
    unless: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Deny {
    operations: Vec<String>,
    group: String,
    resource: String,
}

fn binding(kind: &str, name: &str, role: (&str, &str), subject: Value) -> Value {
    json!({
        "apiVersion": format!("{GROUP}/v1"), "kind": kind, "metadata": {"name": name},
        "roleRef": {"apiGroup": GROUP, "kind": role.0, "name": role.1}, "subjects": [subject],
    })
}

fn user(name: &str) -> Value {
    json!({"apiGroup": GROUP, "kind": "User", "name": name})
}

/// A pod as `kubectl get` prints one that runs.
fn running(namespace: &str, name: &str, account: &str, node: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "serviceAccountName": account, "serviceAccount": account, "enableServiceLinks": true, "nodeName": node, "restartPolicy": "Always", "dnsPolicy": "ClusterFirst",
            "terminationGracePeriodSeconds": 30, "schedulerName": "default-scheduler", "securityContext": {},
            "containers": [{
                "name": "main", "image": "web:1", "imagePullPolicy": "Always", "resources": {},
                "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
            }],
        },
        "status": {"phase": "Running"},
    })
}

/// What is there in each case.
fn common() -> Vec<Value> {
    let account = json!({"kind": "ServiceAccount", "name": "deployer", "namespace": "shop"});
    vec![
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}),
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "den"}}),
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "deployer", "namespace": "shop"}}),
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "idle", "namespace": "den"}}),
        json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}}),
        running("shop", "web", "deployer", "n1"),
        binding("ClusterRoleBinding", "deployer", ("ClusterRole", "cluster-admin"), account),
        binding("ClusterRoleBinding", "root", ("ClusterRole", "cluster-admin"), user("root")),
    ]
}

impl Case {
    fn read(path: &Path) -> Case {
        let text = std::fs::read_to_string(path).expect("it can be read");
        serde_yaml::from_str(&text).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
    }

    /// What alice holds.
    fn held(&self) -> [Value; 2] {
        let (role, bound, namespace) = match &self.r#where {
            Some(namespace) => ("Role", "RoleBinding", namespace.as_str()),
            None => ("ClusterRole", "ClusterRoleBinding", ""),
        };
        let mut objects = [
            json!({
                "apiVersion": format!("{GROUP}/v1"), "kind": role, "metadata": {"name": "alice"}, "rules": self.rules,
            }),
            binding(bound, "alice", (role, "alice"), user("alice")),
        ];
        if !namespace.is_empty() {
            objects.iter_mut().for_each(|object| object["metadata"]["namespace"] = json!(namespace));
        }
        objects
    }

    fn cluster(&self, with_gate: bool) -> Cluster {
        let mut objects = [common(), self.held().to_vec(), self.objects.clone()].concat();
        if with_gate {
            objects.extend(self.gate.objects.clone());
            objects.extend(self.gate.policy());
        }
        let text = json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string();
        let written = source::read("case.json", text).expect("objects");
        let dump = Dump::new(Version::DEFAULT, written, None).expect("a cluster");
        let mut cluster = prepared(&dump).expect("a set-up");
        if with_gate && !self.gate.flags.is_empty() {
            let mut config = cluster.config().clone();
            let flags = self.gate.flags.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let read = |file: &str| std::fs::read(Path::new(FOLDER).join("files").join(file));
            config.apply(flags, &read).expect("flags");
            cluster.restart(config).expect("a set-up");
        }
        cluster
    }

    fn target(&self, cluster: &Cluster) -> Target {
        let Some(words) = &self.target else { return Target::everything() };
        let asked = question::read(words, cluster.resources(), Place::Default).expect("a question");
        Target::question(asked.info)
    }
}

impl Gate {
    fn policy(&self) -> Vec<Value> {
        let Some(deny) = &self.deny else { return Vec::new() };
        let api_version = "admissionregistration.k8s.io/v1";
        let rule = json!({
            "apiGroups": [deny.group], "apiVersions": ["*"], "operations": deny.operations,
            "resources": [deny.resource],
        });
        vec![
            json!({
                "apiVersion": api_version, "kind": "ValidatingAdmissionPolicy", "metadata": {"name": "gate"},
                "spec": {
                    "matchConstraints": {"resourceRules": [rule]}, "validations": [{"expression": self.unless}],
                },
            }),
            json!({
                "apiVersion": api_version, "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": "gate"},
                "spec": {"policyName": "gate", "validationActions": ["Deny"]},
            }),
        ]
    }
}

fn alice() -> Who {
    Who::User("alice".to_owned())
}

/// What is wrong with a case.
fn wrong(case: &Case) -> Result<(), String> {
    let cluster = case.cluster(false);
    let target = case.target(&cluster);
    let mut climbs = Climbs::new(cluster.fork(), target.clone(), &case.declared);
    let path = climbs.one(&alice()).ok_or_else(|| format!("no path; stopped: {:#?}", climbs.blocked()))?;
    let ways: Vec<&str> = path.leaps.iter().map(|leap| leap.way.as_str()).collect();
    let wanted: Vec<&str> = std::iter::once(&case.way).chain(&case.then).map(String::as_str).collect();
    if ways != wanted {
        return Err(format!("by {ways:?}; stopped: {:#?}", climbs.blocked()));
    }
    if path.leaps.iter().all(|leap| leap.steps.is_empty()) {
        return Err("it was not carried out".to_owned());
    }
    let of_all = Climbs::new(cluster.fork(), target.clone(), &case.declared).all(&[alice()]);
    if of_all.first().map(|climb| climb.path.leaps[0].way.clone()) != Some(case.way.clone()) {
        return Err(format!("among all, another path: {of_all:#?}"));
    }
    let (cut, after) = cut(&cluster, &alice(), &target, &case.declared).ok_or("nothing cuts it")?;
    if !cut.fewest || cut.removed.len() != 1 {
        return Err(format!("a cut of one is enough, not {cut:?}"));
    }
    if let Some(path) = Climbs::new(after, target.clone(), &case.declared).one(&alice()) {
        return Err(format!("after {cut:?} there still is {path:#?}"));
    }
    let mut climbs = Climbs::new(case.cluster(true), target, &case.declared);
    if let Some(path) = climbs.one(&alice()) {
        return Err(format!("the gate stops nothing: {path:#?}"));
    }
    let is_it = |by: &str| by.contains(case.gate.by.as_str());
    match climbs
        .blocked()
        .iter()
        .any(|blocked| wanted.contains(&blocked.way.as_str()) && is_it(&blocked.stopped.gate))
    {
        true => Ok(()),
        false => Err(format!("not by {}: {:#?}", case.gate.by, climbs.blocked())),
    }
}

#[test]
fn each_way_is_found_and_carried_out_gone_after_its_cut_and_stopped_by_its_gate() {
    let mut files: Vec<_> =
        std::fs::read_dir(FOLDER).expect("the folder").flatten().map(|f| f.path()).collect();
    files.sort();
    let mut failed = Vec::new();
    let mut shown = Vec::new();
    for file in files.iter().filter(|file| file.is_file()) {
        let case = Case::read(file);
        if let Err(why) = wrong(&case) {
            failed.push(format!("{}: {why}", file.file_stem().expect("a name").display()));
        }
        shown.push(case.way);
    }
    assert!(failed.is_empty(), "{} of {}:\n{}", failed.len(), files.len(), failed.join("\n\n"));
    let untold: Vec<&str> =
        WAYS.iter().map(|way| way.name).filter(|way| !shown.iter().any(|told| told == way)).collect();
    // What a node may, no rule gives: it has a test of its own.
    assert_eq!(untold, ["node-tokens"], "no file shows them");
}

/// A node gets the tokens of what runs there, and of nothing else; NodeRestriction, which every kubeadm cluster has, lets it.
#[test]
fn a_node_gets_the_tokens_of_what_runs_there() {
    let mut objects = common();
    objects[5]["spec"]["volumes"] =
        json!([{"name": "t", "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}]);
    let text = json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string();
    let written = source::read("case.json", text).expect("objects");
    let dump = Dump::new(Version::DEFAULT, written, None).expect("a cluster");
    let mut cluster = prepared(&dump).expect("a set-up");
    let mut config = cluster.config().clone();
    let none = |_: &str| Err(std::io::Error::other("no file is read"));
    config.apply([("enable-admission-plugins", "NodeRestriction")], &none).expect("flags");
    cluster.restart(config).expect("a set-up");
    let mut climbs = Climbs::new(cluster, Target::everything(), &[]);
    let path = climbs.one(&Who::User("system:node:n1".to_owned())).expect("a path");
    let told: Vec<(&str, &str)> =
        path.leaps.iter().map(|leap| (leap.way.as_str(), leap.gained.as_str())).collect();
    assert_eq!(told, [("node-tokens", "system:serviceaccount:shop:deployer")]);
    assert_eq!(climbs.one(&Who::User("system:node:n2".to_owned())), None);
}

/// Whoever may list secrets has read them as well as who may get them.
#[test]
fn to_list_or_to_watch_is_to_read() {
    let path = Path::new(FOLDER).join("create-pods.yaml");
    for verb in ["get", "list", "watch"] {
        let rules = vec![json!({"verbs": [verb], "apiGroups": [""], "resources": ["secrets"]})];
        let case = Case { rules, r#where: Some("shop".to_owned()), ..Case::read(&path) };
        let cluster = case.cluster(false);
        let asked = question::read("get secrets -n shop", cluster.resources(), Place::Default);
        let target = Target::reading(&asked.expect("a question").info);
        assert_eq!(target.words(), "read secrets in shop");
        let path = Climbs::new(cluster, target, &[]).one(&alice()).expect("a path");
        assert!(path.leaps.is_empty(), "{verb}: {path:#?}");
        assert_eq!(path.held[0].allows, format!("{verb} secrets"));
    }
}

/// A world that is drawn: accounts of a few namespaces hold rights of the ways' needs, and some gates are on.
fn drawn(seed: u64) -> Vec<Value> {
    use rand::{RngExt, SeedableRng};
    const NAMESPACES: usize = 4;
    const ACCOUNTS: usize = 3;
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let mut objects = vec![json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n0"}})];
    let account = |number: usize| (format!("ns-{}", number / ACCOUNTS), format!("app-{}", number % ACCOUNTS));
    for namespace in 0..NAMESPACES {
        let name = format!("ns-{namespace}");
        let level = ["privileged", "baseline", "restricted"][random.random_range(0..3)];
        let labels = json!({"pod-security.kubernetes.io/enforce": level});
        objects.push(json!({
            "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels},
        }));
        if random.random_range(0..4) == 0 {
            let full = json!({"pods": "1"});
            objects.push(json!({
                "apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "full", "namespace": name},
                "spec": {"hard": full}, "status": {"hard": full, "used": full},
            }));
        }
    }
    for number in 0..NAMESPACES * ACCOUNTS {
        let (namespace, name) = account(number);
        let metadata = json!({"name": name, "namespace": namespace});
        objects.push(json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}));
        if number % 2 == 0 {
            objects.push(running(&namespace, &format!("pod-{number}"), &name, "n0"));
        }
    }
    for number in 0..24 {
        let (namespace, name) = account(random.random_range(0..NAMESPACES * ACCOUNTS));
        let way = &WAYS[random.random_range(0..WAYS.len())];
        let rule = |need: &kubeverdict::paths::Need| json!({"verbs": need.verbs, "apiGroups": [need.group], "resources": [need.resource]});
        let is_wide = random.random_range(0..8) == 0;
        let place = format!("ns-{}", random.random_range(0..NAMESPACES));
        let role = format!("r-{number}");
        let rules: Vec<Value> = way.needs.iter().map(rule).collect();
        objects.push(json!({
            "apiVersion": format!("{GROUP}/v1"), "kind": "ClusterRole", "metadata": {"name": role}, "rules": rules,
        }));
        let subject = json!({"kind": "ServiceAccount", "name": name, "namespace": namespace});
        let kind = if is_wide { "ClusterRoleBinding" } else { "RoleBinding" };
        let mut bound = binding(kind, &role, ("ClusterRole", role.as_str()), subject);
        if !is_wide {
            bound["metadata"]["namespace"] = json!(place);
        }
        objects.push(bound);
    }
    let (namespace, name) = account(random.random_range(0..NAMESPACES * ACCOUNTS));
    let admin = json!({"kind": "ServiceAccount", "name": name, "namespace": namespace});
    objects.push(binding("ClusterRoleBinding", "admin", ("ClusterRole", "cluster-admin"), admin));
    objects
}

/// What was carried out once for all who hold a role comes to the same as each path by itself from its beginning to its end.
#[test]
fn a_stream_is_opened_by_get_only_where_create_is_not_asked_for() {
    let case = |sub: &str| Case {
        rules: vec![json!({"verbs": ["get"], "apiGroups": [""], "resources": [sub]})],
        ..Case::read(&Path::new(FOLDER).join("pods-exec.yaml"))
    };
    let off = [("feature-gates", "AuthorizePodWebsocketUpgradeCreatePermission=false")];
    for (version, flags, is_open) in
        [("1.34", &[][..], true), ("1.35", &[], false), ("1.36", &[], false), ("1.36", &off, true)]
    {
        for (way, sub) in [("pods-exec", "pods/exec"), ("pods-attach", "pods/attach")] {
            let case = case(sub);
            let objects = [common(), case.held().to_vec()].concat();
            let text = json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string();
            let written = source::read("case.json", text).expect("objects");
            let dump = Dump::new(version.parse().expect("a release"), written, None).expect("a cluster");
            let mut cluster = prepared(&dump).expect("a set-up");
            let mut config = cluster.config().clone();
            let none = |_: &str| Err(std::io::Error::other("no file is read"));
            config.apply(flags.iter().copied(), &none).expect("flags");
            cluster.restart(config).expect("a set-up");
            let mut climbs = Climbs::new(cluster, Target::everything(), &[]);
            let told = climbs.one(&alice()).map(|path| path.leaps[0].way.clone());
            assert_eq!(told.as_deref(), is_open.then_some(way), "{version} {flags:?} {sub}");
            // It is not tried in vain, and no audit tells of it.
            assert!(climbs.blocked().is_empty(), "{version} {flags:?} {sub}: {:?}", climbs.blocked());
            let open = climbs.open().iter().any(|open| open.check == way && open.who == alice());
            assert_eq!(open, is_open, "{version} {flags:?} {sub}");
        }
    }
}

#[test]
fn among_all_everybody_gets_as_far_as_alone() {
    let (mut reached, mut longest, mut stopped) = (0, 0, 0);
    for seed in 0..24 {
        let text = json!({"apiVersion": "v1", "kind": "List", "items": drawn(seed)}).to_string();
        let written = source::read("drawn.json", text).expect("objects");
        let cluster =
            prepared(&Dump::new(Version::DEFAULT, written, None).expect("a cluster")).expect("a set-up");
        let climbs = || Climbs::new(cluster.fork(), Target::everything(), &[]);
        let mut of_all = climbs();
        let everybody = of_all.everybody();
        let found: BTreeMap<Who, usize> =
            of_all.all(&everybody).into_iter().map(|climb| (climb.who, climb.path.length)).collect();
        stopped += of_all.blocked().len();
        for who in &everybody {
            let alone = climbs().one(who).map(|path| path.length);
            assert_eq!(alone, found.get(who).copied(), "{who:?} of seed {seed}");
            reached += usize::from(alone.is_some());
            longest = longest.max(alone.unwrap_or_default());
        }
    }
    assert!(reached > 100 && longest > 2 && stopped > 20, "{reached} {longest} {stopped}");
}

/// Up to 1.23 an account's token lies in a secret, whether the dump tells of it or not.
#[test]
fn of_old_secrets_hold_the_tokens_of_all_accounts() {
    let case = Case::read(&Path::new(FOLDER).join("create-pods.yaml"));
    let rules = json!([{"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"]}]);
    for (minor, resource, way) in [
        (20, "secrets", Some("read-secrets")),
        (23, "secrets", Some("read-secrets")),
        (24, "secrets", None),
        (20, "pods", Some("create-pods")),
        (24, "pods", Some("create-pods")),
    ] {
        let mut held = case.held().to_vec();
        if resource == "secrets" {
            held[0]["rules"] = rules.clone();
        }
        let objects = [common(), held].concat();
        let text = json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string();
        let written = source::read("old.json", text).expect("objects");
        let dump = Dump::new(Version::minor(minor), written, None).expect("a cluster");
        let mut climbs = Climbs::new(prepared(&dump).expect("a set-up"), Target::everything(), &[]);
        let found = climbs.one(&alice()).map(|path| path.leaps[0].way.clone());
        assert_eq!(found.as_deref(), way, "1.{minor} {resource}: {:?}", climbs.blocked());
    }
}
