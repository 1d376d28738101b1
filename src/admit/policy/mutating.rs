//! MutatingAdmissionPolicy: expressions that change a write (`policy/mutating`).

use super::hook::{Hook, hooks, sees_any};
use super::sight::{BUDGET, Sight};
use super::validating::namespace_of;
use super::{compile, fit, merge};
use crate::admit::matching::converted;
use crate::admit::{Cx, Outcome, Review, Run, Stop, Verdict};
use crate::api::decode::{FieldValidation, typed};
use crate::api::json_patch::{JsonPatch, Misfit};
use crate::api::schema::schema;
use crate::api::{Dig, Fact, Resource, Status};
use crate::cel::Val;
use crate::json::{Value, json};
use crate::kinds;

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
    if hooks.is_empty() {
        return Ok(Verdict::Skipped);
    }
    let namespace = namespace_of(cx, review)?;
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
                invoke(cx, review, hook, binding, param.as_ref(), namespace.as_deref(), &mut troubles)?;
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
    review.reinvocation.of(NAME).leave(&review.object);
    troubles.retain(|trouble| trouble.policy.text("spec.failurePolicy") != "Ignore");
    if let Some(first) = troubles.first() {
        return Err(refusal(review, first, &troubles));
    }
    let names: Vec<&str> = hooks.iter().map(|hook| hook.policy.name()).collect();
    Ok(match review.object == before {
        true => Verdict::Passed(format!("left alone by {}", names.join(", "))),
        false => Verdict::Changed(format!("changed by {}", names.join(", "))),
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
) -> Result<(), Stop> {
    let policy = &*hook.policy;
    let mut failed = |message| {
        troubles.push(Trouble { policy, binding: Some(binding), message, reason: Some("Invalid") });
    };
    let sight = |review: &Review| Sight::new(cx, review, policy, &hook.row, param, namespace);
    match sight(review).conditions_hold(policy) {
        Ok(true) => {}
        Ok(false) => return Ok(()),
        Err(why) => {
            failed(why);
            return Ok(());
        }
    }
    for mutation in policy.list("spec.mutations") {
        if review.object.is_null() {
            continue;
        }
        match mutated(cx, &sight(review), review, mutation, &hook.row) {
            Ok(object) => review.object = object,
            Err(Fault::Policy(why)) => failed(why),
            Err(Fault::Server(why)) => return Err(Status::internal(why).into()),
        }
    }
    Ok(())
}

/// Why a mutation makes no object.
enum Fault {
    /// It is told as the policy's.
    Policy(String),
    /// It is told as the server's own, whatever the policy says of failures.
    Server(String),
}

impl From<String> for Fault {
    fn from(why: String) -> Fault {
        Fault::Policy(why)
    }
}

/// The object as one mutation makes it.
fn mutated(
    cx: &Cx<'_>,
    sight: &Sight<'_>,
    review: &Review,
    mutation: &Value,
    row: &Resource,
) -> Result<Value, Fault> {
    let Some((key, of)) = compile::mutation_type(mutation) else { return Ok(review.object.clone()) };
    let value = sight
        .value(mutation.at(key).text("expression"), &[of], &mut BUDGET.clone())
        .map_err(|why| why.to_string())?;
    let object = converted(&review.object, row);
    let object = match value {
        Val::List(operations) => patched(cx, object, &operations, row)?,
        value => {
            let object = applied(cx, object, &value, row)?;
            let of = kind_name(row);
            let why = |why| format!("unable to convert unstructured object to {of}: {why}");
            typed(object, row, cx.version, FieldValidation::Strict).map_err(why)?.object
        }
    };
    let mut object = object;
    if row.subresource.is_empty() {
        kinds::of(row).fill(&mut object, cx.version);
    }
    Ok(converted(&object, &review.resource))
}

/// `GROUP/VERSION, Kind=KIND`.
fn kind_name(row: &Resource) -> String {
    let slash = if row.kind_group.is_empty() { "/" } else { "" };
    format!("{slash}{}, Kind={}", row.kind_api_version(), row.kind)
}

/// The object after JSON patches; as it was, where one of their tests fails. What they make of it must be of its kind.
fn patched(cx: &Cx<'_>, mut object: Value, operations: &[Val], row: &Resource) -> Result<Value, Fault> {
    let operations: Vec<Value> = operations.iter().map(operation).collect::<Result<_, _>>()?;
    let before = object.clone();
    match JsonPatch::made(operations).apply(&mut object, cx.version) {
        Ok(()) => {}
        Err(Misfit::Tested(_)) => return Ok(before),
        Err(Misfit::Missing(why)) => return Err(Fault::Policy(format!("JSON Patch: {why}"))),
    }
    let api_version = object.text("apiVersion").to_owned();
    let (group, version) = api_version.split_once('/').unwrap_or(("", &api_version));
    let other = match object.text("kind") {
        "" => None,
        kind if kind == row.kind && api_version == row.kind_api_version() => None,
        kind => match cx.resources.by_kind(group, version, kind) {
            Some(other) => Some(other.clone()),
            None => {
                let why = format!("no kind \"{kind}\" is registered for version \"{api_version}\" in scheme");
                return Err(Fault::Server(why));
            }
        },
    };
    let read = other.as_deref().unwrap_or(row);
    let object = typed(object, read, cx.version, FieldValidation::Strict).map_err(Fault::Server)?.object;
    match other {
        Some(other) => {
            let why = format!("converting {} to {}: unknown conversion", kind_name(&other), kind_name(row));
            Err(Fault::Server(why))
        }
        None => Ok(object),
    }
}

/// An operation of a patch, which always has a word and a path.
fn operation(of: &Val) -> Result<Value, String> {
    if let Val::Object(_, fields) = of
        && let Some(value) = fields.get("value")
    {
        messages_match(value)?;
    }
    let mut operation = of.to_json()?;
    operation.set_default("op", "");
    operation.set_default("path", "");
    Ok(operation)
}

/// Checks the names of the types of what is made for a patch, each from the outermost on.
fn messages_match(value: &Val) -> Result<(), String> {
    match value {
        Val::Object(name, _) => {
            merge::names_match(value, name).map_err(|why| format!("type mismatch: {why}"))
        }
        Val::List(list) => list.iter().try_for_each(messages_match),
        Val::Map(map) => map.values().try_for_each(messages_match),
        _ => Ok(()),
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
    if let Some(why) = fit::unfit(types, definition, value) {
        return Err(format!("error applying patch: failed to convert patch object to typed object: {why}"));
    }
    let atomic = fit::atomics(types, definition, value);
    match atomic.is_empty() {
        true => Ok(merge::merge(types, definition, object, value.to_json()?)),
        false => Err(format!(
            "error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: {}",
            atomic.join(", ")
        )),
    }
}
