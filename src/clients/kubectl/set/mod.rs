//! `kubectl set subject|serviceaccount|image|selector|env|resources`: small patches of one field.

pub(super) mod env;
pub(super) mod resources;

use super::Ctx;
use super::create::policy::selector_of;
use super::create::rbac::subjects;
use super::error::{Done, Failure, fail};
use super::label::is_change;
use super::merge::three_way;
use super::send::{DryRun, STRATEGIC_PATCH};
use crate::api::Dig;
use crate::json::{Value, json};

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

/// What one of these commands says: of what it did, and of a patch that was refused.
struct Words {
    done: &'static str,
    refused: &'static str,
}

/// Gets all targets, then changes each, sends the difference and says so. A bare failure of `edit` gets the target's name.
fn change(
    ctx: &mut Ctx<'_>,
    args: &[String],
    words: &Words,
    check: impl FnOnce() -> Done,
    mut edit: impl FnMut(&mut Value) -> Done,
) -> Done {
    let dry = ctx.dry_run()?;
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for target in ctx.targets(args)? {
        match ctx.get(&target) {
            Ok(object) => found.push((target, object)),
            Err(failure) => missing.push(failure),
        }
    }
    Failure::all(missing)?;
    check()?;
    ctx.each(found, |ctx, (target, before)| {
        let mut after = before.clone();
        edit(&mut after).map_err(|failure| match failure.is_bare() {
            true => failure.wrap(&format!("{}/{} ", target.mapping.resource, target.name)),
            false => failure,
        })?;
        let patch = three_way(&before, &after, &before, Some(ctx.shape(&before)));
        if patch == json!({}) {
            return Ok(());
        }
        if dry != DryRun::Client {
            let patched = ctx.patch_as("kubectl-set", &target, (STRATEGIC_PATCH, &patch));
            after = match words.refused {
                "" => patched?,
                refused => patched.map_err(|failure| failure.wrap(refused))?,
            };
        }
        ctx.report(&after, words.done, dry)
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
    let (new, mut wrong) = match subjects(ctx) {
        Ok(new) => (new, Ok(())),
        Err(failure) => (Vec::new(), Err(failure)),
    };
    if wrong.is_ok() && new.is_empty() {
        let text = "you must specify at least one value of user, group or serviceaccount";
        wrong = Err(Failure::plain(text));
    }
    let args = ctx.flags.args.clone();
    let words = Words { done: "subjects updated", refused: "failed to patch subjects to rolebinding: " };
    change(
        ctx,
        &args,
        &words,
        || wrong,
        |object| {
            if !matches!(object.text("kind"), "RoleBinding" | "ClusterRoleBinding") {
                return Err(Failure::bare(
                    "setting subjects is only supported for RoleBinding/ClusterRoleBinding",
                ));
            }
            let mut all = object.list("subjects").to_vec();
            all.extend(new.iter().filter(|s| !object.list("subjects").contains(s)).cloned());
            object.set("subjects", all);
            Ok(())
        },
    )
}

/// `kubectl set serviceaccount TYPE NAME ACCOUNT`.
pub(super) fn service_account(ctx: &mut Ctx<'_>) -> Done {
    let Some((account, args)) = ctx.flags.args.split_last() else {
        fail!("serviceaccount is required");
    };
    let (account, args) = (account.clone(), args.to_vec());
    let words = Words { done: "serviceaccount updated", refused: "failed to patch ServiceAccountName " };
    change(
        ctx,
        &args,
        &words,
        || Ok(()),
        |object| {
            let path = pod_spec_path(object.text("kind")).ok_or_else(|| no_pods(object))?;
            object.set(&format!("{path}.serviceAccountName"), account.clone());
            Ok(())
        },
    )
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
        ctx.flags.args.iter().cloned().partition(|arg| is_change(arg));
    let check = || match pairs.is_empty() {
        true => Err(Failure::plain("at least one image update is required")),
        false => Ok(()),
    };
    let words = Words { done: "image updated", refused: "failed to patch image update to pod template: " };
    // What has no such container is told behind what was done.
    let mut without = Vec::new();
    let done = change(ctx, &args, &words, check, |object| {
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
                without.push(Failure::plain(format!("error: unable to find container named \"{name}\"")));
            }
        }
        Ok(())
    });
    without.extend(done.err());
    Failure::all(without)
}

/// `kubectl set selector TYPE NAME a=b`: objects come one after the other here.
pub(super) fn selector(ctx: &mut Ctx<'_>) -> Done {
    let Some((text, args)) = ctx.flags.args.split_last() else {
        fail!("one selector is required");
    };
    let (selector, args) = (selector_of(ctx, text)?, args.to_vec());
    let dry = ctx.dry_run()?;
    let targets = ctx.targets(&args)?;
    ctx.each(targets, |ctx, target| {
        let mut object = ctx.get(&target)?;
        if target.mapping.kind != "Service" {
            fail!("setting a selector is only supported for Services");
        }
        let beyond = selector.list("matchExpressions").iter();
        let beyond: Vec<String> = beyond
            .map(|one| {
                format!(
                    "{{{} {} [{}]}}",
                    one.text("key"),
                    one.text("operator"),
                    one.texts("values").join(" ")
                )
            })
            .collect();
        if !beyond.is_empty() {
            fail!("match expression [{}] not supported on this object", beyond.join(" "));
        }
        let before = object.clone();
        object.set("spec.selector", selector.at("matchLabels").clone());
        let patch = three_way(&before, &object, &before, Some(ctx.shape(&before)));
        if dry != DryRun::Client {
            object = ctx.patch_as("kubectl-set", &target, (STRATEGIC_PATCH, &patch))?;
        }
        ctx.report(&object, "selector updated", dry)
    })
}
