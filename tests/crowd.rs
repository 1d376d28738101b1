//! Many ordinary clients beside one heavy request at a time: nobody waits long for somebody else's work.
//!
//! `cargo test --release --test crowd -- --nocapture` prints how long they wait. A build for debugging takes some ten times as
//! long for everything, so it is only asked whether they are answered at all.

#[path = "support/asking.rs"]
mod asking;
#[path = "support/child.rs"]
mod child;

use asking::Asker;
use child::Served;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::Instant;

const DEBUG: bool = cfg!(debug_assertions);
const CLIENTS: u64 = if DEBUG { 20 } else { 200 };
/// Each asks so often.
const EVERY: Duration = Duration::from_millis(if DEBUG { 500 } else { 250 });
/// So long beside each heavy request at least.
const BESIDE: Duration = Duration::from_secs(if DEBUG { 1 } else { 4 });
const MEDIAN: Duration = Duration::from_millis(if DEBUG { 1_000 } else { 5 });
const SLOWEST: Duration = Duration::from_secs(if DEBUG { 20 } else { 2 });

const ROLES: &str = "/apis/rbac.authorization.k8s.io/v1";

/// A heavy request, and how it is answered.
struct Heavy {
    what: &'static str,
    token: &'static str,
    method: &'static str,
    path: String,
    body: Value,
    code: u16,
}

fn heavy() -> Vec<Heavy> {
    let many = |letter: &str, count: usize| (0..count).map(|at| format!("{letter}{at}")).collect::<Vec<_>>();
    let labels = json!({"a": "b"});
    let containers: Vec<Value> = many("c", if DEBUG { 1_000 } else { 10_000 })
        .iter()
        .map(|name| json!({"name": name, "image": "i"}))
        .collect();
    let deployment = |name: &str, replicas: usize, containers: &Value| {
        let template = json!({"metadata": {"labels": labels}, "spec": {"containers": containers}});
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
            "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template},
        })
    };
    let one = json!([{"name": "c", "image": "i"}]);
    let deployments = "/apis/apps/v1/namespaces/default/deployments";
    let rule = json!({
        "apiGroups": many("g", 30), "resources": many("r", 30), "resourceNames": many("n", 30), "verbs": many("v", 30),
    });
    let patch = json!({"spec": {"template": {"spec": {"containers": containers}}}});
    let row = |what, token, method, path: &str, body, code| Heavy {
        what,
        token,
        method,
        path: path.to_owned(),
        body,
        code,
    };
    vec![
        row("nothing", "admin-token", "GET", "/readyz", Value::Null, 200),
        row(
            "a list of 10,000 bindings",
            "admin-token",
            "GET",
            &format!("{ROLES}/clusterrolebindings"),
            Value::Null,
            200,
        ),
        row("a deployment", "admin-token", "POST", deployments, deployment("long", 0, &one), 201),
        row(
            "a merge of 10,000 containers",
            "admin-token",
            "PATCH",
            &format!("{deployments}/long"),
            patch,
            200,
        ),
        row(
            "a role of 810,000 rights",
            "alice-token",
            "POST",
            &format!("{ROLES}/clusterroles"),
            json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "wide"}, "rules": [rule]}),
            403,
        ),
        row(
            "a billion replicas",
            "admin-token",
            "POST",
            deployments,
            deployment("billion", 1_000_000_000, &one),
            201,
        ),
        row("their end", "admin-token", "DELETE", &format!("{deployments}/billion"), Value::Null, 200),
    ]
}

#[test]
fn nobody_waits_for_somebody_elses_work() {
    let server = Served::start("crowd", &["--nodes=3"]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        prepare(&server).await;
        for heavy in heavy() {
            let over = Arc::new(AtomicBool::new(false));
            let clients: Vec<_> =
                (0..CLIENTS).map(|number| tokio::spawn(client(server.asker("admin-token"), number, over.clone()))).collect();
            // All are connected before anything happens.
            tokio::time::sleep(EVERY * 4).await;
            let mut asker = server.asker(heavy.token);
            let headers = [("Content-Type", if heavy.method == "PATCH" { "application/strategic-merge-patch+json" } else { "application/json" })];
            let body = if heavy.body.is_null() { bytes::Bytes::new() } else { heavy.body.to_string().into() };
            let begun = Instant::now();
            let (code, told) = asker.read(heavy.method, &heavy.path, &headers, body).await;
            let took = begun.elapsed();
            assert_eq!(code, heavy.code, "{}: {}", heavy.what, String::from_utf8_lossy(&told).chars().take(300).collect::<String>());
            tokio::time::sleep(BESIDE.saturating_sub(took)).await;
            over.store(true, Ordering::Relaxed);
            let mut waited = Vec::new();
            for client in clients {
                let times = client.await.expect("no client panicked");
                waited.extend(times.into_iter().filter(|(at, _)| *at >= begun).map(|(_, waited)| waited));
            }
            waited.sort();
            let [median, p99, slowest] = [50, 99, 100].map(|part| waited[(waited.len() - 1) * part / 100]);
            println!(
                "beside {}: {took:?} itself; {} answers, median {median:?}, p99 {p99:?}, slowest {slowest:?}; {} MiB",
                heavy.what, waited.len(), server.memory()
            );
            assert!(median < MEDIAN, "beside {}: {median:?}", heavy.what);
            assert!(slowest < SLOWEST, "beside {}: {slowest:?}", heavy.what);
        }
    });
}

/// Bindings, and somebody who may make roles.
async fn prepare(server: &Served) {
    let mut admin = server.asker("admin-token");
    let api = "rbac.authorization.k8s.io";
    let role = json!({
        "apiVersion": format!("{api}/v1"), "kind": "ClusterRole", "metadata": {"name": "makes-roles"},
        "rules": [{"apiGroups": [api], "resources": ["clusterroles"], "verbs": ["create"]}],
    });
    assert_eq!(admin.ask("POST", &format!("{ROLES}/clusterroles"), &role).await.0, 201);
    for number in 0..(if DEBUG { 200 } else { 10_000 }) {
        let binding = json!({
            "apiVersion": format!("{api}/v1"), "kind": "ClusterRoleBinding", "metadata": {"name": format!("b{number}")},
            "roleRef": {"apiGroup": api, "kind": "ClusterRole", "name": "makes-roles"},
            "subjects": [{"apiGroup": api, "kind": "User", "name": if number == 0 { "alice".to_owned() } else { format!("u{number}") }}],
        });
        assert_eq!(admin.ask("POST", &format!("{ROLES}/clusterrolebindings"), &binding).await.0, 201);
    }
}

/// Asks something ordinary now and then: when, and how long each answer took.
async fn client(mut asker: Asker, number: u64, over: Arc<AtomicBool>) -> Vec<(Instant, Duration)> {
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
        "spec": {"user": format!("u{number}"), "resourceAttributes": {"verb": "get", "resource": "pods"}},
    });
    let mut times = Vec::new();
    tokio::time::sleep(
        EVERY * u32::try_from(number).unwrap_or_default() / u32::try_from(CLIENTS).unwrap_or(1),
    )
    .await;
    while !over.load(Ordering::Relaxed) {
        let begun = Instant::now();
        let (code, _) = match number % 3 {
            0 => asker.ask("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", &review).await,
            1 => asker.ask("GET", "/api/v1/namespaces/default/serviceaccounts/default", &Value::Null).await,
            _ => asker.ask("GET", "/api/v1/namespaces/kube-system", &Value::Null).await,
        };
        assert!(matches!(code, 200 | 201), "{code}");
        let took = begun.elapsed();
        times.push((begun, took));
        tokio::time::sleep(EVERY.saturating_sub(took)).await;
    }
    times
}
