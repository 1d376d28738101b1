//! Goal: controllers come to rest, and what is at rest asks for nothing.
//! Method: clusters of both ends of the modelled releases, driven by requests of an administrator.

use crate::api::{Dig, Request, Response, User, Version};
use crate::cluster::{Cluster, START};
use crate::config::Config;
use crate::json::{Value, json};
use crate::store::Event;
use jiff::{SignedDuration, Timestamp};

pub(super) fn cluster(minor: u8, nodes: usize, accounts: bool) -> Cluster {
    let mut config = Config::new(Version::minor(minor));
    config.nodes = nodes;
    config.use_service_account_credentials = accounts;
    Cluster::new(config, Timestamp::from_second(START).unwrap()).unwrap()
}

pub(super) fn ask(cluster: &mut Cluster, method: &str, path: &str, body: Value) -> Response {
    let request = Request::new(method, path).by(User::new("admin", &["system:masters"]));
    let request = if body.is_null() { request } else { request.json(&body) };
    cluster.handle_now(request).response
}

pub(super) fn get(cluster: &mut Cluster, path: &str) -> Response {
    ask(cluster, "GET", path, Value::Null)
}

/// Asks every controller about what any object would wake it for; nothing may be wanted.
fn assert_quiet(cluster: &Cluster, about: &str) {
    let objects = cluster.store().objects();
    for controller in super::running(cluster.config()) {
        for (key, object) in objects.iter() {
            let (old, new) = (None, Some(object.clone()));
            let event = Event { revision: 0, at: cluster.now(), key, old, new, weight: 0 };
            for key in (controller.wakes)(&event, objects) {
                let mut random = crate::random::Random::new(1);
                let wanted = cluster.look(controller, &key, &mut random).requests;
                let calls: Vec<String> = wanted
                    .iter()
                    .map(|call| format!("{} {}", call.request.method, call.request.target))
                    .collect();
                assert!(calls.is_empty(), "{about}: {} about {key}: {calls:?}", controller.name);
            }
        }
    }
}

/// What controllers were refused.
fn refusals(cluster: &mut Cluster) -> Vec<String> {
    let journal = cluster.take_journal().into_iter();
    let refused = journal.filter(|entry| entry.code >= 400);
    refused.map(|entry| format!("{}: {}", entry.controller, entry.message)).collect()
}

#[test]
fn a_fresh_cluster_is_quiet() {
    for minor in [20, 36] {
        for (nodes, accounts) in [(0, false), (1, true)] {
            let mut cluster = cluster(minor, nodes, accounts);
            assert_quiet(&cluster, &format!("1.{minor}, {nodes} nodes"));
            assert!(get(&mut cluster, "/api/v1/namespaces/default/serviceaccounts/default").ok());
            let made =
                get(&mut cluster, "/api/v1/namespaces/kube-system/serviceaccounts/replicaset-controller")
                    .ok();
            assert_eq!(made, accounts);
            let secrets = get(&mut cluster, "/api/v1/namespaces/default/secrets");
            assert_eq!(secrets.object().list("items").len(), usize::from(minor == 20));
            let token = secrets.object().text("items.0.data.token").to_owned();
            assert!(token.is_empty() || !token.ends_with("Lg=="), "{token}");
            let later = cluster.now() + SignedDuration::from_secs(5);
            cluster.run_until(later);
            let registered = get(&mut cluster, "/api/v1/nodes/node-1").ok();
            assert_eq!(registered, nodes > 0, "1.{minor}: {:?}", refusals(&mut cluster));
        }
    }
}

fn workload(kind: &str, name: &str, more: Value) -> Value {
    let group = if kind == "Job" { "batch/v1" } else { "apps/v1" };
    let mut spec = json!({"template": {
        "metadata": {"labels": {"app": name}},
        "spec": {"containers": [{"name": "c", "image": "i"}]},
    }});
    if kind != "Job" {
        spec.set("selector", json!({"matchLabels": {"app": name}}));
    }
    for (path, value) in more.entries("") {
        spec.set(path, value.clone());
    }
    json!({"apiVersion": group, "kind": kind, "metadata": {"name": name}, "spec": spec})
}

#[test]
fn workloads_run_and_go_with_their_namespace() {
    for minor in [20, 36] {
        let mut cluster = cluster(minor, 1, true);
        let red = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "red"}});
        assert!(ask(&mut cluster, "POST", "/api/v1/namespaces", red).ok());
        cluster.settle();
        for (plural, kind, more) in [
            ("deployments", "Deployment", json!({"replicas": 2})),
            ("daemonsets", "DaemonSet", json!({})),
            ("statefulsets", "StatefulSet", json!({"replicas": 2, "serviceName": "s"})),
            (
                "jobs",
                "Job",
                json!({"template.spec.restartPolicy": "Never", "template.spec.containers.0.command": ["sleep", "5"]}),
            ),
        ] {
            let object = workload(kind, plural, more);
            let group = if kind == "Job" { "batch" } else { "apps" };
            let made =
                ask(&mut cluster, "POST", &format!("/apis/{group}/v1/namespaces/red/{plural}"), object);
            assert!(made.ok(), "{}", made.object());
        }
        cluster.settle();
        let pods = get(&mut cluster, "/api/v1/namespaces/red/pods");
        let running =
            pods.object().list("items").iter().filter(|pod| pod.text("status.phase") == "Running").count();
        assert_eq!(running, 6, "1.{minor}: {:?} {}", refusals(&mut cluster), pods.object());
        assert_quiet(&cluster, &format!("workloads in 1.{minor}"));
        let later = cluster.now() + SignedDuration::from_secs(20);
        cluster.run_until(later);
        let job = get(&mut cluster, "/apis/batch/v1/namespaces/red/jobs/jobs");
        assert_eq!(job.object().at("status.succeeded"), &json!(1), "{}", job.object());
        let deleted = ask(&mut cluster, "DELETE", "/api/v1/namespaces/red", Value::Null);
        assert_eq!(deleted.object().text("status.phase"), "Terminating");
        cluster.settle();
        assert_eq!(get(&mut cluster, "/api/v1/namespaces/red").code, 404);
        assert!(cluster.store().objects().iter().all(|(key, _)| &*key.namespace != "red"));
        assert!(cluster.mounts().is_empty());
        assert_quiet(&cluster, &format!("after all in 1.{minor}"));
    }
}

#[test]
fn a_pod_sees_its_account_and_its_services() {
    for minor in [20, 36] {
        let mut cluster = cluster(minor, 1, false);
        let pod = json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"},
            "spec": {"containers": [{"name": "c", "image": "i", "env": [
                {"name": "ME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
                {"name": "URL", "value": "https://$(KUBERNETES_SERVICE_HOST)/$$x"},
            ]}]},
        });
        assert!(ask(&mut cluster, "POST", "/api/v1/namespaces/default/pods", pod).ok());
        cluster.settle();
        let pod = get(&mut cluster, "/api/v1/namespaces/default/pods/p").object().clone();
        assert_eq!(pod.text("status.phase"), "Running", "1.{minor}: {:?} {pod}", refusals(&mut cluster));
        let files = super::kubelet::files(&pod, None, cluster.mounts());
        let account = "/var/run/secrets/kubernetes.io/serviceaccount";
        let names: Vec<_> = files.keys().filter_map(|file| file.strip_prefix(account)).collect();
        assert_eq!(names, ["/ca.crt", "/namespace", "/token"]);
        assert_eq!(files[&format!("{account}/namespace")], "default");
        // What the machine holds is signed on its way out.
        let key = crate::tokens::SigningKey::test_only();
        let token = crate::tokens::signed(&files[&format!("{account}/token")], &key);
        let who = Request::new("GET", "/api/v1/nodes").header("Authorization", format!("Bearer {token}"));
        assert_eq!(cluster.handle_now(who).response.code, 403);
        let env = super::kubelet::environment(&pod, None, cluster.store().objects(), cluster.mounts());
        let value = |name: &str| env.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        assert_eq!(value("ME"), Some("p"));
        assert_eq!(value("URL"), Some("https://10.0.0.1/$x"));
        assert_eq!(value("KUBERNETES_PORT_443_TCP"), Some("tcp://10.0.0.1:443"));
    }
}

#[test]
fn pods_are_made_in_bursts() {
    let mut cluster = cluster(36, 0, false);
    let mut set = workload("ReplicaSet", "huge", json!({"replicas": 1_000_000_000}));
    set.set("metadata.namespace", "default");
    let made = ask(&mut cluster, "POST", "/apis/apps/v1/namespaces/default/replicasets", set);
    assert!(made.ok(), "{made:?}");
    let count =
        |cluster: &mut Cluster| get(cluster, "/api/v1/namespaces/default/pods").object().list("items").len();
    cluster.settle();
    assert_eq!(count(&mut cluster), 500);
    assert!(get(&mut cluster, "/api/v1/namespaces/default").ok());
    let later = cluster.now() + SignedDuration::from_secs(30);
    cluster.run_until(later);
    assert_eq!(count(&mut cluster), 1000);
}

#[test]
fn cron_jobs_keep_as_many_jobs_as_they_say() {
    for minor in [20, 36] {
        let mut cluster = cluster(minor, 1, true);
        let group = if minor == 20 { "batch/v1beta1" } else { "batch/v1" };
        for (name, command) in [("fine", "true"), ("fails", "false")] {
            let pod = json!({
                "restartPolicy": "Never",
                "containers": [{"name": "c", "image": "busybox", "command": [command]}],
            });
            let cron = json!({
                "apiVersion": group, "kind": "CronJob", "metadata": {"name": name},
                "spec": {"schedule": "* * * * *", "successfulJobsHistoryLimit": 2, "failedJobsHistoryLimit": 0,
                    "jobTemplate": {"spec": {"backoffLimit": 0, "template": {"spec": pod}}}},
            });
            let path = format!("/apis/{group}/namespaces/default/cronjobs");
            assert_eq!(ask(&mut cluster, "POST", &path, cron).code, 201);
        }
        cluster.run_until(cluster.now() + SignedDuration::from_mins(10));
        cluster.settle();
        let while_passes = |cluster: &mut Cluster| {
            cluster.run_until(cluster.now() + SignedDuration::from_mins(10));
            cluster.settle();
            cluster.take_journal().len()
        };
        // What a while takes does not grow.
        while_passes(&mut cluster);
        assert_eq!(while_passes(&mut cluster), while_passes(&mut cluster), "1.{minor}");
        let jobs = get(&mut cluster, "/apis/batch/v1/namespaces/default/jobs");
        let names: Vec<&str> = jobs.object().list("items").iter().map(Dig::name).collect();
        assert_eq!(names.len(), 2, "1.{minor}: {names:?}");
        assert!(names.iter().all(|name| name.starts_with("fine-")), "1.{minor}: {names:?}");
        let pods = get(&mut cluster, "/api/v1/namespaces/default/pods");
        assert_eq!(pods.object().list("items").len(), 2, "1.{minor}");
        let events = get(&mut cluster, "/api/v1/namespaces/default/events");
        let told = |text: &str| {
            events.object().list("items").iter().any(|event| event.text("message").starts_with(text))
        };
        assert!(told("Deleted job fine-") && told("Deleted job fails-"), "1.{minor}");
        assert_eq!(refusals(&mut cluster), Vec::<String>::new(), "1.{minor}");
    }
}
