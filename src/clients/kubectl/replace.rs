//! `kubectl replace`: the whole object anew, in place or (`--force`) after a deletion.

use super::Ctx;
use super::delete::{announce, wait_gone};
use super::error::{Done, fail};
use super::send::{DryRun, delete_options};
use super::target::Target;
use crate::api::Dig;
use crate::json::Value;

/// The manager of fields that are replaced from here.
const MANAGER: &str = "kubectl-replace";

/// `kubectl replace -f FILE`.
pub(super) fn replace(ctx: &mut Ctx<'_>) -> Done {
    let force = ctx.flags.on("force");
    let dry = ctx.dry_run()?;
    ctx.need_files()?;
    let grace = ctx.flags.int("grace-period").filter(|seconds| *seconds >= 0);
    if grace.is_some() && !force {
        fail!("--grace-period must have --force specified");
    }
    if ctx.flags.duration("timeout").is_some_and(|span| !span.is_zero()) && !force {
        fail!("--timeout must have --force specified");
    }
    if force && dry != DryRun::None {
        fail!("--dry-run can not be used when --force is set");
    }
    let mut targets = ctx.manifests()?;
    if !force {
        ctx.of_part(&mut targets);
    }
    ctx.each(targets, |ctx, target| match force {
        true => anew(ctx, &target, grace),
        false => in_place(ctx, &target, dry),
    })
}

/// The object as the file has it, with what `--save-config` adds.
fn wanted(ctx: &Ctx<'_>, target: &Target) -> Value {
    let mut object = target.manifest.clone();
    if ctx.flags.on("save-config") {
        super::apply::set_last_applied(&mut object);
    }
    object
}

fn in_place(ctx: &mut Ctx<'_>, target: &Target, dry: DryRun) -> Done {
    let mut object = wanted(ctx, target);
    if dry != DryRun::Client {
        if object.text("metadata.resourceVersion").is_empty()
            && let Ok(stored) = ctx.fetch(&target.path())
        {
            object.set("metadata.resourceVersion", stored.text("metadata.resourceVersion"));
        }
        object = ctx
            .store(target, "PUT", MANAGER, &object)
            .map_err(|failure| failure.when("replacing", &target.source))?;
    }
    ctx.report(&object, "replaced", dry)
}

fn anew(ctx: &mut Ctx<'_>, target: &Target, grace: Option<i64>) -> Done {
    let options = delete_options(Some("Background"), grace, DryRun::None);
    match ctx.delete(target, &options) {
        Ok(answer) => {
            announce(ctx, target, false, DryRun::None);
            let uid = answer.text("details.uid").to_owned();
            wait_gone(ctx, target, &uid)?;
        }
        Err(failure) if failure.is("NotFound") => {}
        Err(failure) => return Err(failure.when("deleting", &target.source)),
    }
    let object = wanted(ctx, target);
    let created = ctx.store(target, "POST", MANAGER, &object)?;
    ctx.report(&created, "replaced", DryRun::None)
}
