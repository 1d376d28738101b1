//! `kubectl rollout history` and `kubectl rollout undo`: the revisions of a deployment.
//!
//! Differs from kubectl: daemon sets and stateful sets have no history here.

use super::super::Ctx;
use super::super::describe::{selector, template_text};
use super::super::error::{Done, Failure};
use super::super::objects::Target;
use super::super::print::object_name;
use super::super::send::{DryRun, JSON_PATCH, query};
use super::super::{apply, tabs};
use super::targets;
use crate::api::Dig;
use serde_json::{Map, Value, json};

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
    let selector = selector(deployment.at("spec.selector.matchLabels"));
    let path = format!("/apis/apps/v1/namespaces/{}/replicasets", deployment.namespace());
    let sets = ctx.fetch(&query(&path, &[("labelSelector", &selector)]))?;
    let owned = |set: &&Value| {
        let mut owners = set.list("metadata.ownerReferences").iter();
        owners.any(|owner| owner.flag("controller") && owner.text("uid") == deployment.uid())
    };
    let mut revisions: Vec<(i64, Value)> = sets
        .list("items")
        .iter()
        .filter(owned)
        .filter_map(|set| Some((set.annotation(REVISION)?.parse().ok()?, set.clone())))
        .collect();
    revisions.sort_by_key(|(revision, _)| *revision);
    Ok(revisions)
}

/// `kubectl rollout history deployment/NAME`.
pub(in super::super) fn history(ctx: &mut Ctx<'_>) -> Done {
    let args = ctx.flags.args.clone();
    let wanted = ctx.flags.int("revision").unwrap_or_default();
    if wanted < 0 {
        return Err(Failure::plain(format!("revision must be a positive integer: {wanted}")));
    }
    for target in targets(ctx, &args)? {
        ctx.get(&target.mapping, &target.namespace, &target.name)?;
        if target.mapping.kind != "Deployment" {
            return Err(Failure::plain(format!(
                "kubectl rollout history is not modelled for {}",
                target.mapping.kind
            )));
        }
        let object = ctx.fetch(&target.mapping.path(&target.namespace, &target.name))?;
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
    let args = ctx.flags.args.clone();
    let dry = ctx.dry_run()?;
    for target in targets(ctx, &args)? {
        let mut object = ctx.get(&target.mapping, &target.namespace, &target.name)?;
        object.set_default("kind", target.mapping.kind.clone());
        let kind = &target.mapping.kind;
        match kind.as_str() {
            "Deployment" => {}
            "DaemonSet" | "StatefulSet" => {
                return Err(Failure::plain(format!("kubectl rollout undo is not modelled for {kind}")));
            }
            _ => {
                return Err(Failure::plain(format!(
                    "error retrieving rollbacker for \"{kind}\", no visitor method exists for {{{} {kind}}}",
                    target.mapping.group
                )));
            }
        }
        let done = back(ctx, &target, dry)?;
        ctx.tell(&object, format!("{} {done}{}", object_name(&object), dry.suffix()))?;
    }
    Ok(())
}

/// Rolls a deployment back; tells what was done.
fn back(ctx: &mut Ctx<'_>, target: &Target, dry: DryRun) -> Done<String> {
    let name = &target.name;
    let wanted = ctx.flags.int("to-revision").unwrap_or_default();
    let deployment = ctx.fetch(&target.mapping.path(&target.namespace, name))?;
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
        return Err(Failure::plain(format!(
            "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume deployment/{name}' and try again"
        )));
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
    let of = (&target.mapping, target.namespace.as_str(), name.as_str());
    ctx.patch(of, (JSON_PATCH, &patch), &[])
        .map_err(|failure| failure.wrap(&format!("failed restoring revision {wanted}: ")))?;
    Ok("rolled back".to_owned())
}
