//! `kubectl run`: one pod.

use super::Ctx;
use super::documents;
use super::error::{Done, Failure, fail};
use super::send::{DryRun, query};
use crate::api::Dig;
use serde_json::{Map, Value, json};

/// `kubectl run NAME --image=…`.
pub(super) fn run(ctx: &mut Ctx<'_>) -> Done {
    ctx.require(&["image"])?;
    if ctx.flags.on("stdin") || ctx.flags.on("attach") || ctx.flags.on("rm") || ctx.flags.on("expose") {
        fail!("kubectl run is modelled without attaching: leave out -i, --attach, --rm and --expose");
    }
    let dry = ctx.dry_run()?;
    let Some((name, words)) = ctx.flags.args.split_first().filter(|_| ctx.flags.dash != Some(0)) else {
        return Err(ctx.usage("NAME is required for run"));
    };
    let (name, words) = (name.clone(), words.to_vec());
    if ctx.flags.text("image").is_empty() {
        fail!("--image is required");
    }
    let mut pod = pod(ctx, &name, &words)?;
    if let Some(overrides) = ctx.flags.filled("overrides") {
        let patch =
            documents::one(overrides).map_err(|why| Failure::plain(format!("Invalid JSON Patch: {why}")))?;
        crate::api::json_patch::merge(&mut pod, &patch);
    }
    if dry == DryRun::Client {
        return ctx.report(&pod, "created", dry);
    }
    let manager = ctx.flags.get("field-manager").unwrap_or("kubectl-run").to_owned();
    let path = format!("/api/v1/namespaces/{}/pods", ctx.namespace);
    let target = query(&path, &[("dryRun", dry.parameter()), ("fieldManager", &manager)]);
    let created = ctx.post(&target, &pod)?;
    ctx.report(&created, "created", dry)
}

fn pod(ctx: &Ctx<'_>, name: &str, words: &[String]) -> Done<Value> {
    let mut container = json!({"image": ctx.flags.text("image"), "name": name, "resources": {}});
    if !words.is_empty() {
        let field = if ctx.flags.on("command") { "command" } else { "args" };
        container[field] = json!(words);
    }
    let mut env = Vec::new();
    for pair in ctx.flags.all("env") {
        let (key, value) =
            pair.split_once('=').ok_or_else(|| Failure::plain(format!("invalid env: {pair}")))?;
        env.push(json!({"name": key, "value": value}));
    }
    if !env.is_empty() {
        container["env"] = env.into();
    }
    if let Some(port) = ctx.flags.int("port") {
        container["ports"] = json!([{"containerPort": port}]);
    }
    if ctx.flags.on("privileged") {
        container["securityContext"] = json!({"privileged": true});
    }
    if let Some(policy) = ctx.flags.filled("image-pull-policy") {
        container["imagePullPolicy"] = policy.into();
    }
    let restart = ctx.flags.filled("restart").unwrap_or("Always");
    if !["Always", "OnFailure", "Never"].contains(&restart) {
        fail!("invalid restart policy: {restart}");
    }
    let mut metadata = ctx.metadata();
    metadata.set("name", name);
    metadata.set("labels", pairs(ctx.flags.text("labels")));
    if ctx.flags.text("labels").is_empty() {
        metadata.set("labels", json!({"run": name}));
    }
    for annotation in ctx.flags.all("annotations") {
        let (key, value) = annotation.split_once('=').unwrap_or((annotation, ""));
        metadata.make("annotations")[key] = value.into();
    }
    let mut pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "status": {},
        "spec": {"containers": [container], "restartPolicy": restart, "dnsPolicy": "ClusterFirst"}});
    if let Some(account) = ctx.flags.filled("serviceaccount") {
        pod.set("spec.serviceAccountName", account);
    }
    Ok(pod)
}

/// `a=b,c=d` as a map.
fn pairs(text: &str) -> Value {
    let pairs = text.split(',').filter_map(|pair| pair.split_once('='));
    Value::Object(pairs.map(|(k, v)| (k.to_owned(), Value::from(v))).collect::<Map<_, _>>())
}
