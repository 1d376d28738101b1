//! The exercise at the end of a lesson: task, hint, solution, and the check before and after it.

use super::layout::{code, command, prose};
use super::played::Play;
use crate::scenario::report::{ExerciseReport, StepReport};
use maud::{Markup, html};

/// The exercise of a replay.
pub(super) fn exercise(play: &Play, exercise: &ExerciseReport) -> Markup {
    let id = play.id();
    html! {
        section .exercise aria-labelledby={ (id) "-exercise" } {
            h3 id={ (id) "-exercise" } { "Exercise" }
            (prose(&exercise.task))
            @if let Some(hint) = &exercise.hint {
                details { summary { "A hint" } (prose(hint)) }
            }
            details {
                summary { "A solution" }
                pre tabindex="0" {
                    @for step in &exercise.solution { code .typed { (command(step.line.trim_end())) } "\n" }
                }
                (checks(exercise))
            }
        }
    }
}

fn checks(exercise: &ExerciseReport) -> Markup {
    html! {
        div .scroll tabindex="0" role="region" aria-label="The check" {
            table {
                caption { "How it is checked: each line was asked before the solution and after it" }
                thead { tr { th scope="col" { "Check" } th scope="col" { "Before" } th scope="col" { "After" } } }
                tbody {
                    @for (before, after) in exercise.unsolved.iter().zip(&exercise.check) {
                        tr {
                            th scope="row" { (after.name.as_deref().unwrap_or(&after.line)) }
                            td { (came_of(before)) }
                            td { (came_of(after)) }
                        }
                    }
                }
            }
        }
    }
}

fn came_of(step: &StepReport) -> Markup {
    html! {
        @if let Some(answer) = step.code() { (code(answer)) }
        @else if let Some(output) = &step.output { "exit " (output.exit) }
        @else { "–" }
    }
}
