//! `create secret generic|docker-registry|tls`, `create configmap`.

use super::super::Ctx;
use super::super::error::{Done, Failure, fail};
use crate::api::names;
use crate::json::{Value, json};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;

type Data = BTreeMap<String, String>;

/// The keys of an object, as they are collected; what is wrong with one is said in the words of the object's kind.
struct Keys<'a> {
    data: Data,
    kind: &'static str,
    name: &'a str,
}

impl<'a> Keys<'a> {
    fn of(kind: &'static str, name: &'a str) -> Keys<'a> {
        Keys { data: Data::new(), kind, name }
    }

    fn put(&mut self, key: String, value: String) -> Done {
        let wrong = names::config_map_key(&key);
        let is_secret = self.kind == "Secret";
        match (wrong.is_empty(), is_secret, self.data.contains_key(&key)) {
            (false, true, _) => fail!("\"{key}\" is not valid key name for a Secret {}", wrong.join(";")),
            (false, false, _) => {
                fail!("\"{key}\" is not a valid key name for a ConfigMap: {}", wrong.join(","))
            }
            (true, true, true) => fail!("cannot add key {key}, another key by that name already exists"),
            (true, false, true) => fail!(
                "cannot add key \"{key}\", another key by that name already exists in Data for ConfigMap \"{}\"",
                self.name
            ),
            (true, _, false) => {}
        }
        self.data.insert(key, value);
        Ok(())
    }

    /// What `--from-literal`, `--from-file` and `--from-env-file` give.
    fn collect(mut self, ctx: &Ctx<'_>) -> Done<Data> {
        let [files, literals, env_files] =
            ["from-file", "from-literal", "from-env-file"].map(|flag| ctx.flags.all(flag));
        if !(env_files.is_empty() || files.is_empty() && literals.is_empty()) {
            fail!("from-env-file cannot be combined with from-file or from-literal");
        }
        for source in files {
            let (key, path) = file_source(source)?;
            self.put(key.to_owned(), read(ctx, path)?)?;
        }
        for literal in literals {
            let (key, value) =
                literal.split_once('=').filter(|(key, _)| !key.is_empty()).ok_or_else(|| {
                    Failure::plain(format!("invalid literal source {literal}, expected key=value"))
                })?;
            self.put(key.to_owned(), value.to_owned())?;
        }
        for path in env_files {
            let text = read(ctx, path)?;
            for line in text.lines().map(str::trim_start).filter(|l| !l.is_empty() && !l.starts_with('#')) {
                // Without a value, it is that of kubectl's own environment, which is empty here.
                let (key, value) = line.split_once('=').unwrap_or((line, ""));
                let wrong = names::variable(key);
                if !wrong.is_empty() {
                    fail!("\"{key}\" is not a valid key name: {}", wrong.join(";"));
                }
                self.put(key.to_owned(), value.to_owned())?;
            }
        }
        Ok(self.data)
    }
}

/// `PATH` or `KEY=PATH` (`generate.ParseFileSource`).
fn file_source(source: &str) -> Done<(&str, &str)> {
    match source.split('=').collect::<Vec<_>>().as_slice() {
        [path] => Ok((path.rsplit('/').next().unwrap_or(path), path)),
        ["", path] => fail!("key name for file path {path} missing"),
        [key, ""] => fail!("file path for key name {key} missing"),
        [key, path] => Ok((key, path)),
        _ => fail!("key names or file paths cannot contain '='"),
    }
}

fn read(ctx: &Ctx<'_>, path: &str) -> Done<String> {
    ctx.files.read(path).map_err(|why| Failure::plain(format!("error reading {path}: {why}")))
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
    let data = Keys::of("ConfigMap", &name).collect(ctx)?;
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
    let data = Keys::of("Secret", &name).collect(ctx)?;
    let kind = ctx.flags.text("type").to_owned();
    secret(ctx, &name, &kind, data)
}

/// `kubectl create secret tls NAME --cert=FILE --key=FILE`; the pair is not checked.
pub(in super::super) fn tls(ctx: &mut Ctx<'_>) -> Done {
    let name = ctx.one_name()?;
    let mut data = Data::new();
    let pair = [("cert", "tls.crt"), ("key", "tls.key")];
    if let Some((flag, _)) = pair.iter().find(|(flag, _)| ctx.flags.text(flag).is_empty()) {
        return Err(match ctx.old() {
            true => ctx.usage(format!("flag {flag} is required")),
            false => Failure::plain("key and cert must be specified"),
        });
    }
    for (flag, key) in pair {
        let path = ctx.flags.text(flag);
        let wrong = |why| Failure::plain(format!("Cannot read file {path}, open {path}: {why}"));
        data.insert(key.to_owned(), ctx.files.read(path).map_err(wrong)?);
    }
    secret(ctx, &name, "kubernetes.io/tls", data)
}

/// `kubectl create secret docker-registry NAME …`.
pub(in super::super) fn docker_registry(ctx: &mut Ctx<'_>) -> Done {
    let name = ctx.one_name()?;
    let mut data = Data::new();
    if ctx.flags.has("from-file") {
        data = Keys::of("Secret", &name).collect(ctx)?;
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
