//! `kubeverdict diff`: who gained and who lost what, between two dumps, folders or revisions of git.

mod fail_on;
mod git;
mod markdown;
mod results;
mod sides;
mod text;

use super::format::FormatArgs;
use super::out::Out;
use super::{Exit, dumps};
use crate::api::rbac::Who;
use crate::error::Error;
use crate::explain::gained::{Right, gained};
use crate::paths as climbs;
use fail_on::Condition;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::Write;

/// Say who gained and who lost what between two dumps, folders or revisions of git
///
///   kubeverdict diff old.yaml new.yaml
///
///   kubeverdict diff main..HEAD -- deploy/
///
///   kubeverdict diff HEAD --fail-on gained:secrets --fail-on gained:create:pods/exec -- deploy/
///
/// A..B are two revisions, A...B is B since it parted from A, and one revision is compared with the files as they are. What
/// counts is what somebody may do, not how it is written: a rule that only moves to another role is no difference. What a
/// group gains is not told again of those in it. Who gets to cluster-admin by what is new is told as `paths` does. Of a
/// --fail-on, `*` is any verb or resource, and `gained:*.*` is met by a rule of all resources alone. Ends with 1 where a
/// --fail-on is met, with 2 for bad input, else with 0.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct DiffArgs {
    /// Two files or folders (`-` is standard input), or revisions of git
    #[arg(value_name = "A B | A..B | REVISION", required = true, num_args = 1..=2)]
    sides: Vec<String>,
    /// Of revisions: the files or folders that count; all manifests here and below unless given
    #[arg(last = true, value_name = "PATH")]
    paths: Vec<String>,
    /// The namespace of objects whose manifests name none
    #[arg(short, long, value_name = "NAMESPACE")]
    namespace: Option<String>,
    /// The release
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,
    #[command(flatten)]
    format: FormatArgs<Format>,
    /// End with 1 where this is met: gained, lost, gained:RESOURCE, gained:VERB:RESOURCE, opened (a path to cluster-admin); may be
    /// given several times
    #[arg(long, value_name = "CONDITION")]
    fail_on: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
    /// A comment to a pull request
    Markdown,
    /// For code scanning
    Sarif,
}

/// What is other between two clusters.
#[derive(Serialize, JsonSchema)]
pub(super) struct Difference {
    /// What was compared: a file, a folder, a revision.
    from: String,
    /// With what.
    to: String,
    /// What is allowed in the second one only.
    gained: Vec<Changed>,
    /// What is allowed in the first one only; the places are the first one's.
    lost: Vec<Changed>,
    /// By what who gets to cluster-admin in the second one only.
    opened: Vec<Opened>,
    /// By what who got there in the first one only.
    closed: Vec<climbs::Path>,
}

/// A path to cluster-admin that was not there.
#[derive(Serialize, JsonSchema)]
struct Opened {
    #[serde(flatten)]
    path: climbs::Path,
    /// Whether a `--fail-on` is met by it.
    fails: bool,
    /// Where the first of what allows it is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<(String, usize)>,
}

/// A right that is in one of them only.
#[derive(Serialize, JsonSchema)]
struct Changed {
    #[serde(flatten)]
    right: Right,
    /// Whether a `--fail-on` is met by it.
    fails: bool,
}

pub(super) fn cmd_diff(args: DiffArgs) -> Result<Exit, Error> {
    let [one, other] = sides::read(&args.sides, &args.paths)?;
    if one.objects.is_empty() && other.objects.is_empty() {
        return Err(Error::new(format!(
            "there is no object in `{}`, and none in `{}`",
            one.name, other.name
        ))
        .hint("give manifests, or what `kubectl get -o yaml` prints"));
    }
    let load = |objects| dumps::load(objects, args.version.as_deref(), args.namespace.as_deref());
    let (before, after) = (load(one.objects)?, load(other.objects)?);
    let read = |text: &String| Condition::read(text, after.cluster.resources());
    let conditions = args.fail_on.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let changed = |rights: Vec<Right>, is: &dyn Fn(&Condition, &Right) -> bool| {
        let fails = |right: &Right| conditions.iter().any(|condition| is(condition, right));
        rights.into_iter().map(|right| Changed { fails: fails(&right), right }).collect::<Vec<_>>()
    };
    let everything = climbs::Target::everything();
    let [old_paths, new_paths] =
        [climbs::shortest(&before, &everything)?, climbs::shortest(&after, &everything)?];
    let mut places = after.places();
    let opens = |path: &climbs::Path| Opened {
        fails: conditions.iter().any(Condition::is_opened),
        at: path.grounds().find_map(|ground| ground.written(&mut places)).map(|at| (at.file, at.line)),
        path: path.clone(),
    };
    let only = |of: &BTreeMap<Who, climbs::Path>, without: &BTreeMap<Who, climbs::Path>| {
        // What a group has is not told again of those who are in it.
        let by_group = |who: &Who| climbs::groups_of(who).any(|group| of.contains_key(&group));
        of.iter()
            .filter(|(who, _)| !without.contains_key(who) && !by_group(who))
            .map(|(_, path)| path.clone())
            .collect::<Vec<_>>()
    };
    let difference = Difference {
        opened: only(&new_paths, &old_paths).iter().map(opens).collect(),
        closed: only(&old_paths, &new_paths),
        from: one.name,
        to: other.name,
        gained: changed(gained(&before, &after), &|condition, right| condition.is_gained(right, &before)),
        lost: changed(gained(&after, &before), &|condition, right| condition.is_lost(right, &after)),
    };
    let mut out = Out::open();
    match args.format.chosen() {
        Format::Text => drop(writeln!(out, "{}", text::of(&difference))),
        Format::Json => out.json(&serde_json::to_string_pretty(&difference).map_err(Error::of)?),
        Format::Markdown => drop(writeln!(out, "{}", markdown::of(&difference))),
        Format::Sarif => {
            out.json(&serde_json::to_string_pretty(&results::of(&difference)).map_err(Error::of)?)
        }
    }
    out.end(if difference.fails() { Exit::Differs } else { Exit::Fine })
}

impl Difference {
    fn fails(&self) -> bool {
        self.gained.iter().chain(&self.lost).any(|changed| changed.fails)
            || self.opened.iter().any(|opened| opened.fails)
    }

    /// What was gained and lost, with the word for it.
    fn all(&self) -> impl Iterator<Item = (&'static str, &Changed)> {
        let gained = self.gained.iter().map(|changed| ("gained", changed));
        gained.chain(self.lost.iter().map(|changed| ("lost", changed)))
    }

    /// `3 rights gained, none lost`.
    fn summary(&self) -> String {
        let count = |changed: &[Changed]| {
            let rights = changed.iter().flat_map(|changed| &changed.right.rights);
            match rights.map(|rule| rule.verbs.len()).sum::<usize>() {
                0 => "none".to_owned(),
                count => count.to_string(),
            }
        };
        let rights = match (count(&self.gained).as_str(), count(&self.lost).as_str()) {
            ("none", "none") => "nobody gained or lost a right".to_owned(),
            (gained, "none") => format!("{gained} {} gained, none lost", plural(gained)),
            ("none", lost) => format!("no right gained, {lost} lost"),
            (gained, lost) => format!("{gained} {} gained, {lost} lost", plural(gained)),
        };
        let paths = [("opened", self.opened.len()), ("closed", self.closed.len())];
        let paths = paths.into_iter().filter(|(_, count)| *count > 0);
        let told = paths.map(|(word, count)| match count {
            1 => format!(", 1 path to cluster-admin {word}"),
            count => format!(", {count} paths to cluster-admin {word}"),
        });
        rights + &told.collect::<String>()
    }
}

fn plural(count: &str) -> &'static str {
    if count == "1" { "right" } else { "rights" }
}
