//! `kubectl exec` and `kubectl logs`.

use super::Ctx;
use super::error::{Done, Failure, fail};
use super::print::pairs;
use super::send::query;
use super::target::Target;
use crate::api::{Body, Dig, Request};
use crate::json::Value;

/// The annotation that names the container that is meant when none is named.
const DEFAULT_CONTAINER: &str = "kubectl.kubernetes.io/default-container";

/// `kubectl exec POD -- COMMAND`.
pub(super) fn exec(ctx: &mut Ctx<'_>) -> Done {
    let args = ctx.flags.args.clone();
    let (pod, command) = match (ctx.flags.dash, args.split_first()) {
        (_, None) | (Some(0), _) if ctx.old() => return Err(ctx.usage("pod or type/name must be specified")),
        (_, None) | (Some(0), _) => fail!("pod, type/name or --filename must be specified"),
        (Some(1), Some((pod, command))) | (None, Some((pod, command @ []))) => (pod, command),
        (None, Some((pod, command))) if ctx.old() => {
            ctx.warn("kubectl exec [POD] [COMMAND] is DEPRECATED and will be removed in a future version. Use kubectl exec [POD] -- [COMMAND] instead.");
            (pod, command)
        }
        (None | Some(_), Some(_)) => {
            return Err(ctx.usage(
                "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead",
            ));
        }
    };
    if command.is_empty() {
        fail!("you must specify at least one command for the container");
    }
    let pod = one_pod(ctx, pod)?;
    if matches!(pod.text("status.phase"), "Succeeded" | "Failed") {
        fail!(
            "cannot exec into a container in a completed pod; current phase is {}",
            pod.text("status.phase")
        );
    }
    let container = container(ctx, &pod)?;
    let mut pairs: Vec<(&str, &str)> = command.iter().map(|word| ("command", word.as_str())).collect();
    pairs.push(("container", &container));
    pairs.push(("stderr", "true"));
    if ctx.flags.on("stdin") {
        pairs.push(("stdin", "true"));
    }
    pairs.push(("stdout", "true"));
    let path = format!("/api/v1/namespaces/{}/pods/{}/exec", pod.namespace(), pod.name());
    let target = query(&path, &pairs);
    upgrade(ctx, &target)?;
    let output = ctx.client.exec(pod.namespace(), pod.name(), &container, command);
    // What the command in the pod asked is what the line is about; else it was only about getting in.
    ctx.ends = output.ends.iter().copied().filter(|end| end.request.is_some()).collect();
    ctx.out.push_str(&output.stdout);
    ctx.err.push_str(&output.stderr);
    if output.exit == 0 {
        return Ok(());
    }
    ctx.warn(format!("command terminated with exit code {}", output.exit));
    Err(Failure::exit(output.exit))
}

/// Asks to switch protocols: today with GET (WebSocket) first, then as of old with POST (SPDY).
fn upgrade(ctx: &mut Ctx<'_>, target: &str) -> Done {
    const UNABLE: &str = "unable to upgrade connection: ";
    if !ctx.old() {
        let request = Request::new("GET", target)
            .header("Connection", "Upgrade")
            .header("Upgrade", "websocket")
            .header("Sec-Websocket-Protocol", "v5.channel.k8s.io");
        let response = ctx.send_raw(request);
        if response.ok() {
            ctx.took("CONNECT");
            return Ok(());
        }
        // This is told on the stream itself, when it is too late for SPDY.
        let told = response.object().text("message");
        if told.starts_with(&format!("Internal error occurred: {UNABLE}")) {
            return Err(ctx.refused(&response).in_words(told));
        }
    }
    let request = Request::new("POST", target)
        .header("Connection", "Upgrade")
        .header("Upgrade", "SPDY/3.1")
        .header("X-Stream-Protocol-Version", "v4.channel.k8s.io");
    let response = ctx.send_raw(request);
    match &response.body {
        _ if response.ok() => {
            ctx.took("CONNECT");
            Ok(())
        }
        Body::Text(text) => Err(ctx.refused(&response).in_words(format!("{UNABLE}{text}"))),
        Body::Json(_) | Body::List(_) | Body::Bytes(_) | Body::Watch(_) => Err(ctx.refused(&response)),
    }
}

/// The pod that a word names, itself or through its workload.
fn one_pod(ctx: &mut Ctx<'_>, word: &str) -> Done<Value> {
    let (kind, name) = word.split_once('/').unwrap_or(("pods", word));
    let mapping = ctx.resource(kind)?;
    let namespace = ctx.namespace.clone();
    let object = ctx.get(&Target::new(&mapping, &namespace, name))?;
    if mapping.kind == "Pod" {
        return Ok(object);
    }
    let selector = match mapping.kind.as_str() {
        "Service" | "ReplicationController" => "spec.selector",
        _ => "spec.selector.matchLabels",
    };
    let selector = pairs(object.at(selector)).join(",");
    if selector.is_empty() {
        fail!("cannot attach to {}: selector for {} not implemented", mapping.kind, mapping.kind);
    }
    let path = format!("/api/v1/namespaces/{namespace}/pods");
    let Some(mut pod) = ctx.items(&path, &[("labelSelector", &selector)])?.into_iter().next() else {
        fail!("timed out waiting for the condition");
    };
    pod.set_default("kind", "Pod");
    Ok(pod)
}

/// All containers of a pod, those marked that do not run beside the others.
fn marked(pod: &Value) -> String {
    let kinds = [
        ("spec.containers", ""),
        ("spec.ephemeralContainers", " (ephem)"),
        ("spec.initContainers", " (init)"),
    ];
    let names = kinds.iter().flat_map(|(list, mark)| {
        pod.list(list).iter().map(move |container| format!("{}{mark}", container.text("name")))
    });
    names.collect::<Vec<String>>().join(", ")
}

fn no_container(name: &str, pod: &Value, new: bool) -> Failure {
    let of = if new { format!(" out of: {}", marked(pod)) } else { String::new() };
    Failure::plain(format!("container {name} is not valid for pod {}{of}", pod.name()))
}

fn container(ctx: &mut Ctx<'_>, pod: &Value) -> Done<String> {
    let names: Vec<&str> = ["spec.containers", "spec.initContainers"]
        .iter()
        .flat_map(|path| pod.list(path))
        .map(|c| c.text("name"))
        .collect();
    if let Some(wanted) = ctx.flags.filled("container") {
        return match ctx.old() || names.contains(&wanted) {
            true => Ok(wanted.to_owned()),
            false => Err(no_container(wanted, pod, true)),
        };
    }
    if let Some(name) = pod.annotation(DEFAULT_CONTAINER).filter(|name| names.contains(name)) {
        return Ok(name.to_owned());
    }
    let first = names.first().copied().unwrap_or_default().to_owned();
    if names.len() > 1 && !ctx.flags.on("quiet") {
        match ctx.old() {
            true => {
                ctx.warn(format!("Defaulting container name to {first}."));
                ctx.warn(format!(
                    "Use 'kubectl describe pod/{} -n {}' to see all of the containers in this pod.",
                    pod.name(),
                    pod.namespace()
                ));
            }
            false => ctx.warn(format!("Defaulted container \"{first}\" out of: {}", marked(pod))),
        }
    }
    Ok(first)
}

/// `kubectl logs POD`.
pub(super) fn logs(ctx: &mut Ctx<'_>) -> Done {
    let args = ctx.flags.args.clone();
    let word = match args.as_slice() {
        [] | [_, _, _, ..] => return Err(ctx.usage("expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command")),
        [word, ..] => word,
    };
    let old = ctx.old();
    let namespace = ctx.namespace.clone();
    let pod = one_pod(ctx, word).map_err(|failure| match !old && failure.is("NotFound") {
        true => {
            let missing = failure.message();
            failure.in_words(format!("error from server (NotFound): {missing} in namespace \"{namespace}\""))
        }
        false => failure,
    })?;
    let container = match (args.get(1), ctx.flags.filled("container")) {
        (Some(name), _) => name.clone(),
        (None, Some(name)) => name.to_owned(),
        (None, None) if old && pod.list("spec.containers").len() > 1 => {
            let names: Vec<&str> = pod.list("spec.containers").iter().map(|c| c.text("name")).collect();
            fail!(
                "a container name must be specified for pod {}, choose one of: [{}]",
                pod.name(),
                names.join(" ")
            );
        }
        (None, None) if old => String::new(),
        (None, None) => container(ctx, &pod)?,
    };
    let known = ["spec.containers", "spec.initContainers", "spec.ephemeralContainers"];
    let mut names = known.iter().flat_map(|list| pod.list(list)).map(|own| own.text("name"));
    if !container.is_empty() && !names.any(|name| name == container) {
        return Err(no_container(&container, &pod, !old));
    }
    let previous = if ctx.flags.on("previous") { "true" } else { "" };
    let path = format!("/api/v1/namespaces/{}/pods/{}/log", pod.namespace(), pod.name());
    let target = query(
        &path,
        &[("container", container.as_str()), ("previous", previous), ("tailLines", ctx.flags.text("tail"))],
    );
    let response = ctx.send(Request::new("GET", target).header("Accept", "application/json, */*"))?;
    ctx.print_raw(&response.body);
    Ok(())
}

/// `kubectl edit`: there is nobody at an editor.
pub(super) fn edit(ctx: &mut Ctx<'_>) -> Done {
    for target in ctx.all_targets()? {
        ctx.get(&target)?;
    }
    fail!(
        "unable to launch the editor \"vi\": a scenario has no editor, use `kubectl patch` or `kubectl apply`"
    )
}
