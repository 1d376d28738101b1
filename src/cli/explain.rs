//! `kubeverdict explain`: why a step ended as it did, or what a dump says to a question.

use super::dumps::{AsArgs, DumpArgs};
use super::format::FormatArgs;
use super::out::Out;
use super::paint::{Paint, paint};
use super::wrap::wrapped;
use super::{Exit, hints, run, scenarios, typed};
use crate::api::{RequestInfo, Stage, User};
use crate::error::Error;
use crate::explain::{Explanation, text};
use crate::paths::Target;
use crate::scenario::explained::{self, Explained};
use crate::scenario::report::{Report, StepReport};
use crate::scenario::run::Options;
use std::io::Write;
use std::path::PathBuf;

/// Explain a verdict: who asked, what decided, what came nearest, and what would turn it
///
/// Of a step of a scenario, or of a question to the objects of a dump, such as
///
///   kubeverdict explain scenarios/lizhe10.yaml "the default account asks for pods"
///
///   kubectl get roles,rolebindings,clusterroles,clusterrolebindings -A -o yaml > dump.yaml
///
///   kubeverdict explain -f dump.yaml --as system:serviceaccount:a:b get pods/log -n a
///
/// A question is also a line of kubectl's as typed (`kubectl get pods -n a --as alice`), of which each request that would be
/// refused is explained, a path from a log (`GET /api/v1/namespaces/a/pods`), or the server's own refusal, pasted.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct ExplainArgs {
    /// The scenario's file and the step's number (`3`, `3.1`) or name; with -f a question: VERB RESOURCE [NAME], VERB TYPE/NAME, VERB /path, or a refusal
    #[arg(value_name = "SCENARIO STEP | QUESTION", required = true, num_args = 1..)]
    words: Vec<String>,
    #[command(flatten)]
    dump: DumpArgs,
    #[command(flatten)]
    by: AsArgs,
    /// Another seed than the scenario's
    #[arg(long, value_name = "N", conflicts_with = "files")]
    seed: Option<u64>,
    #[command(flatten)]
    format: FormatArgs,
    /// The folder that scenarios may read in, unless it is the one that holds them
    #[arg(long, value_name = "DIR", conflicts_with = "files")]
    root: Option<PathBuf>,
}

pub(super) fn cmd_explain(args: ExplainArgs) -> Result<Exit, Error> {
    match (args.dump.is_empty(), args.words.as_slice()) {
        (true, [path, step]) => of_scenario(&args, path, step),
        (true, _) => Err(Error::new("which step?")
            .hint("write `kubeverdict explain SCENARIO STEP`, or `kubeverdict explain -f DUMP --as USER 'get pods -n a'`")),
        (false, words) => {
            of_dump(&args, &args.dump.question(words)?)
        }
    }
}

fn of_scenario(args: &ExplainArgs, path: &str, wanted: &str) -> Result<Exit, Error> {
    let loaded = &scenarios::one(path, args.root.as_deref())?;
    let reports = run::replay(loaded, Options { seed: args.seed, moments: true, ..Default::default() })?;
    let chosen = run::of_version(&reports, args.dump.version.as_deref())?;
    let written = loaded.written();
    let mut all = Vec::new();
    let mut out = Out::open();
    for report in chosen {
        let step = find(report, wanted)?;
        let requests = explained::step(report, step, &written);
        if args.format.is_json() {
            let (version, step) = (report.version.to_string(), Some(step.number.clone()));
            all.push(Explained { version, step, requests });
            continue;
        }
        let title = format!("{} · Kubernetes {} · step {}", report.scenario, report.version, step.number);
        let _ = writeln!(out, "{}", paint(Paint::Strong, &title));
        let _ = writeln!(out, "{}", wrapped(&explained::in_words(step, &requests)));
    }
    if args.format.is_json() {
        print_json(&mut out, &all)?;
    }
    out.end(Exit::Fine)
}

fn print_json(out: &mut Out, explained: &[Explained]) -> Result<(), Error> {
    let text = serde_json::to_string(explained).map_err(Error::of)?;
    out.json(&text);
    Ok(())
}

fn find<'a>(report: &'a Report, wanted: &str) -> Result<&'a StepReport, Error> {
    let all = report.all();
    let by_number = all.iter().find(|step| step.number == wanted);
    let found = by_number.or_else(|| all.iter().find(|step| step.name.as_deref() == Some(wanted)));
    found.copied().ok_or_else(|| {
        let names: Vec<&str> = all.iter().filter_map(|step| step.name.as_deref()).collect();
        Error::new(format!("no step `{wanted}` in this scenario: it has {} steps", report.steps.len()))
            .nearest(wanted, names)
    })
}

fn of_dump(args: &ExplainArgs, words: &str) -> Result<Exit, Error> {
    let mut dump = args.dump.load()?;
    let asked = args.by.asks_all(words, &dump, || args.dump.read(words, &dump))?;
    let words = words.strip_prefix("kubectl auth can-i ").unwrap_or(words);
    let version = dump.cluster.version();
    let several = asked.len() > 1;
    let one = |(user, info): (User, RequestInfo)| {
        let (by, wanted) = (user.clone(), info.clone());
        let of_several = several.then(|| Target::question(info.clone()).words());
        let told = dump.explain(user, info, of_several.as_deref().unwrap_or(words));
        // What is refused tells its own.
        if told.code < 400 {
            let allowed = told.told.iter().rfind(|told| told.stage == Stage::Authorize);
            let reason = allowed.map_or("", |told| &told.text);
            let hints = hints::of_question(&dump, &by, &wanted, true);
            hints.iter().chain(&hints::of_pasted(words, reason)).for_each(|text| super::hint(text));
        }
        told
    };
    let requests: Vec<Explanation> = asked.into_iter().map(one).collect();
    let mut out = Out::open();
    if args.format.is_json() {
        print_json(&mut out, &[Explained { version: version.to_string(), step: None, requests }])?;
    } else {
        let texts: Vec<String> = requests.iter().map(text::request_text).collect();
        if several && typed::is_line(words) {
            let _ = writeln!(out, "`{words}` takes all of these {}:\n", texts.len());
        }
        let _ = write!(out, "{}", wrapped(&texts.join("\n")));
    }
    out.end(Exit::Fine)
}
