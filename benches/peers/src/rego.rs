//! Rego, by regorus.

use crate::Ask;
use crate::shape::{Subject, World, account};
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::RegoVM;
use regorus::{Engine, Value};
use serde_json::{Map, json};

const ALLOW: &str = "data.authz.allow";

const WALKED: &str = r#"
package authz
import rego.v1

default allow := false

allow if {
    some binding in data.bindings
    here(binding)
    reaches(binding.subject)
    some rule in data.roles[binding.role]
    input.group == rule.group
    input.verb in rule.verbs
    input.resource in rule.resources
}

here(binding) if binding.namespace == ""
here(binding) if binding.namespace == input.namespace

reaches(subject) if { subject.kind == "User"; subject.name == input.user }
reaches(subject) if { subject.kind == "Group"; subject.name in input.groups }
"#;

const INDEXED: &str = r#"
package authz
import rego.v1

default allow := false

allow if {
    some who in input.subjects
    some place in ["*", input.namespace]
    some role in data.held[who][place]
    some rule in data.roles[role]
    input.verb in rule.verbs
    input.group == rule.group
    input.resource in rule.resources
}
"#;

fn roles(world: &World) -> serde_json::Value {
    let rule = |rule: &crate::shape::Rule| json!({"verbs": rule.verbs, "group": rule.group, "resources": rule.resources});
    let roles: Map<_, _> =
        world.roles.iter().map(|(name, rules)| (name.clone(), rules.iter().map(rule).collect())).collect();
    roles.into()
}

fn engine(policy: &str, data: &serde_json::Value) -> Engine {
    let mut engine = Engine::new();
    engine.add_policy("authz.rego".to_owned(), policy.to_owned()).expect("a policy");
    engine.add_data(Value::from_json_str(&data.to_string()).expect("data")).expect("data");
    engine
}

fn inputs(world: &World) -> Vec<Value> {
    let input = |question: &crate::shape::Question| {
        let groups = question.groups.iter().map(|group| format!("group:{group}"));
        let subjects: Vec<String> = [format!("user:{}", question.user)].into_iter().chain(groups).collect();
        let input = json!({"user": question.user, "groups": question.groups, "subjects": subjects, "verb": question.verb,
            "group": question.group, "resource": question.resource, "namespace": question.namespace});
        Value::from_json_str(&input.to_string()).expect("an input")
    };
    world.questions.iter().map(input).collect()
}

fn interpreted(world: &World, mut engine: Engine) -> Ask {
    let inputs = inputs(world);
    Box::new(move |n| {
        engine.set_input(inputs[n].clone());
        engine.eval_rule(ALLOW.to_owned()).expect("an answer") == Value::Bool(true)
    })
}

/// As one would write it from Kubernetes' documentation.
pub fn walked(world: &World) -> Ask {
    let binding = |binding: &crate::shape::Binding| {
        let (kind, name) = match &binding.subject {
            Subject::User(name) => ("User", name.clone()),
            Subject::Group(name) => ("Group", name.clone()),
            Subject::Account { namespace, name } => ("User", account(namespace, name)),
        };
        json!({"namespace": binding.namespace, "role": world.roles[binding.role].0, "subject": {"kind": kind, "name": name}})
    };
    let bindings: Vec<_> = world.bindings.iter().map(binding).collect();
    interpreted(world, engine(WALKED, &json!({"roles": roles(world), "bindings": bindings})))
}

fn by_subject(world: &World) -> Engine {
    let mut held = json!({});
    for binding in &world.bindings {
        let who = match &binding.subject {
            Subject::User(name) => format!("user:{name}"),
            Subject::Group(name) => format!("group:{name}"),
            Subject::Account { namespace, name } => format!("user:{}", account(namespace, name)),
        };
        let place = if binding.namespace.is_empty() { "*" } else { &binding.namespace };
        let roles = &mut held[who][place];
        if roles.is_null() {
            *roles = json!([]);
        }
        roles.as_array_mut().expect("a list").push(json!(world.roles[binding.role].0));
    }
    engine(INDEXED, &json!({"roles": roles(world), "held": held}))
}

/// The index that a policy's author would make.
pub fn indexed(world: &World) -> Ask {
    interpreted(world, by_subject(world))
}

/// The same, its rule compiled for regorus' virtual machine.
pub fn compiled(world: &World) -> Ask {
    let (inputs, mut engine) = (inputs(world), by_subject(world));
    let policy = engine.compile_with_entrypoint(&ALLOW.into()).expect("a policy");
    let program = Compiler::compile_from_policy(&policy, &[ALLOW]).expect("a program");
    let mut machine = RegoVM::new();
    machine.load_program(program);
    machine.set_data(engine.get_data()).expect("data");
    Box::new(move |n| {
        machine.set_input(inputs[n].clone());
        machine.execute().expect("an answer") == Value::Bool(true)
    })
}
