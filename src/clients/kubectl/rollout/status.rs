//! `kubectl rollout status`.

use super::super::Ctx;
use super::super::error::{Done, fail};
use super::super::wait::{patience, until};
use super::targets;
use crate::api::Dig;
use crate::json::Value;
use std::time::Duration;

/// `kubectl rollout status deployment/NAME`.
pub(in super::super) fn status(ctx: &mut Ctx<'_>) -> Done {
    for target in targets(ctx)? {
        ctx.get(&target)?;
        if !matches!(target.mapping.kind.as_str(), "Deployment" | "DaemonSet" | "StatefulSet") {
            fail!("no status viewer has been implemented for {}", target.mapping.kind);
        }
        if target.mapping.kind != "Deployment" {
            fail!("kubectl rollout status is not modelled for {}", target.mapping.kind);
        }
        let watch = ctx.flags.not_off("watch");
        let patience = if watch { patience(ctx, 0) } else { Duration::ZERO };
        let mut seen = String::new();
        let done = until(ctx, &target, patience, |ctx, object| {
            let Some(object) = object else {
                fail!("object has been deleted");
            };
            let version = object.text("metadata.resourceVersion").to_owned();
            let (text, done) = deployment_status(object)?;
            if std::mem::replace(&mut seen, version.clone()) != version {
                ctx.say(text);
            }
            Ok(done)
        })?;
        if !done && watch {
            fail!("timed out waiting for the condition");
        }
    }
    Ok(())
}

/// How far a rollout is (`polymorphichelpers.DeploymentStatusViewer`).
fn deployment_status(object: &Value) -> Done<(String, bool)> {
    let name = object.name();
    if object.number("metadata.generation") > object.number("status.observedGeneration") {
        return Ok(("Waiting for deployment spec update to be observed...".to_owned(), false));
    }
    let late = |c: &Value| c.text("type") == "Progressing" && c.text("reason") == "ProgressDeadlineExceeded";
    if object.list("status.conditions").iter().any(late) {
        fail!("deployment \"{name}\" exceeded its progress deadline");
    }
    let wanted = object.at("spec.replicas").as_i64();
    let [updated, all, available] = ["updatedReplicas", "replicas", "availableReplicas"]
        .map(|count| object.number(&format!("status.{count}")));
    let text = match wanted {
        Some(wanted) if updated < wanted => {
            format!("{updated} out of {wanted} new replicas have been updated...")
        }
        _ if all > updated => format!("{} old replicas are pending termination...", all - updated),
        _ if available < updated => format!("{available} of {updated} updated replicas are available..."),
        _ => return Ok((format!("deployment \"{name}\" successfully rolled out"), true)),
    };
    Ok((format!("Waiting for deployment \"{name}\" rollout to finish: {text}"), false))
}
