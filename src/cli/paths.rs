//! `kubeverdict paths`: how far somebody gets.

use super::Exit;
use super::climb::{self, ClimbArgs, Loaded};
use super::format::FormatArgs;
use super::log;
use super::out::{self, Out};
use super::paint::{Paint, paint};
use crate::error::Error;
use crate::paths::{Blocked, Climbs, Cut, Path, Seen, Target, Used, cut};
use schemars::JsonSchema;
use serde::Serialize;

/// Say how far somebody gets by what the roles and bindings of a dump allow, and what cuts that off
///
///   kubeverdict paths -f dump.yaml shop/ci
///
///   kubeverdict paths -f dump.yaml alice secrets in kube-system
///
///   kubeverdict paths -f dump.yaml --all
///
/// FROM is a user, NAMESPACE/NAME of an account, or group:NAME; TO is cluster-admin if nothing is said,
/// somebody else, RESOURCE in NAMESPACE, or a question as `who-can` takes it. Each path was carried out on
/// a copy of the cluster, request by request; what a gate stops is no path, and the gate is told. Of one
/// path the fewest rules are told that must go so that there is none.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct PathsArgs {
    /// FROM [TO …]; with --all only TO
    #[arg(value_name = "FROM TO")]
    words: Vec<String>,
    #[command(flatten)]
    climb: ClimbArgs,
    /// The shortest path of everybody who does not come with the server
    #[arg(long)]
    all: bool,
    /// With --all, only paths of at most so many leaps
    #[arg(long, value_name = "LEAPS", requires = "all")]
    max_length: Option<usize>,
    /// Do not look for the rules that must go: it takes most of the time
    #[arg(long)]
    no_cut: bool,
    /// An audit log (JSON lines): what of it the cut would refuse
    #[arg(long, value_name = "FILE", conflicts_with = "all")]
    audit_log: Option<String>,
    #[command(flatten)]
    format: FormatArgs,
}

/// What `paths --json` prints.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Told {
    /// What is to be reached.
    to: String,
    /// The shortest path of each.
    paths: Vec<Path>,
    /// What was tried and stopped, by which gate.
    stopped: Vec<Blocked>,
    /// What must go so that there is no path.
    #[serde(skip_serializing_if = "Option::is_none")]
    cut: Option<Cut>,
    /// What the audit log saw, and the cut refuses.
    #[serde(skip_serializing_if = "Option::is_none")]
    breaks: Option<Vec<Used>>,
}

pub(super) fn cmd_paths(args: PathsArgs) -> Result<Exit, Error> {
    let loaded = args.climb.load()?;
    let tells_of_pods = loaded.cluster.store().objects().all("pods").next().is_some();
    let told = match (args.all, args.words.split_first()) {
        (true, _) => of_all(&args, loaded)?,
        (false, Some((from, to))) => of_one(&args, loaded, from, to)?,
        (false, None) => {
            return Err(Error::new("from whom?").hint("name somebody, or ask with --all about everybody"));
        }
    };
    if told.paths.is_empty() && !tells_of_pods {
        super::hint(
            "the dump tells of no pods: ways through what runs are not known (`kubectl get nodes,pods,secrets -A -o yaml`)",
        );
    }
    let mut out = Out::open();
    args.format.print(&mut out, &told, || in_words(&told, args.all).trim_end().to_owned())?;
    out.end(Exit::Fine)
}

fn of_all(args: &PathsArgs, loaded: Loaded) -> Result<Told, Error> {
    let target = args.climb.target(&args.words, &loaded)?;
    let mut climbs = Climbs::new(loaded.cluster, target, &loaded.declared);
    let everybody = climbs.everybody();
    let most = args.max_length.unwrap_or(usize::MAX);
    let found = climbs.all(&everybody).into_iter().map(|climb| climb.path);
    let paths = found.filter(|path| path.length <= most).collect();
    Ok(Told {
        to: climbs.goal(),
        paths,
        stopped: climbs.blocked().iter().cloned().collect(),
        cut: None,
        breaks: None,
    })
}

fn of_one(args: &PathsArgs, loaded: Loaded, from: &str, to: &[String]) -> Result<Told, Error> {
    let target = args.climb.target(to, &loaded)?;
    let who = climb::subject(from);
    climb::is_there(&who, from, &loaded)?;
    let Loaded { cluster, declared, .. } = loaded;
    if target == Target::Subject(who.clone()) {
        return Err(Error::new(format!("{from} is there already")));
    }
    let mut climbs = Climbs::new(cluster.fork(), target.clone(), &declared);
    let path = climbs.one(&who);
    let found = path.as_ref().filter(|_| !args.no_cut).and_then(|_| cut(&cluster, &who, &target, &declared));
    let breaks = match (&args.audit_log, &found) {
        (Some(file), Some((_, after))) => {
            let mut seen = Seen::default();
            log::lines(file, &climb::text(file)?, &mut |line| seen.add(line, cluster.version()))?;
            Some(seen.broken(&cluster, after))
        }
        _ => None,
    };
    Ok(Told {
        to: climbs.goal(),
        paths: path.into_iter().collect(),
        stopped: climbs.blocked().iter().cloned().collect(),
        cut: found.map(|(cut, _)| cut),
        breaks,
    })
}

fn in_words(told: &Told, of_all: bool) -> String {
    let mut lines = Vec::new();
    for path in &told.paths {
        match of_all {
            true => lines.push(path.in_short()),
            false => in_full(path, &mut lines),
        }
    }
    if told.paths.is_empty() {
        lines.push(format!("no path leads to {}", told.to));
    }
    for Blocked { way, gained, stopped } in &told.stopped {
        let gate = paint(Paint::Good, &stopped.gate);
        lines.push(format!("stopped by {gate}: {way} to {gained}: {}: {}", stopped.request, stopped.message));
    }
    if let Some(cut) = &told.cut {
        let count =
            if cut.fewest { "the fewest that must go" } else { "what could go, perhaps not the fewest" };
        lines.push(format!("{}:", paint(Paint::Strong, count)));
        lines.extend(cut.removed.iter().map(|removed| format!("  {}", removed.words())));
    } else if !of_all && !told.paths.is_empty() {
        lines.push("no cut was found: what it takes comes with the server, or was not looked for".to_owned());
    }
    match told.breaks.as_deref() {
        Some([]) => lines.push("of what the audit log saw, this refuses nothing".to_owned()),
        Some(breaks) => {
            lines.push(format!("{}:", paint(Paint::Bad, "of what the audit log saw, this refuses")));
            let line = |used: &Used| format!("  {} {} ({} times)", used.user, used.what, used.times);
            lines.extend(breaks.iter().map(line));
        }
        None => {}
    }
    out::lines(lines)
}

fn in_full(path: &Path, lines: &mut Vec<String>) {
    let count = match path.length {
        0 => format!("{} holds {}", path.from, path.to),
        1 => format!("{} gets to {} in 1 leap", path.from, path.to),
        count => format!("{} gets to {} in {count} leaps", path.from, path.to),
    };
    lines.push(paint(Paint::Strong, &count));
    for (number, leap) in (1..).zip(&path.leaps) {
        let through = match leap.through.as_slice() {
            [] => String::new(),
            through => format!(" (through {})", through.join(", ")),
        };
        lines.push(format!("{number}. {}: {}: {}{through}", leap.by, leap.way, leap.what));
        lines.push(format!("   gains {}", leap.gained));
        lines.extend(leap.grounds.iter().map(|ground| format!("   by {}", ground.words())));
        let step = |step: &crate::paths::Step| {
            paint(Paint::Dim, &format!("   {} {}: {}", step.code, step.by, step.request))
        };
        lines.extend(leap.steps.iter().map(step));
    }
    lines.extend(path.held.iter().map(|ground| format!("held by {}", ground.words())));
}
