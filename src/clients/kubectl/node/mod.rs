//! Commands about nodes: `cordon`, `uncordon`, `taint`, `drain`.

pub(super) mod drain;
pub(super) mod taint;

use super::Ctx;
use super::error::Done;
use super::send::{DryRun, STRATEGIC_PATCH};
use super::target::Target;
use crate::api::Dig;
use crate::json::{Value, json};

/// `kubectl cordon NODE`.
pub(super) fn cordon(ctx: &mut Ctx<'_>) -> Done {
    schedulable(ctx, false, "cordoned")
}

/// `kubectl uncordon NODE`.
pub(super) fn uncordon(ctx: &mut Ctx<'_>) -> Done {
    schedulable(ctx, true, "uncordoned")
}

/// The names of the nodes that are meant: those named, or those that the selector fits.
fn names(ctx: &mut Ctx<'_>) -> Done<Vec<String>> {
    let named: Vec<String> =
        ctx.flags.args.iter().map(|arg| arg.trim_start_matches("node/").to_owned()).collect();
    if !named.is_empty() {
        return Ok(named);
    }
    if !ctx.flags.has("selector") {
        return Err(ctx.usage("USAGE: ".to_owned() + &ctx.command + " NODE [flags]"));
    }
    let mapping = ctx.resource("nodes")?;
    let list = ctx.list(&mapping, "application/json")?;
    Ok(list.list("items").iter().map(|node| node.name().to_owned()).collect())
}

fn schedulable(ctx: &mut Ctx<'_>, wanted: bool, word: &str) -> Done {
    let names = names(ctx)?;
    names.iter().try_for_each(|name| mark(ctx, name, wanted, word))
}

/// Makes a node schedulable, or not.
fn mark(ctx: &mut Ctx<'_>, name: &str, wanted: bool, word: &str) -> Done {
    let dry = ctx.dry_run()?;
    let mapping = ctx.resource("nodes")?;
    let target = Target::new(&mapping, "", name);
    let node = ctx.get(&target)?;
    if node.flag("spec.unschedulable") != wanted {
        ctx.say(format!("node/{name} already {word}{}", dry.suffix()));
        return Ok(());
    }
    if dry != DryRun::Client {
        let value = if wanted { Value::Null } else { true.into() };
        let patch = json!({"spec": {"unschedulable": value}});
        ctx.patch(&target, (STRATEGIC_PATCH, &patch), &[])?;
    }
    ctx.say(format!("node/{name} {word}{}", dry.suffix()));
    Ok(())
}
