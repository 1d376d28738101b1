//! `kubectl taint` (`kubectl/pkg/cmd/taint`).

use super::super::Ctx;
use super::super::error::{Done, Failure, fail};
use super::super::objects::Wanted;
use super::super::send::{DryRun, STRATEGIC_PATCH};
use super::super::target::Target;
use crate::api::{Dig, names};
use crate::json::{Value, json};

const EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/// A taint to add, or, without an effect, all of its key to remove.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Taint {
    key: String,
    value: Option<String>,
    effect: String,
}

impl Taint {
    /// Reads `key[=value][:effect]`.
    fn read(ctx: &Ctx<'_>, text: &str) -> Done<Taint> {
        let (head, effect) = text.split_once(':').unwrap_or((text, ""));
        let invalid = |why: Vec<String>| {
            let why = if why.is_empty() { String::new() } else { format!(", {}", why.join("; ")) };
            Err(ctx.usage(format!("invalid taint spec: {text}{why}")))
        };
        if effect.contains(':') {
            return invalid(Vec::new());
        }
        if !effect.is_empty() && !EFFECTS.contains(&effect) {
            return Err(ctx.usage(format!("invalid taint effect: {effect}, unsupported taint effect")));
        }
        // Without an effect, all of it is the key.
        let (key, value) = match head.split_once('=').filter(|_| text.contains(':')) {
            Some((key, value)) => (key, Some(value.to_owned())),
            None => (head, None),
        };
        let version = ctx.client.version();
        if let Some(value) = &value {
            let wrong = names::label_value(value, version);
            if value.contains('=') {
                return invalid(Vec::new());
            }
            if !wrong.is_empty() {
                return invalid(wrong);
            }
        }
        let wrong = names::qualified_name(key, version);
        if !wrong.is_empty() {
            return invalid(wrong);
        }
        Ok(Taint { key: key.to_owned(), value, effect: effect.to_owned() })
    }

    fn object(&self) -> Value {
        let mut object = json!({"effect": self.effect, "key": self.key});
        if let Some(value) = self.value.as_ref().filter(|value| !value.is_empty()) {
            object["value"] = value.clone().into();
        }
        object
    }

    /// Whether a node's taint is of this key and, where one is given, this effect.
    fn fits(&self, taint: &Value) -> bool {
        taint.text("key") == self.key && (self.effect.is_empty() || taint.text("effect") == self.effect)
    }

    /// `key` or `key:effect`.
    fn name(&self) -> String {
        if self.effect.is_empty() { self.key.clone() } else { format!("{}:{}", self.key, self.effect) }
    }
}

/// What a command line asks for.
struct Wish {
    add: Vec<Taint>,
    remove: Vec<Taint>,
}

/// `kubectl taint nodes NAME KEY=VALUE:EFFECT`.
pub(in super::super) fn taint(ctx: &mut Ctx<'_>) -> Done {
    let (resources, wish) = read(ctx)?;
    let dry = ctx.dry_run()?;
    let mapping = ctx.resource("nodes")?;
    let names: Vec<String> = match ctx.wanted(&resources)? {
        Wanted::Named(named) => named.into_iter().map(|target| target.name).collect(),
        Wanted::Every(_) => {
            if !ctx.flags.on("all") && !ctx.flags.has("selector") {
                return Err(ctx.no_name());
            }
            let list = ctx.list(&mapping, "application/json")?;
            list.list("items").iter().map(|node| node.name().to_owned()).collect()
        }
    };
    for name in names {
        let target = Target::new(&mapping, "", &name);
        let node = ctx.get(&target)?;
        let (operation, taints) = wish.apply(&node, ctx.flags.on("overwrite"))?;
        if dry != DryRun::Client {
            let taints = if taints.is_empty() { Value::Null } else { taints.into() };
            let patch = json!({"spec": {"taints": taints}});
            ctx.patch_as("kubectl-taint", &target, (STRATEGIC_PATCH, &patch))?;
        }
        ctx.tell(&node, format!("node/{name} {operation}"))?;
    }
    Ok(())
}

/// The nodes that a line names, and what it asks for.
fn read(ctx: &Ctx<'_>) -> Done<(Vec<String>, Wish)> {
    let is_taint = |arg: &&String| arg.contains(['=', ':']) || arg.ends_with('-');
    let (taints, resources): (Vec<&String>, Vec<&String>) = ctx.flags.args.iter().partition(is_taint);
    let first = ctx.flags.args.iter().position(|arg| is_taint(&arg)).unwrap_or(ctx.flags.args.len());
    if let Some(late) = ctx.flags.args[first..].iter().find(|arg| !is_taint(arg)) {
        fail!("all resources must be specified before taint changes: {late}");
    }
    let Some(kind) = resources.first() else {
        fail!("one or more resources must be specified as <resource> <name>");
    };
    if taints.is_empty() {
        fail!("at least one taint update is required");
    }
    let mut wish = Wish { add: Vec::new(), remove: Vec::new() };
    for text in taints {
        match text.strip_suffix('-') {
            Some(text) => wish.remove.push(Taint::read(ctx, text)?),
            None => {
                let taint = Taint::read(ctx, text)?;
                if taint.effect.is_empty() {
                    return Err(ctx.usage(format!("invalid taint spec: {text}")));
                }
                wish.add.push(taint);
            }
        }
    }
    if !["node", "nodes", "no"].contains(&kind.to_lowercase().as_str()) {
        fail!("invalid resource type {kind}, only node types are supported");
    }
    let both = wish.remove.iter().filter(|taint| wish.add.iter().any(|new| taint.fits(&new.object())));
    let both: Vec<String> = both
        .map(|taint| match ctx.old() {
            true => json!({(taint.key.clone()): taint.effect}).to_string(),
            false if taint.effect.is_empty() => format!("{}=", taint.key),
            false => format!("{}=:{}", taint.key, taint.effect),
        })
        .collect();
    if !both.is_empty() {
        let both = both.join(",");
        fail!("can not both modify and remove the following taint(s) in the same command: {both}");
    }
    Ok((resources.into_iter().cloned().collect(), wish))
}

impl Wish {
    /// The word for what is done to a node, and its new taints.
    fn apply(&self, node: &Value, overwrite: bool) -> Done<(&'static str, Vec<Value>)> {
        let old = node.list("spec.taints");
        let known = |taint: &&Taint| old.iter().any(|other| taint.fits(other));
        if !overwrite {
            let there: Vec<&str> = self.add.iter().filter(known).map(|taint| taint.key.as_str()).collect();
            if !there.is_empty() {
                fail!(
                    "node {} already has {} taint(s) with same effect(s) and --overwrite is false",
                    node.name(),
                    there.join(",")
                );
            }
        }
        let kept = old.iter().filter(|taint| !self.add.iter().any(|new| new.fits(taint))).cloned();
        let mut taints: Vec<Value> = self.add.iter().map(Taint::object).chain(kept).collect();
        let mut failures = Vec::new();
        for gone in &self.remove {
            let before = taints.len();
            taints.retain(|taint| !gone.fits(taint));
            if taints.len() == before {
                failures.push(Failure::plain(format!("taint \"{}\" not found", gone.name())));
            }
        }
        Failure::all(failures)?;
        let operation = match (self.add.is_empty(), self.remove.is_empty()) {
            _ if overwrite => "modified",
            (false, false) => "modified",
            (false, true) => "tainted",
            (true, _) => "untainted",
        };
        Ok((operation, taints))
    }
}
