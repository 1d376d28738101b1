//! `kubectl run`: one pod.

use super::Ctx;
use super::documents;
use super::error::{Done, Failure, fail};
use super::send::{DryRun, query};
use crate::api::field::quote;
use crate::api::{Dig, names};
use crate::json::{Map, Value, json};

/// `kubectl run NAME --image=…`.
pub(super) fn run(ctx: &mut Ctx<'_>) -> Done {
    ctx.require(&["image"])?;
    let dry = ctx.dry_run()?;
    let Some((name, words)) = ctx.flags.args.split_first().filter(|_| ctx.flags.dash != Some(0)) else {
        return Err(ctx.usage("NAME is required for run"));
    };
    let (name, words) = (name.clone(), words.to_vec());
    check(ctx)?;
    let mut pod = pod(ctx, &name, &words)?;
    if let Some(overrides) = ctx.flags.filled("overrides") {
        let patch = documents::one(overrides).ok().filter(Value::is_object);
        let patch = patch.ok_or_else(|| Failure::plain("Invalid JSON Patch"))?;
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

/// What the flags must be for a server to be asked.
fn check(ctx: &Ctx<'_>) -> Done {
    let image = ctx.flags.text("image");
    if image.is_empty() {
        fail!("--image is required");
    }
    if !is_reference(image) {
        let invalid = if ctx.old() { "Invalid" } else { "invalid" };
        fail!("{invalid} image name {}: invalid reference format", quote(image));
    }
    let attach = ctx.flags.on("attach") || ctx.flags.on("stdin") && ctx.flags.get("attach") != Some("false");
    if ctx.flags.on("tty") && !ctx.flags.on("stdin") {
        fail!("-i/--stdin is required for containers with -t/--tty=true");
    }
    if ctx.flags.on("expose") && ctx.flags.text("port").is_empty() {
        fail!("--port must be set when exposing a service");
    }
    if !attach && ctx.flags.on("rm") {
        fail!("--rm should only be used for attached containers");
    }
    if attach || ctx.flags.on("expose") {
        fail!("kubectl run is modelled without attaching: leave out -i, --attach, --rm and --expose");
    }
    let policy = ctx.flags.text("image-pull-policy");
    if !["", "Always", "IfNotPresent", "Never"].contains(&policy) {
        let valid = if ctx.old() { "" } else { ", valid values are: Always, IfNotPresent, Never" };
        fail!("invalid image pull policy: {policy}{valid}");
    }
    Ok(())
}

/// Whether a text is the reference of an image (`distribution/reference`): a path in lower case, behind a host if there is
/// one, before a tag and a digest if there are any.
fn is_reference(image: &str) -> bool {
    let (rest, digest) = match image.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (image, None),
    };
    let is_hex = |hex: &str| hex.len() >= 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    if digest.is_some_and(|digest| {
        !digest.split_once(':').is_some_and(|(kind, hex)| !kind.is_empty() && is_hex(hex))
    }) {
        return false;
    }
    let (path, tag) = match rest.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')) {
        Some((path, tag)) => (path, Some(tag)),
        None => (rest, None),
    };
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_tag = |tag: &str| {
        tag.len() <= 128
            && tag.bytes().all(|b| word(b) || b == b'.' || b == b'-')
            && tag.bytes().next().is_some_and(word)
    };
    if !tag.is_none_or(is_tag) {
        return false;
    }
    let is_part = |part: &str| {
        let edge = |byte: Option<u8>| byte.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b);
        edge(part.bytes().next()) && edge(part.bytes().last()) && part.bytes().all(inner)
    };
    let is_host = |host: &str| {
        let name = host.split(':').next().unwrap_or_default();
        !name.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b))
    };
    match path.split_once('/') {
        Some((host, rest)) => (is_host(host) || is_part(host)) && rest.split('/').all(is_part),
        None => is_part(path),
    }
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
        if !names::variable(key).is_empty() {
            fail!("invalid env: {pair}");
        }
        env.push(json!({"name": key, "value": value}));
    }
    if !env.is_empty() {
        container["env"] = env.into();
    }
    if let Some(port) = ctx.flags.filled("port") {
        let port: i64 = port.parse().map_err(|_| Failure::plain("--port must be a number"))?;
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
        let valid = if ctx.old() { "" } else { ", valid values are: Always, OnFailure, Never" };
        fail!("invalid restart policy: {restart}{valid}");
    }
    let mut metadata = ctx.metadata();
    metadata.set("name", name);
    metadata.set("labels", pairs(ctx.flags.text("labels"))?);
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

/// `a=b,c=d` as a map (`generate.ParseLabels`).
fn pairs(text: &str) -> Done<Value> {
    let mut map = Map::new();
    for pair in text.split(',').filter(|_| !text.is_empty()) {
        match pair.split_once('=') {
            Some(("", _)) => fail!("unexpected empty label key"),
            Some((key, value)) if !value.contains('=') => map.insert(key.to_owned(), value.into()),
            _ => fail!("unexpected label spec: {pair}"),
        };
    }
    Ok(Value::Object(map))
}
