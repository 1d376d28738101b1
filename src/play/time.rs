//! Virtual time: who acted and when, and the cluster as it was after any step.

use super::State;
use super::talk::{Act, Answer, Moment};
use crate::book::fragments::{self, Sign};
use crate::error::Error;
use crate::prompt::Prompt;
use crate::scenario::report::StepReport;
use crate::scenario::session::Session;

/// So many acts are told of, the youngest.
const TOLD: usize = 1_000;

/// The cluster after the first so many steps.
pub(super) fn after<'a>(now: &State<'a>, steps: usize) -> Result<Session<'a>, Error> {
    let all = now.reports().count();
    if steps > all {
        return Err(Error::new(format!("there is no step {steps}: {all} were done")));
    }
    let given = now.base.reports.len();
    if steps < given {
        return now.base.after(steps);
    }
    let documents = steps - given;
    if documents <= now.documents.len() {
        return Ok(now.documents.session(documents).unwrap_or(&now.base.session).fork());
    }
    let mut prompt = Prompt::new(now.behind_documents().fork(), serde_yaml::Mapping::new());
    for typed in now.prompt.done().take(documents - now.documents.len()) {
        prompt.given(&typed.text, &typed.given);
    }
    Ok(prompt.session().fork())
}

/// Who acted, and when.
pub(super) fn time(now: &State<'_>) -> Answer {
    let mut moments = Vec::new();
    let mut acts = Vec::new();
    for (index, report) in now.reports().enumerate() {
        let line = report.line.lines().next().unwrap_or_default().to_owned();
        moments.push(Moment { clock: fragments::clock(report.at), line });
        of_step(index + 1, report, &mut acts);
    }
    let left_out = acts.len().saturating_sub(TOLD);
    acts.drain(..left_out);
    Answer::Time { moments, acts, left_out }
}

fn of_step(step: usize, report: &StepReport, acts: &mut Vec<Act>) {
    let (sign, who) = match report.who.as_str() {
        "" | "admin" => (Sign::You, "you".to_owned()),
        who if who.starts_with("pod ") || who.contains('/') => (Sign::Pod, who.to_owned()),
        who => (Sign::You, format!("you, as {who}")),
    };
    acts.push(Act {
        step,
        clock: fragments::clock(report.at),
        sign: sign.id(),
        who,
        what: report.line.lines().next().unwrap_or_default().to_owned(),
        ended: report.ended(),
        refused: report.code().is_some_and(|code| code >= 400),
        times: 1,
    });
    for done in &report.afterwards {
        let (sign, who) = fragments::actor(&done.controller);
        let act = Act {
            step,
            clock: fragments::clock(done.at),
            sign: sign.id(),
            who,
            what: done.request.clone(),
            ended: done.code.to_string(),
            refused: done.code >= 400,
            times: 1,
        };
        match acts
            .last_mut()
            .filter(|last| (&last.who, &last.what, &last.ended) == (&act.who, &act.what, &act.ended))
        {
            Some(last) => last.times += 1,
            None => acts.push(act),
        }
    }
}
