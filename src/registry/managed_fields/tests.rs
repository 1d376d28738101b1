//! What an update and an apply leave in `managedFields`, and what an apply does to others' fields.

use super::*;
use crate::api::resources::resources;

const TIME: &str = "2024-01-01T00:00:00Z";

fn writer<'a>(manager: &'a str, resource: (&str, &str, &str)) -> Writer<'a> {
    let version = Version::NEWEST;
    let row = resources(version).find(resource.0, resource.1, resource.2, "").unwrap();
    Writer { manager, row, table: resources(version), version, now: TIME.to_owned() }
}

/// The managers of an object: `manager operation fieldsV1`, a line each.
fn managers(object: &Value) -> Vec<String> {
    let list = object.list(FIELDS).iter();
    list.map(|e| format!("{} {} {}", e.text("manager"), e.text("operation"), e.at("fieldsV1"))).collect()
}

fn map(data: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "n"}, "data": data})
}

#[test]
fn updates_own_what_they_change() {
    let w = |manager| writer(manager, ("", "v1", "configmaps"));
    let mut first = map(json!({"a": "1", "b": "1"}));
    update(&mut first, None, &w("one"));
    assert_eq!(managers(&first), [r#"one Update {"f:data":{".":{},"f:a":{},"f:b":{}}}"#]);

    let mut second = first.clone();
    second.set("data", json!({"a": "2", "c": "1"}));
    update(&mut second, Some(&first), &w("two"));
    assert_eq!(
        managers(&second),
        [r#"one Update {"f:data":{}}"#, r#"two Update {"f:data":{"f:a":{},"f:c":{}}}"#]
    );

    let mut same = second.clone();
    update(&mut same, Some(&second), &w("three"));
    assert_eq!(same, second, "what changes nothing is nobody's");

    let mut reset = second.clone();
    reset.set(FIELDS, json!([{}]));
    update(&mut reset, Some(&second), &w("three"));
    assert_eq!(managers(&reset), [""; 0]);
    let mut later = map(json!({"z": "1"}));
    update(&mut later, Some(&reset), &w("three"));
    assert_eq!(managers(&later), [""; 0], "and it stays so");
}

#[test]
fn lists_are_told_apart_by_their_keys() {
    let mut pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "labels": {"a": "b"}, "finalizers": ["x/y"]},
        "spec": {"containers": [{
            "name": "c", "image": "i", "command": ["a", "b"], "resources": {},
            "ports": [{"containerPort": 80, "protocol": "TCP"}],
        }], "nodeSelector": {"d": "e"}},
        "status": {},
    });
    update(&mut pod, None, &writer("m", ("", "v1", "pods")));
    let want = concat!(
        r#"m Update {"f:metadata":{"f:finalizers":{".":{},"v:\"x/y\"":{}},"f:labels":{".":{},"f:a":{}}},"#,
        r#""f:spec":{"f:containers":{"k:{\"name\":\"c\"}":{".":{},"f:command":{},"f:image":{},"f:name":{},"#,
        r#""f:ports":{".":{},"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{},"f:protocol":{}}},"#,
        r#""f:resources":{}}},"f:nodeSelector":{}}}"#
    );
    assert_eq!(managers(&pod), [want]);
}

#[test]
fn applies_conflict_share_and_let_go() {
    let apply = |live: Option<&Value>, manager: &str, data: Value, force: bool| {
        let mut applied = map(data);
        if applied.at("data").is_null() {
            applied.take_out("data");
        }
        let object = apply(live, &applied, force, &writer(manager, ("", "v1", "configmaps")));
        object.map_err(|status| status.message)
    };
    let one = apply(None, "one", json!({"a": "1", "b": "1"}), false).unwrap();
    assert_eq!(managers(&one), [r#"one Apply {"f:data":{"f:a":{},"f:b":{}}}"#]);
    for (data, want) in [
        (json!({"a": "2"}), "Apply failed with 1 conflict: conflict with \"one\": .data.a"),
        (
            json!({"a": "2", "b": "2"}),
            "Apply failed with 2 conflicts: conflicts with \"one\":\n- .data.a\n- .data.b",
        ),
    ] {
        assert_eq!(apply(Some(&one), "two", data, false), Err(want.to_owned()));
    }
    let shared = apply(Some(&one), "two", json!({"a": "1"}), false).unwrap();
    let dropped = apply(Some(&shared), "one", json!(null), false).unwrap();
    assert_eq!(dropped.at("data"), &json!({"a": "1"}), "the other one still wants it");
    let forced = apply(Some(&dropped), "three", json!({"a": "3"}), true).unwrap();
    assert_eq!(managers(&forced), [r#"three Apply {"f:data":{"f:a":{}}}"#]);

    let mut updated = forced.clone();
    updated.set("data", json!({"a": "4"}));
    update(&mut updated, Some(&forced), &writer("kubectl-edit", ("", "v1", "configmaps")));
    let refused = apply(Some(&updated), "three", json!({"a": "3"}), false);
    let want = "Apply failed with 1 conflict: conflict with \"kubectl-edit\" using v1: .data.a";
    assert_eq!(refused, Err(want.to_owned()));
}

#[test]
fn an_apply_takes_out_what_nobody_wants_any_more() {
    let deployment = |containers: Value| {
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"},
            "spec": {"template": {"spec": {"containers": containers}}},
        })
    };
    let w = writer("m", ("apps", "v1", "deployments"));
    let first =
        deployment(json!([{"name": "a", "image": "1"}, {"name": "b", "image": "1", "env": [{"name": "X"}]}]));
    let first = apply(None, &first, false, &w).unwrap();
    let second = apply(Some(&first), &deployment(json!([{"name": "b", "image": "2"}])), false, &w).unwrap();
    let containers = second.at("spec.template.spec.containers");
    assert_eq!(containers, &json!([{"name": "b", "image": "2"}]));
}
