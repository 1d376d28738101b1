//! What the expressions of a policy see of a write (`plugin/cel/activation.go`, `condition.go`, `composition.go`).

use super::compile;
use crate::admit::matching::{converted, request};
use crate::admit::{Cx, Review};
use crate::api::field::aggregate;
use crate::api::schema::{schema, zeros};
use crate::api::{Attributes, Decision, Dig, Resource, Version};
use crate::cel::{Activation, Env, Type, Val, library};
use crate::json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

type Authorize<'a> = &'a dyn Fn(&Attributes) -> (Decision, String);

/// What the expressions of a policy may cost for one write (`RuntimeCELCostBudget`).
pub(super) const BUDGET: u64 = 10_000_000;

/// What its match conditions may cost (`RuntimeCELCostBudgetMatchConditions`).
const CONDITIONS_BUDGET: u64 = 2_500_000;

/// Why an expression has no value.
#[derive(Clone, Debug)]
pub(super) enum Unable {
    /// What is wrong, as a server tells it.
    Wrong(String),
    /// It costs more than is left: nothing more is evaluated.
    OutOfBudget,
}

impl fmt::Display for Unable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unable::Wrong(why) => f.write_str(why),
            Unable::OutOfBudget => f.write_str(
                "validation failed due to running out of cost budget, no further validation rules will be run",
            ),
        }
    }
}

/// What the expressions of one policy see of one write.
pub(super) struct Sight<'a> {
    names: BTreeMap<&'static str, Val>,
    authorize: Authorize<'a>,
    variables: Rc<compile::Variables>,
    /// Variables that were asked for: each is evaluated once.
    known: RefCell<BTreeMap<String, Result<Val, String>>>,
    /// What they cost since somebody asked.
    spent: Cell<u64>,
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
        let old = review.old.as_deref().map_or(Value::Null, |old| seen(old, row, cx.version));
        let names = [
            ("object", Val::from_json(&seen(&review.object, row, cx.version))),
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
            variables: Rc::new(variables),
            known: RefCell::default(),
            spent: Cell::default(),
            env,
            plain,
        }
    }

    /// The same, without what was evaluated so far.
    pub(super) fn afresh(&self) -> Sight<'a> {
        Sight {
            names: self.names.clone(),
            authorize: self.authorize,
            variables: self.variables.clone(),
            known: RefCell::default(),
            spent: Cell::default(),
            env: self.env.clone(),
            plain: self.plain.clone(),
        }
    }

    /// The same, with nobody to ask what is allowed: what expressions for messages see.
    pub(super) fn quiet(&self) -> Sight<'a> {
        let mut sight = self.afresh();
        sight.names.retain(|name, _| !name.starts_with("authorizer"));
        sight
    }

    /// The value of an expression, at the cost of what is left.
    pub(super) fn value(&self, expression: &str, types: &[Type], left: &mut u64) -> Result<Val, Unable> {
        self.value_in(&self.env, expression, types, left)
    }

    fn value_in(&self, env: &Env, expression: &str, types: &[Type], left: &mut u64) -> Result<Val, Unable> {
        let program = compile::compile(env, expression, types)
            .map_err(|why| Unable::Wrong(format!("compilation error: {why}")))?;
        let (value, cost) = program.run(self);
        for cost in [self.spent.take(), cost] {
            *left = left.checked_sub(cost).ok_or(Unable::OutOfBudget)?;
        }
        value.map_err(|why| Unable::Wrong(format!("expression '{expression}' resulted in error: {why}")))
    }

    /// Whether the match conditions of a policy hold; or what went wrong, where none says no.
    pub(super) fn conditions_hold(&mut self, policy: &Value) -> Result<bool, String> {
        // Conditions do not see the namespace.
        let namespace = self.names.insert("namespaceObject", Val::Null);
        let held = self.all_hold(policy);
        self.names.extend(namespace.map(|namespace| ("namespaceObject", namespace)));
        match held {
            Err(_) if policy.text("spec.failurePolicy") == "Ignore" => Ok(false),
            held => held,
        }
    }

    fn all_hold(&self, policy: &Value) -> Result<bool, String> {
        let mut left = CONDITIONS_BUDGET;
        let mut wrong: Vec<String> = Vec::new();
        let mut no = false;
        for condition in policy.list("spec.matchConditions") {
            match self.value_in(&self.plain, condition.text("expression"), &[Type::Bool], &mut left) {
                Ok(Val::Bool(false)) => no = true,
                Ok(_) => {}
                Err(Unable::Wrong(why)) if wrong.contains(&why) => {}
                Err(Unable::Wrong(why)) => wrong.push(why),
                Err(why @ Unable::OutOfBudget) => return Err(why.to_string()),
            }
        }
        match aggregate(&wrong) {
            _ if no => Ok(false),
            None => Ok(true),
            Some(why) => Err(why),
        }
    }
}

/// An object as expressions see it: under the version of a row, with what Go writes of what is not there.
fn seen(object: &Value, row: &Resource, version: Version) -> Value {
    let mut object = converted(object, row);
    let types = schema(version);
    let definition = types.of_kind(&row.kind_group, &row.kind_version, &row.kind);
    if let (Some(definition), None) = (definition, &row.custom) {
        zeros::write(&mut object, definition, types);
    }
    object
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
            Ok(program) => {
                let (value, cost) = program.run(self);
                self.spent.set(self.spent.get().saturating_add(cost));
                value.map_err(|why| format!("composited variable {quoted} fails to evaluate: {why}"))
            }
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
