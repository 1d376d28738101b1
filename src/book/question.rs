//! Predict before you look. The answer lies in a `details` beside the form: it can be read without a script, which only
//! tells a guess its reason.

use super::layout::coded;
use crate::scenario::guess::{Answer, Question};
use maud::{Markup, html};

/// The form of a step's question.
pub(super) fn form(question: &Question, id: &str) -> Markup {
    html! {
        form .guess data-answer={ (id) "-answer" } {
            fieldset {
                legend { (question.asks) }
                div .choices {
                    @for choice in &question.choices {
                        label .choice {
                            input type="radio" name={ (id) "-guess" } value=(choice.answer.word()) required;
                            span { (choice.answer.label()) }
                        }
                    }
                }
            }
            button .scripted type="submit" { "Check my guess" }
            p .result role="status" {}
        }
    }
}

/// Why it is this, and why it is none of the others.
pub(super) fn reasons(question: &Question) -> Markup {
    let right = question.choices.iter().find(|choice| choice.right);
    let wrong = question.choices.iter().filter(|choice| !choice.right);
    html! {
        @if let Some(right) = right {
            p .because data-guess=(right.answer.word()) data-label=(right.answer.label()) data-right { (coded(&right.why)) }
        }
        details .others {
            summary { "Why nothing else?" }
            dl {
                @for choice in wrong {
                    div data-guess=(choice.answer.word()) data-label=(ruled_out(choice.answer)) {
                        dt { "Not " (ruled_out(choice.answer)) }
                        dd { (coded(&choice.why)) }
                    }
                }
            }
        }
    }
}

/// What comes after `not`.
fn ruled_out(answer: Answer) -> String {
    match answer {
        Answer::Nothing => "without an answer".to_owned(),
        Answer::Code(_) | Answer::Yes | Answer::No => answer.label(),
    }
}
