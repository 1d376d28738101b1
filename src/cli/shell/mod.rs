//! `kubeverdict shell`: a prompt at a cluster. Here lines are read and printed; what they mean is in
//! `prompt`.

pub(super) mod show;
pub(super) mod terminal;
mod wait;

use super::near::Near;
use super::out::Out;
use super::scenarios::{self, Lies, Loaded};
use super::wrap::wrapped;
use super::{Exit, run, words};
use crate::api::Version;
use crate::clients::Files;
use crate::cluster::START;
use crate::error::Error;
use crate::files;
use crate::prompt::line::{SaveAs, add_flag};
use crate::prompt::{Prompt, Said};
use crate::scenario::explained;
use crate::scenario::format::{FlagValue, Release, Scenario};
use crate::scenario::report::StepReport;
use crate::scenario::session::Session;
use crate::scenario::{load, run as runner};
use jiff::Timestamp;
use serde_yaml::{Mapping, Value};
use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use terminal::{Lines, Read};
use wait::Waiting;

/// Type kubectl and curl at a cluster of your own, and ask why
///
/// Any kubectl line, `in NAMESPACE/pod/NAME` for curl inside a pod, `wait 10m`, `why` after any answer, `undo`, and
/// `save FILE.yaml` for the session as a scenario; `help` lists all commands. Tab completes, and the arrow keys recall
/// lines. With a scenario its steps are replayed first, in its first version, and the session goes on from there.
///
/// Flags are kube-apiserver's own (and `--controllers` and `--use-service-account-credentials` of
/// kube-controller-manager), given as `--name=value` or `--name value`. Besides: `--kubernetes-version 1.36` (or
/// `--version`), `--seed N`, `--nodes N`, `--root DIR`, the folder that the scenario may read in, and `--history FILE`, which keeps the lines for the next time. Exit codes: 0,
/// or 2 for a scenario or a flag that is wrong.
#[derive(clap::Args)]
pub(super) struct ShellArgs {
    /// A scenario's file, and flags
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "SCENARIO FLAGS")]
    words: Vec<String>,
}

/// What is wanted of the session.
struct Options {
    scenario: Option<String>,
    version: Option<Version>,
    history: Option<String>,
    root: Option<PathBuf>,
    /// What is changed of the scenario's cluster.
    set_up: SetUp,
}

#[derive(Default)]
struct SetUp {
    seed: Option<u64>,
    nodes: Option<usize>,
    flags: BTreeMap<String, FlagValue>,
}

pub(super) fn cmd_shell(args: ShellArgs) -> Result<Exit, Error> {
    let options = Options::parse(&args.words)?;
    let loaded =
        options.scenario.as_ref().map(|path| scenarios::one(path, options.root.as_deref())).transpose()?;
    let files = Near::of(loaded.as_ref(), options.set_up.paths());
    let mut scenario = match &loaded {
        Some(loaded) => loaded.scenario.clone(),
        None => load::parse("the shell", "scenario: shell\nabout: A session.\nsteps: []\n")?,
    };
    let version = options.version.or(runner::versions(&scenario).first().copied());
    let version = version.unwrap_or(Version::DEFAULT);
    options.set_up.apply(&mut scenario, version);
    let header = options.set_up.header(loaded.as_ref(), version)?;
    let session = session(&scenario, version, None, &files)?;
    let waiting = Waiting::default();
    let mut prompt = Prompt::new(session, header);
    prompt.cluster().config().unmodelled().iter().for_each(|why| super::warn(why));
    let mut out = Out::open();
    if !scenario.schedule.is_empty() {
        super::warn(
            "the scenario's schedule is not followed here: its steps come in the usual order; `run` and `walk` follow it",
        );
    }
    if let Some(loaded) = &loaded {
        for typed in prompt.replay(&scenario).map_err(|error| error.in_file(&loaded.path))? {
            let _ = writeln!(out, "{}", show::replayed(&typed.report));
        }
    }
    files.are_typed();
    waiting.listen(std::io::stdin().is_terminal());
    prompt.watched_by(&waiting);
    let lines = Lines::open(options.history.as_deref())?;
    let around = Around { waiting: &waiting, files: &files, loaded: loaded.as_ref() };
    talk(&mut prompt, lines, &around, &mut out)?;
    out.end(Exit::Fine)
}

/// What there is besides the prompt.
struct Around<'a> {
    waiting: &'a Waiting,
    files: &'a Near,
    loaded: Option<&'a Loaded>,
}

/// Reads lines until the last.
fn talk(prompt: &mut Prompt<'_>, mut lines: Lines, around: &Around<'_>, out: &mut Out) -> Result<(), Error> {
    let Around { waiting, files, loaded } = *around;
    let _ = write!(out, "{}", show::greeting(prompt.cluster().version()));
    loop {
        let _ = out.flush();
        let text = match lines.read(prompt, out)? {
            Read::Line(text) => text,
            Read::Given => continue,
            Read::End => break,
        };
        waiting.begins();
        let done = prompt.line(&text);
        let ended = waiting.ends().unwrap_or_default();
        let said = match done {
            Ok(Said::Nothing) => continue,
            Ok(Said::Exit) => break,
            Ok(Said::Step(typed)) => show::step(&typed),
            Ok(Said::Text(text)) => wrapped(&text),
            Ok(Said::Why(typed)) => wrapped(&why(prompt, &typed.report, loaded)),
            Ok(Said::Save(to)) => match save(prompt, &to, files) {
                Ok(said) => said,
                Err(error) => show::error(&error),
            },
            Err(error) => show::error(&error),
        };
        // Whoever reads may have gone (`| head`).
        if out.write_all((said + &ended).as_bytes()).is_err() {
            break;
        }
    }
    lines.close()
}

/// The explanation of a step; of a fork, that of the last step on it.
fn why(prompt: &Prompt<'_>, step: &StepReport, loaded: Option<&Loaded>) -> String {
    if let Some(last) = step.inner.last() {
        return why(prompt, last, loaded);
    }
    let written = loaded.map(Loaded::written).unwrap_or_default();
    let explained = explained::step(&prompt.report(), step, &written);
    if explained.is_empty() && step.output.is_none() {
        return show::error(&Error::new(format!("nothing was asked by `{}`", step.line)));
    }
    explained::in_words(step, &explained)
}

/// Writes the session, once its replay has shown that it comes out the same; with what it read of the scenario's files, where
/// they do not lie there.
fn save(prompt: &Prompt<'_>, to: &SaveAs, near: &Near) -> Result<String, Error> {
    let path = Path::new(&to.path);
    if files::exists(path) && !to.over {
        return Err(Error::new("the file is there already")
            .in_file(&to.path)
            .hint(format!("`save! {}` overwrites it", to.path)));
    }
    if path.parent().is_some_and(|folder| !folder.as_os_str().is_empty() && !files::is_folder(folder)) {
        return Err(Error::new("there is no such folder").in_file(&to.path));
    }
    let stem = || path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let text = prompt.scenario(&to.name.clone().unwrap_or_else(stem))?;
    let scenario = load::parse(&to.path, &text)?;
    let steps = scenario.steps.len();
    let folder = path.parent().unwrap_or(Path::new(""));
    let lacking = near.lacking(folder, &text)?;
    let loaded = Loaded { path: to.path.clone(), text, scenario, lies: Lies::Yet(lacking.clone()) };
    let reports = run::replay(&loaded, runner::Options::default()).map_err(|error| {
        let why = format!("not saved, as it cannot be replayed there: {}", error.message);
        Error::new(why).hint("files that steps name are looked for beside the scenario")
    })?;
    let steps_of = reports.iter().flat_map(|report| report.all());
    let mut failures = steps_of
        .flat_map(|step| step.failures.iter().map(|failure| format!("step {}: {failure}", step.number)));
    if let Some(failure) = failures.next() {
        return Err(Error::new(format!("not saved, as its replay is not as expected: {failure}"))
            .hint("files that steps name are looked for beside the scenario"));
    }
    for (name, text) in &lacking {
        run::write(&folder.join(name), text).map_err(Error::of_file(name))?;
    }
    run::write(path, &loaded.text).map_err(Error::of_file(&to.path))?;
    let beside: Vec<&str> = lacking.keys().map(String::as_str).collect();
    let beside = if beside.is_empty() { String::new() } else { format!(", with {}", beside.join(", ")) };
    let steps = if steps == 1 { "1 step".to_owned() } else { format!("{steps} steps") };
    Ok(format!("{}: {steps}{beside}; `kubeverdict run {} --accept` keeps their snapshot\n", to.path, to.path))
}

/// A session in a scenario's cluster, at which nothing was done yet.
pub(super) fn session<'a>(
    scenario: &Scenario,
    version: Version,
    seed: Option<u64>,
    files: &'a dyn Files,
) -> Result<Session<'a>, Error> {
    let options = runner::Options { seed, moments: true, ..Default::default() };
    let config = runner::config(scenario, version, options, files)?;
    let start = Timestamp::from_second(START).map_err(Error::of)?;
    Session::new(config, &scenario.cluster, start, files, options.moments)
}

impl Options {
    fn parse(words: &[String]) -> Result<Options, Error> {
        let words::Words { scenario, flags } = words::read(words)?;
        let mut options =
            Options { scenario, version: None, history: None, root: None, set_up: SetUp::default() };
        for (name, value) in flags {
            let number = |value: &str| {
                let wrong =
                    || Error::new(format!("invalid value `{value}` for `--{name}`: a number is wanted"));
                value.parse::<u64>().map_err(|_| wrong())
            };
            match name.as_str() {
                "kubernetes-version" | "version" => {
                    options.version = Some(value.parse().map_err(Error::new)?);
                }
                "history" => options.history = Some(value),
                "root" => options.root = Some(value.into()),
                "seed" => options.set_up.seed = Some(number(&value)?),
                "nodes" => options.set_up.nodes = Some(number(&value)? as usize),
                _ => add_flag(&mut options.set_up.flags, &name, &value),
            }
        }
        Ok(options)
    }
}

impl SetUp {
    /// The values of the flags, some of which are paths.
    fn paths(&self) -> Vec<String> {
        self.flags.values().flat_map(FlagValue::words).collect()
    }

    /// Changes what a scenario says of its cluster.
    fn apply(&self, scenario: &mut Scenario, version: Version) {
        let spec = &mut scenario.cluster;
        (spec.version, spec.versions) = (Some(Release(version)), Vec::new());
        spec.flags.extend(self.flags.clone());
        spec.nodes = self.nodes.or(spec.nodes);
        spec.seed = self.seed.or(spec.seed);
    }

    /// The same in a scenario's text, for the session that is saved.
    fn header(&self, loaded: Option<&Loaded>, version: Version) -> Result<Mapping, Error> {
        let text = loaded.map_or("{}", |loaded| loaded.text.as_str());
        let whole: Value = serde_yaml::from_str(text).map_err(Error::of)?;
        let before = whole.get("cluster").and_then(Value::as_mapping).cloned().unwrap_or_default();
        let mut cluster = Mapping::new();
        cluster.insert("version".into(), version.to_string().into());
        cluster.extend(
            before.into_iter().filter(|(key, _)| !matches!(key.as_str(), Some("version" | "versions"))),
        );
        if !self.flags.is_empty() {
            let flags = cluster.entry("flags".into()).or_insert_with(|| Mapping::new().into());
            for (name, value) in &self.flags {
                flags[name.as_str()] = serde_yaml::to_value(value).map_err(Error::of)?;
            }
        }
        if let Some(seed) = self.seed {
            cluster.insert("seed".into(), seed.into());
        }
        if let Some(nodes) = self.nodes {
            cluster.insert("nodes".into(), (nodes as u64).into());
        }
        Ok(cluster)
    }
}
