//! `kubectl wait` and `kubectl rollout`.

use super::Ctx;
use super::delete::PATIENCE;
use super::error::{Done, Failure};
use super::objects::Target;
use super::print::object_name;
use super::send::{DryRun, STRATEGIC_PATCH, query};
use super::{jsonpath, tabs};
use crate::api::{Dig, Request};
use serde_json::{Value, json};
use std::time::Duration;

/// What is waited for.
enum Condition {
    There,
    Gone,
    Status(String, String),
    Path(String, Option<String>),
}

impl Condition {
    fn read(text: &str, old: bool) -> Done<Condition> {
        if text == "delete" {
            return Ok(Condition::Gone);
        }
        if text.eq_ignore_ascii_case("create") && !old {
            return Ok(Condition::There);
        }
        if let Some(name) = text.strip_prefix("condition=") {
            let (name, value) = name.split_once('=').unwrap_or((name, "true"));
            return Ok(Condition::Status(name.to_owned(), value.to_owned()));
        }
        if let Some(rest) = text.strip_prefix("jsonpath=").filter(|_| !old) {
            let close = rest.rfind('}').map_or(0, |i| i + 1);
            let (path, value) = rest.split_at(close);
            return Ok(Condition::Path(
                jsonpath::relaxed(path),
                value.strip_prefix('=').map(|v| v.trim_matches(['\'', '"']).to_owned()),
            ));
        }
        Err(Failure::plain(format!("unrecognized condition: \"{text}\"")))
    }

    fn met(&self, object: Option<&Value>) -> bool {
        let Some(object) = object else {
            return matches!(self, Condition::Gone);
        };
        match self {
            Condition::There => true,
            Condition::Gone => false,
            Condition::Status(name, value) => object.list("status.conditions").iter().any(|c| {
                let current = c.at("observedGeneration").as_i64().is_none_or(|seen| {
                    object.at("metadata.generation").as_i64().is_none_or(|made| seen >= made)
                });
                current
                    && c.text("type").eq_ignore_ascii_case(name)
                    && c.text("status").eq_ignore_ascii_case(value)
            }),
            Condition::Path(path, value) => {
                let found = jsonpath::find(path, object).unwrap_or_default();
                match value {
                    Some(value) => found.len() == 1 && found.iter().all(|v| jsonpath::show(v) == *value),
                    None => !found.is_empty(),
                }
            }
        }
    }
}

/// `kubectl wait --for=… TYPE/NAME`.
pub(super) fn wait(ctx: &mut Ctx<'_>) -> Done {
    let old = ctx.old();
    let condition = Condition::read(ctx.flags.text("for"), old)?;
    let args = ctx.flags.args.clone();
    let gone = matches!(condition, Condition::Gone);
    let targets = ctx.targets(&args)?;
    if targets.is_empty() && (old || !gone) {
        return Err(Failure::plain("no matching resources found"));
    }
    if matches!(condition, Condition::There) {
        all_there(ctx, &targets)?;
    }
    for target in targets {
        match ctx.get(&target.mapping, &target.namespace, &target.name) {
            Ok(_) if matches!(condition, Condition::There) => {
                ctx.say(format!("{}/{} condition met", target.mapping.kind_name(), target.name));
                continue;
            }
            Ok(_) => {}
            Err(failure) if gone && failure.is("NotFound") => match old {
                true => return Err(Failure::plain("no matching resources found")),
                false => continue,
            },
            Err(failure) => return Err(failure),
        }
        let patience = patience(ctx, 30);
        let met = until(ctx, &target, patience, |_, object| Ok(condition.met(object)))?;
        if !met {
            return Err(Failure::plain(format!(
                "timed out waiting for the condition on {}/{}",
                target.mapping.resource, target.name
            )));
        }
        ctx.say(format!("{}/{} condition met", target.mapping.kind_name(), target.name));
    }
    Ok(())
}

/// Asks twice a second until all objects are there.
fn all_there(ctx: &mut Ctx<'_>, targets: &[Target]) -> Done {
    const EVERY: Duration = Duration::from_millis(500);
    let patience = match ctx.flags.duration("timeout") {
        None => Duration::from_secs(30),
        Some(given) => given.min(PATIENCE),
    };
    let mut waited = Duration::ZERO;
    loop {
        let missing =
            targets.iter().find_map(|target| ctx.get(&target.mapping, &target.namespace, &target.name).err());
        match missing {
            None => return Ok(()),
            Some(failure) if !failure.is("NotFound") => return Err(failure),
            Some(_) => {}
        }
        let step = EVERY.min(patience - waited);
        ctx.client.advance(step);
        waited += step;
        if waited >= patience {
            return Err(Failure::plain("timed out waiting for the condition"));
        }
    }
}

/// How long a command waits; zero and less mean as long as it takes.
fn patience(ctx: &Ctx<'_>, default: u64) -> Duration {
    match ctx.flags.duration("timeout") {
        None if default > 0 => Duration::from_secs(default),
        None | Some(Duration::ZERO) => PATIENCE,
        Some(given) => given.min(PATIENCE),
    }
}

/// Looks at an object each second until it is as wished. A missing object is `None`.
fn until(
    ctx: &mut Ctx<'_>,
    target: &Target,
    patience: Duration,
    mut met: impl FnMut(&mut Ctx<'_>, Option<&Value>) -> Done<bool>,
) -> Done<bool> {
    let selector = format!("metadata.name={}", target.name);
    let path = query(&target.mapping.path(&target.namespace, ""), &[("fieldSelector", &selector)]);
    let mut waited = Duration::ZERO;
    loop {
        let request = Request::new("GET", path.clone()).header("Accept", "application/json");
        let list = ctx.send(request)?;
        let mut found = list.object().list("items").first().cloned();
        if let Some(object) = &mut found {
            object.set_default("kind", target.mapping.kind.clone());
        }
        if met(ctx, found.as_ref())? {
            return Ok(true);
        }
        if waited >= patience {
            return Ok(false);
        }
        let step = Duration::from_secs(1).min(patience - waited);
        ctx.client.advance(step);
        waited += step;
    }
}

/// `kubectl rollout status deployment/NAME`.
pub(super) fn rollout_status(ctx: &mut Ctx<'_>) -> Done {
    let args = ctx.flags.args.clone();
    for target in rollout_targets(ctx, &args)? {
        ctx.get(&target.mapping, &target.namespace, &target.name)?;
        if target.mapping.kind != "Deployment" {
            return Err(Failure::plain(format!(
                "kubectl rollout status is not modelled for {}",
                target.mapping.kind
            )));
        }
        let watch = ctx.flags.not_off("watch");
        let patience = if watch { patience(ctx, 0) } else { Duration::ZERO };
        let mut seen = String::new();
        let done = until(ctx, &target, patience, |ctx, object| {
            let Some(object) = object else {
                return Err(Failure::plain("object has been deleted"));
            };
            let version = object.text("metadata.resourceVersion").to_owned();
            let (text, done) = deployment_status(object)?;
            if std::mem::replace(&mut seen, version.clone()) != version {
                ctx.say(text);
            }
            Ok(done)
        })?;
        if !done && watch {
            return Err(Failure::plain("timed out waiting for the condition"));
        }
    }
    Ok(())
}

/// How far a rollout is (`polymorphichelpers.DeploymentStatusViewer`).
fn deployment_status(object: &Value) -> Done<(String, bool)> {
    let name = object.name();
    let number = |path: &str| object.at(path).as_i64().unwrap_or_default();
    if number("metadata.generation") > number("status.observedGeneration") {
        return Ok(("Waiting for deployment spec update to be observed...".to_owned(), false));
    }
    let late = |c: &Value| c.text("type") == "Progressing" && c.text("reason") == "ProgressDeadlineExceeded";
    if object.list("status.conditions").iter().any(late) {
        return Err(Failure::plain(format!("deployment \"{name}\" exceeded its progress deadline")));
    }
    let wanted = object.at("spec.replicas").as_i64();
    let (updated, all, available) =
        (number("status.updatedReplicas"), number("status.replicas"), number("status.availableReplicas"));
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

fn rollout_targets(ctx: &mut Ctx<'_>, args: &[String]) -> Done<Vec<Target>> {
    if args.is_empty() && !ctx.flags.has("filename") {
        return Err(Failure::plain("required resource not specified"));
    }
    ctx.targets(args)
}

/// `kubectl rollout restart deployment/NAME`.
pub(super) fn rollout_restart(ctx: &mut Ctx<'_>) -> Done {
    let args = ctx.flags.args.clone();
    let now = ctx.client.now();
    // Without the fraction of a second, as Go's RFC 3339.
    let at = jiff::Timestamp::from_second(now.as_second()).unwrap_or(now).to_string();
    for target in rollout_targets(ctx, &args)? {
        let object = ctx.get(&target.mapping, &target.namespace, &target.name)?;
        if !matches!(target.mapping.kind.as_str(), "Deployment" | "DaemonSet" | "StatefulSet") {
            return Err(Failure::plain(format!(
                "{} restarting is not supported",
                target.mapping.kind.to_lowercase()
            )));
        }
        if object.flag("spec.paused") {
            let name = format!("{}/{}", target.mapping.resource, target.name);
            return Err(Failure::plain(format!(
                "{name} can't restart paused deployment (run rollout resume first)"
            )));
        }
        let patch = json!({"spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": at}}}}});
        let of = (&target.mapping, target.namespace.as_str(), target.name.as_str());
        let after = ctx.patch(of, (STRATEGIC_PATCH, &patch), &[("fieldManager", "kubectl-rollout")])?;
        ctx.report(&after, "restarted", DryRun::None)?;
    }
    Ok(())
}

/// `kubectl rollout history deployment/NAME`.
pub(super) fn rollout_history(ctx: &mut Ctx<'_>) -> Done {
    let args = ctx.flags.args.clone();
    for target in rollout_targets(ctx, &args)? {
        ctx.get(&target.mapping, &target.namespace, &target.name)?;
        if target.mapping.kind != "Deployment" {
            return Err(Failure::plain(format!(
                "kubectl rollout history is not modelled for {}",
                target.mapping.kind
            )));
        }
        let object = ctx.fetch(&target.mapping.path(&target.namespace, &target.name))?;
        let selector: Vec<String> = object
            .entries("spec.selector.matchLabels")
            .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
            .collect();
        let path = format!("/apis/apps/v1/namespaces/{}/replicasets", target.namespace);
        let sets = ctx.fetch(&query(&path, &[("labelSelector", &selector.join(","))]))?;
        let owned = |set: &&Value| {
            set.list("metadata.ownerReferences")
                .iter()
                .any(|o| o.flag("controller") && o.text("uid") == object.uid())
        };
        let mut revisions: Vec<(i64, String)> = sets
            .list("items")
            .iter()
            .filter(owned)
            .filter_map(|set| {
                let revision = set.annotation("deployment.kubernetes.io/revision")?.parse().ok()?;
                let cause = set.annotation("kubernetes.io/change-cause").unwrap_or("<none>");
                Some((revision, cause.to_owned()))
            })
            .collect();
        revisions.sort();
        ctx.say(format!("{} ", object_name(&object)));
        if revisions.is_empty() {
            ctx.say("No rollout history found.");
            continue;
        }
        let lines = revisions.iter().map(|(revision, cause)| format!("{revision}\t{cause}\n"));
        let text = tabs::align(&format!("REVISION\tCHANGE-CAUSE\n{}", lines.collect::<String>()), 0, 2);
        ctx.say(text);
    }
    Ok(())
}
