//! `kubectl label` and `kubectl annotate`.

use super::Ctx;
use super::error::{Done, Failure, fail};
use super::print::{object_name, pairs};
use super::send::{DryRun, MERGE_PATCH};
use super::target::Target;
use crate::api::Dig;
use serde_json::{Value, json};

/// What differs between the two.
struct What {
    field: &'static str,
    singular: &'static str,
    manager: &'static str,
}

const LABELS: What = What { field: "labels", singular: "label", manager: "kubectl-label" };
const ANNOTATIONS: What = What { field: "annotations", singular: "annotation", manager: "kubectl-annotate" };

/// `kubectl label TYPE NAME K=V K-`.
pub(super) fn label(ctx: &mut Ctx<'_>) -> Done {
    change(ctx, &LABELS)
}

/// `kubectl annotate TYPE NAME K=V K-`.
pub(super) fn annotate(ctx: &mut Ctx<'_>) -> Done {
    change(ctx, &ANNOTATIONS)
}

/// Keys to set, and keys to take away.
struct Change {
    set: Vec<(String, String)>,
    remove: Vec<String>,
}

fn change(ctx: &mut Ctx<'_>, what: &What) -> Done {
    if ctx.flags.on("local") {
        fail!("--local is not modelled");
    }
    let (resources, pairs): (Vec<String>, Vec<String>) = split(&ctx.flags.args);
    let change = read(&pairs, what)?;
    let list = ctx.flags.on("list");
    ctx.need_words(&resources)?;
    if change.set.is_empty() && change.remove.is_empty() && !list {
        fail!("at least one {} update is required", what.singular);
    }
    let dry = ctx.dry_run()?;
    let targets = ctx.targets(&resources)?;
    ctx.each(targets, |ctx, target| one(ctx, &target, &change, what, dry, list))
}

/// Words up to the first `K=V` or `K-`, and the rest.
fn split(args: &[String]) -> (Vec<String>, Vec<String>) {
    let is_pair = |arg: &String| arg.contains('=') || arg.ends_with('-');
    let first = args.iter().position(is_pair).unwrap_or(args.len());
    (args[..first].to_vec(), args[first..].to_vec())
}

fn read(pairs: &[String], what: &What) -> Done<Change> {
    let mut change = Change { set: Vec::new(), remove: Vec::new() };
    for pair in pairs {
        match pair.split_once('=') {
            Some((key, value)) if !key.is_empty() => change.set.push((key.to_owned(), value.to_owned())),
            None if pair.ends_with('-') => change.remove.push(pair[..pair.len() - 1].to_owned()),
            _ if what.field == "labels" => fail!("unknown label spec: {pair}"),
            _ => fail!("unexpected format for annotation: {pair}"),
        }
    }
    if let Some((key, _)) = change.set.iter().find(|(key, _)| change.remove.contains(key)) {
        return Err(Failure::plain(match what.field {
            "labels" => format!("can not both modify and remove label \"{key}\" in the same command"),
            _ => format!(
                "can not both modify and remove the following annotation(s) in the same command: {key}"
            ),
        }));
    }
    Ok(change)
}

fn one(ctx: &mut Ctx<'_>, target: &Target, change: &Change, what: &What, dry: DryRun, list: bool) -> Done {
    let current = ctx.get(target)?;
    let path = format!("metadata.{}", what.field);
    let have = |key: &str| current.entry(&path, key);
    if list && change.set.is_empty() && change.remove.is_empty() {
        pairs(current.at(&path)).iter().for_each(|pair| ctx.say(pair));
        return Ok(());
    }
    if !ctx.flags.on("overwrite") {
        // A value that is there already is refused even if it is the same.
        let taken = change.set.iter().find(|(key, _)| have(key).is_some());
        if let Some((key, _)) = taken {
            let old = have(key).unwrap_or_default();
            return Err(Failure::plain(match what.field {
                "labels" => format!("'{key}' already has a value ({old}), and --overwrite is false"),
                _ => format!(
                    "--overwrite is false but found the following declared annotation(s): '{key}' already has a value ({old})"
                ),
            }));
        }
    }
    let mut patch = json!({});
    for key in &change.remove {
        match have(key) {
            Some(_) => patch.make(&path)[key] = Value::Null,
            None if what.field == "labels" => ctx.say(format!("label \"{key}\" not found.")),
            None => {}
        }
    }
    for (key, value) in change.set.iter().filter(|(key, value)| have(key) != Some(value.as_str())) {
        patch.make(&path)[key] = value.clone().into();
    }
    if let Some(version) = ctx.flags.filled("resource-version") {
        patch.set("metadata.resourceVersion", version);
    }
    let operation = operation(ctx.old(), change, &patch, what);
    let mut shown = current.clone();
    if dry != DryRun::Client {
        shown = ctx.patch_as(what.manager, target, (MERGE_PATCH, &patch))?;
    }
    let silent = ctx.old() && what.field == "labels";
    let suffix = if silent { "" } else { dry.suffix() };
    ctx.tell(&shown, format!("{} {operation}{suffix}", object_name(&shown)))
}

fn operation(old: bool, change: &Change, patch: &Value, what: &What) -> &'static str {
    match what.field {
        "annotations" => "annotated",
        _ if patch == &json!({}) => "not labeled",
        _ if change.set.is_empty() && !old => "unlabeled",
        _ => "labeled",
    }
}
