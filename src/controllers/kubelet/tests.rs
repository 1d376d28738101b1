//! Goal: a container that cannot be made waits and says why, the others run, and all heals.
//! Method: clusters of both ends of the modelled releases, with one node.

use super::super::tests::{ask, cluster, get};
use crate::api::{Dig, Version};
use crate::cluster::{Cluster, START};
use crate::config::Config;
use crate::json::{Value, json};
use jiff::{SignedDuration, Timestamp};

const PODS: &str = "/api/v1/namespaces/default/pods";

fn make(cluster: &mut Cluster, resource: &str, name: &str, data: Value) {
    let kind = if resource == "secrets" { "Secret" } else { "ConfigMap" };
    let mut object = json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}});
    object.set(if kind == "Secret" { "stringData" } else { "data" }, data);
    assert!(ask(cluster, "POST", &format!("/api/v1/namespaces/default/{resource}"), object).ok());
    cluster.settle();
}

fn pod(cluster: &mut Cluster, spec: Value) {
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec});
    let answer = ask(cluster, "POST", PODS, pod);
    assert!(answer.ok(), "{}", answer.object());
    cluster.settle();
}

/// The phase, what a container waits for (or in which state it is) and whether it is ready, and conditions not met.
fn state(cluster: &mut Cluster) -> Vec<String> {
    let pod = get(cluster, &format!("{PODS}/p")).object().clone();
    let mut all = vec![pod.text("status.phase").to_owned()];
    for list in ["status.initContainerStatuses", "status.containerStatuses"] {
        for status in pod.list(list) {
            let (reason, message) =
                (status.text("state.waiting.reason"), status.text("state.waiting.message"));
            let now = match (reason, message) {
                ("", _) => status.at("state").as_object().unwrap().keys().next().unwrap().to_string(),
                (reason, "") => reason.to_owned(),
                (reason, message) => format!("{reason}: {message}"),
            };
            all.push(format!("{}: {now}", status.text("name")));
        }
    }
    let unmet = pod.list("status.conditions").iter().filter(|c| c.text("status") != "True");
    all.extend(unmet.map(|c| format!("{}: {}", c.text("type"), c.text("message"))));
    all
}

/// The kubelet's warnings: reason, message, count.
fn warnings(cluster: &mut Cluster) -> Vec<String> {
    let events = get(cluster, "/api/v1/namespaces/default/events").object().clone();
    let warnings = events.list("items").iter().filter(|event| event.text("type") == "Warning");
    warnings
        .map(|event| {
            assert_eq!(event.text("source.component"), "kubelet");
            format!("{}: {} x{}", event.text("reason"), event.text("message"), event.at("count"))
        })
        .collect()
}

fn wait(cluster: &mut Cluster, seconds: i64) {
    cluster.run_until(cluster.now() + SignedDuration::from_secs(seconds));
}

fn variable(from: &str, name: &str, key: &str) -> Value {
    json!({"name": "V", "valueFrom": {from: {"name": name, "key": key}}})
}

#[test]
fn a_clock_that_goes_wrong_holds_up_no_start_and_no_end() {
    for ahead in [-600, 600] {
        let mut cluster = cluster(36, 1, false);
        let spec = json!({"containers": [{"name": "c", "image": "i"}]});
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec});
        assert!(ask(&mut cluster, "POST", PODS, pod).ok());
        cluster.run_until(cluster.now() + SignedDuration::from_millis(500));
        assert_eq!(state(&mut cluster)[..2], ["Pending", "c: ContainerCreating"], "{ahead}");
        cluster.skew("node-1", SignedDuration::from_secs(ahead));
        wait(&mut cluster, 2);
        assert_eq!(state(&mut cluster)[..2], ["Running", "c: running"], "{ahead}");
        assert!(ask(&mut cluster, "DELETE", &format!("{PODS}/p"), Value::Null).ok());
        assert!(get(&mut cluster, &format!("{PODS}/p")).ok());
        wait(&mut cluster, 2);
        assert_eq!(get(&mut cluster, &format!("{PODS}/p")).code, 404, "{ahead}");
    }
}

#[test]
fn a_container_without_its_secret_waits_beside_one_that_runs() {
    for minor in [20, 36] {
        let mut cluster = cluster(minor, 1, false);
        let env = json!([variable("secretKeyRef", "nope", "password")]);
        let from = json!([{"configMapRef": {"name": "maybe", "optional": true}}]);
        pod(
            &mut cluster,
            json!({"containers": [
                {"name": "a", "image": "i", "envFrom": from}, {"name": "b", "image": "i", "env": env},
            ]}),
        );
        let unready = |what: &str| format!("{what}: containers with unready status: [b]");
        let waits = |why: &str| {
            vec![
                "Pending".to_owned(),
                "a: running".to_owned(),
                format!("b: CreateContainerConfigError: {why}"),
                unready("Ready"),
                unready("ContainersReady"),
            ]
        };
        assert_eq!(state(&mut cluster), waits("secret \"nope\" not found"), "1.{minor}");
        let told = |count: u8| vec![format!("Failed: Error: secret \"nope\" not found x{count}")];
        assert_eq!(warnings(&mut cluster), told(1));
        let began =
            get(&mut cluster, &format!("{PODS}/p")).object().at("status.containerStatuses.0.state").clone();
        wait(&mut cluster, 9);
        assert_eq!(warnings(&mut cluster), told(1));
        wait(&mut cluster, 2);
        assert_eq!(warnings(&mut cluster), told(2));
        wait(&mut cluster, 20);
        assert_eq!(warnings(&mut cluster), told(3));

        make(&mut cluster, "secrets", "nope", json!({"user": "u"}));
        assert_eq!(state(&mut cluster), waits("couldn't find key password in Secret default/nope"));
        let patch = json!({"stringData": {"password": "p"}});
        let secret = get(&mut cluster, "/api/v1/namespaces/default/secrets/nope").object().clone();
        let mut secret = secret;
        secret.set("stringData", patch.at("stringData").clone());
        assert!(ask(&mut cluster, "PUT", "/api/v1/namespaces/default/secrets/nope", secret).ok());
        cluster.settle();
        assert_eq!(state(&mut cluster), ["Running", "a: running", "b: running"]);
        let pod = get(&mut cluster, &format!("{PODS}/p")).object().clone();
        assert_eq!(*pod.at("status.containerStatuses.0.state"), began, "it has run all the time");
        let env = super::environment(&pod, Some("b"), cluster.store().objects(), cluster.mounts());
        assert!(env.contains(&("V".to_owned(), "p".to_owned())), "{env:?}");
        let events = get(&mut cluster, "/api/v1/namespaces/default/events").object().clone();
        let started = events.list("items").iter().filter(|event| event.text("reason") == "Started");
        let mut started: Vec<_> = started.map(|e| (e.text("message"), e.at("count").clone())).collect();
        started.sort_by_key(|(message, _)| *message);
        assert_eq!(started, [("Started container a", json!(1)), ("Started container b", json!(1))]);
    }
}

#[test]
fn an_init_container_without_its_config_map_holds_up_all_that_follow() {
    let mut cluster = cluster(36, 1, false);
    let env = json!([variable("configMapKeyRef", "nope", "k")]);
    let from = json!([{"secretRef": {"name": "other"}}]);
    pod(
        &mut cluster,
        json!({
            "initContainers": [
                {"name": "one", "image": "i"}, {"name": "two", "image": "i", "env": env},
                {"name": "three", "image": "i"},
            ],
            "containers": [{"name": "c", "image": "i", "envFrom": from}],
        }),
    );
    let unready = "containers with unready status: [c]";
    assert_eq!(
        state(&mut cluster),
        [
            "Pending",
            "one: terminated",
            "two: CreateContainerConfigError: configmap \"nope\" not found",
            "three: PodInitializing",
            "c: PodInitializing",
            "Initialized: containers with incomplete status: [two three]",
            &format!("Ready: {unready}"),
            &format!("ContainersReady: {unready}"),
        ]
    );
    assert_eq!(warnings(&mut cluster), ["Failed: Error: configmap \"nope\" not found x1"]);
    make(&mut cluster, "configmaps", "nope", json!({}));
    let key = "couldn't find key k in ConfigMap default/nope";
    assert_eq!(state(&mut cluster)[2], format!("two: CreateContainerConfigError: {key}"));
    let map = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "nope"}, "data": {"k": "v"},
    });
    assert!(ask(&mut cluster, "PUT", "/api/v1/namespaces/default/configmaps/nope", map).ok());
    cluster.settle();
    let state = state(&mut cluster);
    assert_eq!(state[1..4], ["one: terminated", "two: terminated", "three: terminated"]);
    assert_eq!(state[4], "c: CreateContainerConfigError: secret \"other\" not found");
    make(&mut cluster, "secrets", "other", json!({}));
    assert_eq!(self::state(&mut cluster)[0], "Running");
}

/// What is optional may be missing, object or key; a volume of the same secret holds up the whole pod.
#[test]
fn optional_sources_hold_up_nobody_and_volumes_everybody() {
    let mut cluster = cluster(36, 1, false);
    make(&mut cluster, "secrets", "half", json!({"a": "b"}));
    let optional = |name: &str| {
        let reference = json!({"name": name, "key": "k", "optional": true});
        json!({"name": name.to_uppercase(), "valueFrom": {"secretKeyRef": reference}})
    };
    let env = json!([optional("nope"), optional("half")]);
    pod(&mut cluster, json!({"containers": [{"name": "c", "image": "i", "env": env}]}));
    assert_eq!(state(&mut cluster), ["Running", "c: running"]);
    assert!(ask(&mut cluster, "DELETE", &format!("{PODS}/p"), Value::Null).ok());
    wait(&mut cluster, 60);
    let env = json!([variable("secretKeyRef", "nope", "k")]);
    pod(
        &mut cluster,
        json!({
            "containers": [{"name": "c", "image": "i", "env": env}],
            "volumes": [{"name": "v", "secret": {"secretName": "nope"}}],
        }),
    );
    assert_eq!(state(&mut cluster)[..2], ["Pending", "c: ContainerCreating"]);
    let said = warnings(&mut cluster);
    let want = "FailedMount: MountVolume.SetUp failed for volume \"v\" : secret \"nope\" not found x";
    assert!(matches!(said.as_slice(), [one] if one.starts_with(want)), "{said:?}");
    make(&mut cluster, "secrets", "nope", json!({"k": "v"}));
    wait(&mut cluster, 60);
    assert_eq!(state(&mut cluster), ["Running", "c: running"]);
}

/// Without the Node authorizer a kubelet may read no secret; its cache of it never fills.
#[test]
fn a_secret_that_a_kubelet_may_not_read_is_a_cache_that_does_not_fill() {
    let mut config = Config::new(Version::NEWEST);
    config.nodes = 1;
    config.authorization_modes = vec!["RBAC".to_owned()];
    let mut cluster = Cluster::new(config, Timestamp::from_second(START).unwrap()).unwrap();
    let role = "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:node";
    let mut node = get(&mut cluster, role).object().clone();
    let rules: Vec<Value> =
        node.list("rules").iter().filter(|r| !r.to_string().contains("\"secrets\"")).cloned().collect();
    assert!(rules.len() < node.list("rules").len());
    let more = json!({"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]});
    node.set("rules", [rules.clone(), vec![more.clone()]].concat());
    assert!(ask(&mut cluster, "PUT", role, node.clone()).ok());
    make(&mut cluster, "secrets", "s", json!({"k": "v"}));
    let env = json!([variable("secretKeyRef", "s", "k")]);
    pod(&mut cluster, json!({"containers": [{"name": "c", "image": "i", "env": env}]}));
    let why = "failed to sync secret cache: timed out waiting for the condition";
    assert_eq!(state(&mut cluster)[1], format!("c: CreateContainerConfigError: {why}"));
    assert_eq!(warnings(&mut cluster), [format!("Failed: Error: {why} x1")]);
    let mut node = get(&mut cluster, role).object().clone();
    let secrets = json!({"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]});
    node.set("rules", [rules, vec![more, secrets]].concat());
    assert!(ask(&mut cluster, "PUT", role, node).ok());
    wait(&mut cluster, 60);
    assert_eq!(state(&mut cluster), ["Running", "c: running"]);
}

/// A Job whose program is not known is done after a while; one that serves never is.
#[test]
fn a_job_ends_unless_its_command_evidently_does_not() {
    let mut cluster = cluster(36, 1, false);
    let jobs = "/apis/batch/v1/namespaces/default/jobs";
    for (name, container) in [
        ("unknown", json!({"name": "c", "image": "certgen", "args": ["create", "--host=x"]})),
        ("fails", json!({"name": "c", "image": "i", "command": ["sh", "-c", "migrate; exit 3"]})),
        ("serves", json!({"name": "c", "image": "i", "command": ["tail", "-f", "/dev/null"]})),
    ] {
        let job = json!({
            "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name},
            "spec": {"backoffLimit": 0, "template": {"spec": {"restartPolicy": "Never", "containers": [container]}}},
        });
        assert!(ask(&mut cluster, "POST", jobs, job).ok());
    }
    cluster.settle();
    let ends = |cluster: &mut Cluster| {
        ["unknown", "fails", "serves"].map(|name| {
            let job = get(cluster, &format!("{jobs}/{name}")).object().clone();
            let ends = job.list("status.conditions").iter().map(|c| c.text("type").to_owned()).next_back();
            ends.unwrap_or_default()
        })
    };
    assert_eq!(ends(&mut cluster), ["", "", ""]);
    wait(&mut cluster, 15);
    assert_eq!(ends(&mut cluster), ["Complete", "Failed", ""]);
    wait(&mut cluster, 3600);
    assert_eq!(ends(&mut cluster), ["Complete", "Failed", ""]);
}

/// The last that is told of a deleted pod: phase, containers and conditions not met, with their reasons.
fn last_words(cluster: &mut Cluster) -> Vec<String> {
    let from = get(cluster, PODS).object().text("metadata.resourceVersion").parse().unwrap();
    assert!(ask(cluster, "DELETE", &format!("{PODS}/p"), Value::Null).ok());
    wait(cluster, 60);
    let events = cluster.store().since(from).unwrap();
    let of_pod: Vec<_> = events.filter(|event| &*event.key.resource == "pods").collect();
    let [_, told, gone] = of_pod.as_slice() else { panic!("{} writes", of_pod.len()) };
    assert!(gone.new.is_none());
    let pod = told.new.as_ref().unwrap();
    let mut all = vec![pod.text("status.phase").to_owned()];
    for list in ["status.initContainerStatuses", "status.containerStatuses"] {
        for status in pod.list(list) {
            assert!(!status.flag("ready"));
            let reasons = ["state.terminated.reason", "state.waiting.reason"].map(|path| status.text(path));
            all.push(format!("{}: {}", status.text("name"), reasons.concat()));
        }
    }
    let unmet = pod.list("status.conditions").iter().filter(|c| c.text("status") != "True");
    all.extend(unmet.map(|c| {
        assert!(c.text("lastTransitionTime") >= pod.text("status.startTime"));
        format!("{}: {}", c.text("type"), c.text("reason"))
    }));
    all
}

/// As kubelets of both ends tell it, of a pod that runs, of one whose container never could, and of one that never came
/// so far.
#[test]
fn a_deleted_pod_is_not_ready_before_it_goes() {
    let running = json!({"containers": [{"name": "c", "image": "i"}]});
    let env = json!([variable("secretKeyRef", "nope", "k")]);
    let held = json!({"containers": [{"name": "c", "image": "i"}, {"name": "d", "image": "i", "env": env}]});
    let waiting = json!({
        "initContainers": [{"name": "i", "image": "i", "env": env}, {"name": "j", "image": "i"}],
        "containers": [{"name": "c", "image": "i"}],
    });
    let unready = ["Ready: ContainersNotReady", "ContainersReady: ContainersNotReady"];
    let failed = ["Ready: PodFailed", "ContainersReady: PodFailed"];
    let sandbox = "PodReadyToStartContainers: ";
    let uninitialized = "Initialized: ContainersNotInitialized";
    let lost = "ContainerStatusUnknown";
    for (minor, spec, told) in [
        (20, &running, [vec!["Running", "c: Completed"], unready.to_vec()].concat()),
        (
            36,
            &running,
            vec![
                "Succeeded",
                "c: Completed",
                sandbox,
                "Ready: PodCompleted",
                "ContainersReady: PodCompleted",
            ],
        ),
        (20, &held, [vec!["Pending", "c: Completed", &format!("d: {lost}")], unready.to_vec()].concat()),
        (
            36,
            &held,
            [vec!["Failed", "c: Completed", &format!("d: {lost}"), sandbox], failed.to_vec()].concat(),
        ),
        (
            26,
            &waiting,
            [
                vec![
                    "Pending",
                    &format!("i: {lost}"),
                    "j: PodInitializing",
                    "c: PodInitializing",
                    uninitialized,
                ],
                unready.to_vec(),
            ]
            .concat(),
        ),
        (
            27,
            &waiting,
            [
                vec![
                    "Failed",
                    &format!("i: {lost}"),
                    "j: PodInitializing",
                    "c: PodInitializing",
                    uninitialized,
                ],
                failed.to_vec(),
            ]
            .concat(),
        ),
    ] {
        let mut cluster = cluster(minor, 1, false);
        pod(&mut cluster, spec.clone());
        assert_eq!(last_words(&mut cluster), told, "1.{minor}");
    }
}
