//! What the page of a scenario holds.

use super::exercise::exercise;
use super::layout::{coded, prose};
use super::pictures::{Rights, pictures};
use super::played::{Play, Played};
use super::shuffle::{Ending, Otherwise};
use super::step::{called, step};
use super::timeline::timeline;
use crate::scenario::guess::phrase;
use crate::scenario::report::StepReport;
use maud::{Markup, html};

/// What the page holds of the scenario itself.
pub(super) fn body(played: &Played<'_>) -> Markup {
    let scenario = played.scenario;
    let several = played.plays.len() > 1;
    html! {
        header .title {
            h1 { (scenario.scenario) }
            p .lead { (coded(&scenario.about)) }
            @if let Some(symptom) = &scenario.symptom { p .symptom { "You came here because: " q { (symptom.trim()) } } }
        }
        @if !scenario.story.is_empty() { div .story { (prose(&scenario.story)) } }
        p .how {
            "Predict each answer before you open it."
            span .keys { " Steps: " kbd { "j" } " next, " kbd { "k" } " back." }
            span .touch { " Tap a guess, then “Check my guess”; tables and pictures are moved with a finger." }
        }
        @if several { (tabs(played)) } @else { @for play in &played.plays { (release(play, 1, false)) } }
        @if several { (differences(played)) }
        (source(played))
    }
}

/// A tab for the releases that agree: radio buttons and a style sheet, no script.
fn tabs(chapter: &Played<'_>) -> Markup {
    let replayed: usize = chapter.plays.iter().map(|play| play.releases.len()).sum();
    html! {
        div .releases {
            fieldset .tabs {
                legend { "Replayed in " (replayed) " releases:" }
                @for (index, play) in chapter.plays.iter().enumerate() {
                    label {
                        input class={ "tab-" (index + 1) } type="radio" name="release" value=(play.id())
                            checked[index + 1 == chapter.plays.len()];
                        span { "Kubernetes " (play.spans()) }
                    }
                }
            }
            @for (index, play) in chapter.plays.iter().enumerate() { (release(play, index + 1, true)) }
        }
    }
}

fn release(play: &Play, number: usize, several: bool) -> Markup {
    let id = play.id();
    html! {
        section class={ "release release-" (number) } id=(id) aria-labelledby={ (id) "-name" } {
            h2 id={ (id) "-name" } {
                @if several { "In Kubernetes " (play.spans()) } @else { "The steps" }
            }
            (inside(play, several))
            (list(play))
            @for one in &play.report.steps { (step(play, one)) }
            @if let Some(report) = &play.report.exercise { (exercise(play, report)) }
            (pictures(&Rights { id: &play.id(), access: &play.access, end: &play.end, asks: "step" }))
            (timeline(play))
            (shuffled(play))
        }
    }
}

/// The steps by name, beside them where there is room.
fn list(play: &Play) -> Markup {
    html! {
        details .steplist {
            summary { "The steps" }
            nav aria-label={ "The steps in Kubernetes " (play.spans()) } {
                ol {
                    @for step in &play.report.steps {
                        li { a href={ "#" (play.step_id(&step.number)) } { (coded(called(step))) } }
                    }
                }
            }
        }
    }
}

/// The way to what follows the steps.
fn inside(play: &Play, several: bool) -> Markup {
    let id = play.id();
    html! {
        nav .inside aria-label={ "In Kubernetes " (play.spans()) } {
            @if !several { span { "Kubernetes " (play.spans()) } }
            span { (play.report.steps.len()) " steps" }
            @if play.report.exercise.is_some() { a href={ "#" (id) "-exercise" } { "Exercise" } }
            a href={ "#" (id) "-rights" } { "Who may do what" }
            a href={ "#" (id) "-time" } { "Who really acted" }
            @if !play.otherwise.is_empty() { a href={ "#" (id) "-shuffle" } { "Shuffle" } }
            a href="#source" { "Source" }
        }
    }
}

/// Another seed with another ending.
fn shuffled(play: &Play) -> Markup {
    let id = play.id();
    html! {
        @if !play.otherwise.is_empty() {
            section .shuffle aria-labelledby={ (id) "-shuffle" } {
                h3 id={ (id) "-shuffle" } { "Shuffle: the same steps, another ending" }
                p {
                    "Which controller goes first, how long things take, how they are called: that is left to chance, here drawn from a seed. "
                    "With another seed this ends otherwise:"
                }
                ul { @for otherwise in &play.otherwise { li { (other(play, otherwise)) } } }
                p { "See it yourself: " code { "kubeverdict run --seed " (play.otherwise[0].seed) " …" } }
            }
        }
    }
}

fn other(play: &Play, otherwise: &Otherwise) -> Markup {
    let href = format!("#{}", play.step_id(&otherwise.step));
    html! {
        a href=(href) { "Step " (otherwise.step) } " ends with "
        strong { (ends(&otherwise.here)) } " here (seed " (play.report.seed) "), and with "
        strong { (ends(&otherwise.there)) } " with seed " (otherwise.seed) "."
        @if !otherwise.there.message.is_empty() { blockquote .message { (otherwise.there.message) } }
    }
}

fn ends(ending: &Ending) -> String {
    let by = if ending.because.is_empty() { String::new() } else { format!(" by {}", ending.because) };
    match (ending.code, ending.exit) {
        (Some(code), Some(exit @ 1..)) => format!("{code} {}{by}, exit code {exit}", phrase(code)),
        (Some(code), _) => format!("{code} {}{by}", phrase(code)),
        (None, Some(exit)) => format!("exit code {exit}"),
        (None, None) => "nothing".to_owned(),
    }
}

/// Where the releases end a step differently.
fn differences(chapter: &Played<'_>) -> Markup {
    let Some((first, rest)) = chapter.plays.split_first() else { return html! {} };
    let differs = |index: usize, step: &StepReport| {
        rest.iter()
            .any(|play| play.report.steps.get(index).is_some_and(|other| outcome(other) != outcome(step)))
    };
    let steps: Vec<(usize, &StepReport)> =
        first.report.steps.iter().enumerate().filter(|(index, step)| differs(*index, step)).collect();
    html! {
        section .differences aria-labelledby="differences" {
            h2 #differences { "Where the releases differ" }
            @if steps.is_empty() {
                p { "Every step ends the same in all of them." }
            } @else {
                div .scroll tabindex="0" role="region" aria-label="Where the releases differ" {
                    table {
                        thead { tr { th scope="col" { "Step" } @for play in &chapter.plays { th scope="col" { (play.spans()) } } } }
                        tbody {
                            @for (index, step) in steps {
                                tr {
                                    th scope="row" { (step.number) " " (step.name.as_deref().unwrap_or(&step.line)) }
                                    @for play in &chapter.plays {
                                        td { a href={ "#" (play.step_id(&step.number)) } { (play.report.steps.get(index).map(outcome).unwrap_or_default()) } }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn outcome(step: &StepReport) -> String {
    match (step.code(), &step.output) {
        (Some(code), _) => format!("{code} {}", phrase(code)),
        (None, Some(output)) => format!("exit {}", output.exit),
        (None, None) => "done".to_owned(),
    }
}

fn source(chapter: &Played<'_>) -> Markup {
    html! {
        section .source-file aria-labelledby="source" {
            h2 #source { "The scenario's source" }
            p { "This page is a rendering of one file. Change it, and replay it: " code { "kubeverdict run " (chapter.path) } }
            details {
                summary { code { (chapter.path) } }
                pre tabindex="0" { code { (chapter.text) } }
            }
        }
    }
}
