//! A server under all sorts of requests at once, for as long as one likes: `KUBEVERDICT_SOAK_SECONDS=3600 cargo test --release
//! --test soak`. Its memory stays as it is, nobody waits, and what it says holds together.

#[path = "support/asking.rs"]
mod asking;
#[path = "support/child.rs"]
mod child;

use asking::Asker;
use bytes::Bytes;
use child::Served;
use http_body_util::BodyExt;
use kubeverdict::json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

/// No answer takes longer. A build for debugging takes some ten times as long for everything.
const SOON: Duration = Duration::from_secs(if cfg!(debug_assertions) { 10 } else { 2 });
/// The log of writes is full then, and memory no longer grows.
const FULL: u64 = 25_000;
/// Before it is full it holds no more than this (MiB).
const ENOUGH: usize = 768;

const MAPS: &str = "/api/v1/namespaces/default/configmaps";
const DEPLOYMENTS: &str = "/apis/apps/v1/namespaces/default/deployments";

/// What all of them know together.
#[derive(Default)]
struct Shared {
    over: AtomicBool,
    /// What every write was told to have made, by its revision.
    written: Mutex<BTreeMap<u64, String>>,
    slowest: Mutex<(Duration, String)>,
}

impl Shared {
    fn goes_on(&self) -> bool {
        !self.over.load(Ordering::Relaxed)
    }

    async fn ask(&self, asker: &mut Asker, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let begun = Instant::now();
        let answer = asker.ask(method, path, body).await;
        let mut slowest = self.slowest.lock().expect("nobody panicked");
        if begun.elapsed() > slowest.0 {
            *slowest = (begun.elapsed(), format!("{method} {path}"));
        }
        answer
    }

    fn wrote(&self, object: &Value) -> u64 {
        let revision = revision(object);
        let name = object["metadata"]["name"].as_str().expect("a name").to_owned();
        let before = self.written.lock().expect("nobody panicked").insert(revision, name);
        assert_eq!(before, None, "two writes of revision {revision}");
        revision
    }
}

fn revision(object: &Value) -> u64 {
    object["metadata"]["resourceVersion"].as_str().and_then(|text| text.parse().ok()).expect("a revision")
}

/// How long it goes on.
#[expect(clippy::disallowed_methods, reason = "whoever runs it says how long")]
fn time() -> Duration {
    let seconds = std::env::var("KUBEVERDICT_SOAK_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(12))
}

#[test]
fn a_server_keeps_its_word_and_its_memory() {
    let time = time();
    let server = Arc::new(Served::start("soak", &["--event-ttl=10s", "--nodes=1"]));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let shared = Arc::new(Shared::default());
        let mut admin = server.asker("admin-token");
        let (_, list) = admin.ask("GET", MAPS, &Value::Null).await;
        let begin = revision(&list);
        let watches: Vec<_> =
            (0..2).map(|_| tokio::spawn(watch(server.asker("admin-token"), begin))).collect();
        let mut workers = Vec::new();
        for number in 0..3 {
            workers.push(tokio::spawn(write(server.asker("admin-token"), number, shared.clone())));
        }
        workers.push(tokio::spawn(flood(server.asker("admin-token"), shared.clone())));
        workers.push(tokio::spawn(annoy(server.clone(), shared.clone())));

        let begun = Instant::now();
        let mut first = None;
        while begun.elapsed() < time {
            tokio::time::sleep(Duration::from_millis(200)).await;
            let written = shared.written.lock().expect("nobody panicked").keys().next_back().copied();
            if first.is_none()
                && begun.elapsed() > (time / 2).min(Duration::from_secs(60))
                && written.unwrap_or_default() > FULL
            {
                first = Some(server.memory());
            }
            assert!(workers.iter().all(|worker| !worker.is_finished()), "somebody gave up");
        }
        shared.over.store(true, Ordering::Relaxed);
        for worker in workers {
            worker.await.expect("no worker panicked");
        }
        // The last write of all ends the watches.
        let last = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "last"}});
        let (code, last) = admin.ask("POST", MAPS, &last).await;
        assert_eq!(code, 201, "{last}");
        shared.wrote(&last);
        let (_, list) = admin.ask("GET", MAPS, &Value::Null).await;
        let there: BTreeMap<String, u64> =
            list["items"].as_array().expect("a list").iter().filter(is_own).map(named).collect();
        for watch in watches {
            let (watched, seen) =
                tokio::time::timeout(SOON, watch).await.expect("it hears the end").expect("no panic");
            assert_eq!(watched, there, "what a watch saw is what is there");
            assert_eq!(seen, shared.written.lock().expect("nobody panicked").len(), "no write is missed");
        }
        let (memory, (slowest, what)) = (server.memory(), shared.slowest.lock().expect("no panic").clone());
        let count = shared.written.lock().expect("nobody panicked").len();
        println!("{count} writes, {first:?} then {memory} MiB, slowest {slowest:?} ({what})");
        assert!(slowest < SOON, "{what} took {slowest:?}");
        let gone = async {
            while half_closed(&server) > 0 {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(SOON, gone).await.expect("clients that are gone are noticed");
        match first {
            Some(first) => assert!(memory * 10 <= first * 11, "{memory} MiB after {first} MiB"),
            None => assert!(memory < ENOUGH, "{memory} MiB"),
        }
    });
}

/// How many of its sockets wait for the server to close them: whose other end is gone (`CLOSE-WAIT`).
fn half_closed(server: &Served) -> usize {
    let text = std::fs::read_to_string("/proc/self/net/tcp").expect("there is a network");
    let own = format!(":{:04X}", server.at.port());
    let is_ours = |line: &&str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.get(1).is_some_and(|local| local.ends_with(&own)) && words.get(3) == Some(&"08")
    };
    text.lines().filter(is_ours).count()
}

fn is_own(object: &&Value) -> bool {
    object["metadata"]["name"] != "kube-root-ca.crt"
}

fn named(object: &Value) -> (String, u64) {
    (object["metadata"]["name"].as_str().expect("a name").to_owned(), revision(object))
}

/// Makes, changes and deletes config maps, of which some stay; its own are as it left them, whenever it looks.
async fn write(mut asker: Asker, number: usize, shared: Arc<Shared>) {
    let mut own: BTreeMap<String, u64> = BTreeMap::new();
    let label = format!("w{number}");
    let mut last = 0;
    let mut at = 0;
    while shared.goes_on() {
        at += 1;
        let name = format!("{label}-{}", at % 50);
        let path = format!("{MAPS}/{name}");
        let written = match own.contains_key(&name) {
            true if at % 3 == 0 => {
                let (code, told) = shared.ask(&mut asker, "DELETE", &path, &Value::Null).await;
                assert_eq!(code, 200, "{told}");
                own.remove(&name);
                continue;
            }
            true => {
                let mut map = map(&name, &label, at);
                map["metadata"]["resourceVersion"] = json!(own[&name].to_string());
                shared.ask(&mut asker, "PUT", &path, &map).await
            }
            false => shared.ask(&mut asker, "POST", MAPS, &map(&name, &label, at)).await,
        };
        assert!(matches!(written.0, 200 | 201), "{}", written.1);
        let revision = shared.wrote(&written.1);
        assert!(revision > last, "revisions rise: {revision} after {last}");
        last = revision;
        own.insert(name, revision);
        if at % 40 == 0 {
            let (_, list) = shared
                .ask(&mut asker, "GET", &format!("{MAPS}?labelSelector=by%3D{label}"), &Value::Null)
                .await;
            let there: BTreeMap<String, u64> =
                list["items"].as_array().expect("a list").iter().map(named).collect();
            assert_eq!(there, own, "a list is what was written");
        }
    }
}

fn map(name: &str, label: &str, at: usize) -> Value {
    let data = json!({"a": "x".repeat(at % 3_000), "at": at.to_string()});
    json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "labels": {"by": label}}, "data": data,
    })
}

/// Sees every write once, in order, until the last; what is there in the end, and how many writes it saw.
async fn watch(mut asker: Asker, begin: u64) -> (BTreeMap<String, u64>, usize) {
    let path = format!("{MAPS}?watch=1&resourceVersion={begin}");
    let answer = asker.send("GET", &path, &[], Bytes::new()).await.expect("a watch");
    assert_eq!(answer.status(), 200);
    let mut body = answer.into_body();
    let (mut there, mut seen, mut last, mut text) = (BTreeMap::new(), 0, begin, Vec::new());
    while let Some(frame) = body.frame().await {
        text.extend_from_slice(&frame.expect("the watch goes on").into_data().unwrap_or_default());
        while let Some(end) = text.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = text.drain(..=end).collect();
            let event: Value = serde_json::from_slice(&line).expect("JSON");
            let object = &event["object"];
            let (name, revision) = named(object);
            assert!(revision > last, "each event once, in order: {revision} after {last}");
            last = revision;
            match event["type"].as_str() {
                Some("ADDED") => assert_eq!(there.insert(name.clone(), revision), None, "{event}"),
                Some("MODIFIED") => assert!(there.insert(name.clone(), revision).is_some(), "{event}"),
                Some("DELETED") => assert!(there.remove(&name).is_some(), "{event}"),
                _ => panic!("{event}"),
            }
            seen += usize::from(event["type"] != "DELETED");
            if name == "last" {
                return (there, seen);
            }
        }
    }
    panic!("the watch ended after {seen} events");
}

/// Makes many pods and takes them away again.
async fn flood(mut asker: Asker, shared: Arc<Shared>) {
    let mut number = 0;
    while shared.goes_on() {
        number += 1;
        let (name, labels) = (format!("d{number}"), json!({"d": number.to_string()}));
        let template =
            json!({"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "i"}]}});
        let deployment = json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
            "spec": {"replicas": 40, "selector": {"matchLabels": labels}, "template": template},
        });
        let (code, told) = shared.ask(&mut asker, "POST", DEPLOYMENTS, &deployment).await;
        assert_eq!(code, 201, "{told}");
        tokio::time::sleep(Duration::from_millis(500)).await;
        let path = format!("{DEPLOYMENTS}/{name}?propagationPolicy=Background");
        let (code, told) = shared.ask(&mut asker, "DELETE", &path, &Value::Null).await;
        assert_eq!(code, 200, "{told}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Watches that are left at once, watches that nobody reads, lists of everything, bodies that are too large, and refusals.
async fn annoy(server: Arc<Served>, shared: Arc<Shared>) {
    let mut unread = Vec::new();
    while shared.goes_on() {
        for path in ["/api/v1/pods?watch=1", "/api/v1/events?watch=1", "/api/v1/configmaps?watch=1"] {
            let mut gone = server.asker("admin-token");
            gone.send("GET", path, &[], Bytes::new()).await.expect("a watch");
        }
        let mut idle = server.asker("admin-token");
        let answer = idle.send("GET", "/api/v1/configmaps?watch=1", &[], Bytes::new()).await;
        unread.push((idle, answer.expect("a watch")));
        if unread.len() > 5 {
            unread.remove(0);
        }
        let mut asker = server.asker("admin-token");
        for path in ["/api/v1/pods", "/api/v1/events", "/apis/rbac.authorization.k8s.io/v1/clusterroles"] {
            assert_eq!(shared.ask(&mut asker, "GET", path, &Value::Null).await.0, 200);
        }
        let large = json!({"x": "x".repeat(3 << 20)});
        assert_eq!(shared.ask(&mut asker, "POST", MAPS, &large).await.0, 413);
        let mut alice = server.asker("alice-token");
        assert_eq!(shared.ask(&mut alice, "GET", MAPS, &Value::Null).await.0, 403);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
