//! `kubectl replace`: the whole object anew, in place or (`--force`) after a deletion.

use super::Ctx;
use super::delete::{announce, wait_gone};
use super::error::{Done, Failure};
use super::objects::Target;
use super::send::{DryRun, delete_options, query};
use crate::api::{Dig, Request};
use serde_json::Value;

/// `kubectl replace -f FILE`.
pub(super) fn replace(ctx: &mut Ctx<'_>) -> Done {
    let force = ctx.flags.on("force");
    let dry = ctx.dry_run()?;
    if !ctx.flags.has("filename") {
        return Err(Failure::plain("must specify one of -f and -k"));
    }
    let grace = ctx.flags.int("grace-period").filter(|seconds| *seconds >= 0);
    if grace.is_some() && !force {
        return Err(Failure::plain("--grace-period must have --force specified"));
    }
    if ctx.flags.duration("timeout").is_some_and(|span| !span.is_zero()) && !force {
        return Err(Failure::plain("--timeout must have --force specified"));
    }
    if force && dry != DryRun::None {
        return Err(Failure::plain("--dry-run can not be used when --force is set"));
    }
    let targets = ctx.manifests()?;
    ctx.each(targets, |ctx, target| match force {
        true => anew(ctx, &target, grace),
        false => in_place(ctx, &target, dry),
    })
}

fn parameters(ctx: &Ctx<'_>, dry: DryRun) -> [(&'static str, String); 3] {
    let manager = ctx.flags.get("field-manager").unwrap_or("kubectl-replace").to_owned();
    [
        ("dryRun", dry.parameter().to_owned()),
        ("fieldManager", manager),
        ("fieldValidation", ctx.field_validation().to_owned()),
    ]
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
            && let Ok(stored) = ctx.fetch(&target.mapping.path(&target.namespace, &target.name))
        {
            object.set("metadata.resourceVersion", stored.text("metadata.resourceVersion"));
        }
        let pairs = parameters(ctx, dry);
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(key, value)| (*key, value.as_str())).collect();
        let path = query(&target.mapping.path(&target.namespace, &target.name), &pairs);
        let request = Request::new("PUT", path).header("Accept", "application/json").json(&object);
        let stored = ctx.send(request).map_err(|failure| failure.when("replacing", &target.source))?;
        object = stored.object().clone();
    }
    ctx.report(&object, "replaced", dry)
}

fn anew(ctx: &mut Ctx<'_>, target: &Target, grace: Option<i64>) -> Done {
    let options = delete_options(Some("Background"), grace, DryRun::None);
    match ctx.delete(&target.mapping, &target.namespace, &target.name, &options) {
        Ok(answer) => {
            announce(ctx, target, false, DryRun::None);
            let uid = answer.text("details.uid").to_owned();
            wait_gone(ctx, target, &uid)?;
        }
        Err(failure) if failure.is("NotFound") => {}
        Err(failure) => return Err(failure.when("deleting", &target.source)),
    }
    let object = wanted(ctx, target);
    let pairs = parameters(ctx, DryRun::None);
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let path = query(&target.mapping.path(&target.namespace, ""), &pairs);
    let created = ctx.post(&path, &object)?;
    ctx.report(&created, "replaced", DryRun::None)
}
