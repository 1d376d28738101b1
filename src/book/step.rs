//! A step: what is done, the question, and the answer with its evidence.

use super::cures::cures;
use super::evidence::evidence;
use super::layout::{Sign, clock, code, coded, command, parted, prose, sign};
use super::played::Play;
use super::question;
use super::strip::strip;
use super::timeline::afterwards;
use crate::api::{Body, Dig};
use crate::cluster::RequestReport;
use crate::explain::Explanation;
use crate::scenario::explained;
use crate::scenario::guess::{Question, question as question_of};
use crate::scenario::report::{OutputReport, StepReport};
use crate::scenario::snapshot::tokens_as_claims;
use maud::{Markup, html};

/// How many lines of output are shown before the rest is folded away.
const LINES: usize = 14;

/// A step, with the steps on its fork. One that only prepares others is a line until it is opened.
pub(super) fn step(play: &Play, step: &StepReport) -> Markup {
    let id = play.step_id(&step.number);
    let inner = step.number.contains('.');
    let mut explained = explained::step(&play.report, step, &play.written);
    // What comes after the step's own requests was asked by controllers.
    let controllers = explained.split_off(step.requests.len().min(explained.len()));
    let deciding = step.deciding_index().map(|index| explained.swap_remove(index));
    let question = question_of(step, deciding.as_ref());
    let set_up = deciding.as_ref().filter(|_| question.is_none());
    html! {
        article .step .inner[inner] .set-up[set_up.is_some()] id=(id) aria-labelledby={ (id) "-name" } tabindex="-1" {
            @if let Some(explanation) = set_up {
                details .answer id={ (id) "-answer" } {
                    summary { (heading(step, &id, inner)) (code(explanation.code)) }
                    (chance(step))
                    (typed(step))
                    (answer(step, Some(explanation), None))
                    (refused(&controllers))
                }
            } @else {
                (heading(step, &id, inner))
                @if let Some(about) = &step.about { div .about { (prose(about)) } }
                (chance(step))
                (typed(step))
                @if let Some(question) = &question {
                    (question::form(question, &id))
                    details .answer id={ (id) "-answer" } {
                        summary { "See the answer" }
                        (answer(step, deciding.as_ref(), Some(question)))
                        (refused(&controllers))
                    }
                } @else {
                    div .answer { (answer(step, None, None)) (refused(&controllers)) }
                }
            }
            @for inner in &step.inner { (self::step(play, inner)) }
        }
    }
}

/// What controllers were refused because of the step.
fn refused(controllers: &[Explanation]) -> Markup {
    html! {
        @for explanation in controllers {
            section .refused-later {
                p .label { "What a controller was refused" }
                p .ends {
                    (code(explanation.code))
                    span .asked { "to " code { (parted(explanation.request.split('?').next().unwrap_or_default())) } }
                }
                (strip(&explanation.gates))
                blockquote .message { (explanation.message) }
                details { summary { "Evidence" } (evidence(explanation)) }
                @if let Some(found) = &explanation.cures { (cures(found)) }
            }
        }
    }
}

fn heading(step: &StepReport, id: &str, inner: bool) -> Markup {
    let name = html! {
        a .number href={ "#" (id) } { span .unseen { "Step " } (step.number) }
        " "
        @if let Some(name) = &step.name { (coded(name)) } @else { span .unnamed { (unnamed(step)) } }
    };
    html! {
        @if inner { h4 id={ (id) "-name" } { (name) } } @else { h3 id={ (id) "-name" } { (name) } }
    }
}

/// What a step is called.
pub(super) fn called(step: &StepReport) -> &str {
    step.name.as_deref().unwrap_or_else(|| unnamed(step))
}

/// What a step without a name is called.
fn unnamed(step: &StepReport) -> &str {
    match step.line.as_str() {
        "what if" => "What if …",
        line if line.starts_with("wait ") => "Time passes",
        line if line.starts_with("restart ") => "The server is restarted",
        line if line.starts_with("webhooks ") => "Webhooks change their mind",
        line if line.starts_with("kubectl ") => {
            let words = line.split_inclusive(' ').skip(1).take_while(|word| !word.starts_with('-')).take(3);
            let start = "kubectl ".len();
            line[start..start + words.map(str::len).sum::<usize>()].trim_end()
        }
        _ => "A request",
    }
}

/// What fell otherwise than usual as the step came.
fn chance(step: &StepReport) -> Markup {
    html! { @for sentence in &step.chance { p .aside { "By chance: " (coded(sentence)) "." } } }
}

/// What is done, and by whom.
fn typed(step: &StepReport) -> Markup {
    if step.line == "what if" {
        return html! { p .aside { "On a copy of the cluster; nothing of it remains." } };
    }
    let by_pod = step.who.starts_with("pod ");
    html! {
        figure .typed {
            figcaption {
                @if step.who.is_empty() {
                    span .who { (sign(Sign::You)) "you" }
                } @else {
                    span .who { (sign(if by_pod { Sign::Pod } else { Sign::You })) (step.who) }
                }
                span .when { "at " (clock(step.at)) }
            }
            pre tabindex="0" {
                code { (command(step.line.trim_end())) }
                @for header in &step.headers { "\n" span .header { (header) } }
            }
        }
    }
}

fn answer(step: &StepReport, deciding: Option<&Explanation>, question: Option<&Question>) -> Markup {
    html! {
        @if let Some(explanation) = deciding {
            p .ends {
                (code(explanation.code))
                span .asked { "to " code { (parted(explanation.request.split('?').next().unwrap_or_default())) } }
            }
        } @else if let Some(output) = step.output.as_ref().filter(|output| output.exit != 0) {
            p .ends { span .verdict .verdict-no { (sign(Sign::No)) strong { "exit " (output.exit) } } }
        }
        @if let Some(explanation) = deciding {
            (strip(&explanation.gates))
            @if !explanation.message.is_empty() { blockquote .message { (explanation.message) } }
        }
        @if let Some(question) = question { (question::reasons(question)) }
        @if let Some(explanation) = deciding {
            details .evidence {
                summary { "Evidence" }
                (evidence(explanation))
            }
            @if let Some(found) = &explanation.cures { (cures(found)) }
        }
        @if let Some(output) = &step.output { (printed(output)) }
        @if let Some(request) = step.deciding() { (status(request)) }
        (requests(step))
        (afterwards(step))
        @for failure in &step.failures {
            p .ends { span .verdict .verdict-no { (sign(Sign::No)) strong { "Not as expected: " (failure) } } }
        }
    }
}

/// The answer's body, of a refusal or a review.
fn status(request: &RequestReport) -> Markup {
    let Some(body) = request.answer.as_ref().and_then(Body::json) else { return html! {} };
    let kind = body.text("kind");
    if kind != "Status" && !kind.ends_with("Review") {
        return html! {};
    }
    let text = serde_json::to_string_pretty(body).unwrap_or_default();
    html! {
        details .json {
            summary { "The " (kind) " as it was sent" }
            pre tabindex="0" { code { (text) } }
        }
    }
}

/// What the command wrote; the rest of something long is folded away.
fn printed(output: &OutputReport) -> Markup {
    let text = tokens_as_claims(format!("{}{}", output.stdout, output.stderr).trim_end());
    if text.is_empty() {
        return html! {};
    }
    let long = text.lines().count() > LINES;
    html! {
        @if long {
            details .printed {
                summary { "What it printed: " (text.lines().count()) " lines" }
                pre tabindex="0" { samp { (text) } }
            }
        } @else {
            div .printed {
                p .label { "What it printed" }
                pre tabindex="0" { samp { (text) } }
            }
        }
    }
}

/// The other requests of a step, where there are some.
fn requests(step: &StepReport) -> Markup {
    html! {
        @if step.requests.len() > 1 {
            details .requests {
                summary { "All " (step.requests.len()) " requests of this step" }
                ol {
                    @for request in &step.requests {
                        li { code .wrap { (parted(&request.request)) } " " (code(request.code)) }
                    }
                }
            }
        }
        @for warning in step.requests.iter().flat_map(|request| &request.warnings) {
            p .warning { "Warning: " (warning) }
        }
    }
}
