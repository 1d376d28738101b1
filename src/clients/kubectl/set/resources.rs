//! `kubectl set resources`.

use super::super::Ctx;
use super::super::error::{Done, fail};
use super::{change, containers, is_meant};
use crate::api::{Dig, Quantity};

/// `cpu=1,memory=2Gi`.
fn amounts(ctx: &Ctx<'_>, flag: &str) -> Done<Vec<(String, String)>> {
    let mut found = Vec::new();
    for part in ctx.flags.text(flag).split(',').filter(|part| !part.is_empty()) {
        let Some((resource, amount)) = part.split_once('=').filter(|(_, amount)| !amount.contains('='))
        else {
            let invalid = if ctx.old() { "Invalid" } else { "invalid" };
            fail!("{invalid} argument syntax {part}, expected <resource>=<value>");
        };
        if amount.parse::<Quantity>().is_err() {
            fail!(
                "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
            );
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
        fail!("you must specify an update to requests or limits (in the form of --requests/--limits)");
    }
    let lists = [("limits", amounts(ctx, "limits")?), ("requests", amounts(ctx, "requests")?)];
    let pattern = ctx.flags.filled("containers").unwrap_or("*").to_owned();
    let done = change(ctx, &args, "resource requirements updated", |object| {
        let found = containers(object, "containers", |container| {
            let meant = is_meant(&pattern, container.text("name"));
            for (list, amounts) in lists.iter().filter(|_| meant) {
                for (resource, amount) in amounts {
                    container.make(&format!("resources.{list}"))[resource.as_str()] = amount.clone().into();
                }
            }
            Ok(meant)
        })?;
        if found { Ok(()) } else { fail!("unable to find container named {pattern}") }
    });
    done.map_err(|failure| match failure.is("Invalid") {
        true => failure.wrap("failed to patch resources update to pod template "),
        false => failure,
    })
}
