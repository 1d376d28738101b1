//! What a page asks of its playground, and what it is told: plain values, JSON on the way.

use super::Told;
use crate::error::Error;
use serde::{Deserialize, Serialize};

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "ask", rename_all = "camelCase", deny_unknown_fields)]
pub enum Ask {
    /// How all is.
    Look,
    /// The editor holds other manifests.
    Edit {
        /// All of them.
        manifests: String,
    },
    /// The editor is about to change a line: what is slow about it is done before.
    Touch {
        /// The line, from 1.
        line: usize,
    },
    /// There are other questions.
    Questions {
        /// All of them.
        questions: Vec<Question>,
    },
    /// Why something came out as it did.
    Explain {
        /// What.
        of: Of,
    },
    /// A cure is applied that an explanation told of.
    Cure {
        /// What it was an explanation of.
        of: Of,
        /// Which, from 0.
        cure: usize,
    },
    /// A line is typed.
    Type {
        /// The line.
        line: String,
    },
    /// What may stand at the end of a line.
    Complete {
        /// The line as far as it is typed.
        line: String,
    },
    /// The last change never happened.
    Undo,
    /// It did.
    Redo,
    /// The same in another release, or with another seed.
    SetUp {
        /// The release.
        version: String,
        /// The seed: a text, since numbers of browsers are not that large.
        seed: String,
    },
    /// How the questions came out after so many steps.
    Past {
        /// How many.
        steps: usize,
    },
    /// Who acted, and when.
    Time,
    /// Who may do what: graph and matrix.
    Rights,
    /// All as a scenario.
    File,
    /// Whether the last step ends otherwise in other orders.
    Orders,
}

/// What is explained.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Of {
    /// A question, from 0.
    Question(usize),
    /// A document of the editor, from 0.
    Document(usize),
    /// A line of the exercise's check, from 0.
    Check(usize),
    /// A step by its number.
    Step(String),
}

/// A question: who may do what, and whether they should.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Question {
    /// Who, as `as` takes it: `alice`, `alice devs`, `admin`, `--token TOKEN`.
    pub who: String,
    /// What: a kubectl line, `GET /path`, `in NAMESPACE/pod/NAME curl …`.
    pub what: String,
    /// The code that is expected.
    #[serde(default)]
    pub expected: Option<u16>,
}

/// What is told.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "is", rename_all = "camelCase")]
pub enum Answer {
    /// How all is.
    View(Box<View>),
    /// Nothing to tell.
    Touched,
    /// What a line printed, and how all is now.
    Said {
        /// What is printed.
        told: Vec<Told>,
        /// How all is.
        view: Box<View>,
    },
    /// An explanation.
    Explained {
        /// As HTML, in the words of the book.
        html: String,
        /// How many cures can be applied.
        cures: usize,
    },
    /// What may stand at the end of a line.
    Completed {
        /// Where the word begins, in bytes.
        from: usize,
        /// What it may become.
        words: Vec<String>,
    },
    /// How the questions came out.
    Past {
        /// The questions.
        rows: Vec<Row>,
    },
    /// Who acted.
    Time {
        /// The steps.
        moments: Vec<Moment>,
        /// What was done in them.
        acts: Vec<Act>,
        /// How many of the oldest acts are left out.
        left_out: usize,
    },
    /// Who may do what.
    Rights {
        /// As HTML.
        html: String,
    },
    /// All as a scenario.
    File {
        /// Its text.
        text: String,
    },
    /// How it ends in other orders.
    Orders {
        /// As text.
        text: String,
    },
    /// It could not be done; all is as before.
    Refused(Wrong),
}

/// How all is.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct View {
    /// The scenario's name.
    pub title: String,
    /// The release.
    pub version: String,
    /// The releases that there are.
    pub versions: Vec<String>,
    /// The seed, as a text.
    pub seed: String,
    /// The virtual time that has passed.
    pub passed: String,
    /// Who types and where.
    pub prompt: String,
    /// How many forks are open.
    pub forks: usize,
    /// What the editor is to hold, where others than the editor changed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manifests: Option<String>,
    /// How many documents it holds.
    pub documents: usize,
    /// What is wrong in it.
    pub marks: Vec<Mark>,
    /// The questions, with what came of them.
    pub rows: Vec<Row>,
    /// How many steps were done.
    pub steps: usize,
    /// What was there to begin with, where there was something to read or to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lesson: Option<Lesson>,
    /// What was typed.
    pub typed: Vec<Done>,
    /// What must never be possible, and is.
    pub broken: Vec<String>,
    /// What was left out or assumed.
    pub notes: Vec<String>,
    /// Whether there is something to undo.
    pub undo: bool,
    /// Whether there is something to redo.
    pub redo: bool,
}

/// Something wrong in the editor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Mark {
    /// The line, from 1.
    pub line: usize,
    /// In which document, from 0.
    pub document: usize,
    /// Whether it is an error, and no warning.
    pub error: bool,
    /// Whether a request was refused, which can be explained.
    pub refused: bool,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// A question with what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// The question.
    #[serde(flatten)]
    pub question: Question,
    /// The code of the answer.
    pub code: Option<u16>,
    /// How it ended, in a few characters: `403`, `exit 1`.
    pub ended: String,
    /// What decided.
    pub verdict: String,
    /// The answer's message.
    pub message: String,
    /// Whether it is as expected, where something is.
    pub fine: Option<bool>,
    /// Why it could not be asked.
    pub wrong: Option<Wrong>,
}

/// Bad input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Wrong {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// On which line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

impl From<Error> for Wrong {
    fn from(error: Error) -> Wrong {
        let line = error.at.and_then(|place| place.position).map(|(line, _)| line);
        Wrong { message: error.message, hint: error.hint, line }
    }
}

/// What there is to read and to do.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Lesson {
    /// What a learner sees, as HTML.
    pub about: String,
    /// The steps that were done so far, but for what the editor holds.
    pub steps: Vec<Done>,
    /// The task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exercise: Option<Task>,
}

/// A task, and how far it is done.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    /// What is to be done, as HTML.
    pub task: String,
    /// A hint, as HTML.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The lines of a solution.
    pub solution: Vec<String>,
    /// What must come out.
    pub checks: Vec<Check>,
    /// Whether all of it does.
    pub solved: bool,
}

/// A line of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// What is looked at.
    pub name: String,
    /// How it ended.
    pub ended: String,
    /// Where it is not as it must be.
    pub failures: Vec<String>,
}

/// A step that was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Done {
    /// Its number.
    pub number: String,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Prose, as HTML.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Who did it.
    pub who: String,
    /// What was typed.
    pub line: String,
    /// How it ended.
    pub ended: String,
    /// Whether a request was refused.
    pub refused: bool,
    /// Where it is not as expected.
    pub failures: Vec<String>,
}

/// A step in time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Moment {
    /// When, in words.
    pub clock: String,
    /// What was done.
    pub line: String,
}

/// What somebody did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Act {
    /// After so many steps.
    pub step: usize,
    /// When, in words.
    pub clock: String,
    /// The sign of whoever it was.
    pub sign: &'static str,
    /// Who it was.
    pub who: String,
    /// What they asked.
    pub what: String,
    /// How that ended.
    pub ended: String,
    /// Whether it was refused.
    pub refused: bool,
    /// How often in a row.
    pub times: usize,
}
