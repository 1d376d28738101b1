//! Many ordinary clients beside one heavy request at a time: nobody waits for somebody else's work.
//!
//! `KUBEVERDICT_BINARY=target/release/kubeverdict cargo test --test crowd -- --nocapture` asks a release build with two hundred
//! clients, and prints how long they wait (`KUBEVERDICT_CROWD_BINDINGS=100000`: beside so long a list). A build for debugging takes some ten times as long for everything, so there it is
//! asked of fewer clients, and only whether they are answered at all.

#[path = "support/asking.rs"]
mod asking;
#[path = "support/child.rs"]
mod child;

use asking::Asker;
use bytes::Bytes;
use child::Served;
use kubeverdict::json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::Instant;

const ROLES: &str = "/apis/rbac.authorization.k8s.io/v1";
const DEPLOYMENTS: &str = "/apis/apps/v1/namespaces/default/deployments";
const MAPS: &str = "/api/v1/namespaces/default/configmaps";

/// How much is asked, and how soon it must be answered.
struct Scale {
    clients: u64,
    /// Each asks so often.
    every: Duration,
    /// So long beside each heavy request at least.
    beside: Duration,
    median: Duration,
    p99: Duration,
    slowest: Duration,
    bindings: usize,
    containers: usize,
    watches: usize,
}

impl Scale {
    #[expect(clippy::disallowed_methods, reason = "whoever runs it says of which build")]
    fn of_build() -> Scale {
        match cfg!(debug_assertions) && std::env::var_os("KUBEVERDICT_BINARY").is_none() {
            true => Scale {
                clients: 20,
                every: Duration::from_millis(500),
                beside: Duration::from_secs(1),
                median: Duration::from_secs(1),
                p99: Duration::from_secs(10),
                slowest: Duration::from_secs(20),
                bindings: 200,
                containers: 1_000,
                watches: 20,
            },
            false => Scale {
                clients: 200,
                every: Duration::from_millis(200),
                beside: Duration::from_secs(3),
                median: Duration::from_millis(5),
                p99: Duration::from_millis(250),
                slowest: Duration::from_secs(2),
                bindings: of("KUBEVERDICT_CROWD_BINDINGS", 10_000),
                containers: 10_000,
                watches: 100,
            },
        }
    }
}

/// How many of something whoever runs it wants.
#[expect(clippy::disallowed_methods, reason = "a test's, which a person gives it")]
fn of(name: &str, ordinarily: usize) -> usize {
    std::env::var(name).map_or(ordinarily, |given| given.parse().expect("it is a number"))
}

/// A heavy request, and how it is answered.
struct Heavy {
    what: &'static str,
    token: &'static str,
    method: &'static str,
    /// What a patch is.
    media: &'static str,
    path: String,
    body: Value,
    code: u16,
    /// Whether it is asked again and again.
    again: bool,
    /// So long the others may wait, half of them.
    median: Duration,
    /// So many watches of config maps that nobody reads are open meanwhile.
    watches: usize,
}

fn heavy(scale: &Scale) -> Vec<Heavy> {
    let many = |letter: &str, count: usize| (0..count).map(|at| format!("{letter}{at}")).collect::<Vec<_>>();
    let labels = json!({"a": "b"});
    let names = many("c", scale.containers);
    let containers: Vec<Value> = names.iter().map(|name| json!({"name": name, "image": "i"})).collect();
    let deployment = |name: &str, replicas: usize| {
        let template =
            json!({"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "i"}]}});
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
            "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template},
        })
    };
    let rule = json!({
        "apiGroups": many("g", 30), "resources": many("r", 30), "resourceNames": many("n", 30), "verbs": many("v", 30),
    });
    let wide = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "wide"}, "rules": [rule],
    });
    let patch = json!({"spec": {"template": {"spec": {"containers": containers}}}});
    let large = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "large"}, "data": {"text": "x".repeat(500_000)},
    });
    let copies: Value = many("c", 9_000)
        .iter()
        .map(|key| json!({"op": "copy", "from": "/data/text", "path": format!("/data/{key}")}))
        .collect();
    let costly = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "costly", "labels": {"costly": "yes"}},
        "data": {"text": "x".repeat(20_000)},
    });
    let row = |what, method, path: String, body, code| Heavy {
        what,
        token: "admin-token",
        method,
        media: if method == "PATCH" { "application/strategic-merge-patch+json" } else { "application/json" },
        path,
        body,
        code,
        again: false,
        median: scale.median,
        watches: 0,
    };
    let bindings = format!("{ROLES}/clusterrolebindings");
    let (long, maps) = (format!("{DEPLOYMENTS}/long"), MAPS.to_owned());
    let (deployments, watches) = (DEPLOYMENTS.to_owned(), scale.watches);
    vec![
        Heavy { again: true, ..row("nothing", "GET", "/readyz".to_owned(), Value::Null, 200) },
        Heavy { again: true, ..row("a list of many bindings", "GET", bindings, Value::Null, 200) },
        row("a deployment", "POST", deployments.clone(), deployment("long", 0), 201),
        row("a merge of many containers", "PATCH", long.clone(), patch, 200),
        Heavy { again: true, ..row("reading them", "GET", long, Value::Null, 200) },
        Heavy {
            again: true,
            token: "alice-token",
            ..row("a role of 810,000 rights", "POST", format!("{ROLES}/clusterroles"), wide, 403)
        },
        row("a large map", "POST", maps.clone(), large.clone(), 201),
        // More than a config map may hold, and less than a patch may copy.
        Heavy {
            again: true,
            media: "application/json-patch+json",
            ..row("a patch of many copies", "PATCH", format!("{maps}/copied"), copies, 422)
        },
        Heavy { again: true, ..row("an expression of much cost", "POST", maps.clone(), costly, 422) },
        Heavy {
            again: true,
            watches,
            ..row("watches that nobody reads", "PUT", format!("{maps}/large"), large, 200)
        },
        row("a billion replicas", "POST", deployments.clone(), deployment("billion", 1_000_000_000), 201),
        // The garbage collector looks at all objects for each that goes.
        Heavy {
            median: scale.median * 4,
            ..row("their end", "DELETE", format!("{deployments}/billion"), Value::Null, 200)
        },
    ]
}

#[test]
fn nobody_waits_for_somebody_elses_work() {
    let scale = Scale::of_build();
    let server = Served::start("crowd", &["--nodes=3"]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        prepare(&server, &scale).await;
        for heavy in heavy(&scale) {
            let unread = watch(&server, heavy.watches).await;
            let over = Arc::new(AtomicBool::new(false));
            let clients: Vec<_> = (0..scale.clients)
                .map(|number| {
                    let first = scale.every * u32::try_from(number).unwrap_or_default();
                    let first = first / u32::try_from(scale.clients).unwrap_or(1);
                    let asker = server.asker("admin-token");
                    tokio::spawn(client(asker, number, first, scale.every, over.clone()))
                })
                .collect();
            // All are connected before anything happens.
            tokio::time::sleep(scale.every * 4).await;
            let begun = Instant::now();
            let times = ask(&server, &heavy, scale.beside).await;
            tokio::time::sleep(scale.beside.saturating_sub(begun.elapsed())).await;
            over.store(true, Ordering::Relaxed);
            let mut waited = Vec::new();
            for client in clients {
                let times = client.await.expect("no client panicked");
                waited.extend(times.into_iter().filter(|(at, _)| *at >= begun).map(|(_, waited)| waited));
            }
            drop(unread);
            waited.sort();
            let [median, p99, slowest] = [50, 99, 100].map(|part| waited[(waited.len() - 1) * part / 100]);
            println!(
                "beside {}: {} of {:?}; {} answers, median {median:?}, p99 {p99:?}, slowest {slowest:?}; {} MiB",
                heavy.what,
                times.len(),
                times.iter().max().expect("it was asked"),
                waited.len(),
                server.memory()
            );
            assert!(median < heavy.median, "beside {}: {median:?}", heavy.what);
            assert!(p99 < scale.p99, "beside {}: {p99:?}", heavy.what);
            assert!(slowest < scale.slowest, "beside {}: {slowest:?}", heavy.what);
        }
    });
}

/// Asks a heavy request, once or for some time: how long each took.
async fn ask(server: &Served, heavy: &Heavy, time: Duration) -> Vec<Duration> {
    let mut asker = server.asker(heavy.token);
    let body = if heavy.body.is_null() { Bytes::new() } else { Bytes::from(heavy.body.to_string()) };
    let mut times = Vec::new();
    let begun = Instant::now();
    while times.is_empty() || heavy.again && begun.elapsed() < time {
        let one = Instant::now();
        let headers = [("Content-Type", heavy.media)];
        let (code, told) = asker.read(heavy.method, &heavy.path, &headers, body.clone()).await;
        times.push(one.elapsed());
        let told: String = String::from_utf8_lossy(&told).chars().take(300).collect();
        assert_eq!(code, heavy.code, "{}: {told}", heavy.what);
    }
    times
}

/// Watches of config maps whose clients read no event.
async fn watch(server: &Served, count: usize) -> Vec<impl Sized> {
    let mut unread = Vec::new();
    for _ in 0..count {
        let mut asker = server.asker("admin-token");
        let answer = asker.send("GET", &format!("{MAPS}?watch=1"), &[], Bytes::new()).await;
        let answer = answer.expect("it is answered");
        assert_eq!(answer.status(), 200);
        unread.push((asker, answer));
    }
    unread
}

/// Bindings, and somebody who may make roles.
async fn prepare(server: &Served, scale: &Scale) {
    let mut admin = server.asker("admin-token");
    let api = "rbac.authorization.k8s.io";
    let role = json!({
        "apiVersion": format!("{api}/v1"), "kind": "ClusterRole", "metadata": {"name": "makes-roles"},
        "rules": [{"apiGroups": [api], "resources": ["clusterroles"], "verbs": ["create"]}],
    });
    assert_eq!(admin.ask("POST", &format!("{ROLES}/clusterroles"), &role).await.0, 201);
    let map = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "copied"}, "data": {"text": "x".repeat(200)},
    });
    assert_eq!(admin.ask("POST", MAPS, &map).await.0, 201);
    let policy = json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy", "metadata": {"name": "costly"},
        "spec": {
            "matchConstraints": {
                "objectSelector": {"matchLabels": {"costly": "yes"}},
                "resourceRules": [{
                    "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"],
                }],
            },
            "validations": [{"expression": "object.data.text.split('').all(c, !object.data.text.contains(c + 'y'))"}],
        },
    });
    let binding = json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": "costly"}, "spec": {"policyName": "costly", "validationActions": ["Deny"]},
    });
    for (path, object) in
        [("validatingadmissionpolicies", policy), ("validatingadmissionpolicybindings", binding)]
    {
        let (code, told) =
            admin.ask("POST", &format!("/apis/admissionregistration.k8s.io/v1/{path}"), &object).await;
        assert_eq!(code, 201, "{told}");
    }
    for number in 0..scale.bindings {
        let user = if number == 0 { "alice".to_owned() } else { format!("u{number}") };
        let binding = json!({
            "apiVersion": format!("{api}/v1"), "kind": "ClusterRoleBinding", "metadata": {"name": format!("b{number}")},
            "roleRef": {"apiGroup": api, "kind": "ClusterRole", "name": "makes-roles"},
            "subjects": [{"apiGroup": api, "kind": "User", "name": user}],
        });
        assert_eq!(admin.ask("POST", &format!("{ROLES}/clusterrolebindings"), &binding).await.0, 201);
    }
}

/// Asks something ordinary now and then: when, and how long each answer took.
async fn client(
    mut asker: Asker,
    number: u64,
    first: Duration,
    every: Duration,
    over: Arc<AtomicBool>,
) -> Vec<(Instant, Duration)> {
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
        "spec": {"user": format!("u{number}"), "resourceAttributes": {"verb": "get", "resource": "pods"}},
    });
    let mut times = Vec::new();
    tokio::time::sleep(first).await;
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
        tokio::time::sleep(every.saturating_sub(took)).await;
    }
    times
}
