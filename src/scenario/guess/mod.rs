//! Predict before you look: what a server might say to a step, and why it does not say the other things.
//!
//! All of it follows from the request's explanation, so that a page and a terminal tell the same.

mod reason;

pub(crate) use reason::{no_answer, reason};

use super::report::StepReport;
use crate::explain::Explanation;

/// What a server might say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Answer {
    /// An HTTP code.
    Code(u16),
    /// `yes`, to `kubectl auth can-i`.
    Yes,
    /// `no`.
    No,
    /// None at all: the connection does not come about.
    Nothing,
}

/// A step as a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    /// The question.
    pub asks: &'static str,
    /// What may be guessed; one is right.
    pub choices: Vec<Choice>,
}

/// One guess.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    /// The guess.
    pub answer: Answer,
    /// Whether it is right.
    pub right: bool,
    /// Why the answer is this, or why it is not.
    pub why: String,
}

impl Answer {
    /// As it is written: `403`, `yes`, `none`.
    pub(crate) fn word(self) -> String {
        match self {
            Answer::Code(code) => code.to_string(),
            Answer::Yes => "yes".to_owned(),
            Answer::No => "no".to_owned(),
            Answer::Nothing => "none".to_owned(),
        }
    }

    /// In words: `403 Forbidden`.
    pub(crate) fn label(self) -> String {
        match self {
            Answer::Code(code) => format!("{code} {}", phrase(code)).trim_end().to_owned(),
            Answer::Yes | Answer::No => self.word(),
            Answer::Nothing => "no answer".to_owned(),
        }
    }

    /// Whether it lets the request through.
    pub(crate) fn lets_through(self) -> bool {
        match self {
            Answer::Code(code) => code < 400,
            Answer::Yes => true,
            Answer::No | Answer::Nothing => false,
        }
    }
}

/// The phrase that goes with a code, the reason of a Status where there is one.
pub(crate) fn phrase(code: u16) -> &'static str {
    match code {
        101 => "Switching Protocols",
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        409 => "Conflict",
        410 => "Gone",
        413 => "Too Large",
        415 => "Unsupported Media Type",
        422 => "Invalid",
        429 => "Too Many Requests",
        500 => "Internal Error",
        503 => "Service Unavailable",
        504 => "Timeout",
        _ => "",
    }
}

/// A step as a question, given the explanation of the request that decides it; none if nothing of it is in doubt.
pub(crate) fn question(step: &StepReport, deciding: Option<&Explanation>) -> Option<Question> {
    match deciding {
        Some(explanation) if is_set_up(step, explanation) => None,
        Some(explanation) => Some(match said(step) {
            Some(said) => of_review(explanation, said),
            None => of_request(step, explanation),
        }),
        None => of_no_request(step),
    }
}

/// Whether a step only prepares others: an administrator does what they may, as usual, and nobody has a word to say about it.
pub(crate) fn is_set_up(step: &StepReport, explanation: &Explanation) -> bool {
    let told = step.name.is_some() || step.about.is_some() || said(step).is_some();
    !told && step.who == "admin" && explanation.code < 400 && step.chance.is_empty()
}

/// What `kubectl auth can-i` printed.
fn said(step: &StepReport) -> Option<bool> {
    let asks = step.line.starts_with("kubectl auth can-i ") && !step.line.contains("--list");
    match step.output.as_ref()?.stdout.split_whitespace().next()? {
        "yes" if asks => Some(true),
        "no" if asks => Some(false),
        _ => None,
    }
}

fn of_review(explanation: &Explanation, allowed: bool) -> Question {
    let choices = [(Answer::Yes, allowed), (Answer::No, !allowed)].map(|(answer, right)| Choice {
        answer,
        right,
        why: reason::of_review(explanation, allowed),
    });
    Question { asks: "What will kubectl print?", choices: choices.into() }
}

fn of_request(step: &StepReport, explanation: &Explanation) -> Question {
    let right = Answer::Code(explanation.code);
    let mut answers = plausible(explanation);
    answers.retain(|answer| !(answer.lets_through() && right.lets_through()));
    answers.push(right);
    if step.who.starts_with("pod ") {
        answers.push(Answer::Nothing);
    }
    answers.sort();
    answers.dedup();
    let choice = |answer| Choice { answer, right: answer == right, why: reason(explanation, answer) };
    Question { asks: "What will the server say?", choices: answers.into_iter().map(choice).collect() }
}

/// What might come to mind, whatever the answer is.
fn plausible(explanation: &Explanation) -> Vec<Answer> {
    let wants = &explanation.wants.wanted;
    let done = if wants.verb == "create" { 201 } else { 200 };
    let distractor = match wants.verb.as_str() {
        "create" => 409,
        "update" | "patch" => 422,
        _ if wants.name.is_empty() => 0,
        _ => 404,
    };
    let mut codes = vec![done, 401, 403];
    codes.extend(Some(distractor).filter(|code| *code > 0));
    codes.into_iter().map(Answer::Code).collect()
}

/// A line in a pod that did not get as far as a request.
fn of_no_request(step: &StepReport) -> Option<Question> {
    let failed = step.output.as_ref().filter(|output| output.exit != 0)?;
    if !step.line.starts_with("curl") {
        return None;
    }
    let answers = [Answer::Code(200), Answer::Code(401), Answer::Code(403), Answer::Nothing];
    let choices = answers.map(|answer| Choice {
        answer,
        right: answer == Answer::Nothing,
        why: no_answer(failed.exit, &failed.stderr, answer),
    });
    Some(Question { asks: "What will the server say?", choices: choices.into() })
}

#[cfg(test)]
mod tests;
