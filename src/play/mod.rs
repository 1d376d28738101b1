//! A playground: manifests, questions and lines at one cluster, each change judged at once.
//!
//! It is pure: an [`Ask`] in, an [`Answer`] out, no file and no socket, time and randomness virtual. `kubeverdict play` puts
//! a page in front of it; anything that carries texts could.
//!
//! The state is a function of what was typed: a fresh cluster of a release and a seed, the steps of a story, the editor's
//! documents, the lines of the terminal, in this order; questions are asked on copies of what comes of it. An edit therefore
//! changes what was, and not what is: no trace of a half-typed name remains, and the state's scenario replays to the same.

mod base;
mod cure;
mod document;
mod documents;
mod file;
mod lesson;
mod orders;
pub mod page;
mod question;
mod state;
mod talk;
mod time;

#[cfg(test)]
mod tests;

pub use crate::prompt::told::{Told, Tone};
pub use base::World;
pub use talk::*;

use crate::access;
use crate::api::Version;
use crate::book::fragments;
use crate::error::Error;
use crate::explain::{Explanation, uncured};
use crate::limits::STEPS;
use crate::prompt::told;
use crate::prompt::{Prompt, Said};
use crate::scenario::explained;
use crate::scenario::report::{Report, StepReport};
use base::Base;
use documents::Documents;
use maud::html;
use state::State;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

/// What somebody sees who comes with nothing.
const START: &str = include_str!("start.yaml");

/// How many changes can be undone.
const UNDONE: usize = 100;
/// How many questions are taken.
const QUESTIONS: usize = 200;

/// A playground.
pub struct Playground<'a> {
    now: State<'a>,
    past: VecDeque<State<'a>>,
    future: Vec<State<'a>>,
    /// Whether the last change was one of the editor's: those in a row are undone at once.
    editing: bool,
}

impl<'a> Playground<'a> {
    /// A playground with nothing in it but a fresh cluster.
    ///
    /// # Errors
    ///
    /// None that is known: there is nothing to be wrong.
    pub fn empty(world: World<'a>) -> Result<Playground<'a>, Error> {
        Playground::open(world, "playground", "scenario: A playground\nsteps: []\n")
    }

    /// A first playground, for whoever comes with nothing.
    ///
    /// # Errors
    ///
    /// None that is known: it is a scenario of ours.
    pub fn start(world: World<'a>) -> Result<Playground<'a>, Error> {
        Playground::open(world, "start", START)
    }

    /// A playground of a scenario; `path` is how errors call it.
    ///
    /// # Errors
    ///
    /// Those of [`load::parse`](crate::scenario::load::parse), and a step of the story that cannot be done.
    pub fn open(world: World<'a>, path: &str, text: &str) -> Result<Playground<'a>, Error> {
        let read = file::read(path, text, world.files)?;
        Playground::of(world, read)
    }

    /// A playground whose editor holds a dump or manifests.
    ///
    /// # Errors
    ///
    /// What is no YAML, and what is no Kubernetes object, with its line.
    pub fn of_dump(world: World<'a>, path: &str, text: &str) -> Result<Playground<'a>, Error> {
        let (manifests, notes) = file::of_dump(path, text)?;
        let mut read = file::read("playground", "scenario: A dump\nsteps: []\n", world.files)?;
        (read.manifests, read.notes) = (manifests, notes);
        Playground::of(world, read)
    }

    fn of(world: World<'a>, read: file::Read) -> Result<Playground<'a>, Error> {
        let file::Read {
            scenario,
            head,
            mut manifests,
            last,
            mut making,
            mut after,
            questions,
            of_story,
            notes,
        } = read;
        let base = Rc::new(Base::new(world, Arc::new(scenario), Arc::new(head), None, notes)?);
        manifests.push_str(&file::made(&mut making, &base.session));
        after.splice(..0, making);
        let prompt = Prompt::new(base.session.fork(), serde_yaml::Mapping::new());
        let mut now =
            State { base, manifests: "".into(), documents: Documents::default(), prompt, questions, work: 0 };
        now.manifests = manifests.replace("\r\n", "\n").into();
        now.reorder(last);
        for step in &after {
            let text = step.fields.run.as_deref().or(step.fields.name.as_deref()).unwrap_or_default();
            now.prompt.given(text, &step.fields);
        }
        now.meter().check("the scenario")?;
        now.work = now.meter().done();
        if of_story {
            now.meter().begin(0);
            now.questions = question::at_the_end(now.rows(now.session()));
        }
        Ok(Playground { now, past: VecDeque::new(), future: Vec::new(), editing: false })
    }

    /// Does what is asked.
    pub fn ask(&mut self, ask: Ask) -> Answer {
        self.now.meter().begin(0);
        self.answer(ask).unwrap_or_else(|error| Answer::Refused(error.into()))
    }

    fn answer(&mut self, ask: Ask) -> Result<Answer, Error> {
        match ask {
            Ask::Look => Ok(self.view_with_manifests()),
            Ask::Edit { manifests } => {
                let mut after = self.now.fork();
                after.edit(&manifests);
                after.meter().check("the manifests")?;
                if !self.editing {
                    self.remember();
                }
                self.now = after;
                self.editing = true;
                Ok(self.view())
            }
            Ask::Touch { line } => {
                if let Some(place) = self.now.documents.touched(line) {
                    let mut after = self.now.fork();
                    after.reorder(Some(place));
                    if !after.meter().is_full() {
                        self.now = after;
                    }
                }
                Ok(Answer::Touched)
            }
            Ask::Questions { questions } => {
                if questions.len() > QUESTIONS {
                    return Err(Error::new(format!("more than {QUESTIONS} questions")));
                }
                self.remember();
                self.now.questions = questions;
                Ok(self.view())
            }
            Ask::Explain { of } => self.explained(&of),
            Ask::Cure { of, cure } => {
                let explanation = self.explanation(&of)?;
                let found = explanation
                    .cures
                    .and_then(|mut cures| (cure < cures.found.len()).then(|| cures.found.swap_remove(cure)));
                let found =
                    found.ok_or_else(|| Error::new("this is refused no more, or by something else"))?;
                self.change(|now| cure::apply(now, &found))?;
                Ok(self.view_with_manifests())
            }
            Ask::Type { line } => self.typed(&line),
            Ask::Complete { line } => {
                let (from, words) = self.now.prompt.world().complete(&line);
                Ok(Answer::Completed { from, words })
            }
            Ask::Undo => {
                let before = self.past.pop_back().ok_or_else(|| Error::new("there is nothing to undo"))?;
                self.future.push(std::mem::replace(&mut self.now, before));
                self.editing = false;
                Ok(self.view_with_manifests())
            }
            Ask::Redo => {
                let after = self.future.pop().ok_or_else(|| Error::new("there is nothing to redo"))?;
                self.past.push_back(std::mem::replace(&mut self.now, after));
                self.editing = false;
                Ok(self.view_with_manifests())
            }
            Ask::SetUp { version, seed } => {
                let version = version.parse().map_err(Error::new)?;
                let seed = seed.trim().parse::<u64>().map_err(|_| {
                    Error::new(format!("`{seed}` is no seed: a whole number from 0 to {}", u64::MAX))
                })?;
                self.change(|now| {
                    now.base = Rc::new(now.base.again(version, seed)?);
                    let last = now.documents.last();
                    now.documents = Documents::default();
                    now.reorder(last);
                    Ok(())
                })?;
                Ok(self.view())
            }
            Ask::Past { steps } => {
                let past = time::after(&self.now, steps)?;
                self.now.meter().check("the past")?;
                self.now.meter().begin(0);
                Ok(Answer::Past { rows: self.now.rows(&past) })
            }
            Ask::Time => Ok(time::time(&self.now)),
            Ask::Rights => Ok(Answer::Rights { html: self.rights() }),
            Ask::File => Ok(Answer::File { text: self.file()? }),
            Ask::Orders => Ok(Answer::Orders { text: self.orders()? }),
        }
    }

    /// Keeps the state as it is, to be undone to.
    fn remember(&mut self) {
        self.past.push_back(self.now.fork());
        if self.past.len() > UNDONE {
            self.past.pop_front();
        }
        self.future.clear();
        self.editing = false;
    }

    /// Changes the state; after an error all is as before.
    fn change<T>(&mut self, change: impl FnOnce(&mut State<'a>) -> Result<T, Error>) -> Result<T, Error> {
        let mut after = self.now.fork();
        let done = change(&mut after)?;
        after.meter().check("this change")?;
        self.remember();
        self.now = after;
        Ok(done)
    }

    /// Does a line of the terminal.
    fn typed(&mut self, line: &str) -> Result<Answer, Error> {
        match line.trim() {
            "undo" => return self.answer(Ask::Undo),
            "redo" => return self.answer(Ask::Redo),
            _ => {}
        }
        STEPS.check(self.now.reports().count() as u64 + 1).map_err(Error::new)?;
        // The lines are typed again behind each edit: together they are not more than can be done at once.
        let meter = self.now.meter().clone();
        meter.begin(self.now.work);
        let (said, prompt) = {
            let mut prompt = self.now.prompt.fork();
            (prompt.line(line)?, prompt)
        };
        let work = meter.done();
        meter.begin(0);
        let told = match said {
            Said::Nothing => Vec::new(),
            Said::Step(typed) => told::step(&typed),
            Said::Text(text) => vec![Told::plain(text)],
            Said::Why(typed) => {
                let mut step = &typed.report;
                while let Some(last) = step.inner.last() {
                    step = last;
                }
                let explained = self.explain_all(step);
                vec![Told::plain(explained::in_words(step, &explained))]
            }
            Said::Save(_) => {
                return Err(
                    Error::new("a page writes no files").hint("Share gives the session as a file or a link")
                );
            }
            Said::Exit => return Err(Error::new("this terminal has no end").hint("close the page instead")),
        };
        let changed = prompt.done().count() != self.now.prompt.done().count()
            || prompt.prompt() != self.now.prompt.prompt();
        if changed {
            self.remember();
            (self.now.prompt, self.now.work) = (prompt, work);
        }
        Ok(Answer::Said { told, view: Box::new(self.look()) })
    }

    /// What came of all.
    fn report(&self) -> Report {
        Report { steps: self.now.reports().cloned().collect(), ..self.now.prompt.report() }
    }

    fn explain_all(&self, step: &StepReport) -> Vec<Explanation> {
        explained::step(&self.report(), step, &self.now.documents.written())
    }

    /// Why something came out as it did.
    fn explanation(&self, of: &Of) -> Result<Explanation, Error> {
        let nothing = || Error::new("there is nothing to explain: no request was sent");
        let gone = || Error::new("this is no more");
        let step = match of {
            Of::Question(index) => {
                let question = self.now.questions.get(*index).ok_or_else(gone)?;
                question.ask(self.now.session(), index + 1)?
            }
            Of::Document(index) => self.now.documents.in_text().get(*index).ok_or_else(gone)?.report.clone(),
            Of::Check(index) => {
                let checks = lesson::check(&self.now)?;
                checks.into_iter().nth(*index).ok_or_else(gone)?
            }
            Of::Step(number) => {
                let mut all = self.now.reports().flat_map(|step| std::iter::once(step).chain(&step.inner));
                all.find(|step| step.number == *number).ok_or_else(gone)?.clone()
            }
        };
        let deciding = step.deciding_index().ok_or_else(nothing)?;
        let explained = self.explain_all(&step).into_iter().nth(deciding).ok_or_else(nothing);
        self.now.meter().check("to look for cures")?;
        explained
    }

    fn explained(&self, of: &Of) -> Result<Answer, Error> {
        let explanation = self.explanation(of)?;
        let cures = explanation.cures.as_ref().map_or(0, |cures| cures.found.len());
        Ok(Answer::Explained { html: fragments::explained(&explanation).into_string(), cures })
    }

    /// Graph and matrix of whom the questions are about, and of what was made.
    fn rights(&self) -> String {
        let session = self.now.session();
        let numbered = (1..).zip(&self.now.questions);
        let asked: Vec<StepReport> =
            numbered.filter_map(|(number, question)| question.ask(session, number).ok()).collect();
        let asked: Vec<(&StepReport, Vec<Explanation>)> =
            asked.iter().map(|step| (step, step.requests.iter().map(uncured).collect())).collect();
        let end = session.cluster().knowledge().rbac();
        let access = access::build(&self.now.base.fresh, end, &asked);
        const DRAWN: usize = 400;
        let markup = match (access.is_empty(), access.graph.node_count()) {
            (true, _) => {
                html! { p { "Nobody was given anything here, and nobody but an administrator asks." } }
            }
            (false, DRAWN..) => {
                html! { p { "More than " (DRAWN) " roles, bindings and rules: no picture would show them." } }
            }
            (false, _) => fragments::rights("play", &access, end, "question"),
        };
        markup.into_string()
    }

    /// All as a scenario.
    fn file(&self) -> Result<String, Error> {
        let now = &self.now;
        let written = file::Written {
            head: &now.base.head,
            version: now.base.version().to_string(),
            seed: now.base.seed(),
            before: &now.base.scenario.steps,
            documents: &now.documents,
            after: now.prompt.steps()?,
            rows: now.rows(now.session()),
        };
        Ok(written.text())
    }

    fn view(&self) -> Answer {
        Answer::View(Box::new(self.look()))
    }

    fn view_with_manifests(&self) -> Answer {
        let manifests = Some(self.now.manifests.to_string());
        Answer::View(Box::new(View { manifests, ..self.look() }))
    }

    fn look(&self) -> View {
        let now = &self.now;
        now.meter().begin(0);
        let session = now.session();
        View {
            title: now.base.scenario.scenario.clone(),
            version: now.base.version().to_string(),
            versions: Version::all().map(|version| version.to_string()).collect(),
            seed: now.base.seed().to_string(),
            passed: fragments::clock(session.passed().as_millis().try_into().unwrap_or(i64::MAX)),
            prompt: now.prompt.prompt(),
            forks: now.prompt.forks(),
            manifests: None,
            documents: now.documents.len(),
            marks: now.documents.marks(),
            rows: now.rows(session),
            steps: now.reports().count(),
            lesson: lesson::lesson(now),
            typed: now.prompt.done().map(|typed| lesson::typed(typed)).collect(),
            broken: now.base.broken(session.cluster()),
            notes: now.base.notes.clone(),
            undo: !self.past.is_empty(),
            redo: !self.future.is_empty(),
        }
    }
}
