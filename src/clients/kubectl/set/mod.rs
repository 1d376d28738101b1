//! `kubectl set subject|serviceaccount|image|selector|env|resources`: small patches of one field.

pub(super) mod env;
pub(super) mod resources;

use super::Ctx;
use super::create::policy::equalities;
use super::create::rbac::subjects;
use super::error::{Done, Failure, fail};
use super::merge::three_way;
use super::send::{DryRun, STRATEGIC_PATCH};
use crate::api::Dig;
use serde_json::{Value, json};

/// Where a workload keeps its pods' spec.
fn pod_spec_path(kind: &str) -> Option<&'static str> {
    match kind {
        "Pod" => Some("spec"),
        "CronJob" => Some("spec.jobTemplate.spec.template.spec"),
        "Deployment" | "ReplicaSet" | "DaemonSet" | "StatefulSet" | "Job" | "ReplicationController" => {
            Some("spec.template.spec")
        }
        _ => None,
    }
}

/// Gets each target, changes it, sends the difference and says so. A bare failure of `edit` gets the target's name.
fn change(
    ctx: &mut Ctx<'_>,
    args: &[String],
    operation: &str,
    mut edit: impl FnMut(&mut Value) -> Done,
) -> Done {
    let dry = ctx.dry_run()?;
    let targets = ctx.targets(args)?;
    ctx.each(targets, |ctx, target| {
        let before = ctx.get(&target)?;
        let mut after = before.clone();
        edit(&mut after).map_err(|failure| match failure.is_bare() {
            true => failure.wrap(&format!("{}/{} ", target.mapping.resource, target.name)),
            false => failure,
        })?;
        let patch = three_way(&before, &after, &before, true);
        if patch == json!({}) {
            return Ok(());
        }
        if dry != DryRun::Client {
            after = ctx.patch_as("kubectl-set", &target, (STRATEGIC_PATCH, &patch))?;
        }
        ctx.report(&after, operation, dry)
    })
}

/// Changes the containers in a list of an object's pods, those that `edit` says it means; whether there were any.
fn containers(object: &mut Value, list: &str, mut edit: impl FnMut(&mut Value) -> Done<bool>) -> Done<bool> {
    let path = pod_spec_path(object.text("kind")).ok_or_else(|| no_pods(object))?;
    let containers = object.at_mut(&format!("{path}.{list}")).and_then(Value::as_array_mut);
    let mut found = false;
    for container in containers.into_iter().flatten() {
        found |= edit(container)?;
    }
    Ok(found)
}

/// `kubectl set subject rolebinding NAME --user=…`.
pub(super) fn subject(ctx: &mut Ctx<'_>) -> Done {
    let new = subjects(ctx)?;
    if new.is_empty() {
        fail!("you must specify at least one value of user, group or serviceaccount");
    }
    let args = ctx.flags.args.clone();
    change(ctx, &args, "subjects updated", |object| {
        if !matches!(object.text("kind"), "RoleBinding" | "ClusterRoleBinding") {
            fail!("setting subjects is only supported for RoleBinding/ClusterRoleBinding");
        }
        let mut all = object.list("subjects").to_vec();
        all.extend(new.iter().filter(|s| !object.list("subjects").contains(s)).cloned());
        object.set("subjects", all);
        Ok(())
    })
}

/// `kubectl set serviceaccount TYPE NAME ACCOUNT`.
pub(super) fn service_account(ctx: &mut Ctx<'_>) -> Done {
    let Some((account, args)) = ctx.flags.args.split_last() else {
        fail!("serviceaccount is required");
    };
    let (account, args) = (account.clone(), args.to_vec());
    ctx.need_words(&args)?;
    change(ctx, &args, "serviceaccount updated", |object| {
        let path = pod_spec_path(object.text("kind")).ok_or_else(|| no_pods(object))?;
        object.set(&format!("{path}.serviceAccountName"), account.clone());
        Ok(())
    })
}

/// What has no pods to change.
fn no_pods(object: &Value) -> Failure {
    let (kind, version) = (object.text("kind"), object.text("apiVersion"));
    let version = version.rsplit('/').next().unwrap_or_default();
    Failure::bare(format!("the object is not a pod or does not have a pod template: *{version}.{kind}"))
}

/// The container of a pod or template that a pattern means (`*`, a name, or the beginning and end of one).
fn is_meant(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((head, tail)) => {
            name.len() >= head.len() + tail.len() && name.starts_with(head) && name.ends_with(tail)
        }
    }
}

/// `kubectl set image TYPE NAME CONTAINER=IMAGE…`.
pub(super) fn image(ctx: &mut Ctx<'_>) -> Done {
    let (pairs, args): (Vec<String>, Vec<String>) =
        ctx.flags.args.iter().cloned().partition(|a| a.contains('='));
    if pairs.is_empty() {
        fail!("at least one image update is required");
    }
    ctx.need_words(&args)?;
    change(ctx, &args, "image updated", |object| {
        for (name, image) in pairs.iter().filter_map(|p| p.split_once('=')) {
            let mut set = |container: &mut Value| {
                let meant = name == "*" || container.text("name") == name;
                if meant {
                    container["image"] = image.into();
                }
                Ok(meant)
            };
            if !(containers(object, "containers", &mut set)?
                | containers(object, "initContainers", &mut set)?)
            {
                fail!("unable to find container named \"{name}\"");
            }
        }
        Ok(())
    })
}

/// `kubectl set selector TYPE NAME a=b`.
pub(super) fn selector(ctx: &mut Ctx<'_>) -> Done {
    let Some((text, args)) = ctx.flags.args.split_last() else {
        fail!("one or more resources must be specified as <resource> <name> or <resource>/<name>");
    };
    let labels = equalities(text)
        .ok_or_else(|| Failure::plain("resources must be specified before selector changes".to_owned()))?;
    let args = args.to_vec();
    change(ctx, &args, "selector updated", |object| match object.text("kind") {
        "Service" => {
            object.set("spec.selector", labels.clone());
            Ok(())
        }
        _ => fail!("setting a selector is only supported for Services"),
    })
}
