//! A prompt: lines that are typed one after the other, what they do to a session, and the session as a scenario.
//!
//! A line that is in error leaves no trace. What a line did is kept as a step with what came of it, so that the session
//! can be written as a scenario that replays to the same.

pub(crate) mod commands;
pub(crate) mod complete;
pub(crate) mod line;
pub(crate) mod told;

#[cfg(test)]
mod tests;

use crate::api::{Query, Version};
use crate::clients::inside;
use crate::cluster::Cluster;
use crate::error::Error;
use crate::scenario::format::{Expect, Expected, Scenario, Step, StepFields, Wanted};
use crate::scenario::person::Identity;
use crate::scenario::report::{Report, StepReport, StepResult};
use crate::scenario::session::{Session, Watch};
use crate::scenario::write;
use line::{At, Line, SaveAs};
use serde_yaml::Mapping;
use std::collections::VecDeque;
use std::sync::Arc;

/// How many lines can be undone.
const UNDONE: usize = 100;
/// How deep forks of forks go.
const DEPTH: usize = 5;

/// A line that did something, with what came of it.
#[derive(Clone, Debug)]
pub(crate) struct Typed {
    /// What was typed.
    pub text: String,
    /// The step as it was given.
    pub given: StepFields,
    /// The step, with what came of it as what it expects.
    pub fields: StepFields,
    /// What came of it.
    pub report: StepReport,
}

/// What a line is answered with.
#[derive(Clone, Debug)]
pub(crate) enum Said {
    /// Nothing.
    Nothing,
    /// A step was done.
    Step(Arc<Typed>),
    /// Something to read.
    Text(String),
    /// The last step is to be explained.
    Why(Arc<Typed>),
    /// The session is to be written.
    Save(SaveAs),
    /// The end.
    Exit,
}

/// A session at which somebody types.
pub(crate) struct Prompt<'a> {
    state: State<'a>,
    /// What was before each of the last lines, with the line.
    before: VecDeque<(String, State<'a>)>,
    cluster: Mapping,
}

/// All that a line may change.
struct State<'a> {
    session: Session<'a>,
    at: At,
    typed: Vec<Arc<Typed>>,
    /// The last line's step; it may be on a fork that was dropped.
    last: Option<Arc<Typed>>,
    forks: Vec<Fork<'a>>,
    /// How many steps came before the first line.
    before: usize,
}

/// What an open fork goes back to.
struct Fork<'a> {
    session: Session<'a>,
    at: At,
    typed: Vec<Arc<Typed>>,
}

impl<'a> State<'a> {
    fn fork(&self) -> State<'a> {
        State {
            session: self.session.fork(),
            at: self.at.clone(),
            typed: self.typed.clone(),
            last: self.last.clone(),
            forks: self.forks.iter().map(Fork::again).collect(),
            before: self.before,
        }
    }

    /// The number of the next step: `3`, or `3.1` on a fork.
    fn number(&self) -> String {
        let outer = self.forks.iter().map(|fork| fork.typed.len() + 1);
        let mut numbers: Vec<usize> = outer.chain([self.typed.len() + 1]).collect();
        numbers[0] += self.before;
        numbers.iter().map(usize::to_string).collect::<Vec<_>>().join(".")
    }

    /// Does a step and keeps it.
    fn step(&mut self, text: &str, given: StepFields) -> Result<Arc<Typed>, Error> {
        let report = self.session.step(&given, &self.number())?;
        let mut fields = given.clone();
        expect_again(&mut fields, &report);
        // A wait that was ended is kept as long as it was.
        let text = if fields.wait == given.wait { text.to_owned() } else { report.line.clone() };
        Ok(self.keep(Typed { text, given, fields, report }))
    }

    fn keep(&mut self, typed: Typed) -> Arc<Typed> {
        let typed = Arc::new(typed);
        self.typed.push(typed.clone());
        self.last = Some(typed.clone());
        typed
    }

    /// Does a step that was typed in another cluster; what is an error in this one fails here.
    fn step_again(&mut self, typed: &Typed) {
        let Typed { text, given, fields, .. } = typed;
        if let Err(error) = self.step(text, given.clone()) {
            let (text, given, fields) = (text.clone(), given.clone(), fields.clone());
            let report = told::failed(&self.number(), &text, &error);
            self.keep(Typed { text, given, fields, report });
        }
    }

    /// Drops the innermost fork: what was typed on it becomes one step, of which nothing remains.
    fn back(&mut self) -> Result<(), Error> {
        let Some(fork) = self.forks.pop() else {
            return Err(Error::new("there is no fork to leave").hint("`what-if` makes one"));
        };
        let texts: Vec<&str> = self.typed.iter().map(|typed| typed.text.as_str()).collect();
        let text = format!("what-if {}", texts.join("; "));
        let inner: Vec<Step> = self.typed.iter().map(|typed| Step { fields: typed.fields.clone() }).collect();
        let last = self.last.take();
        (self.session, self.at, self.typed) = (fork.session, fork.at, fork.typed);
        if !inner.is_empty() {
            self.step(&text, StepFields { what_if: Some(inner), ..StepFields::default() })?;
        }
        self.last = last;
        Ok(())
    }
}

impl<'a> Fork<'a> {
    fn again(&self) -> Fork<'a> {
        Fork { session: self.session.fork(), at: self.at.clone(), typed: self.typed.clone() }
    }
}

/// Expects of a step what came of it.
pub(crate) fn expect_again(fields: &mut StepFields, report: &StepReport) {
    if let Some(inner) = &mut fields.what_if {
        for (step, report) in inner.iter_mut().zip(&report.inner) {
            expect_again(&mut step.fields, report);
        }
        return;
    }
    // A wait that was cut short was so long.
    if let (Some(span), Some(waited)) = (&mut fields.wait, report.waited) {
        span.0 = waited;
    }
    if fields.expect.is_some() || fields.because.is_some() {
        return;
    }
    let StepResult { exit, code, .. } = report.result();
    let exit = exit.filter(|exit| *exit != 0);
    // That kubectl fails where the server refuses goes without saying.
    let exit = exit.filter(|_| code.is_none_or(|code| code < 400));
    if code.is_some() || exit.is_some() {
        let expected = Expected { code, exit, ..Expected::default() };
        fields.expect = Some(Expect::Always(Wanted::One(expected)));
    }
    let because = report.deciding().filter(|request| matches!(request.code, 401 | 403));
    fields.because = because.map(|request| request.because.clone()).filter(|because| !because.is_empty());
}

impl<'a> Prompt<'a> {
    /// A prompt at a session. `cluster` is what a scenario says of the cluster.
    pub(crate) fn new(session: Session<'a>, cluster: Mapping) -> Prompt<'a> {
        let (at, typed, forks) = (At::default(), Vec::new(), Vec::new());
        let state = State { session, at, typed, last: None, forks, before: 0 };
        Prompt { state, before: VecDeque::new(), cluster }
    }

    /// The same again, without what could be undone: what is typed there is not typed here.
    pub(crate) fn fork(&self) -> Prompt<'a> {
        Prompt { state: self.state.fork(), before: VecDeque::new(), cluster: self.cluster.clone() }
    }

    /// The same lines typed at another session, behind so many steps.
    pub(crate) fn again(&self, session: Session<'a>, before: usize) -> Prompt<'a> {
        let mut prompt = Prompt::new(session, self.cluster.clone());
        let state = &mut prompt.state;
        state.before = before;
        for fork in &self.state.forks {
            fork.typed.iter().for_each(|typed| state.step_again(typed));
            let typed = std::mem::take(&mut state.typed);
            state.forks.push(Fork { session: state.session.fork(), at: fork.at.clone(), typed });
        }
        self.state.typed.iter().for_each(|typed| state.step_again(typed));
        state.at = self.state.at.clone();
        prompt
    }

    /// Does a step of a file as if it were typed, whatever comes of it.
    pub(crate) fn given(&mut self, text: &str, given: &StepFields) {
        let (text, given) = (text.to_owned(), given.clone());
        let report = StepReport::default();
        self.state.step_again(&Typed { text, fields: given.clone(), given, report });
    }

    /// The session as it is.
    pub(crate) fn session(&self) -> &Session<'a> {
        &self.state.session
    }

    /// How many forks are open.
    pub(crate) fn forks(&self) -> usize {
        self.state.forks.len()
    }

    /// Somebody watches the waits from now on, and may end them.
    pub(crate) fn watched_by(&mut self, watch: &'a dyn Watch) {
        self.state.session.watched_by(watch);
    }

    /// Does a scenario's steps; they cannot be undone.
    pub(crate) fn replay(&mut self, scenario: &Scenario) -> Result<Vec<Arc<Typed>>, Error> {
        let version = self.cluster().version();
        self.state.session.written_in(&scenario.source);
        if !scenario.actors.is_empty() {
            return Err(Error::new(
                "the scenario has actors, who act beside one another; here is one line after the other",
            )
            .hint("`run` and `explore` let them act"));
        }
        for step in &scenario.steps {
            let mut fields = step.fields.clone();
            in_one_release(&mut fields, version);
            let number = self.state.number();
            let typed = self.state.step("", fields);
            let typed = typed.map_err(|error| scenario.source.at_step(&number, error))?;
            let text = typed.report.line.trim_end().to_owned();
            self.state.typed.pop();
            self.state.typed.push(Arc::new(Typed { text, ..Typed::clone(&typed) }));
        }
        Ok(self.state.typed.clone())
    }

    /// Does steps of which nothing remains, and says what came of them.
    pub(crate) fn check(&mut self, steps: &[Step]) -> Result<Vec<StepReport>, Error> {
        self.state.session.on_a_fork(|fork| fork.steps(steps, "check."))
    }

    /// The cluster as it is.
    pub(crate) fn cluster(&self) -> &Cluster {
        self.state.session.cluster()
    }

    /// Who types and where: `admin@1.36 +10m $ `, in a pod `ubuntu10@lizhe10 $ `.
    pub(crate) fn prompt(&self) -> String {
        let fork = "what-if ".repeat(self.state.forks.len());
        if let Some(pod) = &self.state.at.pod {
            let (namespace, name) = pod.split_once('/').unwrap_or_default();
            return format!("{}@{namespace} {fork}$ ", name.rsplit('/').next().unwrap_or(name));
        }
        let who = self.state.at.by.as_ref().map_or_else(Identity::admin, Identity::of);
        let seconds = jiff::SignedDuration::from_secs(self.state.session.passed().as_secs());
        let passed = format!("{seconds:#}").replace(' ', "");
        format!("{}@{} +{passed} {fork}$ ", who.name(), self.cluster().version())
    }

    /// What completion needs to know.
    pub(crate) fn world(&self) -> complete::World {
        complete::World {
            cluster: self.cluster().fork(),
            pod: self.state.at.pod.clone(),
            saved: self.state.session.saved().names().map(str::to_owned).collect(),
        }
    }

    /// Does a line. After an error all is as before.
    pub(crate) fn line(&mut self, text: &str) -> Result<Said, Error> {
        let text = text.trim();
        let line = line::parse(text, &self.state.at)?;
        match line {
            Line::Undo => return self.undo(),
            Line::Why => {
                let nothing = || Error::new("nothing was asked yet").hint("type a kubectl line first");
                return self.state.last.clone().map(Said::Why).ok_or_else(nothing);
            }
            Line::Nothing => return Ok(Said::Nothing),
            Line::History => return Ok(Said::Text(self.history())),
            Line::Help => return Ok(Said::Text(commands::help())),
            Line::Save(save) => return Ok(Said::Save(save)),
            Line::Exit if self.state.at.pod.is_none() => return Ok(Said::Exit),
            Line::Step(_) | Line::Enter(_) | Line::Exit | Line::As(_) | Line::Fork | Line::Back => {}
        }
        let before = self.state.fork();
        match self.change(text, line) {
            Ok(said) => {
                self.before.push_back((text.to_owned(), before));
                if self.before.len() > UNDONE {
                    self.before.pop_front();
                }
                Ok(said)
            }
            Err(error) => {
                self.state = before;
                Err(error)
            }
        }
    }

    fn change(&mut self, text: &str, line: Line) -> Result<Said, Error> {
        let state = &mut self.state;
        match line {
            Line::Step(fields) => {
                let typed = state.step(text, *fields)?;
                if let Some(pod) = shell_in(&typed.report) {
                    state.at.pod = Some(pod);
                }
                return Ok(Said::Step(typed));
            }
            Line::Enter(target) => {
                let cluster = state.session.cluster();
                let read = inside::Target::read(&target)?;
                if read.running(cluster).is_none() {
                    let pods = complete::pods(cluster);
                    return Err(read.missing(cluster).nearest(&target, pods.iter().map(String::as_str)));
                }
                state.at.pod = Some(target);
            }
            Line::Exit => state.at.pod = None,
            Line::As(by) => (state.at.by, state.at.pod) = (by, None),
            Line::Fork if state.forks.len() == DEPTH => {
                return Err(Error::new(format!("forks are at most {DEPTH} deep")).hint("`end` drops one"));
            }
            Line::Fork => {
                let typed = std::mem::take(&mut state.typed);
                state.forks.push(Fork { session: state.session.fork(), at: state.at.clone(), typed });
            }
            Line::Back => {
                state.back()?;
                return Ok(Said::Text("the fork is dropped: nothing of it remains\n".to_owned()));
            }
            Line::Nothing | Line::Why | Line::Undo | Line::History | Line::Help | Line::Save(_) => {}
        }
        Ok(Said::Nothing)
    }

    fn undo(&mut self) -> Result<Said, Error> {
        let nothing = || Error::new("there is no line to undo");
        let (text, before) = self.before.pop_back().ok_or_else(nothing)?;
        self.state = before;
        Ok(Said::Text(format!("undone: {text}\n")))
    }

    /// All that was done, on open forks last.
    pub(crate) fn done(&self) -> impl Iterator<Item = &Arc<Typed>> {
        self.state.forks.iter().flat_map(|fork| &fork.typed).chain(&self.state.typed)
    }

    fn history(&self) -> String {
        let lines = self.done().map(|typed| {
            let StepReport { number, who, .. } = &typed.report;
            let who = if matches!(who.as_str(), "" | "admin") { String::new() } else { format!("[{who}] ") };
            let ended = typed.report.ended();
            let code = if ended.is_empty() { ended } else { format!("  -> {ended}") };
            format!("{number:>4}  {who}{}{code}\n", typed.text.lines().next().unwrap_or_default())
        });
        lines.collect()
    }

    /// What came of all that was done.
    pub(crate) fn report(&self) -> Report {
        Report {
            scenario: "shell".to_owned(),
            about: String::new(),
            version: self.cluster().version(),
            seed: self.cluster().config().seed,
            notes: self.state.session.notes().to_vec(),
            steps: self.done().map(|typed| typed.report.clone()).collect(),
            exercise: None,
            audit: None,
        }
    }

    /// The session as a scenario. An open fork stands there as if it were dropped.
    pub(crate) fn scenario(&self, name: &str) -> Result<String, Error> {
        let steps = self.steps()?;
        if steps.is_empty() {
            return Err(Error::new("nothing was done yet that could be saved"));
        }
        Ok(write::scenario(name, "A session of `kubeverdict shell`.", &self.cluster, &steps))
    }

    /// What was done, as steps. An open fork stands there as if it were dropped.
    pub(crate) fn steps(&self) -> Result<Vec<Step>, Error> {
        let mut state = self.state.fork();
        while !state.forks.is_empty() {
            state.back()?;
        }
        Ok(state.typed.iter().map(|typed| Step { fields: typed.fields.clone() }).collect())
    }
}

/// A step as it is in one release.
fn in_one_release(fields: &mut StepFields, version: Version) {
    if let Some(expect) = &fields.expect {
        fields.expect = expect.of(version).cloned().map(Expect::Always);
    }
    for step in fields.what_if.iter_mut().flatten() {
        in_one_release(&mut step.fields, version);
    }
}

/// The pod in which a step left a shell open: `kubectl exec -i POD -- sh`, where the server switched protocols.
fn shell_in(report: &StepReport) -> Option<String> {
    let asked = report.requests.last().filter(|request| request.code == 101)?;
    let target = asked.request.split_once(' ')?.1;
    let path = target.split_once('?')?.0.strip_prefix("/api/v1/namespaces/")?;
    let (namespace, pod) = path.split_once("/pods/")?;
    let pod = pod.strip_suffix("/exec")?;
    let query = Query::of(target);
    let commands: Vec<&str> = query.all("command").collect();
    let shell = matches!(commands.as_slice(), ["sh" | "bash" | "/bin/sh" | "/bin/bash"]);
    (shell && query.flag("stdin")).then(|| format!("{namespace}/pod/{pod}"))
}
