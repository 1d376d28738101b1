//! `create secret generic|docker-registry|tls`, `create configmap`.

use super::super::Ctx;
use super::super::error::{Done, Failure, fail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::collections::BTreeMap;

type Data = BTreeMap<String, String>;

/// What `--from-literal`, `--from-file` and `--from-env-file` give.
fn collect(ctx: &Ctx<'_>) -> Done<Data> {
    let mut data = Data::new();
    for path in ctx.flags.all("from-file") {
        let (key, path) = match path.split_once('=') {
            Some((key, path)) => (key.to_owned(), path),
            None => (path.rsplit('/').next().unwrap_or(path).to_owned(), path.as_str()),
        };
        let text = ctx.files.read(path).map_err(Failure::plain)?;
        put(&mut data, key, text)?;
    }
    for literal in ctx.flags.all("from-literal") {
        let (key, value) = literal
            .split_once('=')
            .filter(|(key, _)| !key.is_empty())
            .ok_or_else(|| Failure::plain(format!("invalid literal source {literal}, expected key=value")))?;
        put(&mut data, key.to_owned(), value.trim_matches(['"', '\'']).to_owned())?;
    }
    for path in ctx.flags.all("from-env-file") {
        let text = ctx.files.read(path).map_err(Failure::plain)?;
        for line in text.lines().map(str::trim_start).filter(|l| !l.is_empty() && !l.starts_with('#')) {
            if let Some((key, value)) = line.split_once('=') {
                put(&mut data, key.to_owned(), value.to_owned())?;
            }
        }
    }
    Ok(data)
}

fn put(data: &mut Data, key: String, value: String) -> Done {
    if data.contains_key(&key) {
        fail!("cannot add key \"{key}\", another key by that name already exists");
    }
    data.insert(key, value);
    Ok(())
}

fn no_hash(ctx: &Ctx<'_>) -> Done {
    if ctx.flags.on("append-hash") { fail!("--append-hash is not modelled") } else { Ok(()) }
}

fn encoded(data: Data) -> Value {
    let pairs = data.into_iter().map(|(key, value)| (key, Value::from(STANDARD.encode(value))));
    Value::Object(pairs.collect())
}

/// `kubectl create configmap NAME --from-literal=K=V`.
pub(in super::super) fn config_map(ctx: &mut Ctx<'_>) -> Done {
    let name = ctx.one_name()?;
    no_hash(ctx)?;
    let data = collect(ctx)?;
    let mut object = ctx.object("v1", "ConfigMap", &name, true);
    if !data.is_empty() {
        object["data"] = json!(data);
    }
    let failed = (!ctx.old()).then_some("failed to create configmap: ");
    ctx.create(object, failed)
}

fn secret(ctx: &mut Ctx<'_>, name: &str, kind: &str, data: Data) -> Done {
    no_hash(ctx)?;
    let mut object = ctx.object("v1", "Secret", name, true);
    if !kind.is_empty() {
        object["type"] = kind.into();
    }
    if !data.is_empty() {
        object["data"] = encoded(data);
    }
    let failed = (!ctx.old()).then_some("failed to create secret ");
    ctx.create(object, failed)
}

/// `kubectl create secret generic NAME …`.
pub(in super::super) fn generic(ctx: &mut Ctx<'_>) -> Done {
    let name = ctx.one_name()?;
    let data = collect(ctx)?;
    let kind = ctx.flags.text("type").to_owned();
    secret(ctx, &name, &kind, data)
}

/// `kubectl create secret tls NAME --cert=FILE --key=FILE`; the pair is not checked.
pub(in super::super) fn tls(ctx: &mut Ctx<'_>) -> Done {
    let name = ctx.one_name()?;
    let mut data = Data::new();
    for (flag, key) in [("cert", "tls.crt"), ("key", "tls.key")] {
        match ctx.flags.text(flag) {
            "" if ctx.old() => return Err(ctx.usage(format!("flag {flag} is required"))),
            "" => fail!("key and cert must be specified"),
            path => data.insert(key.to_owned(), ctx.files.read(path).map_err(Failure::plain)?),
        };
    }
    secret(ctx, &name, "kubernetes.io/tls", data)
}

/// `kubectl create secret docker-registry NAME …`.
pub(in super::super) fn docker_registry(ctx: &mut Ctx<'_>) -> Done {
    let name = ctx.one_name()?;
    let mut data = Data::new();
    if ctx.flags.has("from-file") {
        data = collect(ctx)?;
    } else {
        let (user, password) = (ctx.flags.text("docker-username"), ctx.flags.text("docker-password"));
        if user.is_empty() || password.is_empty() {
            fail!(
                "either --from-file or the combination of --docker-username, --docker-password and --docker-server is required"
            );
        }
        let server = match ctx.flags.text("docker-server") {
            "" => "https://index.docker.io/v1/",
            server => server,
        };
        // The order of fields is the one of the client's Go type.
        let email = match ctx.flags.text("docker-email") {
            "" => String::new(),
            email => format!("\"email\":{},", Value::from(email)),
        };
        let text = format!(
            "{{\"auths\":{{{}:{{\"username\":{},\"password\":{},{email}\"auth\":{}}}}}}}",
            Value::from(server),
            Value::from(user),
            Value::from(password),
            Value::from(STANDARD.encode(format!("{user}:{password}")))
        );
        data.insert(".dockerconfigjson".to_owned(), text);
    }
    secret(ctx, &name, "kubernetes.io/dockerconfigjson", data)
}
