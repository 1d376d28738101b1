//! `kubectl delete`, which waits until what it deleted is gone.

use super::Ctx;
use super::error::{Done, fail};
use super::objects::{Wanted, listed};
use super::send::{DryRun, delete_options, query};
use super::target::Target;
use crate::api::{Dig, Request};

/// `kubectl delete …`.
pub(super) fn delete(ctx: &mut Ctx<'_>) -> Done {
    if ctx.flags.has("raw") {
        fail!("kubectl delete --raw is not modelled");
    }
    let dry = ctx.dry_run()?;
    let (policy, grace) = how(ctx)?;
    let targets = targets(ctx)?;
    if targets.is_empty() {
        ctx.say("No resources found");
        return Ok(());
    }
    let ignore = ctx.flags.on("ignore-not-found") || ctx.flags.on("all") || ctx.flags.has("selector");
    let force = ctx.flags.on("force") && grace == Some(0);
    let mut deleted: Vec<(Target, String)> = Vec::new();
    let done = ctx.each(targets, |ctx, target| {
        let mut uid = String::new();
        if dry != DryRun::Client {
            let options = delete_options(Some(policy), grace, dry);
            match ctx.delete(&target, &options) {
                Ok(answer) => {
                    uid = match answer.text("kind") {
                        "Status" => answer.text("details.uid").to_owned(),
                        _ => answer.uid().to_owned(),
                    }
                }
                Err(failure) if ignore && failure.is("NotFound") => return Ok(()),
                Err(failure) => return Err(failure.when("deleting", &target.source)),
            }
        }
        announce(ctx, &target, force, dry);
        deleted.push((target, uid));
        Ok(())
    });
    if dry == DryRun::None && done.is_ok() && ctx.flags.not_off("wait") {
        for (target, uid) in &deleted {
            wait_gone(ctx, target, uid)?;
        }
    }
    done
}

/// The propagation policy and the grace period.
fn how(ctx: &mut Ctx<'_>) -> Done<(&'static str, Option<i64>)> {
    let policy = match ctx.flags.text("cascade") {
        "" | "true" | "background" | "unchanged" => "Background",
        "orphan" | "false" => "Orphan",
        "foreground" => "Foreground",
        other => {
            fail!("invalid cascade value ({other}). Must be \"background\", \"foreground\", or \"orphan\"")
        }
    };
    let mut grace = ctx.flags.int("grace-period").filter(|g| *g >= 0);
    if ctx.flags.on("now") {
        if grace.is_some() {
            fail!("--now and --grace-period cannot be specified together");
        }
        grace = Some(1);
    }
    let force = ctx.flags.on("force");
    let grace = match (grace, force) {
        // Without --force, zero means: as fast as is safe.
        (Some(0), false) => Some(1),
        (None, true) => Some(0),
        (grace, _) => grace,
    };
    if force && grace == Some(0) {
        let warning = if ctx.old() { "warning" } else { "Warning" };
        ctx.warn(format!(
            "{warning}: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely."
        ));
    }
    Ok((policy, grace))
}

fn targets(ctx: &mut Ctx<'_>) -> Done<Vec<Target>> {
    let args = ctx.flags.args.clone();
    ctx.check_words(&args)?;
    if ctx.names_files() {
        return ctx.manifests();
    }
    let selected = ctx.flags.on("all") || ctx.selects();
    match ctx.wanted(&args)? {
        Wanted::Every(mappings) if !mappings.is_empty() && !selected => Err(ctx.no_name()),
        Wanted::Every(mappings) if selected => {
            let mut targets = Vec::new();
            for mapping in mappings {
                let [fields, labels] =
                    ["field-selector", "selector"].map(|flag| ctx.flags.text(flag).to_owned());
                let path = mapping.path(&ctx.scope(&mapping), "");
                let items = ctx.items(&path, &[("fieldSelector", &fields), ("labelSelector", &labels)])?;
                targets.extend(listed(&mapping, &items));
            }
            Ok(targets)
        }
        _ => ctx.targets(&args),
    }
}

/// Says that an object is gone.
pub(super) fn announce(ctx: &mut Ctx<'_>, target: &Target, force: bool, dry: DryRun) {
    if ctx.flags.text("output") == "name" {
        ctx.say(format!("{}/{}", target.mapping.kind_name(), target.name));
        return;
    }
    let done = if force { "force deleted" } else { "deleted" };
    let from = match ctx.old() || target.namespace.is_empty() {
        true => String::new(),
        false => format!(" from {} namespace", target.namespace),
    };
    ctx.say(format!("{} \"{}\" {done}{from}{}", target.mapping.kind_name(), target.name, dry.suffix()));
}

/// Waits until an object is gone or another one has its name.
pub(super) fn wait_gone(ctx: &mut Ctx<'_>, target: &Target, uid: &str) -> Done {
    let path = match ctx.old() {
        true => query(
            &target.mapping.path(&target.namespace, ""),
            &[("fieldSelector", &format!("metadata.name={}", target.name))],
        ),
        false => target.path(),
    };
    let gone = ctx.poll(ctx.timeout(), |ctx| {
        let request = Request::new("GET", path.clone()).header("Accept", "application/json");
        let response = ctx.send_raw(request);
        // Whoever may delete but not look does not wait.
        if !response.ok() {
            return Ok(true);
        }
        let object = response.object();
        let found = if ctx.old() { object.list("items") } else { std::slice::from_ref(object) };
        Ok(!found.iter().any(|item| uid.is_empty() || item.uid() == uid))
    })?;
    match gone {
        true => Ok(()),
        false => {
            fail!("timed out waiting for the condition on {}/{}", target.mapping.resource, target.name)
        }
    }
}
