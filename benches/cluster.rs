//! A fresh cluster, by release; and a cluster full of custom resources: 500 definitions, 50,000 objects of theirs, beside
//! as many config maps.

use divan::Bencher;
use kubeverdict::api::{Request, User, Version};
use kubeverdict::cluster::{Cluster, Reply, START};
use kubeverdict::config::Config;
use kubeverdict::json::{Value, json};

fn main() {
    divan::main();
}

fn fresh(release: &str) -> Cluster {
    let version: Version = release.parse().expect("it is a release");
    let start = jiff::Timestamp::from_second(START).expect("it is a time");
    Cluster::new(Config::new(version), start).expect("the flags are good")
}

/// The ends of the range, whose servers were recorded, and a release in between.
#[divan::bench(args = ["1.20", "1.28", "1.36", "1.37"], sample_count = 20)]
fn start(release: &str) -> Cluster {
    fresh(release)
}

fn say(cluster: &mut Cluster, method: &str, path: &str, body: Option<&Value>) -> Reply {
    let mut request = Request::new(method, path).by(User::new("admin", &["system:masters"]));
    if let Some(body) = body {
        request = request.json(body);
    }
    let reply = cluster.handle_now(request);
    assert!(reply.response.code < 300, "{path}: {}", reply.response.code);
    reply
}

const DEFINITIONS: usize = 500;
const EACH: usize = 100;

fn definition(n: usize) -> Value {
    json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("widgets.g{n}.example.com")},
        "spec": {"group": format!("g{n}.example.com"), "scope": "Namespaced",
            "names": {"plural": "widgets", "kind": "Widget"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {
                "type": "object", "properties": {"spec": {"type": "object", "required": ["size"], "properties": {
                    "size": {"type": "integer", "minimum": 1}, "colour": {"type": "string", "default": "blue"},
                    "parts": {"type": "array", "items": {"type": "string"}}}}}}}}]}})
}

/// About as long as a config map with the same words.
fn widget(n: usize, k: usize) -> Value {
    json!({"apiVersion": format!("g{n}.example.com/v1"), "kind": "Widget", "metadata": {"name": format!("w{k}")},
        "spec": {"size": k + 1, "parts": ["wheel", "axle"]}})
}

fn config_map(k: usize) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": format!("w{k}")},
        "data": {"size": k.to_string(), "colour": "blue", "parts": "wheel axle"}})
}

fn of(n: usize) -> String {
    format!("/apis/g{n}.example.com/v1/namespaces/default/widgets")
}

const CONFIG_MAPS: &str = "/api/v1/namespaces/default/configmaps";

fn defined() -> Cluster {
    let mut cluster = fresh("1.36");
    for n in 0..DEFINITIONS {
        say(
            &mut cluster,
            "POST",
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            Some(&definition(n)),
        );
        cluster.settle();
    }
    cluster
}

/// 500 definitions, until each is established.
#[divan::bench(sample_count = 3)]
fn definitions() -> Cluster {
    defined()
}

/// A new custom resource where 500 are defined, and where its definition is the only one.
#[divan::bench(args = [1, DEFINITIONS], sample_count = 200)]
fn create_custom(bencher: Bencher<'_, '_>, definitions: usize) {
    let mut cluster = if definitions == 1 { fresh("1.36") } else { defined() };
    if definitions == 1 {
        say(
            &mut cluster,
            "POST",
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            Some(&definition(0)),
        );
        cluster.settle();
    }
    let mut k = 0;
    bencher.bench_local(|| {
        k += 1;
        say(&mut cluster, "POST", &of(0), Some(&widget(0, k)))
    });
}

#[divan::bench(sample_count = 200)]
fn create_config_map(bencher: Bencher<'_, '_>) {
    let mut cluster = fresh("1.36");
    let mut k = 0;
    bencher.bench_local(|| {
        k += 1;
        say(&mut cluster, "POST", CONFIG_MAPS, Some(&config_map(k)))
    });
}

/// 50,000 custom resources, a hundred of each definition.
fn full() -> Cluster {
    let mut cluster = defined();
    for n in 0..DEFINITIONS {
        for k in 0..EACH {
            say(&mut cluster, "POST", &of(n), Some(&widget(n, k)));
        }
    }
    cluster.settle();
    cluster
}

/// All 50,000, kind by kind, as a backup reads them.
#[divan::bench(sample_count = 3)]
fn list_custom(bencher: Bencher<'_, '_>) {
    let mut cluster = full();
    bencher.bench_local(|| {
        (0..DEFINITIONS).map(|n| bytes(say(&mut cluster, "GET", &of(n), None))).sum::<usize>()
    });
}

/// 50,000 config maps in one list.
#[divan::bench(sample_count = 3)]
fn list_config_maps(bencher: Bencher<'_, '_>) {
    let mut cluster = fresh("1.36");
    for k in 0..DEFINITIONS * EACH {
        say(&mut cluster, "POST", CONFIG_MAPS, Some(&config_map(k)));
    }
    bencher.bench_local(|| bytes(say(&mut cluster, "GET", CONFIG_MAPS, None)));
}

/// What would go over the wire.
fn bytes(reply: Reply) -> usize {
    serde_json::to_vec(reply.response.object()).expect("it is JSON").len()
}
