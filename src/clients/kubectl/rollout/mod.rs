//! `kubectl rollout`.

pub(super) mod history;
pub(super) mod status;

use super::Ctx;
use super::error::{Done, fail};
use super::send::{DryRun, STRATEGIC_PATCH};
use super::target::Target;
use crate::api::Dig;
use crate::json::{Value, json};

/// The objects that a line names.
fn targets(ctx: &mut Ctx<'_>) -> Done<Vec<Target>> {
    if ctx.flags.args.is_empty() && !ctx.names_files() {
        fail!("required resource not specified");
    }
    ctx.all_targets()
}

/// `deployments.apps "web"`.
fn name(target: &Target) -> String {
    format!("{} \"{}\"", target.mapping.group_resource(), target.name)
}

/// `kubectl rollout restart deployment/NAME`.
pub(super) fn restart(ctx: &mut Ctx<'_>) -> Done {
    let now = ctx.client.now();
    // Without the fraction of a second, as Go's RFC 3339.
    let at = jiff::Timestamp::from_second(now.as_second()).unwrap_or(now).to_string();
    for target in targets(ctx)? {
        let object = ctx.get(&target)?;
        if !matches!(target.mapping.kind.as_str(), "Deployment" | "DaemonSet" | "StatefulSet") {
            fail!("{} restarting is not supported", name(&target));
        }
        if object.flag("spec.paused") {
            fail!("{} can't restart paused deployment (run rollout resume first)", name(&target));
        }
        let patch = json!({"spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": at}}}}});
        let after = ctx.patch(&target, (STRATEGIC_PATCH, &patch), &[("fieldManager", "kubectl-rollout")])?;
        ctx.report(&after, "restarted", DryRun::None)?;
    }
    Ok(())
}

/// `kubectl rollout pause deployment/NAME`.
pub(super) fn pause(ctx: &mut Ctx<'_>) -> Done {
    set_paused(ctx, true)
}

/// `kubectl rollout resume deployment/NAME`.
pub(super) fn resume(ctx: &mut Ctx<'_>) -> Done {
    set_paused(ctx, false)
}

fn set_paused(ctx: &mut Ctx<'_>, wanted: bool) -> Done {
    let (doing, done) = if wanted { ("pausing", "paused") } else { ("resuming", "resumed") };
    for target in targets(ctx)? {
        let object = ctx.get(&target)?;
        let name = name(&target);
        if target.mapping.kind != "Deployment" {
            fail!("{name} {doing} is not supported");
        }
        if object.flag("spec.paused") == wanted {
            let state = if wanted { "is already paused" } else { "is not paused" };
            fail!("{name} {state}");
        }
        let value = if wanted { true.into() } else { Value::Null };
        let patch = json!({"spec": {"paused": value}});
        let after = ctx.patch(&target, (STRATEGIC_PATCH, &patch), &[("fieldManager", "kubectl-rollout")])?;
        ctx.report(&after, done, DryRun::None)?;
    }
    Ok(())
}
