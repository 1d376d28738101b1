//! The course of a walk: question, guess, answer; at the end the exercise.

use super::exercise::Bench;
use super::page::Page;
use crate::cli::paint::{Paint, paint};
use crate::explain::Explanation;
use crate::explain::source::Written;
use crate::scenario::explained;
use crate::scenario::format::Scenario;
use crate::scenario::guess::{Answer, Choice, Question, is_set_up, question};
use crate::scenario::report::{ExerciseReport, Report, StepReport};
use std::io::{self, BufRead, Write};

/// A walk.
pub(super) struct Lesson<'a> {
    /// The scenario.
    pub(super) scenario: &'a Scenario,
    /// Its replay.
    pub(super) report: &'a Report,
    /// The objects that its files hold.
    pub(super) written: &'a [Written],
    /// Where its exercise is done.
    pub(super) bench: Bench<'a>,
    /// Where guesses come from, a line each.
    pub(super) input: &'a mut dyn BufRead,
    /// Where the lesson goes.
    pub(super) out: &'a mut dyn Write,
    /// Whether somebody sits at a keyboard.
    pub(super) prompts: bool,
    /// How many guesses were right.
    pub(super) score: Score,
    /// Whether the exercise was solved, where it was come to.
    pub(super) solved: Option<bool>,
}

/// How a walk went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Score {
    right: usize,
    guessed: usize,
    questions: usize,
}

/// What was typed.
enum Typed {
    Line(String),
    /// Enough.
    Quit,
}

/// Whether the walk goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    GoOn,
    Quit,
}

impl Lesson<'_> {
    /// Walks to the end, or until the walker has enough.
    pub(super) fn walk(&mut self) -> io::Result<()> {
        let Report { scenario, version, about, .. } = self.report;
        let title = paint(Paint::Strong, &format!("{scenario} · Kubernetes {version}"));
        writeln!(self.out, "{title}\n\n{}", Page::prose(about, ""))?;
        if !self.scenario.story.is_empty() {
            writeln!(self.out, "\n{}", Page::prose(&self.scenario.story, ""))?;
        }
        if self.prompts {
            let how = "Type the number of your guess, or the code. Enter shows the answer, q ends the walk.";
            writeln!(self.out, "\n{}", paint(Paint::Dim, how))?;
        }
        let then = self.steps(&self.report.steps)?;
        if let (Then::GoOn, Some(exercise)) = (then, &self.report.exercise) {
            self.exercise(exercise)?;
        }
        self.farewell()
    }

    fn steps(&mut self, steps: &[StepReport]) -> io::Result<Then> {
        for step in steps {
            if self.step(step, steps.len())? == Then::Quit || self.steps(&step.inner)? == Then::Quit {
                return Ok(Then::Quit);
            }
        }
        Ok(Then::GoOn)
    }

    fn step(&mut self, step: &StepReport, of: usize) -> io::Result<Then> {
        let mut explained = explained::step(self.report, step, self.written);
        let deciding = step.deciding_index().map(|index| explained.remove(index));
        let page = Page { step };
        page.heading(self.out, of)?;
        // What only prepares others is told in a line.
        if let Some(explanation) = deciding.as_ref().filter(|explanation| is_set_up(step, explanation)) {
            writeln!(self.out, "  {} -> {}", explanation.request, explanation.code)?;
            page.failures(self.out)?;
            return Ok(Then::GoOn);
        }
        if let Some(question) = question(step, deciding.as_ref()) {
            self.score.questions += 1;
            if self.ask(&question)? == Then::Quit {
                return Ok(Then::Quit);
            }
        }
        self.reveal(&page, deciding.as_ref())?;
        Ok(Then::GoOn)
    }

    fn reveal(&mut self, page: &Page<'_>, deciding: Option<&Explanation>) -> io::Result<()> {
        page.answer(self.out, deciding)?;
        page.output(self.out)?;
        page.afterwards(self.out)?;
        page.failures(self.out)
    }

    /// Asks, takes a guess, and says whether it was right and why.
    fn ask(&mut self, question: &Question) -> io::Result<Then> {
        writeln!(self.out, "\n  {}", paint(Paint::Strong, question.asks))?;
        for (number, choice) in question.choices.iter().enumerate() {
            writeln!(self.out, "    {}  {}", number + 1, choice.answer.label())?;
        }
        let right = question.choices.iter().find(|choice| choice.right);
        loop {
            let line = match self.read("  your guess> ")? {
                Typed::Line(line) => line,
                Typed::Quit => return Ok(Then::Quit),
            };
            if line.is_empty() {
                let answer = right.map_or_else(String::new, |choice| choice.answer.label());
                writeln!(self.out, "  {answer}")?;
                return Ok(Then::GoOn);
            }
            match guessed(&line, &question.choices) {
                Some(choice) => {
                    self.judge(choice, right)?;
                    return Ok(Then::GoOn);
                }
                None => writeln!(
                    self.out,
                    "  `{line}` is none of these: a number from 1 to {}, or a code; Enter shows the answer, q ends",
                    question.choices.len()
                )?,
            }
        }
    }

    fn judge(&mut self, choice: &Choice, right: Option<&Choice>) -> io::Result<()> {
        self.score.guessed += 1;
        self.score.right += usize::from(choice.right);
        let label = right.map_or_else(|| choice.answer.label(), |right| right.answer.label());
        let verdict = match choice.right {
            true => paint(Paint::Good, &format!("✓ right: {label}")),
            false => paint(Paint::Bad, &format!("✗ no: {label}")),
        };
        writeln!(self.out, "  {verdict}\n{}", Page::prose(&choice.why, "    "))
    }

    fn exercise(&mut self, exercise: &ExerciseReport) -> io::Result<()> {
        writeln!(self.out, "\n{}\n{}", paint(Paint::Strong, "Exercise"), Page::prose(&exercise.task, "  "))?;
        self.solved = Some(self.bench.exercise(exercise, self.input, self.out, self.prompts)?);
        Ok(())
    }

    fn farewell(&mut self) -> io::Result<()> {
        let Score { right, guessed, questions } = self.score;
        let text = match guessed {
            0 => "no guess was made".to_owned(),
            _ => format!("{right} of {guessed} guesses right, {questions} questions asked"),
        };
        let solved = match self.solved {
            None => "",
            Some(true) => "; the exercise is solved",
            Some(false) => "; the exercise is not solved yet",
        };
        writeln!(self.out, "\n{}", paint(Paint::Strong, &format!("{text}{solved}")))
    }

    fn read(&mut self, prompt: &str) -> io::Result<Typed> {
        if self.prompts {
            write!(self.out, "{prompt}")?;
            self.out.flush()?;
        }
        let mut line = String::new();
        if self.input.read_line(&mut line)? == 0 {
            return Ok(Typed::Quit);
        }
        Ok(match line.trim() {
            "q" | "quit" => Typed::Quit,
            line => Typed::Line(line.to_owned()),
        })
    }
}

/// The choice that is meant: by number, or as it is written.
fn guessed<'a>(line: &str, choices: &'a [Choice]) -> Option<&'a Choice> {
    let by_number = line.parse::<usize>().ok().and_then(|number| choices.get(number.checked_sub(1)?));
    let family = |choice: &&Choice| match (choice.answer, line.parse::<u16>()) {
        // 200 means success, also where it is a 201.
        (Answer::Code(code), Ok(guess)) => code == guess || (code < 300 && (200..300).contains(&guess)),
        (answer, _) => answer.word() == line,
    };
    by_number.or_else(|| choices.iter().find(family))
}
