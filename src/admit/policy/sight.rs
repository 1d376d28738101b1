//! What the expressions of a policy see of a write (`plugin/cel/activation.go`, `condition.go`, `composition.go`).

use super::compile;
use crate::admit::matching::{converted, request};
use crate::admit::{Cx, Review};
use crate::api::field::aggregate;
use crate::api::{Attributes, Decision, Dig, Resource};
use crate::cel::{Activation, Env, Type, Val, library};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;

type Authorize<'a> = &'a dyn Fn(&Attributes) -> (Decision, String);

/// What the expressions of one policy see of one write.
pub(super) struct Sight<'a> {
    names: BTreeMap<&'static str, Val>,
    authorize: Authorize<'a>,
    variables: compile::Variables,
    /// Variables that were asked for: each is evaluated once.
    known: RefCell<BTreeMap<String, Result<Val, String>>>,
    /// With the policy's variables.
    env: Env,
    /// Without them.
    plain: Env,
}

impl<'a> Sight<'a> {
    /// What `policy` sees of a write under a row, with a parameter.
    pub(super) fn new(
        cx: &Cx<'a>,
        review: &Review,
        policy: &Value,
        row: &Resource,
        param: Option<&Value>,
        namespace: Option<&Value>,
    ) -> Sight<'a> {
        let plain = compile::plain(cx.version, policy, true);
        let (env, variables) = compile::variables(plain.clone(), policy);
        let old = review.old.as_deref().map_or(Value::Null, |old| converted(old, row));
        let names = [
            ("object", Val::from_json(&converted(&review.object, row))),
            ("oldObject", Val::from_json(&old)),
            ("params", param.map_or(Val::Null, Val::from_json)),
            ("request", Val::from_json(&request(review, row))),
            ("namespaceObject", Val::from_json(&namespace.map_or(Value::Null, namespace_object))),
            ("authorizer", library::whole(&review.user)),
            ("authorizer.requestResource", library::requested(&review.user, &review.info, &review.name)),
        ];
        Sight {
            names: names.into(),
            authorize: cx.authorize,
            variables,
            known: RefCell::default(),
            env,
            plain,
        }
    }

    /// The value of an expression, or the error as a server tells it.
    pub(super) fn value(&self, expression: &str, types: &[Type]) -> Result<Val, String> {
        self.value_in(&self.env, expression, types)
    }

    fn value_in(&self, env: &Env, expression: &str, types: &[Type]) -> Result<Val, String> {
        let program =
            compile::compile(env, expression, types).map_err(|why| format!("compilation error: {why}"))?;
        program.eval(self).map_err(|why| format!("expression '{expression}' resulted in error: {why}"))
    }

    /// Whether the match conditions of a policy hold; or what went wrong, where none says no.
    pub(super) fn conditions_hold(&mut self, policy: &Value) -> Result<bool, String> {
        // Conditions do not see the namespace.
        let namespace = self.names.insert("namespaceObject", Val::Null);
        let mut wrong: Vec<String> = Vec::new();
        let mut no = false;
        for condition in policy.list("spec.matchConditions") {
            match self.value_in(&self.plain, condition.text("expression"), &[Type::Bool]) {
                Ok(Val::Bool(false)) => no = true,
                Ok(_) => {}
                Err(why) if !wrong.contains(&why) => wrong.push(why),
                Err(_) => {}
            }
        }
        self.names.extend(namespace.map(|namespace| ("namespaceObject", namespace)));
        match aggregate(&wrong) {
            _ if no => Ok(false),
            None => Ok(true),
            Some(_) if policy.text("spec.failurePolicy") == "Ignore" => Ok(false),
            Some(why) => Err(why),
        }
    }
}

impl Activation for Sight<'_> {
    fn variable(&self, name: &str) -> Option<Result<Val, String>> {
        if let Some(value) = self.names.get(name) {
            return Some(Ok(value.clone()));
        }
        let name = name.strip_prefix("variables.")?;
        let (_, program) = self.variables.iter().find(|(known, _)| known == name)?;
        if let Some(value) = self.known.borrow().get(name) {
            return Some(value.clone());
        }
        let quoted = crate::api::field::quote(name);
        let value = match program {
            Ok(program) => program
                .eval(self)
                .map_err(|why| format!("composited variable {quoted} fails to evaluate: {why}")),
            Err(why) => Err(format!("composited variable {quoted} fails to compile: {why}")),
        };
        self.known.borrow_mut().insert(name.to_owned(), value.clone());
        Some(value)
    }

    fn authorize(&self, attributes: &Attributes) -> (Decision, String) {
        (self.authorize)(attributes)
    }
}

/// `namespaceObject`: some of a namespace's fields.
fn namespace_object(namespace: &Value) -> Value {
    const METADATA: [&str; 12] = [
        "name",
        "generateName",
        "namespace",
        "uid",
        "resourceVersion",
        "generation",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "labels",
        "annotations",
        "finalizers",
    ];
    let mut metadata = json!({});
    for (key, value) in namespace.entries("metadata").filter(|(key, _)| METADATA.contains(&key.as_str())) {
        metadata[key.as_str()] = value.clone();
    }
    json!({"metadata": metadata, "spec": namespace.at("spec"), "status": namespace.at("status")})
}
