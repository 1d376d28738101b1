//! `kubectl scale`.

use super::Ctx;
use super::error::{Done, Failure};
use super::objects::Target;
use super::print::object_name;
use super::send::{DryRun, MERGE_PATCH};
use crate::api::Dig;
use serde_json::json;

/// `kubectl scale TYPE NAME --replicas=N`.
pub(super) fn scale(ctx: &mut Ctx<'_>) -> Done {
    ctx.require(&["replicas"])?;
    let dry = ctx.dry_run()?;
    let Some(replicas) = ctx.flags.int("replicas").filter(|n| *n >= 0) else {
        return Err(Failure::plain(
            "The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0",
        ));
    };
    let args = ctx.flags.args.clone();
    let targets = ctx.targets(&args)?;
    ctx.each(targets, |ctx, target| scale_one(ctx, &target, replicas, dry))
}

fn scale_one(ctx: &mut Ctx<'_>, target: &Target, replicas: i64, dry: DryRun) -> Done {
    let object = ctx.get(&target.mapping, &target.namespace, &target.name)?;
    if let Some(expected) = ctx.flags.int("current-replicas").filter(|n| *n >= 0) {
        let current = object.at("spec.replicas").as_i64().unwrap_or_default();
        if current != expected {
            return Err(Failure::plain(format!("Expected replicas to be {expected}, was {current}")));
        }
    }
    if dry != DryRun::Client {
        let of = super::mapping::Mapping {
            resource: format!("{}/{}/scale", target.mapping.resource, target.name),
            ..target.mapping.clone()
        };
        let patch = json!({"spec": {"replicas": replicas}});
        ctx.patch((&of, &target.namespace, ""), (MERGE_PATCH, &patch), &[])?;
    }
    ctx.tell(&object, format!("{} scaled{}", object_name(&object), dry.suffix()))
}
