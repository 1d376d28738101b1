//! `kubectl rollout history` and `kubectl rollout undo`: the revisions of a deployment.
//!
//! Differs from kubectl: daemon sets and stateful sets have no history here.

use super::super::Ctx;
use super::super::describe::template_text;
use super::super::error::{Done, Failure, fail};
use super::super::print::{object_name, pairs};
use super::super::send::{DryRun, JSON_PATCH};
use super::super::target::Target;
use super::super::{apply, tabs};
use super::targets;
use crate::api::Dig;
use crate::json::{Map, Value, json};

const REVISION: &str = "deployment.kubernetes.io/revision";
const CAUSE: &str = "kubernetes.io/change-cause";

/// The annotations of a deployment that no rollback touches.
const KEPT: [&str; 6] = [
    apply::LAST_APPLIED,
    REVISION,
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
];

/// The replica sets of a deployment by revision.
fn revisions(ctx: &mut Ctx<'_>, deployment: &Value) -> Done<Vec<(i64, Value)>> {
    let selector = pairs(deployment.at("spec.selector.matchLabels")).join(",");
    let path = format!("/apis/apps/v1/namespaces/{}/replicasets", deployment.namespace());
    let sets = ctx.items(&path, &[("labelSelector", &selector)])?;
    let mut revisions: Vec<(i64, Value)> = sets
        .into_iter()
        .filter(|set| set.is_controlled_by(deployment))
        .filter_map(|set| Some((set.annotation(REVISION)?.parse().ok()?, set)))
        .collect();
    revisions.sort_by_key(|(revision, _)| *revision);
    Ok(revisions)
}

/// `kubectl rollout history deployment/NAME`.
pub(in super::super) fn history(ctx: &mut Ctx<'_>) -> Done {
    let wanted = ctx.flags.int("revision").unwrap_or_default();
    if wanted < 0 {
        fail!("revision must be a positive integer: {wanted}");
    }
    for target in targets(ctx)? {
        ctx.get(&target)?;
        if target.mapping.kind != "Deployment" {
            fail!("kubectl rollout history is not modelled for {}", target.mapping.kind);
        }
        let object = ctx.fetch(&target.path())?;
        let revisions = revisions(ctx, &object)?;
        if wanted > 0 {
            let found = revisions.iter().find(|(revision, _)| *revision == wanted);
            let (_, set) = found.ok_or_else(|| Failure::plain("unable to find the specified revision"))?;
            let mut template = set.at("spec.template").clone();
            if let Some(cause) = set.annotation(CAUSE) {
                template.make("metadata.annotations")[CAUSE] = cause.into();
            }
            let text = template_text(ctx, &template);
            ctx.say(format!("{} with revision #{wanted}\n{text}", object_name(&object)));
            continue;
        }
        ctx.say(format!("{} ", object_name(&object)));
        if revisions.is_empty() {
            ctx.say("No rollout history found.");
            continue;
        }
        let line = |(revision, set): &(i64, Value)| {
            format!("{revision}\t{}\n", set.annotation(CAUSE).unwrap_or("<none>"))
        };
        let lines: String = revisions.iter().map(line).collect();
        let text = tabs::align(&format!("REVISION\tCHANGE-CAUSE\n{lines}"), 0, 2);
        ctx.say(text);
    }
    Ok(())
}

/// `kubectl rollout undo deployment/NAME`.
pub(in super::super) fn undo(ctx: &mut Ctx<'_>) -> Done {
    let dry = ctx.dry_run()?;
    for target in targets(ctx)? {
        let mut object = ctx.get(&target)?;
        object.set_default("kind", target.mapping.kind.clone());
        let kind = &target.mapping.kind;
        match kind.as_str() {
            "Deployment" => {}
            "DaemonSet" | "StatefulSet" => fail!("kubectl rollout undo is not modelled for {kind}"),
            _ => fail!(
                "error retrieving rollbacker for \"{kind}\", no visitor method exists for {{{} {kind}}}",
                target.mapping.group
            ),
        }
        let done = back(ctx, &target, dry)?;
        ctx.report(&object, &done, dry)?;
    }
    Ok(())
}

/// Rolls a deployment back; tells what was done.
fn back(ctx: &mut Ctx<'_>, target: &Target, dry: DryRun) -> Done<String> {
    let name = &target.name;
    let wanted = ctx.flags.int("to-revision").unwrap_or_default();
    let deployment = ctx.fetch(&target.path())?;
    let revisions = revisions(ctx, &deployment)?;
    let found = match wanted {
        0 => revisions.iter().rev().nth(1),
        wanted => revisions.iter().find(|(revision, _)| *revision == wanted),
    };
    let Some((_, set)) = found else {
        return Err(Failure::plain(match wanted {
            0 => format!("no rollout history found for deployment \"{name}\""),
            wanted => format!("unable to find specified revision {wanted} in history"),
        }));
    };
    if dry == DryRun::Client {
        return Ok(template_text(ctx, set.at("spec.template")));
    }
    if deployment.flag("spec.paused") {
        fail!(
            "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume deployment/{name}' and try again"
        );
    }
    let mut template = set.at("spec.template").clone();
    template.take_out("metadata.labels.pod-template-hash");
    let mut now = deployment.at("spec.template").clone();
    now.take_out("metadata.labels.pod-template-hash");
    if now == template {
        return Ok(format!("skipped rollback (current template already matches revision {wanted})"));
    }
    let mut annotations = Map::new();
    let kept = deployment.entries("metadata.annotations").filter(|(key, _)| KEPT.contains(&key.as_str()));
    let new = set.entries("metadata.annotations").filter(|(key, _)| !KEPT.contains(&key.as_str()));
    annotations.extend(kept.chain(new).map(|(key, value)| (key.clone(), value.clone())));
    let patch = json!([
        {"op": "replace", "path": "/spec/template", "value": template},
        {"op": "replace", "path": "/metadata/annotations", "value": annotations},
    ]);
    ctx.patch(target, (JSON_PATCH, &patch), &[])
        .map_err(|failure| failure.wrap(&format!("failed restoring revision {wanted}: ")))?;
    Ok("rolled back".to_owned())
}
