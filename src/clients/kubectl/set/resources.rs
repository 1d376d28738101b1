//! `kubectl set resources`.

use super::super::Ctx;
use super::super::error::{Done, Failure};
use super::{change, is_meant, no_pods, pod_spec_path};
use crate::api::{Dig, Quantity};
use serde_json::{Value, json};

/// `cpu=1,memory=2Gi`.
fn amounts(ctx: &Ctx<'_>, flag: &str) -> Done<Vec<(String, String)>> {
    let mut found = Vec::new();
    for part in ctx.flags.text(flag).split(',').filter(|part| !part.is_empty()) {
        let Some((resource, amount)) = part.split_once('=').filter(|(_, amount)| !amount.contains('='))
        else {
            let invalid = if ctx.old() { "Invalid" } else { "invalid" };
            return Err(Failure::plain(format!(
                "{invalid} argument syntax {part}, expected <resource>=<value>"
            )));
        };
        if amount.parse::<Quantity>().is_err() {
            return Err(Failure::plain(
                "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
            ));
        }
        found.push((resource.to_owned(), amount.to_owned()));
    }
    Ok(found)
}

/// `kubectl set resources TYPE NAME --limits=… --requests=…`.
pub(in super::super) fn resources(ctx: &mut Ctx<'_>) -> Done {
    let args = ctx.flags.args.clone();
    let (limits, requests) = (ctx.flags.text("limits"), ctx.flags.text("requests"));
    let nothing = limits.is_empty() && requests.is_empty();
    if nothing {
        return Err(Failure::plain(
            "you must specify an update to requests or limits (in the form of --requests/--limits)",
        ));
    }
    let lists = [("limits", amounts(ctx, "limits")?), ("requests", amounts(ctx, "requests")?)];
    let pattern = ctx.flags.filled("containers").unwrap_or("*").to_owned();
    let done = change(ctx, &args, "resource requirements updated", |object| {
        let path = pod_spec_path(object.text("kind")).ok_or_else(|| no_pods(object))?;
        let containers = object.at_mut(&format!("{path}.containers")).and_then(Value::as_array_mut);
        let mut found = false;
        for container in containers.into_iter().flatten().filter(|c| is_meant(&pattern, c.text("name"))) {
            found = true;
            for (list, amounts) in &lists {
                for (resource, amount) in amounts {
                    container.set_default("resources", json!({}));
                    container.make(&format!("resources.{list}"))[resource.as_str()] = amount.clone().into();
                }
            }
        }
        match found {
            true => Ok(()),
            false => Err(Failure::plain(format!("unable to find container named {pattern}"))),
        }
    });
    done.map_err(|failure| match failure.is("Invalid") {
        true => failure.wrap("failed to patch resources update to pod template "),
        false => failure,
    })
}
