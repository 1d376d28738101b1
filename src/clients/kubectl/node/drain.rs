//! `kubectl drain`: cordons a node and evicts what runs there (`kubectl/pkg/drain`).
//!
//! Differs from kubectl: one eviction comes after the other, in the order of the pods' names.

use super::super::Ctx;
use super::super::error::{Done, Failure, fail};
use super::super::send::{DryRun, query};
use super::super::target::Target;
use super::{mark, names};
use crate::api::Dig;
use crate::json::{Value, json};
use std::time::Duration;

/// How long a refused eviction waits for another try.
const AGAIN: Duration = Duration::from_secs(5);

/// What stands against a pod's eviction, and the flag with which it does not.
struct Ground {
    fits: fn(&Value) -> bool,
    flag: fn(&Ctx<'_>) -> bool,
    /// Refusal and warning, of the old client and of today's.
    words: [(&'static str, &'static str); 2],
    /// With the flag, the pod stays where it is.
    spared: bool,
}

fn ended(pod: &Value) -> bool {
    matches!(pod.text("status.phase"), "Succeeded" | "Failed")
}

const GROUNDS: [Ground; 3] = [
    Ground {
        fits: |pod| pod.controller().is_some_and(|owner| owner.text("kind") == "DaemonSet") && !ended(pod),
        flag: |ctx| ctx.flags.on("ignore-daemonsets"),
        words: [(
            "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)",
            "ignoring DaemonSet-managed Pods",
        ); 2],
        spared: true,
    },
    Ground {
        fits: |pod| pod.list("spec.volumes").iter().any(|volume| volume.has("emptyDir")) && !ended(pod),
        flag: |ctx| ctx.flags.on("delete-emptydir-data") || ctx.flags.on("delete-local-data"),
        words: [(
            "cannot delete Pods with local storage (use --delete-emptydir-data to override)",
            "deleting Pods with local storage",
        ); 2],
        spared: false,
    },
    Ground {
        fits: |pod| pod.controller().is_none() && !ended(pod),
        flag: |ctx| ctx.flags.on("force"),
        words: [
            (
                "cannot delete Pods not managed by ReplicationController, ReplicaSet, Job, DaemonSet or StatefulSet (use --force to override)",
                "deleting Pods not managed by ReplicationController, ReplicaSet, Job, DaemonSet or StatefulSet",
            ),
            (
                "cannot delete Pods that declare no controller (use --force to override)",
                "deleting Pods that declare no controller",
            ),
        ],
        spared: false,
    },
];

/// `kubectl drain NODE`.
pub(in super::super) fn drain(ctx: &mut Ctx<'_>) -> Done {
    let names = names(ctx)?;
    let mapping = ctx.resource("nodes")?;
    for name in &names {
        ctx.get(&Target::new(&mapping, "", name))?;
    }
    let dry = ctx.dry_run()?;
    let mut failed: Vec<(String, Failure)> = Vec::new();
    for name in &names {
        mark(ctx, name, false, "cordoned")?;
        match one(ctx, name, dry) {
            Ok(()) => {
                let word = if ctx.old() && dry == DryRun::None { "evicted" } else { "drained" };
                ctx.say(format!("node/{name} {word}{}", dry.suffix()));
            }
            Err(failure) => {
                let text = match ctx.old() {
                    true => format!("error: unable to drain node \"{name}\", aborting command...\n"),
                    false => format!(
                        "error: unable to drain node \"{name}\" due to error: {}, continuing command...",
                        failure.message()
                    ),
                };
                ctx.warn(text);
                failed.push((name.clone(), failure));
                if ctx.old() {
                    break;
                }
            }
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    ctx.warn("There are pending nodes to be drained:");
    let first = names.iter().position(|name| *name == failed[0].0).unwrap_or_default();
    let pending: Vec<String> = match ctx.old() {
        true => names[first..].to_vec(),
        false => failed.iter().map(|(name, _)| name.clone()).collect(),
    };
    pending.iter().for_each(|name| ctx.warn(format!(" {name}")));
    let texts: Vec<String> = failed.iter().map(|(_, failure)| failure.message()).collect();
    let old = ctx.old();
    ctx.ends = failed.iter().flat_map(|(_, failure)| failure.ends(None)).collect();
    Err(if old { Failure::plain(texts.join(", ")) } else { Failure::bare(texts.join("\n")) })
}

fn one(ctx: &mut Ctx<'_>, node: &str, dry: DryRun) -> Done {
    let (node_name, labels) = (format!("spec.nodeName={node}"), ctx.flags.text("pod-selector").to_owned());
    let selectors =
        [("fieldSelector", node_name.as_str()), ("labelSelector", &labels), ("limit", ctx.chunk())];
    let pods = ctx.items("/api/v1/pods", &selectors)?;
    let leaving = chosen(ctx, pods)?;
    for pod in &leaving {
        ctx.say(format!("evicting pod {}/{}{}", pod.namespace(), pod.name(), dry.suffix()));
    }
    if dry == DryRun::Client {
        return Ok(());
    }
    let mut left = leaving.len();
    let done = leave(ctx, &leaving, dry, &mut left);
    if let Err(failure) = &done {
        let why = failure.message();
        ctx.warn(format!("There are pending pods in node \"{node}\" when an error occurred: {why}"));
        leaving[leaving.len() - left..].iter().for_each(|pod| ctx.warn(format!("pod/{}", pod.name())));
    }
    done
}

/// Evicts pods and waits until they are gone; `left` counts those that are not.
fn leave(ctx: &mut Ctx<'_>, leaving: &[Value], dry: DryRun, left: &mut usize) -> Done {
    for pod in leaving {
        evict(ctx, pod, dry)?;
    }
    for pod in leaving.iter().filter(|_| dry == DryRun::None) {
        gone(ctx, pod)?;
        *left -= 1;
        ctx.say(format!("pod/{} evicted", pod.name()));
    }
    Ok(())
}

/// The pods that leave, or what stands against it.
fn chosen(ctx: &mut Ctx<'_>, pods: Vec<Value>) -> Done<Vec<Value>> {
    let (mut leaving, mut refused) = (Vec::new(), vec![Vec::new(); GROUNDS.len()]);
    let mut told = refused.clone();
    for pod in pods {
        let is_mirror = pod.annotation("kubernetes.io/config.mirror").is_some();
        let name = format!("{}/{}", pod.namespace(), pod.name());
        let mut leaves = !is_mirror;
        for (at, ground) in GROUNDS.iter().enumerate() {
            if !leaves || !(ground.fits)(&pod) {
                continue;
            }
            match (ground.flag)(ctx) {
                true => {
                    told[at].push(name.clone());
                    leaves = !ground.spared;
                }
                false => {
                    refused[at].push(name.clone());
                    leaves = false;
                }
            }
        }
        if leaves {
            leaving.push(pod);
        }
    }
    let old = ctx.old();
    let words = |at: usize| GROUNDS[at].words[usize::from(!old)];
    let lines = |all: &[Vec<String>], text: &dyn Fn(usize) -> &'static str| {
        let filled = all.iter().enumerate().filter(|(_, names)| !names.is_empty());
        filled.map(|(at, names)| format!("{}: {}", text(at), names.join(", "))).collect::<Vec<String>>()
    };
    let against = lines(&refused, &|at| words(at).0);
    match against.as_slice() {
        [] => {}
        [one] => return Err(Failure::plain(one.clone())),
        many => fail!("[{}]", many.join(", ")),
    }
    let warnings = lines(&told, &|at| words(at).1);
    if !warnings.is_empty() {
        let mark = if old { "WARNING" } else { "Warning" };
        ctx.warn(format!("{mark}: {}", warnings.join("; ")));
    }
    Ok(leaving)
}

/// Asks for an eviction until no disruption budget is against it.
fn evict(ctx: &mut Ctx<'_>, pod: &Value, dry: DryRun) -> Done {
    let (namespace, name) = (pod.namespace(), pod.name());
    let options = match ctx.flags.int("grace-period").filter(|seconds| *seconds >= 0) {
        Some(seconds) => json!({"gracePeriodSeconds": seconds}),
        None => json!({}),
    };
    let (path, body) = if ctx.flags.on("disable-eviction") {
        (format!("/api/v1/namespaces/{namespace}/pods/{name}"), options)
    } else {
        let api_version = if ctx.old() { "policy/v1beta1" } else { "policy/v1" };
        let eviction = json!({
            "apiVersion": api_version, "kind": "Eviction",
            "metadata": {"name": name, "namespace": namespace}, "deleteOptions": options,
        });
        (format!("/api/v1/namespaces/{namespace}/pods/{name}/eviction"), eviction)
    };
    let method = if ctx.flags.on("disable-eviction") { "DELETE" } else { "POST" };
    let mut waited = Duration::ZERO;
    loop {
        let failure = match ctx.write(method, &query(&path, &[("dryRun", dry.parameter())]), &body) {
            Ok(_) => return Ok(()),
            Err(failure) if failure.is("NotFound") => return Ok(()),
            Err(failure) => failure,
        };
        let text = format!("error when evicting pods/\"{name}\" -n \"{namespace}\"");
        if !failure.is("TooManyRequests") {
            return Err(failure.wrap(&format!("{text}: ")));
        }
        ctx.warn(format!("{text} (will retry after 5s): {}", failure.message()));
        ctx.client.advance(AGAIN);
        waited += AGAIN;
        ctx.say(format!("evicting pod {namespace}/{name}{}", dry.suffix()));
        if waited >= ctx.timeout() {
            return Err(
                failure.in_words(format!("{text}: global timeout reached: {}s", ctx.timeout().as_secs()))
            );
        }
    }
}

/// Waits until a pod is gone or another one has its name.
fn gone(ctx: &mut Ctx<'_>, pod: &Value) -> Done {
    let path = format!("/api/v1/namespaces/{}/pods/{}", pod.namespace(), pod.name());
    let gone = ctx.poll(ctx.timeout(), |ctx| match ctx.fetch(&path) {
        Err(failure) if failure.is("NotFound") => Ok(true),
        Err(failure) => {
            Err(failure.wrap(&format!("error when waiting for pod \"{}\" terminating: ", pod.name())))
        }
        Ok(found) => Ok(found.uid() != pod.uid()),
    })?;
    if gone { Ok(()) } else { fail!("global timeout reached: {}s", ctx.timeout().as_secs()) }
}
