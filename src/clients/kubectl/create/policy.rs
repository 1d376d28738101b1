//! `create poddisruptionbudget`, `create priorityclass`.

use super::super::Ctx;
use super::super::error::{Done, Failure, fail};
use crate::api::Dig;
use crate::api::selector::LabelSelector;
use crate::json::{Value, json};

/// `a=b,c=d` as a selector; `None` if a term is of another form.
pub(in super::super) fn equalities(text: &str) -> Option<Value> {
    let mut labels = json!({});
    for term in text.split(',').filter(|term| !term.is_empty()) {
        let (key, value) = term.split_once("==").or_else(|| term.split_once('='))?;
        labels[key.trim()] = value.trim().into();
    }
    Some(labels)
}

/// A selector's text as an object has it.
pub(in super::super) fn selector_of(ctx: &Ctx<'_>, text: &str) -> Done<Value> {
    let read = LabelSelector::parse(text, ctx.client.version());
    let wrong = |why| format!("couldn't parse the selector string \"{text}\": {why}");
    read.map_err(wrong).and_then(|selector| selector.typed()).map_err(Failure::plain)
}

/// A number, or a share such as `50%`.
fn share(ctx: &Ctx<'_>, flag: &str) -> Done<Option<Value>> {
    let Some(text) = ctx.flags.filled(flag) else {
        return Ok(None);
    };
    let number = text.parse::<i64>().map(Value::from);
    match number.unwrap_or_else(|_| text.into()) {
        Value::String(text) if !ctx.old() && !is_percent(&text) => {
            fail!("invalid format specified for {flag}")
        }
        Value::Number(number) if !ctx.old() && number.as_i64().is_none_or(|number| number < 0) => {
            fail!("invalid format specified for {flag}")
        }
        value => Ok(Some(value)),
    }
}

fn is_percent(text: &str) -> bool {
    text.strip_suffix('%')
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// `kubectl create poddisruptionbudget NAME --selector=… --min-available=…`.
pub(in super::super) fn disruption_budget(ctx: &mut Ctx<'_>) -> Done {
    let name = ctx.one_name()?;
    let (min, max) = (share(ctx, "min-available")?, share(ctx, "max-unavailable")?);
    let selector = ctx.flags.text("selector");
    if selector.is_empty() {
        fail!("a selector must be specified");
    }
    let (field, value) = match (min, max) {
        (Some(_), Some(_)) => fail!("min-available and max-unavailable cannot be both specified"),
        (None, None) => fail!("one of min-available or max-unavailable must be specified"),
        (Some(value), None) => ("minAvailable", value),
        (None, Some(value)) => ("maxUnavailable", value),
    };
    let selector = selector_of(ctx, selector)?;
    let api_version = if ctx.old() { "policy/v1beta1" } else { "policy/v1" };
    let mut object = ctx.object(api_version, "PodDisruptionBudget", &name, true);
    object["spec"] = json!({"selector": selector});
    object["spec"][field] = value;
    object["status"] =
        json!({"currentHealthy": 0, "desiredHealthy": 0, "disruptionsAllowed": 0, "expectedPods": 0});
    let failed = (!ctx.old()).then_some("failed to create poddisruptionbudgets: ");
    ctx.create(object, failed)
}

/// `kubectl create priorityclass NAME --value=…`.
pub(in super::super) fn priority_class(ctx: &mut Ctx<'_>) -> Done {
    let name = ctx.one_name()?;
    let mut object = ctx.object("scheduling.k8s.io/v1", "PriorityClass", &name, false);
    object["value"] = ctx.flags.int("value").unwrap_or_default().into();
    let policy = ctx.flags.filled("preemption-policy").unwrap_or("PreemptLowerPriority");
    object["preemptionPolicy"] = policy.into();
    if ctx.flags.on("global-default") {
        object["globalDefault"] = true.into();
    }
    if let Some(text) = ctx.flags.filled("description") {
        object.set("description", text);
    }
    // The old client has the words of another command.
    let failed = match ctx.old() {
        true => "failed to create clusterrolebinding: ",
        false => "failed to create priorityclass: ",
    };
    ctx.create(object, Some(failed))
}
