//! `kubectl set env`.

use super::super::Ctx;
use super::super::error::{Done, Failure, fail};
use super::super::label::is_change;
use super::super::target::Target;
use super::{Words, change, containers, is_meant};
use crate::api::{Dig, names};
use crate::json::{Value, json};

/// What is to become of the environment.
struct Wish {
    set: Vec<Value>,
    remove: Vec<String>,
}

impl Wish {
    /// A container's environment as it is wished for: what is new replaces in place, the rest comes at the end.
    fn apply(&self, old: &[Value]) -> Vec<Value> {
        let new = |name: &str| self.set.iter().find(|entry| entry.text("name") == name);
        let mut env: Vec<Value> = Vec::new();
        let kept = old.iter().map(|entry| new(entry.text("name")).unwrap_or(entry));
        for entry in kept.chain(&self.set) {
            let name = entry.text("name");
            if !self.remove.iter().any(|gone| gone == name) && env.iter().all(|e| e.text("name") != name) {
                env.push(entry.clone());
            }
        }
        env
    }
}

/// `kubectl set env TYPE NAME A=b C-`.
pub(in super::super) fn env(ctx: &mut Ctx<'_>) -> Done {
    let first = ctx.flags.args.iter().position(|arg| is_change(arg)).unwrap_or(ctx.flags.args.len());
    let (args, changes) = ctx.flags.args.split_at(first);
    if !changes.iter().all(|arg| is_change(arg)) {
        let all = ctx.flags.args.join(" ");
        return Err(ctx.usage(format!("all resources must be specified before environment changes: {all}")));
    }
    let args = args.to_vec();
    let changes: Vec<String> = changes.iter().chain(ctx.flags.all("env")).cloned().collect();
    ctx.need_words(&args)?;
    if ctx.flags.has("keys") && ctx.flags.filled("from").is_none() {
        fail!("when specifying --keys, a configmap or secret must be provided with --from");
    }
    if ctx.flags.on("resolve") {
        fail!("kubectl set env --resolve is not modelled");
    }
    let mut wish = Wish { set: Vec::new(), remove: Vec::new() };
    for text in &changes {
        match text.split_once('=') {
            Some((name, value)) => {
                let wrong = names::variable(name);
                if !wrong.is_empty() {
                    fail!("\"{name}\" is not a valid key name: {}", wrong.join(";"));
                }
                wish.set.push(json!({"name": name, "value": value}));
            }
            None => match text.strip_suffix('-') {
                Some(name) => wish.remove.push(name.to_owned()),
                None => fail!("unknown environment variable: {text}"),
            },
        }
    }
    if wish.set.iter().any(|new| wish.remove.iter().any(|gone| gone == new.text("name"))) {
        fail!("can not both modify and remove the same environment variable in the same command");
    }
    if let Some(from) = ctx.flags.filled("from").map(str::to_owned) {
        wish.set.extend(entries_of(ctx, &from)?);
    }
    let pattern = ctx.flags.filled("containers").unwrap_or("*").to_owned();
    let (lists, keeps) = (ctx.flags.on("list"), ctx.flags.has("overwrite") && !ctx.flags.on("overwrite"));
    let (mut said, mut warned) = (String::new(), Vec::new());
    let words = Words { done: "env updated", refused: "failed to patch env update to pod template: " };
    let done = change(
        ctx,
        &args,
        &words,
        || Ok(()),
        |object| {
            let before = object.clone();
            let found = containers(object, "containers", |container| {
                if !is_meant(&pattern, container.text("name")) {
                    return Ok(false);
                }
                let old = container.list("env").to_vec();
                let there =
                    old.iter().find(|e| wish.set.iter().any(|new| new.text("name") == e.text("name")));
                if let Some(there) = there.filter(|_| keeps) {
                    let (name, value) = (there.text("name"), there.text("value"));
                    return Err(Failure::bare(format!(
                        "'{name}' already has a value ({value}), and --overwrite is false"
                    )));
                }
                let env = wish.apply(&old);
                if lists {
                    let (kind, name) = (before.text("kind"), before.name());
                    said.push_str(&format!("# {kind} {name}, container {}\n", container.text("name")));
                    env.iter().for_each(|entry| said.push_str(&line(entry)));
                }
                if !(env.is_empty() && old.is_empty()) {
                    container["env"] = env.into();
                }
                Ok(true)
            })?;
            if !found {
                let (kind, name) = (before.text("kind"), before.name());
                warned.push(format!(
                    "arning: {kind}/{name} does not have any containers matching \"{pattern}\""
                ));
            }
            if lists {
                *object = before;
            }
            Ok(())
        },
    );
    ctx.out.push_str(&said);
    let first = if ctx.old() { 'w' } else { 'W' };
    warned.iter().for_each(|text| ctx.warn(format!("{first}{text}")));
    done
}

/// The keys of a config map or secret as variables.
fn entries_of(ctx: &mut Ctx<'_>, from: &str) -> Done<Vec<Value>> {
    let (kind, name) = from.split_once('/').ok_or_else(|| ctx.no_name())?;
    let mapping = ctx.resource(kind)?;
    let namespace = ctx.namespace.clone();
    let object = ctx.get(&Target::new(&mapping, &namespace, name))?;
    let field = match mapping.kind.as_str() {
        "ConfigMap" => "configMapKeyRef",
        "Secret" => "secretKeyRef",
        _ => return Err(Failure::plain("unsupported resource specified in --from".to_owned())),
    };
    let wanted = ctx.flags.all("keys").to_vec();
    let prefix = ctx.flags.text("prefix").to_owned();
    let mut entries = Vec::new();
    for (key, _) in object
        .entries("data")
        .filter(|(key, _)| wanted.is_empty() || wanted.iter().any(|wanted| wanted == key.as_str()))
    {
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' };
        let variable: String = key.chars().map(plain).collect::<String>().to_uppercase();
        if variable != *key && !ctx.old() {
            ctx.warn(format!("Warning: key {key} transferred to {variable}"));
        }
        let source = json!({field: {"key": key, "name": name}});
        entries.push(json!({"name": format!("{prefix}{variable}"), "valueFrom": source}));
    }
    Ok(entries)
}

/// One variable in a list.
fn line(entry: &Value) -> String {
    let name = entry.text("name");
    let source = entry.at("valueFrom");
    if !source.is_object() {
        return format!("{name}={}\n", entry.text("value"));
    }
    let from =
        [("configMapKeyRef", "configmap"), ("secretKeyRef", "secret")].iter().find_map(|(field, what)| {
            let of = source.at(field);
            of.is_object().then(|| format!("{what} {}, key {}", of.text("name"), of.text("key")))
        });
    let from = from.unwrap_or_else(|| match source.text("fieldRef.fieldPath") {
        "" => format!("resource path {}", source.text("resourceFieldRef.resource")),
        path => format!("field path {path}"),
    });
    format!("# {name} from {from}\n")
}
