//! `kubectl label` and `kubectl annotate`.

use super::Ctx;
use super::error::{Done, Failure, fail};
use super::print::{object_name, pairs};
use super::send::{DryRun, MERGE_PATCH};
use super::target::Target;
use crate::api::field::quote;
use crate::api::{Dig, Version, names};
use crate::json::{Value, json};

/// What differs between the two.
struct What {
    field: &'static str,
    singular: &'static str,
    manager: &'static str,
    /// The file that stands in an example.
    example: &'static str,
}

const LABELS: What = What { field: "labels", singular: "label", manager: "kubectl-label", example: "pod" };
const ANNOTATIONS: What =
    What { field: "annotations", singular: "annotation", manager: "kubectl-annotate", example: "rsrc" };

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
    let (resources, pairs) = split(&ctx.flags.args, what)?;
    let change = read(&pairs, what, ctx.client.version())?;
    let list = ctx.flags.on("list");
    if ctx.flags.on("local") && !ctx.names_files() {
        let file = what.example;
        fail!(
            "can only use local files by -f {file}.yaml or --filename={file}.json when --local=true is set"
        );
    }
    if ctx.flags.on("local") {
        fail!("--local is not modelled");
    }
    ctx.need_words(&resources)?;
    if change.set.is_empty() && change.remove.is_empty() && !list {
        fail!("at least one {} update is required", what.singular);
    }
    let dry = ctx.dry_run()?;
    let targets = ctx.targets(&resources)?;
    let single = targets.len() == 1 && !ctx.flags.on("all") && !ctx.selects();
    if ctx.flags.filled("resource-version").is_some() && !single {
        fail!("--resource-version may only be used with a single resource");
    }
    ctx.each(targets, |ctx, target| match list {
        true => tell(ctx, &target, &change, what, single),
        false => one(ctx, &target, &change, what, dry),
    })
}

/// Words up to the first `K=V` or `K-`, and the rest (`cmdutil.GetResourcesAndPairs`).
fn split(args: &[String], what: &What) -> Done<(Vec<String>, Vec<String>)> {
    let first = args.iter().position(|arg| is_change(arg)).unwrap_or(args.len());
    if let Some(late) = args[first..].iter().find(|arg| !is_change(arg)) {
        fail!("all resources must be specified before {} changes: {late}", what.singular);
    }
    Ok((args[..first].to_vec(), args[first..].to_vec()))
}

/// Whether a word is `K=V` or `K-`.
pub(super) fn is_change(word: &str) -> bool {
    match word.find('=') {
        Some(at) => at > 0,
        None => word.len() > 1 && word.ends_with('-'),
    }
}

fn read(pairs: &[String], what: &What, version: Version) -> Done<Change> {
    let mut change = Change { set: Vec::new(), remove: Vec::new() };
    let of_labels = what.field == "labels";
    for pair in pairs {
        match pair.split_once('=') {
            Some((_, value)) if of_labels && value.contains('=') => fail!("invalid label spec: {pair}"),
            Some((key, value)) => {
                let wrong = if of_labels { names::label_value(value, version) } else { Vec::new() };
                if !wrong.is_empty() {
                    fail!("invalid label value: {}: {}", quote(pair), wrong.join(";"));
                }
                change.set.retain(|(known, _)| known != key);
                change.set.push((key.to_owned(), value.to_owned()));
            }
            None => change.remove.push(pair[..pair.len() - 1].to_owned()),
        }
    }
    if let Some((key, _)) = change.set.iter().find(|(key, _)| change.remove.contains(key)) {
        return Err(Failure::plain(match of_labels {
            true => "can not both modify and remove a label in the same command".to_owned(),
            false => format!(
                "can not both modify and remove the following annotation(s) in the same command: {key}"
            ),
        }));
    }
    Ok(change)
}

/// Tells an object's labels as they would be; nothing is sent.
fn tell(ctx: &mut Ctx<'_>, target: &Target, change: &Change, what: &What, single: bool) -> Done {
    let mut object = ctx.get(target)?;
    let path = format!("metadata.{}", what.field);
    change.check(&object, &path, what, ctx.flags.on("overwrite"))?;
    for (key, value) in &change.set {
        object.make(&path)[key.as_str()] = value.clone().into();
    }
    for key in &change.remove {
        if let Some(Value::Object(map)) = object.at_mut(&path) {
            map.remove(key);
        }
    }
    if !single {
        let (kind, group, name) = (object.text("kind"), &target.mapping.group, object.name());
        ctx.say(format!("Listing {} for {kind}.{group}/{name}:", what.field));
    }
    let indent = if single { "" } else { " " };
    pairs(object.at(&path)).iter().for_each(|pair| ctx.say(format!("{indent}{pair}")));
    Ok(())
}

impl Change {
    /// That no value is changed that is there already, even if it is the same.
    fn check(&self, object: &Value, path: &str, what: &What, overwrite: bool) -> Done {
        let taken = |(key, _): &(String, String)| Some((key.clone(), object.entry(path, key)?.to_owned()));
        match self.set.iter().find_map(taken).filter(|_| !overwrite) {
            None => Ok(()),
            Some((key, old)) => Err(Failure::plain(match what.field {
                "labels" => format!("'{key}' already has a value ({old}), and --overwrite is false"),
                _ => format!(
                    "--overwrite is false but found the following declared annotation(s): '{key}' already has a value ({old})"
                ),
            })),
        }
    }
}

fn one(ctx: &mut Ctx<'_>, target: &Target, change: &Change, what: &What, dry: DryRun) -> Done {
    let current = ctx.get(target)?;
    let path = format!("metadata.{}", what.field);
    let have = |key: &str| current.entry(&path, key);
    change.check(&current, &path, what, ctx.flags.on("overwrite"))?;
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
