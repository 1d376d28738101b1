//! The time line: virtual time, and who really acted.

use super::layout::{Sign, clock, code, parted, sign};
use super::played::Play;
use crate::scenario::report::{Afterwards, StepReport};
use maud::{Markup, html};

/// Who acted, with a sign.
pub(super) fn actor(controller: &str) -> (Sign, String) {
    let name = controller.trim_end_matches("-controller");
    match name {
        "kubelet" => (Sign::Kubelet, "the kubelet".to_owned()),
        "default-scheduler" => (Sign::Controller, "the scheduler".to_owned()),
        name => (Sign::Controller, format!("the {} controller", words(name))),
    }
}

/// `replicaset` as people say it.
fn words(controller: &str) -> String {
    let known = ["replica", "stateful", "daemon"].iter().find(|kind| controller == format!("{kind}set"));
    match (known, controller) {
        (Some(kind), _) => format!("{kind} set"),
        (None, "serviceaccount") => "service account".to_owned(),
        (None, "serviceaccount-token" | "token") => "service account token".to_owned(),
        (None, "resourcequota") => "resource quota".to_owned(),
        (None, "cronjob") => "cron job".to_owned(),
        (None, other) => other.replace('-', " "),
    }
}

/// What followed a step by itself; the same again is told once, with its number.
pub(super) fn afterwards(step: &StepReport) -> Markup {
    if step.afterwards.is_empty() {
        return html! {};
    }
    html! {
        div .afterwards {
            p .label { "And then, by themselves" }
            ul {
                @for (done, times) in folded(&step.afterwards) {
                    li {
                        (who(&done.controller)) " " code .wrap { (parted(&done.request)) } " " (code(done.code))
                        @if times > 1 { " (" (times) " times)" }
                        @if !done.message.is_empty() { p .said { (done.message) } }
                    }
                }
            }
        }
    }
}

fn who(controller: &str) -> Markup {
    let (shape, name) = actor(controller);
    html! { span .who { (sign(shape)) (name) } }
}

/// Equal ones in a row as one.
fn folded(all: &[Afterwards]) -> Vec<(&Afterwards, usize)> {
    let mut found: Vec<(&Afterwards, usize)> = Vec::new();
    for done in all {
        match found.iter_mut().find(|(other, _)| {
            (&other.controller, &other.request, other.code, &other.message)
                == (&done.controller, &done.request, done.code, &done.message)
        }) {
            Some((_, times)) => *times += 1,
            None => found.push((done, 1)),
        }
    }
    found
}

/// The time line of a replay.
pub(super) fn timeline(play: &Play) -> Markup {
    let id = play.id();
    html! {
        section .timeline aria-labelledby={ (id) "-time" } {
            h3 id={ (id) "-time" } { "Who really acted" }
            p { "The clock is virtual: it stands still while somebody thinks, and " code { "wait" } " moves it." }
            div .scroll tabindex="0" role="region" aria-label="Time line" {
                table {
                    thead { tr { th scope="col" { "Time" } th scope="col" { "Who" } th scope="col" { "What" } th scope="col" { "Came of it" } } }
                    @for step in &play.report.steps { (of_step(play, step)) }
                }
            }
        }
    }
}

fn of_step(play: &Play, step: &StepReport) -> Markup {
    let href = format!("#{}", play.step_id(&step.number));
    let line = step
        .deciding()
        .map_or(step.line.as_str(), |request| request.request.split('?').next().unwrap_or_default());
    let (shape, name) = match step.who.as_str() {
        "" | "admin" => (Sign::You, "you".to_owned()),
        who if who.starts_with("pod ") || who.contains('/') => (Sign::Pod, who.to_owned()),
        who => (Sign::You, format!("you, as {who}")),
    };
    html! {
        tbody {
            tr .yours {
                td { (clock(step.at)) }
                td { span .who { (sign(shape)) (name) } }
                td { a href=(href) { "step " (step.number) } " " code .wrap { (parted(line)) } }
                td {
                    @if let Some(answer) = step.code() { (code(answer)) }
                    @else if let Some(output) = &step.output { "exit " (output.exit) }
                }
            }
            @for (done, times) in folded(&step.afterwards) {
                tr {
                    td { (clock(done.at)) }
                    td { (who(&done.controller)) }
                    td { code .wrap { (parted(&done.request)) } @if times > 1 { " (" (times) " times)" } }
                    td { (code(done.code)) }
                }
            }
        }
    }
}
