//! `kubeverdict upgrade-check`: what an upgrade does to the objects of a dump, or to manifests.

use super::format::FormatArgs;
use super::out::{self, Out};
use super::paint::{Paint, paint};
use super::{Exit, dumps};
use crate::api::Version;
use crate::error::Error;
use crate::upgrade::{Causes, Change, Unseen, Upgrade, What};

/// Say what an upgrade does to manifests, or to the objects of a dump
///
/// Both releases are asked the same: each object is created as `kubectl apply` would, and whoever is bound to a role
/// asks for what it allows. What the newer release refuses, drops, warns of or answers otherwise is told with its line,
/// and which difference between the releases is the cause, where taking it out proves that, such as
///
///   kubeverdict upgrade-check -f manifests/ --from 1.29 --to 1.35
///
///   kubectl get all,sa,secrets,roles,rolebindings -A -o yaml | kubeverdict upgrade-check -f - --from 1.24 --to 1.30
///
/// Ends with 0 when nothing changes, 1 when something does, 2 for bad input. What neither release knows, such as custom
/// resources, is said not to be looked at.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct UpgradeCheckArgs {
    /// Files or folders with objects, YAML or JSON; `-` reads standard input; may be given several times
    #[arg(short, long = "filename", value_name = "DUMP", required = true)]
    files: Vec<String>,
    /// The release that runs today, as in 1.29
    #[arg(long, value_name = "VERSION")]
    from: String,
    /// The release to come, as in 1.35
    #[arg(long, value_name = "VERSION")]
    to: String,
    /// Leave out the causes: finding them takes most of the time
    #[arg(long)]
    no_causes: bool,
    #[command(flatten)]
    format: FormatArgs,
}

pub(super) fn cmd_upgrade_check(args: UpgradeCheckArgs) -> Result<Exit, Error> {
    let (from, to) = (release("--from", &args.from)?, release("--to", &args.to)?);
    let causes = if args.no_causes { Causes::LeftOut } else { Causes::Proven };
    let mut upgrade = Upgrade::between(from, to)?;
    for objects in dumps::read(&args.files)?.clusters() {
        upgrade.check(&objects, causes)?;
    }
    if upgrade.objects + upgrade.not_looked_at.len() == 0 {
        return Err(Error::new("there is no object in these files")
            .hint("give manifests, or what `kubectl get -o yaml` prints"));
    }
    let mut out = Out::open();
    args.format.print(&mut out, &upgrade, || in_words(&upgrade).trim_end().to_owned())?;
    out.end(if upgrade.changes.is_empty() { Exit::Fine } else { Exit::Differs })
}

/// The release that a flag names.
fn release(flag: &str, text: &str) -> Result<Version, Error> {
    text.parse::<Version>().map_err(|why| {
        let minor = text.trim_start_matches('v').split('.').nth(1).and_then(|minor| minor.parse().ok());
        let error = Error::new(format!("{flag}: {why}"));
        match minor.map(|minor| Version::minor(minor).clamp(Version::OLDEST, Version::NEWEST)) {
            Some(nearest) => error.hint(format!("the nearest is {nearest}")),
            None => error.hint(format!("a release is written as in {}", Version::DEFAULT)),
        }
    })
}

fn in_words(upgrade: &Upgrade) -> String {
    let mut lines = Vec::new();
    for of_file in upgrade.changes.chunk_by(|a, b| a.place.path == b.place.path) {
        for change in of_file {
            told(change, &mut lines);
        }
        lines.push(String::new());
    }
    for Unseen { place, why } in &upgrade.not_looked_at {
        lines.push(format!("{}: {}: {why}", place.called(), paint(Paint::Dim, "not looked at")));
    }
    if !upgrade.not_looked_at.is_empty() {
        lines.push(String::new());
    }
    lines.push(summary(upgrade));
    out::lines(lines)
}

fn told(change: &Change, lines: &mut Vec<String>) {
    let colour = match change.what {
        What::Refused | What::Dropped => Paint::Bad,
        What::Warned | What::Otherwise => Paint::Strong,
    };
    lines.push(format!("{}: {}: {}", change.place.called(), paint(colour, change.what.name()), change.text));
    for because in &change.because {
        let since = because.since.as_ref().map(|since| format!(" since {since}")).unwrap_or_default();
        let text = format!("    because of {}{since}: {} ({})", because.name, because.what, because.source);
        lines.push(paint(Paint::Dim, &text));
    }
}

fn summary(upgrade: &Upgrade) -> String {
    let Upgrade { from, to, objects, questions, changes, not_looked_at, .. } = upgrade;
    let asked = format!(
        "From Kubernetes {from} to {to}: {} and {} asked of both",
        counted(*objects, "object"),
        counted(*questions, "right")
    );
    let counts = [What::Refused, What::Dropped, What::Warned, What::Otherwise].map(|what| {
        let count = changes.iter().filter(|change| change.what == what).count();
        (count > 0).then(|| format!("{count} {}", what.name()))
    });
    let counts: Vec<String> = counts.into_iter().flatten().collect();
    let changes = if counts.is_empty() { "nothing changes".to_owned() } else { counts.join(", ") };
    let unseen = match not_looked_at.len() {
        0 => String::new(),
        count => format!("; {count} not looked at"),
    };
    format!("{asked}: {changes}{unseen}")
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
