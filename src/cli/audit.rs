//! `kubeverdict audit`: what of a dump should not be, for CI.

use super::Exit;
use super::climb::{self, ClimbArgs, Loaded};
use super::format::FormatArgs;
use super::out::{self, Out};
use super::paint::{Paint, paint};
use super::sarif::{self, Found, Level};
use crate::api::Dig;
use crate::api::rbac::{GROUP, PolicyRule};
use crate::error::Error;
use crate::explain::dump::Dump;
use crate::explain::source::Place;
use crate::paths::{Climbs, EVERYTHING, Severity, Target, WAYS, called};
use crate::rights::{self, Sort};
use comfy_table::{Table, presets};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::io::Write;

/// Find rights in a dump that lead further than they look
///
///   kubeverdict audit -f manifests/ --fail-on high
///
///   kubeverdict audit -f dump.yaml -o json > baseline.json
///
///   kubeverdict audit -f dump.yaml --baseline baseline.json -o sarif
///
/// A check is a way up that somebody outside of the server's own accounts has open, or (low) what `never-matches` and `unused`
/// look for; `--checks` lists them, with how bad each is and where Kubernetes' documentation tells of it. Ends with 1 where
/// something at or above the level is found, with 2 for bad input. With -n NAMESPACE only what is given in that namespace counts
/// and is printed.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct AuditArgs {
    #[command(flatten)]
    climb: ClimbArgs,
    /// How bad something must be for the exit code 1
    #[arg(long, value_enum, value_name = "LEVEL", default_value = "high")]
    fail_on: FailOn,
    /// What `audit -o json` printed before: only what is new counts and is printed
    #[arg(long, value_name = "FILE")]
    baseline: Option<String>,
    /// Print the checks, and look at nothing
    #[arg(long)]
    checks: bool,
    #[command(flatten)]
    format: FormatArgs<Format>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// Anything
    Low,
    /// The rights of others who happen to be there
    Medium,
    /// The rights of any account of a namespace, or a node
    High,
    /// The whole cluster
    Critical,
}

impl FailOn {
    fn severity(self) -> Severity {
        match self {
            FailOn::Low => Severity::Low,
            FailOn::Medium => Severity::Medium,
            FailOn::High => Severity::High,
            FailOn::Critical => Severity::Critical,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs, and as a baseline
    Json,
    /// For code scanning
    Sarif,
}

/// Something that was found.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Finding {
    /// The check.
    check: String,
    /// How bad it is.
    severity: Severity,
    /// Whom it is about; of what never matches, which object.
    who: String,
    /// Where; empty for the whole cluster.
    namespace: String,
    /// What of the object it is about: the rule or the subject as it is written, wherever it stands there; of a way, the names
    /// to which it is limited.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    part: String,
    /// What it is, in a sentence.
    message: String,
    /// The file in which it is written; empty where it is in none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    file: String,
    /// The line, from 1.
    #[serde(default)]
    line: usize,
}

impl Finding {
    /// By which it is known again: not by its line or a rule's number, which move.
    fn key(&self) -> [&str; 4] {
        [&self.check, &self.who, &self.namespace, &self.part]
    }
}

/// A check: a row of the table.
struct Check {
    name: &'static str,
    severity: Severity,
    needs: String,
    about: &'static str,
    source: &'static str,
}

/// All checks: the ways up, that nobody needs one, and what never matches or is unused. The last are no danger by themselves, but
/// tell of rights that are not what somebody meant.
fn checks() -> Vec<Check> {
    let all = Check {
        name: EVERYTHING,
        severity: Severity::Critical,
        needs: "* *.*".to_owned(),
        about: "do anything",
        source: "Least privilege",
    };
    let ways = WAYS.iter().map(|way| Check {
        name: way.name,
        severity: way.severity,
        needs: way.needs(),
        about: way.what,
        source: way.source,
    });
    let idle = rights::CHECKS.iter().filter(|check| check.sort != Sort::Unknown).map(|check| Check {
        name: check.name,
        severity: Severity::Low,
        needs: String::new(),
        about: check.about,
        source: check.source,
    });
    std::iter::once(all).chain(ways).chain(idle).collect()
}

/// Who looks for what: each gives what it found.
const SEARCHES: &[fn(&Loaded) -> Vec<Finding>] = &[open_ways, idle_rights];

/// The rules and bindings that never match, or of which nobody has anything.
fn idle_rights(loaded: &Loaded) -> Vec<Finding> {
    let found = rights::never_matches(&loaded.dump).into_iter().chain(rights::unused(&loaded.dump));
    let told = found.filter(|found| found.sort != Sort::Unknown).map(|found| {
        let rule = found.rule.map(|number| format!(", rule {number}")).unwrap_or_default();
        let who = format!("{} {}", found.place.kind, found.place.name);
        Finding {
            check: found.check.to_owned(),
            severity: Severity::Low,
            part: part(&loaded.dump, &found),
            message: format!("{who}{rule}: {}: {}", found.sort.words(), found.text),
            who,
            namespace: found.place.namespace,
            file: found.place.path.to_string(),
            line: found.place.line,
        }
    });
    told.collect()
}

/// The rule or the subject that something was found in.
fn part(dump: &Dump, found: &rights::Found) -> String {
    let Place { kind, namespace, name, .. } = &found.place;
    let resource = format!("{}s.{GROUP}", kind.to_lowercase());
    let Some(object) = dump.cluster.store().objects().get(&resource, namespace, name) else {
        return String::new();
    };
    let lists = |rule: &PolicyRule| {
        let lists = [
            ("apiGroups", &rule.api_groups),
            ("resources", &rule.resources),
            ("resourceNames", &rule.resource_names),
            ("nonResourceURLs", &rule.non_resource_urls),
            ("verbs", &rule.verbs),
        ];
        let told = lists.into_iter().filter(|(_, list)| !list.is_empty());
        told.map(|(key, list)| format!("{key}: [{}]", list.join(", "))).collect::<Vec<_>>().join(", ")
    };
    let rule = || PolicyRule::list(object).get(found.rule?.checked_sub(1)?).map(lists);
    let subject = || {
        let number: usize = found.field.strip_prefix("subjects[")?.split_once(']')?.0.parse().ok()?;
        let subject = object.list("subjects").get(number)?;
        Some(["kind", "namespace", "name"].map(|key| subject.text(key)).join(" "))
    };
    rule().or_else(subject).unwrap_or_default()
}

/// The ways that are open to somebody.
fn open_ways(loaded: &Loaded) -> Vec<Finding> {
    let mut climbs = Climbs::new(loaded.cluster.fork(), Target::everything(), &loaded.declared);
    let about = checks();
    let mut places = loaded.dump.places();
    let found = climbs.open().into_iter().map(|open| {
        let what = about.iter().find(|check| check.name == open.check).map_or("", |check| check.about);
        let place = match open.place.as_str() {
            "" => "in the whole cluster".to_owned(),
            namespace => format!("in {namespace}"),
        };
        let grounds: Vec<String> = open.grounds.iter().map(crate::paths::Ground::words).collect();
        let written = open.grounds.iter().find_map(|ground| ground.written(&mut places));
        let (file, line) = written.map(|at| (at.file, at.line)).unwrap_or_default();
        let who = called(&open.who);
        let limited = open.grounds.iter().filter(|ground| !ground.names.is_empty());
        let limits = limited.map(|ground| format!("{}: [{}]", ground.allows, ground.names.join(", ")));
        Finding {
            check: open.check.to_owned(),
            severity: open.severity,
            part: limits.collect::<Vec<_>>().join(", "),
            message: format!("{who} may {what} {place}, by {}", grounds.join("; by ")),
            who,
            namespace: open.place,
            file,
            line,
        }
    });
    found.collect()
}

pub(super) fn cmd_audit(args: AuditArgs) -> Result<Exit, Error> {
    let mut out = Out::open();
    if args.checks {
        let _ = writeln!(out, "{}", table());
        return out.end(Exit::Fine);
    }
    let loaded = args.climb.load()?;
    let mut found: Vec<Finding> = SEARCHES.iter().flat_map(|search| search(&loaded)).collect();
    if let Some(file) = &args.baseline {
        let before: Vec<Finding> = serde_json::from_str(&climb::text(file)?).map_err(|why| {
            Error::new(format!("{file}: {why}")).hint("a baseline is what `audit -o json` prints")
        })?;
        let before: BTreeSet<_> = before.iter().map(Finding::key).collect();
        found.retain(|finding| !before.contains(&finding.key()));
    }
    let mut found = args.climb.keep(found, |finding| &finding.namespace);
    found.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.key().cmp(&b.key())));
    match args.format.chosen() {
        Format::Sarif => out.json(&serde_json::to_string_pretty(&in_sarif(&found)).map_err(Error::of)?),
        Format::Text => drop(writeln!(out, "{}", in_words(&found))),
        Format::Json => out.json(&serde_json::to_string_pretty(&found).map_err(Error::of)?),
    }
    let fails = found.iter().any(|finding| finding.severity >= args.fail_on.severity());
    out.end(if fails { Exit::Differs } else { Exit::Fine })
}

fn in_words(found: &[Finding]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for Finding { check, severity, message, file, line, .. } in found {
        let place = if file.is_empty() { String::new() } else { format!("{file}:{line}: ") };
        let colour = if *severity >= Severity::High { Paint::Bad } else { Paint::Strong };
        lines.push(format!("{place}{}: {check}: {message}", paint(colour, severity.word())));
    }
    let counts = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low].map(|severity| {
        let count = found.iter().filter(|finding| finding.severity == severity).count();
        (count > 0).then(|| format!("{count} {}", severity.word()))
    });
    let counts: Vec<String> = counts.into_iter().flatten().collect();
    lines.push(if counts.is_empty() { "nothing found".to_owned() } else { counts.join(", ") });
    out::lines(lines)
}

fn in_sarif(found: &[Finding]) -> crate::json::Value {
    let checks = checks();
    let rule = |check: &Check| sarif::Rule { id: check.name, short: check.about, help: check.source };
    let rules: Vec<sarif::Rule> = checks.iter().map(rule).collect();
    let of = |finding: &Finding| {
        let level = match finding.severity {
            Severity::Critical | Severity::High => Level::Error,
            Severity::Medium => Level::Warning,
            Severity::Low => Level::Note,
        };
        let rule = rules.iter().find(|rule| rule.id == finding.check).map_or(EVERYTHING, |rule| rule.id);
        let (message, file, line) = (finding.message.clone(), finding.file.clone(), finding.line);
        Found { rule, level, known_by: finding.key().join("\0"), message, file, line }
    };
    sarif::document(&rules, &found.iter().map(of).collect::<Vec<_>>())
}

fn table() -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["CHECK", "SEVERITY", "NEEDS", "TO", "SOURCE"]);
    for Check { name, severity, needs, about, source } in checks() {
        table.add_row([name, severity.word(), &needs, about, source]);
    }
    let lines = table.lines().map(|line| line.strip_prefix(' ').unwrap_or(&line).trim_end().to_owned());
    lines.collect::<Vec<_>>().join("\n")
}
