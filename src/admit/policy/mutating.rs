//! MutatingAdmissionPolicy: expressions that change a write (`policy/mutating`).

use super::hook::{Hook, hooks, sees_any};
use super::sight::Sight;
use super::validating::namespace_of;
use super::{compile, merge};
use crate::admit::matching::converted;
use crate::admit::{Cx, Outcome, Review, Run, Stop, Verdict};
use crate::api::decode::{FieldValidation, typed};
use crate::api::json_patch::{JsonPatch, Misfit};
use crate::api::schema::schema;
use crate::api::{Dig, Fact, Resource, Version};
use crate::cel::Val;
use crate::kinds;
use serde_json::{Value, json};

/// What the plugin does.
pub(crate) const ADMIT: Run =
    Run { sees: |cx, review| sees_any(cx, review, POLICIES), admit: Some(admit), ..Run::NOTHING };

const POLICIES: &str = "mutatingadmissionpolicies.admissionregistration.k8s.io";
const BINDINGS: &str = "mutatingadmissionpolicybindings.admissionregistration.k8s.io";

/// Why a policy could not do its work.
struct Trouble<'a> {
    policy: &'a Value,
    binding: Option<&'a Value>,
    message: String,
    /// Set where the expressions are to blame.
    reason: Option<&'static str>,
}

impl Trouble<'_> {
    fn text(&self) -> String {
        match self.binding {
            Some(binding) => format!(
                "policy '{}' with binding '{}' denied request: {}",
                self.policy.name(),
                binding.name(),
                self.message
            ),
            None => format!("policy '{}' denied request: {}", self.policy.name(), self.message),
        }
    }
}

const NAME: &str = "MutatingAdmissionPolicy";

fn admit(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let hooks = hooks(cx, review, POLICIES, BINDINGS)?;
    let namespace = if hooks.is_empty() { None } else { namespace_of(cx, review)? };
    let before = review.object.clone();
    // What a configuration lacks is found for all policies before the first of them runs.
    let mut troubles: Vec<Trouble<'_>> = hooks.iter().flat_map(misconfigured).collect();
    let again = review.reinvocation.is_again();
    if again {
        review.reinvocation.of(NAME).resume(&before);
    }
    for hook in &hooks {
        let id = hook.policy.name();
        if again && !review.reinvocation.of(NAME).is_called_again(id) {
            continue;
        }
        let seen = review.object.clone();
        for (binding, params) in &hook.bindings {
            for param in params.iter().flatten() {
                invoke(cx, review, hook, binding, param.as_ref(), namespace.as_deref(), &mut troubles);
            }
        }
        if review.object != seen {
            review.reinvocation.of(NAME).changed();
            review.reinvocation.want();
        }
        if hook.policy.text("spec.reinvocationPolicy") == "IfNeeded" {
            review.reinvocation.of(NAME).called(id);
        }
    }
    let left = review.object.clone();
    review.reinvocation.of(NAME).leave(&left);
    troubles.retain(|trouble| trouble.policy.text("spec.failurePolicy") != "Ignore");
    if let Some(first) = troubles.first() {
        return Err(refusal(review, first, &troubles));
    }
    let names: Vec<&str> = hooks.iter().map(|hook| hook.policy.name()).collect();
    Ok(match (names.is_empty(), review.object == before) {
        (true, _) => Verdict::Skipped,
        (false, true) => Verdict::Passed(format!("left alone by {}", names.join(", "))),
        (false, false) => Verdict::Changed(format!("changed by {}", names.join(", "))),
    })
}

fn misconfigured(hook: &Hook) -> Vec<Trouble<'_>> {
    let whole = hook.broken.iter().map(|why| (None, format!("failed to configure policy: {why}")));
    let bindings = hook.bindings.iter().filter_map(|(binding, params)| {
        let why = params.as_ref().err()?;
        Some((Some(&**binding), format!("failed to configure binding: {why}")))
    });
    let trouble = |(binding, message)| Trouble { policy: &hook.policy, binding, message, reason: None };
    whole.chain(bindings).map(trouble).collect()
}

/// The message is the policy's own, under the code of a plain refusal.
fn refusal(review: &Review, first: &Trouble<'_>, all: &[Trouble<'_>]) -> Stop {
    let fact = Fact::Policy {
        kind: NAME.to_owned(),
        policy: first.policy.name().to_owned(),
        binding: first.binding.map(|binding| binding.name().to_owned()),
        expression: None,
    };
    let mut refusal = review.refusal(fact, "admission request denied by policy");
    let status = &mut refusal.status;
    status.message = first.text();
    if let Some(reason) = first.reason {
        status.reason = reason.into();
    }
    status.details["causes"] = all.iter().map(|trouble| json!({"message": trouble.text()})).collect();
    refusal.into()
}

/// Lets one policy change the object, mutation by mutation; each sees what those before it made.
fn invoke<'a>(
    cx: &Cx<'_>,
    review: &mut Review,
    hook: &'a Hook,
    binding: &'a Value,
    param: Option<&Value>,
    namespace: Option<&Value>,
    troubles: &mut Vec<Trouble<'a>>,
) {
    let policy = &*hook.policy;
    let mut failed = |message| {
        troubles.push(Trouble { policy, binding: Some(binding), message, reason: Some("Invalid") });
    };
    let sight = |review: &Review| Sight::new(cx, review, policy, &hook.row, param, namespace);
    match sight(review).conditions_hold(policy) {
        Ok(true) => {}
        Ok(false) => return,
        Err(why) => return failed(why),
    }
    for mutation in policy.list("spec.mutations") {
        if review.object.is_null() {
            continue;
        }
        match mutated(cx, &sight(review), review, mutation, &hook.row) {
            Ok(object) => review.object = object,
            Err(why) => failed(why),
        }
    }
}

/// The object as one mutation makes it.
fn mutated(
    cx: &Cx<'_>,
    sight: &Sight<'_>,
    review: &Review,
    mutation: &Value,
    row: &Resource,
) -> Result<Value, String> {
    let Some((key, of)) = compile::mutation_type(mutation) else { return Ok(review.object.clone()) };
    let value = sight.value(mutation.at(key).text("expression"), &[of])?;
    let object = converted(&review.object, row);
    let object = match value {
        Val::List(operations) => patched(object, &operations, cx.version)?,
        value => applied(cx, object, &value, row)?,
    };
    let mut object = typed(object, row, cx.version, FieldValidation::Strict)?.object;
    if row.subresource.is_empty() {
        kinds::of(row).fill(&mut object, cx.version);
    }
    Ok(converted(&object, &review.resource))
}

/// The object after JSON patches; as it was, where one of their tests fails.
fn patched(mut object: Value, operations: &[Val], version: Version) -> Result<Value, String> {
    let operations: Vec<Value> = operations.iter().map(Val::to_json).collect::<Result<_, _>>()?;
    let before = object.clone();
    match JsonPatch::of(operations).apply(&mut object, version) {
        Ok(()) => Ok(object),
        Err(Misfit::Tested(_)) => Ok(before),
        Err(Misfit::Missing(why)) => Err(format!("JSONPath: {why}")),
    }
}

/// The object with an apply configuration merged in.
fn applied(cx: &Cx<'_>, object: Value, value: &Val, row: &Resource) -> Result<Value, String> {
    merge::names_match(value, "Object").map_err(|why| format!("type mismatch: {why}"))?;
    let types = schema(cx.version);
    let definition = types.of_kind(&row.kind_group, &row.kind_version, &row.kind);
    let Some(definition) = definition else {
        return Err(format!("Resource kind {}, Kind={} not found", row.kind_api_version(), row.kind));
    };
    let patch = value.to_json()?;
    if let Some(path) = merge::unknown(types, definition, &patch, "") {
        return Err(format!(
            "error applying patch: failed to convert patch object to typed object: {path}: field not declared in schema"
        ));
    }
    let atomic = merge::atomics(types, definition, &patch);
    match atomic.is_empty() {
        true => Ok(merge::merge(types, definition, object, patch)),
        false => Err(format!(
            "error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: {}",
            atomic.join(", ")
        )),
    }
}
