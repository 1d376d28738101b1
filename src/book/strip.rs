//! The strip of gates: the way through the server, with only the gate marked that refused.

use super::layout::{Sign, sign};
use crate::explain::{Gate, State};
use maud::{Markup, html};

/// The strip of a request.
pub(super) fn strip(gates: &[Gate]) -> Markup {
    html! {
        ol .strip aria-label="The way through the server" {
            @for gate in gates { (one(gate)) }
        }
    }
}

fn one(gate: &Gate) -> Markup {
    let (class, said) = match gate.state {
        State::Passed => ("passed", "let through"),
        State::Refused => ("refused", "refused"),
        State::Silent => ("silent", "nothing to say"),
        State::NotReached => ("ahead", "not reached"),
    };
    html! {
        li class=(class) title={ (gate.name) ": " (said) } {
            @if gate.state == State::Refused { (sign(Sign::No)) }
            span .gate { (gate.name) }
            @match gate.state {
                State::Refused => span .by { @if let Some(by) = gate.by { (by) " refuses" } @else { "refused" } },
                State::Passed | State::Silent | State::NotReached => span .unseen { ": " (said) },
            }
        }
    }
}
