//! `kubectl set subject|serviceaccount|image`, `scale`, `cordon`, `uncordon`: small patches of one field.

use super::Ctx;
use super::create::rbac::subjects;
use super::error::{Done, Failure};
use super::merge::three_way;
use super::objects::Target;
use super::print::object_name;
use super::send::{DryRun, MERGE_PATCH, STRATEGIC_PATCH};
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

/// Gets each target, changes it, sends the difference and says so.
fn change(
    ctx: &mut Ctx<'_>,
    args: &[String],
    operation: &str,
    mut edit: impl FnMut(&mut Value) -> Done,
) -> Done {
    let dry = ctx.dry_run()?;
    let mut failures = Vec::new();
    for target in ctx.targets(args)? {
        failures.extend(one(ctx, &target, operation, dry, &mut edit).err());
    }
    Failure::all(failures)
}

fn one(
    ctx: &mut Ctx<'_>,
    target: &Target,
    operation: &str,
    dry: DryRun,
    edit: &mut impl FnMut(&mut Value) -> Done,
) -> Done {
    let before = ctx.get(&target.mapping, &target.namespace, &target.name)?;
    let mut after = before.clone();
    edit(&mut after)?;
    let patch = three_way(&before, &after, &before, true);
    if patch == json!({}) {
        return Ok(());
    }
    if dry != DryRun::Client {
        let manager = ctx.flags.get("field-manager").unwrap_or("kubectl-set").to_owned();
        let of = (&target.mapping, target.namespace.as_str(), target.name.as_str());
        after = ctx.patch(of, (STRATEGIC_PATCH, &patch), &[("fieldManager", &manager)])?;
    }
    ctx.report(&after, operation, dry)
}

/// `kubectl set subject rolebinding NAME --user=…`.
pub(super) fn subject(ctx: &mut Ctx<'_>) -> Done {
    let new = subjects(ctx)?;
    if new.is_empty() {
        return Err(Failure::plain("you must specify at least one value of user, group or serviceaccount"));
    }
    let args = ctx.flags.args.clone();
    change(ctx, &args, "subjects updated", |object| {
        if !matches!(object.text("kind"), "RoleBinding" | "ClusterRoleBinding") {
            return Err(Failure::plain(
                "setting subjects is only supported for RoleBinding/ClusterRoleBinding",
            ));
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
        return Err(Failure::plain("serviceaccount is required"));
    };
    let (account, args) = (account.clone(), args.to_vec());
    if args.is_empty() && !ctx.flags.has("filename") {
        return Err(Failure::plain(
            "one or more resources must be specified as <resource> <name> or <resource>/<name>",
        ));
    }
    change(ctx, &args, "serviceaccount updated", |object| {
        let path = pod_spec_path(object.text("kind")).ok_or_else(|| no_pods(object))?;
        object.set(&format!("{path}.serviceAccountName"), account.clone());
        Ok(())
    })
}

fn no_pods(object: &Value) -> Failure {
    Failure::plain(format!(
        "the object is not a pod or does not have a pod template: {}",
        object.text("kind")
    ))
}

/// `kubectl set image TYPE NAME CONTAINER=IMAGE…`.
pub(super) fn image(ctx: &mut Ctx<'_>) -> Done {
    let (pairs, args): (Vec<String>, Vec<String>) =
        ctx.flags.args.iter().cloned().partition(|a| a.contains('='));
    if pairs.is_empty() {
        return Err(Failure::plain("at least one image update is required"));
    }
    if args.is_empty() && !ctx.flags.has("filename") {
        return Err(Failure::plain(
            "one or more resources must be specified as <resource> <name> or <resource>/<name>",
        ));
    }
    change(ctx, &args, "image updated", |object| {
        let path = pod_spec_path(object.text("kind")).ok_or_else(|| no_pods(object))?;
        for (name, image) in pairs.iter().filter_map(|p| p.split_once('=')) {
            let mut found = false;
            for list in ["containers", "initContainers"] {
                let containers = object.at_mut(&format!("{path}.{list}")).and_then(Value::as_array_mut);
                for container in containers.into_iter().flatten() {
                    if name == "*" || container.text("name") == name {
                        container["image"] = image.into();
                        found = true;
                    }
                }
            }
            if !found {
                return Err(Failure::plain(format!("unable to find container named \"{name}\"")));
            }
        }
        Ok(())
    })
}

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
    let mut failures = Vec::new();
    for target in ctx.targets(&args)? {
        failures.extend(scale_one(ctx, &target, replicas, dry).err());
    }
    Failure::all(failures)
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
    match ctx.output().as_str() {
        "" => {
            let line = format!("{} scaled{}", object_name(&object), dry.suffix());
            ctx.say(line);
            Ok(())
        }
        _ => ctx.print(&object),
    }
}

/// `kubectl cordon NODE`.
pub(super) fn cordon(ctx: &mut Ctx<'_>) -> Done {
    schedulable(ctx, false, "cordoned")
}

/// `kubectl uncordon NODE`.
pub(super) fn uncordon(ctx: &mut Ctx<'_>) -> Done {
    schedulable(ctx, true, "uncordoned")
}

fn schedulable(ctx: &mut Ctx<'_>, wanted: bool, word: &str) -> Done {
    let dry = ctx.dry_run()?;
    if ctx.flags.args.is_empty() {
        return Err(ctx.usage("USAGE: ".to_owned() + &ctx.command + " NODE [flags]"));
    }
    let mapping = ctx.resource("nodes")?;
    for name in ctx.flags.args.clone() {
        let node = ctx.get(&mapping, "", &name)?;
        if node.flag("spec.unschedulable") != wanted {
            ctx.say(format!("node/{name} already {word}{}", dry.suffix()));
            continue;
        }
        if dry != DryRun::Client {
            let value = if wanted { Value::Null } else { true.into() };
            ctx.patch(
                (&mapping, "", &name),
                (STRATEGIC_PATCH, &json!({"spec": {"unschedulable": value}})),
                &[],
            )?;
        }
        ctx.say(format!("node/{name} {word}{}", dry.suffix()));
    }
    Ok(())
}
