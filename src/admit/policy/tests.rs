//! Policies over a few stored objects.

use super::{compile, typecheck};
use crate::admit::testing::{World, pod};
use crate::api::{Dig, Version, resources};
use crate::json::{Value, json};
use crate::kinds::Strategy;

const GROUP: &str = "admissionregistration.k8s.io";

fn rules(resource: &str) -> Value {
    let (group, name) = resource.split_once('/').unwrap_or(("", resource));
    json!({"resourceRules": [{
        "apiGroups": [group], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": [name],
    }]})
}

/// A world with a policy `p` and its binding `b`.
fn world(kind: &str, resource: &str, policy: Value, binding: Value) -> World {
    let mut world = World::new(36, &[]);
    let mut spec = json!({"matchConstraints": rules(resource), "failurePolicy": "Fail"});
    merge(&mut spec, policy);
    world.put(&format!("{kind}admissionpolicies.{GROUP}"), "", "p", json!({"spec": spec}));
    let mut spec = json!({"policyName": "p", "validationActions": ["Deny"]});
    merge(&mut spec, binding);
    world.put(&format!("{kind}admissionpolicybindings.{GROUP}"), "", "b", json!({"spec": spec}));
    world
}

fn merge(into: &mut Value, more: Value) {
    for (key, value) in more.as_object().expect("an object") {
        into[key] = value.clone();
    }
}

/// What becomes of a config map `c` with data.
fn config_map(world: &World, data: Value) -> String {
    let object = json!({"metadata": {"name": "c", "namespace": "red", "labels": {"a": "b"}}, "data": data});
    match world.write("POST", "/api/v1/namespaces/red/configmaps", object) {
        Ok(review) => format!("ok {:?} {:?} {}", review.warnings, review.audit, review.object.at("data")),
        Err(refused) => {
            refused.replace("ValidatingAdmissionPolicy 'p' with binding 'b' denied request: ", "… ")
        }
    }
}

#[test]
fn policies_refuse() {
    let one = |validation: Value| json!({"validations": [validation]});
    let wrong = || json!({"expression": "object.nosuch"});
    for (policy, binding, want) in [
        (one(json!({"expression": "1 == 1"})), json!({}), "ok [] [] {\"x\":\"1\"}"),
        (
            one(json!({"expression": "1 == 2", "reason": "RequestEntityTooLarge", "message": " m "})),
            json!({}),
            "413 configmaps \"c\" is forbidden: … m",
        ),
        (
            one(json!({"expression": "1 == 2", "messageExpression": "'a\\nb'", "reason": "Forbidden"})),
            json!({}),
            "403 configmaps \"c\" is forbidden: … failed expression: 1 == 2",
        ),
        (
            one(json!({"expression": "object.data.y == ''"})),
            json!({}),
            "422 configmaps \"c\" is forbidden: … expression 'object.data.y == ''' resulted in error: no such key: y",
        ),
        (
            json!({"failurePolicy": "Ignore", "validations": [{"expression": "object.data.y == ''"}]}),
            json!({}),
            "ok [] [] {\"x\":\"1\"}",
        ),
        (
            json!({
                "variables": [{"name": "a", "expression": "object.data.y"}, {"name": "b", "expression": "variables.a + '1'"}],
                "validations": [{"expression": "variables.b == ''"}],
            }),
            json!({}),
            "422 configmaps \"c\" is forbidden: … expression 'variables.b == ''' resulted in error: composited variable \
             \"b\" fails to evaluate: composited variable \"a\" fails to evaluate: no such key: y",
        ),
        (
            json!({
                "matchConditions": [{"name": "m", "expression": "object.data.y == ''"}, {"name": "n", "expression": "false"}],
                "validations": [{"expression": "false"}],
            }),
            json!({}),
            "ok [] [] {\"x\":\"1\"}",
        ),
        (
            json!({
                "validations": [{"expression": "true"}, {"expression": "false", "message": "<no>"}],
                "auditAnnotations": [{"key": "k", "valueExpression": "'v' + object.data.x"}],
            }),
            json!({"validationActions": ["Warn", "Audit"]}),
            "ok [\"Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': <no>\"] \
             [(\"validation.policy.admission.k8s.io/validation_failure\", \"[{\\\"message\\\":\\\"\\\\u003cno\\\\u003e\\\",\
             \\\"policy\\\":\\\"p\\\",\\\"binding\\\":\\\"b\\\",\\\"expressionIndex\\\":1,\\\"validationActions\\\":\
             [\\\"Warn\\\",\\\"Audit\\\"]}]\"), (\"p/k\", \"v1\")] {\"x\":\"1\"}",
        ),
        (
            json!({"paramKind": {"apiVersion": "x.io/v1", "kind": "No"}, "validations": [wrong()]}),
            json!({}),
            "422 configmaps \"c\" is forbidden: ValidatingAdmissionPolicy 'p' denied request: failed to configure policy: \
             failed to find resource referenced by paramKind: 'x.io/v1, Kind=No'",
        ),
        (
            one(wrong()),
            json!({"matchResources": {"objectSelector": {"matchLabels": {"a": "c"}}}}),
            "ok [] [] {\"x\":\"1\"}",
        ),
        (
            one(wrong()),
            json!({"matchResources": {"excludeResourceRules": [{
                "apiGroups": [""], "apiVersions": ["*"], "operations": ["*"], "resources": ["*"],
            }]}}),
            "ok [] [] {\"x\":\"1\"}",
        ),
    ] {
        let world = world("validating", "configmaps", policy, binding);
        assert_eq!(config_map(&world, json!({"x": "1"})), want);
    }
}

#[test]
fn parameters() {
    let policy = json!({
        "paramKind": {"apiVersion": "v1", "kind": "ConfigMap"},
        "validations": [{"expression": "params == null || object.data.x != params.data.x", "messageExpression": "string(params.metadata.name)"}],
    });
    for (reference, want) in [
        (json!({"name": "one"}), "422 configmaps \"c\" is forbidden: … one"),
        (json!({"selector": {"matchLabels": {"p": "y"}}}), "422 configmaps \"c\" is forbidden: … two"),
        (json!({"name": "none", "parameterNotFoundAction": "Allow"}), "ok [] [] {\"x\":\"1\"}"),
        (
            json!({"name": "none", "parameterNotFoundAction": "Deny"}),
            "422 configmaps \"c\" is forbidden: … failed to configure binding: no params found for policy binding with \
             `Deny` parameterNotFoundAction",
        ),
        (
            json!({"name": "one", "namespace": "blue", "parameterNotFoundAction": "Allow"}),
            "ok [] [] {\"x\":\"1\"}",
        ),
        (Value::Null, "ok [] [] {\"x\":\"1\"}"),
    ] {
        let mut world = world("validating", "configmaps", policy.clone(), json!({"paramRef": reference}));
        world.put("configmaps", "red", "one", json!({"data": {"x": "1"}}));
        world.put(
            "configmaps",
            "red",
            "two",
            json!({"data": {"x": "1"}, "metadata": {"labels": {"p": "y"}}}),
        );
        assert_eq!(config_map(&world, json!({"x": "1"})), want, "{reference}");
    }
}

#[test]
fn policies_change() {
    let apply =
        |text: &str| json!({"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": text}});
    let patch = |text: &str| json!({"patchType": "JSONPatch", "jsonPatch": {"expression": text}});
    for (mutation, path, want) in [
        (
            apply(
                "Object{spec: Object.spec{containers: [Object.spec.containers{name: 'c', tty: true}, Object.spec.containers{name: 'd', image: 'j'}]}}",
            ),
            "spec.containers.0.tty",
            "true",
        ),
        (
            apply(
                "Object{spec: Object.spec{containers: object.spec.containers.map(c, Object.spec.containers{name: c.name, image: 'r/' + c.image})}}",
            ),
            "spec.containers.0.image",
            "\"r/i\"",
        ),
        (
            patch(
                "[JSONPatch{op: 'test', path: '/spec/hostname', value: 'h'}, JSONPatch{op: 'remove', path: '/spec/containers'}]",
            ),
            "spec.containers.0.name",
            "\"c\"",
        ),
        (
            patch(
                "[JSONPatch{op: 'add', path: '/metadata/labels', value: {'a' + string(object.spec.containers.size()): 'b'}}]",
            ),
            "metadata.labels",
            "{\"a1\":\"b\"}",
        ),
        (
            apply("Object{spec: Object.spec{containers: [Object.spec.containers{name: 'c', args: ['x']}]}}"),
            "",
            "403 policy 'p' with binding 'b' denied request: error applying patch: invalid ApplyConfiguration: may not \
             mutate atomic arrays, maps or structs: .spec.containers[0].args",
        ),
        (
            apply("Object{spec: Object.metadata{}}"),
            "",
            "403 policy 'p' with binding 'b' denied request: type mismatch: unexpected type name \"Object.metadata\", \
             expected \"Object.spec\", which matches field name path from root Object type",
        ),
        (
            apply("Object{spec: Object.spec{nosuch: 1}}"),
            "",
            "403 policy 'p' with binding 'b' denied request: error applying patch: failed to convert patch object to typed \
             object: .spec.nosuch: field not declared in schema",
        ),
    ] {
        let world = world("mutating", "pods", json!({"mutations": [mutation]}), json!({}));
        let shown = match world.write("POST", "/api/v1/namespaces/red/pods", pod("web", json!({}))) {
            Ok(review) => review.object.at(path).to_string(),
            Err(refused) => refused,
        };
        assert_eq!(shown, want, "{mutation}");
    }
}

#[test]
fn what_does_not_compile_is_told_in_order() {
    let policy = json!({"metadata": {"name": "p"}, "spec": {
        "matchConstraints": rules("apps/deployments"),
        "matchConditions": [{"name": "a", "expression": " params.x "}],
        "variables": [{"name": "a", "expression": "variables.b"}, {"name": "b", "expression": "[1, 2]"}],
        "validations": [
            {"expression": "object.x", "messageExpression": "1", "message": "a\nb"},
            {"expression": "variables.b.sum() > 2 && variables.c", "messageExpression": "authorizer"},
        ],
        "auditAnnotations": [{"key": "k", "valueExpression": "object"}],
    }});
    let version = Version::minor(36);
    let kind = crate::kinds::named(GROUP, "validatingadmissionpolicies");
    let mut errors = kind.errors_of_create(&policy, version);
    errors.merge(compile::errors(&policy, None, version), |error| compile::rank(&error.field));
    let shown: Vec<String> = errors
        .list()
        .iter()
        .filter(|error| error.field.starts_with("spec") && !error.field.contains("matchConstraints"))
        .map(|error| {
            format!("{}: {}", &error.field["spec.".len()..], error.message.lines().next().unwrap_or_default())
        })
        .collect();
    let want = [
        "failurePolicy: Required value",
        "matchConditions[0].expression: Invalid value: \"params.x\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'params' (in container '')\\n | params.x\\n | ^",
        "variables[0].expression: Invalid value: \"variables.b\": compilation failed: ERROR: <input>:1:10: undefined field 'b'\\n | variables.b\\n | .........^",
        "validations[0].expression: Invalid value: \"object.x\": must evaluate to bool but got dyn",
        "validations[0].messageExpression: Invalid value: \"1\": must evaluate to string but got int",
        "validations[0].message: Invalid value: \"a\\nb\": must not contain line breaks",
        "validations[1].expression: Invalid value: \"variables.b.sum() > 2 && variables.c\": compilation failed: ERROR: <input>:1:35: undefined field 'c'",
        "validations[1].messageExpression: Invalid value: \"authorizer\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'authorizer' (in container '')",
        "auditAnnotations[0].valueExpression: Invalid value: \"object\": must evaluate to one of [string null_type] but got dyn",
    ];
    let want: Vec<&str> = want.iter().map(|text| text.split("\\n |").next().unwrap_or_default()).collect();
    assert_eq!(shown, want);
}

#[test]
fn what_does_not_fit_is_told() {
    let policy = json!({"spec": {
        "matchConstraints": rules("apps/deployments"),
        "variables": [{"name": "n", "expression": "object.spec.replicas"}],
        "validations": [
            {"expression": "variables.n > 1"},
            {"expression": "object.replicas > 1", "messageExpression": "object.metadata.name"},
            {"expression": "object.spec.template.spec.containers.all(c, c.image > 5)"},
        ],
    }});
    let told = typecheck::check(&policy, resources(Version::minor(36)));
    let shown: Vec<&str> =
        told.list("expressionWarnings").iter().map(|warning| warning.text("warning")).collect();
    assert_eq!(
        shown,
        [
            "apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'replicas'\n | object.replicas > 1\n | ......^\n",
            "apps/v1, Kind=Deployment: ERROR: <input>:1:53: found no matching overload for '_>_' applied to '(string, int)'\n \
             | object.spec.template.spec.containers.all(c, c.image > 5)\n | ....................................................^\n",
        ]
    );
}
