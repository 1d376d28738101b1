//! `kubectl scale`.

use super::Ctx;
use super::error::{Done, fail};
use super::send::{DryRun, MERGE_PATCH};
use super::target::Target;
use crate::api::Dig;
use crate::json::json;

/// `kubectl scale TYPE NAME --replicas=N`.
pub(super) fn scale(ctx: &mut Ctx<'_>) -> Done {
    ctx.require(&["replicas"])?;
    let dry = ctx.dry_run()?;
    let Some(replicas) = ctx.flags.int("replicas").filter(|n| *n >= 0) else {
        fail!("The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0");
    };
    let targets = ctx.all_targets()?;
    ctx.each(targets, |ctx, target| scale_one(ctx, &target, replicas, dry))
}

fn scale_one(ctx: &mut Ctx<'_>, target: &Target, replicas: i64, dry: DryRun) -> Done {
    let object = ctx.get(target)?;
    if let Some(expected) = ctx.flags.int("current-replicas").filter(|n| *n >= 0) {
        let current = object.number("spec.replicas");
        if current != expected {
            fail!("Expected replicas to be {expected}, was {current}");
        }
    }
    let (wanted, version) = (ctx.flags.text("resource-version"), object.text("metadata.resourceVersion"));
    if !wanted.is_empty() && wanted != version {
        fail!("Expected resource version to be {wanted}, was {version}");
    }
    if dry != DryRun::Client {
        let patch = json!({"spec": {"replicas": replicas}}).to_string().into_bytes();
        ctx.patch_bytes(&format!("{}/scale", target.path()), (MERGE_PATCH, patch), &[])?;
    }
    // The older kubectl does not say that it was a dry run.
    let told = if ctx.old() { DryRun::None } else { dry };
    ctx.report(&object, "scaled", told)
}
