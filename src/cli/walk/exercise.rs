//! The exercise: what the walker types is done to the cluster as the lesson left it, and the check judges what came of it.

use super::page::Page;
use crate::api::Version;
use crate::cli::near::Near;
use crate::cli::paint::{Paint, paint};
use crate::cli::scenarios::Loaded;
use crate::cli::shell::terminal::{Lines, Read, plain};
use crate::cli::shell::{self, show};
use crate::cli::wrap::wrapped;
use crate::error::Error;
use crate::prompt::{Prompt, Said};
use crate::scenario::explained;
use crate::scenario::format::Exercise;
use crate::scenario::report::{ExerciseReport, StepReport};
use serde_yaml::Mapping;
use std::io::{self, BufRead, Write};

/// Where an exercise is done.
pub(super) struct Bench<'a> {
    pub(super) loaded: &'a Loaded,
    pub(super) version: Version,
    pub(super) seed: Option<u64>,
    pub(super) files: &'a Near,
}

/// What was typed: something about the exercise, or a line for the cluster.
enum Typed {
    Hint,
    Solution,
    Check,
    Quit,
    Line,
}

impl Typed {
    fn of(line: &str) -> Typed {
        match line.trim() {
            "h" | "hint" => Typed::Hint,
            "s" | "solution" => Typed::Solution,
            "check" => Typed::Check,
            "q" | "quit" => Typed::Quit,
            _ => Typed::Line,
        }
    }
}

impl Bench<'_> {
    /// Lets somebody do the exercise: whether the check passed in the end.
    pub(super) fn exercise(
        &self,
        told: &ExerciseReport,
        input: &mut dyn BufRead,
        out: &mut dyn Write,
        prompts: bool,
    ) -> io::Result<bool> {
        let Some(exercise) = &self.loaded.scenario.exercise else { return Ok(false) };
        let mut prompt = match self.prompt() {
            Ok(prompt) => prompt,
            Err(error) => {
                write!(out, "{}", show::error(&error))?;
                return Ok(false);
            }
        };
        let hint = told.hint.as_ref().map(|_| "h for a hint, ").unwrap_or_default();
        let how = format!(
            "Type your solution, as in `kubeverdict shell`; `check` judges it, `undo` takes a line back, {hint}s for a solution, q ends."
        );
        writeln!(out, "\n{}", paint(Paint::Dim, &Page::prose(&how, "  ")))?;
        let mut lines = if prompts { Lines::open(None).ok() } else { None };
        while let Some(line) = next(lines.as_mut(), &prompt, input, out)? {
            match Typed::of(&line) {
                Typed::Quit => break,
                Typed::Hint => {
                    let hint = told.hint.as_deref().unwrap_or("there is no hint");
                    writeln!(out, "{}", Page::prose(hint, "  "))?;
                }
                Typed::Solution => solution(told, out)?,
                Typed::Check => {
                    if judge(exercise, &mut prompt, out)? {
                        return Ok(true);
                    }
                }
                Typed::Line => match prompt.line(&line) {
                    Ok(Said::Exit) => break,
                    Ok(said) => write!(out, "{}", answer(&prompt, said))?,
                    Err(error) => write!(out, "{}", show::error(&error))?,
                },
            }
        }
        Ok(false)
    }

    /// A prompt at the cluster as the lesson's steps leave it.
    fn prompt(&self) -> Result<Prompt<'_>, Error> {
        let scenario = &self.loaded.scenario;
        let session = shell::session(scenario, self.version, self.seed, self.files)?;
        let mut prompt = Prompt::new(session, Mapping::new());
        prompt.replay(scenario)?;
        self.files.are_typed();
        Ok(prompt)
    }
}

/// The next line that is not empty; none at the end.
fn next(
    mut lines: Option<&mut Lines>,
    prompt: &Prompt<'_>,
    input: &mut dyn BufRead,
    mut out: &mut dyn Write,
) -> io::Result<Option<String>> {
    loop {
        out.flush()?;
        let line = match &mut lines {
            Some(lines) => match lines.read(prompt, &mut out).map_err(io::Error::other)? {
                Read::Line(line) => line,
                Read::Given => continue,
                Read::End => return Ok(None),
            },
            None => match plain(input)? {
                Some(line) => line,
                None => return Ok(None),
            },
        };
        if line.trim().is_empty() {
            continue;
        }
        if lines.is_none() {
            writeln!(out, "{}{line}", prompt.prompt())?;
        }
        return Ok(Some(line));
    }
}

/// What a line that was typed is answered with.
fn answer(prompt: &Prompt<'_>, said: Said) -> String {
    match said {
        Said::Nothing | Said::Exit => String::new(),
        Said::Step(typed) => show::step(&typed),
        Said::Text(text) => wrapped(&text),
        Said::Why(typed) => {
            let explained = explained::step(&prompt.report(), &typed.report, &[]);
            wrapped(&explained::in_words(&typed.report, &explained))
        }
        Said::Save(_) => {
            show::error(&Error::new("an exercise is not saved").hint("`kubeverdict shell` saves"))
        }
    }
}

/// Asks what the check asks: whether all is as it should be.
fn judge(exercise: &Exercise, prompt: &mut Prompt<'_>, out: &mut dyn Write) -> io::Result<bool> {
    let steps = match prompt.check(&exercise.check) {
        Ok(steps) => steps,
        Err(error) => {
            write!(out, "{}", show::error(&error))?;
            return Ok(false);
        }
    };
    for step in &steps {
        let name = step.name.as_deref().unwrap_or(&step.line);
        let line = match step.failures.as_slice() {
            [] => paint(Paint::Good, &format!("✓ {name}")),
            failures => paint(Paint::Bad, &format!("✗ {name}: {}", failures.join("; "))),
        };
        writeln!(out, "{}", wrapped(&format!("  {line}")))?;
    }
    let right = steps.iter().filter(|step| step.failures.is_empty()).count();
    let text = match right == steps.len() {
        true => "solved".to_owned(),
        false => format!("not solved yet: {right} of {} as they should be", steps.len()),
    };
    writeln!(out, "  {}", paint(Paint::Strong, &text))?;
    Ok(right == steps.len())
}

fn solution(told: &ExerciseReport, out: &mut dyn Write) -> io::Result<()> {
    for step in &told.solution {
        writeln!(out, "{}", Page::typed(step))?;
    }
    writeln!(out, "  after which:")?;
    let code = |step: &StepReport| step.code().map(|code| code.to_string()).unwrap_or_default();
    for step in &told.check {
        writeln!(out, "  {:>5}  {}", code(step), step.name.as_deref().unwrap_or(&step.line))?;
    }
    Ok(())
}
