//! `kubectl set resources`.

use super::super::Ctx;
use super::super::error::{Done, Failure, fail};
use super::{Words, change, containers, is_meant};
use crate::api::{Dig, Quantity, QuantityError};

/// `cpu=1,memory=2Gi`.
fn amounts(ctx: &Ctx<'_>, flag: &str) -> Done<Vec<(String, String)>> {
    let mut found = Vec::new();
    for part in ctx.flags.text(flag).split(',').filter(|part| !part.is_empty()) {
        let Some((resource, amount)) = part.split_once('=').filter(|(_, amount)| !amount.contains('='))
        else {
            let invalid = if ctx.old() { "Invalid" } else { "invalid" };
            fail!("{invalid} argument syntax {part}, expected <resource>=<value>");
        };
        let amount: Quantity =
            amount.parse().map_err(|why: QuantityError| Failure::plain(why.to_string()))?;
        found.push((resource.to_owned(), amount.to_string()));
    }
    Ok(found)
}

/// `kubectl set resources TYPE NAME --limits=… --requests=…`.
pub(in super::super) fn resources(ctx: &mut Ctx<'_>) -> Done {
    let args = ctx.flags.args.clone();
    let nothing = ctx.flags.text("limits").is_empty() && ctx.flags.text("requests").is_empty();
    let lists = amounts(ctx, "limits")
        .and_then(|limits| Ok([("limits", limits), ("requests", amounts(ctx, "requests")?)]));
    let (lists, wrong) = match lists {
        Ok(lists) => (lists.to_vec(), Ok(())),
        Err(failure) => (Vec::new(), Err(failure)),
    };
    let check = || match nothing {
        true => Err(Failure::plain(
            "you must specify an update to requests or limits (in the form of --requests/--limits)",
        )),
        false => wrong,
    };
    let pattern = ctx.flags.filled("containers").unwrap_or("*").to_owned();
    let words = Words {
        done: "resource requirements updated",
        refused: "failed to patch resources update to pod template ",
    };
    change(ctx, &args, &words, check, |object| {
        let found = containers(object, "containers", |container| {
            let meant = is_meant(&pattern, container.text("name"));
            for (list, amounts) in lists.iter().filter(|_| meant) {
                for (resource, amount) in amounts {
                    container.make(&format!("resources.{list}"))[resource.as_str()] = amount.clone().into();
                }
            }
            Ok(meant)
        })?;
        if found { Ok(()) } else { fail!("error: unable to find container named {pattern}") }
    })
}
