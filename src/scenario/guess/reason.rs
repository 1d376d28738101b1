//! Why a server says one thing, and not another.

use super::{Answer, phrase};
use crate::api::{By, Fact, Outcome, Stage};
use crate::explain::words::{self, describe_rule};
use crate::explain::{Explanation, State, Told, Who};

/// Why a request was answered as it was, or why it was not answered as guessed.
pub(crate) fn reason(explanation: &Explanation, guess: Answer) -> String {
    let code = match guess {
        Answer::Code(code) => code,
        Answer::Yes => 200,
        Answer::No => 403,
        Answer::Nothing => {
            return format!(
                "An answer came: {}. The connection itself is in order.",
                label(explanation.code)
            );
        }
    };
    if code == explanation.code || (code < 400 && explanation.code < 400) {
        return right(explanation);
    }
    match code {
        ..=399 => refusal(explanation),
        401 => not_unknown(explanation),
        403 => not_forbidden(explanation),
        404 => not_missing(explanation),
        409 => not_taken(explanation),
        422 => not_invalid(explanation),
        _ => format!("The answer is {}. {}", label(explanation.code), right(explanation)),
    }
}

/// Why there is no answer, or why it is not the one that was guessed.
pub(crate) fn no_answer(exit: i32, stderr: &str, guess: Answer) -> String {
    let first = stderr.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    let told = format!("curl ends with exit code {exit}: {first}");
    match guess {
        Answer::Nothing => format!("No request reached the server. {}.", told.trim_end_matches('.')),
        Answer::Code(_) | Answer::Yes | Answer::No => {
            format!("{} would be an answer, and the request never arrived: {told}", guess.label())
        }
    }
}

/// Why `kubectl auth can-i` printed what it did.
pub(super) fn of_review(explanation: &Explanation, allowed: bool) -> String {
    let who = explanation.who.as_ref().map_or("whoever asks", |who| &who.user.name);
    match allowed {
        true => "The authorizer allows such a request. Nothing was sent but the question; admission was not asked."
            .to_owned(),
        false if explanation.wants.wanted.resource == "selfsubjectaccessreviews" => {
            format!("No rule that reaches {who} allows such a request, so it would end in 403.")
        }
        false => "No rule that reaches them allows such a request, so it would end in 403.".to_owned(),
    }
}

fn label(code: u16) -> String {
    format!("{code} {}", phrase(code)).trim_end().to_owned()
}

fn right(explanation: &Explanation) -> String {
    match explanation.code {
        ..=399 => format!("{}.", grant(explanation)),
        _ => refusal(explanation),
    }
}

/// Why it was not let through.
fn refusal(explanation: &Explanation) -> String {
    let Some(refused) = refused(explanation) else {
        return match explanation.message.as_str() {
            "" => format!("The answer is {}.", label(explanation.code)),
            message => format!("Every gate let it through, and then: {message}"),
        };
    };
    match refused.stage {
        Stage::Authenticate => {
            format!("The server does not know who this is: {}. No right is looked at yet.", refused.text)
        }
        Stage::Impersonate => format!("Acting as somebody else needs a right of its own: {}", told(refused)),
        Stage::Authorize => ungranted(refused, explanation),
        Stage::Mutate | Stage::Enforce => {
            format!(
                "{}. But admission comes after that, and {} refuses: {}",
                grant(explanation),
                refused.by,
                told(refused)
            )
        }
        Stage::Escalate => {
            format!("{}. But nobody may hand out more than they hold: {}", grant(explanation), told(refused))
        }
        Stage::Route | Stage::Decode | Stage::Validate | Stage::Store => {
            format!("{}. Rights are not the matter: {}", grant(explanation), message(explanation, refused))
        }
    }
}

/// Why no authorizer allows it.
fn ungranted(refused: &Told, explanation: &Explanation) -> String {
    let yet = |fact: &&Fact| matches!(fact, Fact::NotKnownYet(_));
    if let Some(fact) = refused.facts.iter().find(yet) {
        return format!("It is granted, and not known yet: {}.", words::lines(fact).join("; "));
    }
    let who = explanation.who.as_ref().map_or("the user", |who| &who.user.name);
    let nearest = refused.nearest().first().map(|miss| {
        let why = words::near_miss(miss, &explanation.wants.wanted);
        let why = why.first().map(String::as_str).unwrap_or_default();
        format!("The nearest is {}; it fails on the {why}.", miss.grounds.describe())
    });
    let none = || format!("No rule that reaches {who} comes near, and what is not granted is not allowed.");
    format!("Nobody granted it. {}", nearest.unwrap_or_else(none))
}

/// 401 was guessed, something else came.
fn not_unknown(explanation: &Explanation) -> String {
    match &explanation.who {
        Some(who) if who.user.name == "system:anonymous" => {
            "There is no credential, and the server lets that pass: it has a name for such a request, \
             system:anonymous. 401 is for a credential that it cannot make sense of."
                .to_owned()
        }
        Some(who) => format!(
            "The server knows who this is: {}{}. 401 would mean that it does not.",
            who.user.name,
            by(who)
        ),
        None => format!(
            "401 is for a credential that the server does not know. The answer is {}.",
            label(explanation.code)
        ),
    }
}

fn by(who: &Who) -> String {
    match who.credential {
        None | Some(By::Known) => String::new(),
        Some(By::AccountToken) => ", by a service account's token".to_owned(),
        Some(By::Impersonation) => ", because somebody who may acts as them".to_owned(),
        Some(other) => format!(", by {other}"),
    }
}

/// 403 was guessed, something else came.
fn not_forbidden(explanation: &Explanation) -> String {
    match (explanation.code, refused(explanation)) {
        (..=399, _) => format!("{}.", grant(explanation)),
        (401, Some(refused)) => format!(
            "403 would mean that the server knows who asks, and that they may not. It does not know: {}.",
            refused.text
        ),
        (_, Some(refused)) => {
            format!(
                "{}. It is refused later, at the gate {}: {}",
                grant(explanation),
                refused.stage.name(),
                message(explanation, refused)
            )
        }
        (_, None) => format!("{}. It is refused later: {}", grant(explanation), explanation.message),
    }
}

/// 404 was guessed, something else came.
fn not_missing(explanation: &Explanation) -> String {
    match early(explanation) {
        Some(stage) => format!(
            "Whether there is such a thing is looked up after the gate {stage}, where this request ended. \
             Whoever may not ask does not learn it."
        ),
        None if explanation.code < 400 => {
            "It is there, so the server has something to answer with.".to_owned()
        }
        None => format!("It is found, and then something else is wrong: {}", explanation.message),
    }
}

/// 409 was guessed, something else came.
fn not_taken(explanation: &Explanation) -> String {
    match early(explanation) {
        Some(stage) => format!(
            "Whether the name is taken shows in the store, the last gate. This request ended before it, at {stage}."
        ),
        None if explanation.code < 400 => "The name was free: 409 is for what exists already.".to_owned(),
        None => format!("The name is not the matter: {}", explanation.message),
    }
}

/// 422 was guessed, something else came.
fn not_invalid(explanation: &Explanation) -> String {
    match early(explanation) {
        Some(stage) => {
            format!("The object is looked at after the gate {stage}, where this request ended.")
        }
        None if explanation.code < 400 => {
            "The object is valid: every field is as the rules of its kind want it.".to_owned()
        }
        None => format!("The object is valid, but: {}", explanation.message),
    }
}

/// The gate that refused before the object was looked at.
fn early(explanation: &Explanation) -> Option<&'static str> {
    let gate = explanation.gates.iter().find(|gate| gate.state == State::Refused)?;
    let before = ["authenticate", "impersonate", "authorize", "decode", "mutate"];
    before.contains(&gate.name).then_some(gate.name)
}

fn refused(explanation: &Explanation) -> Option<&Told> {
    explanation.told.iter().find(|told| told.outcome == Outcome::Refused)
}

fn told(refused: &Told) -> &str {
    if refused.text.is_empty() { "without a word" } else { refused.text.lines().next().unwrap_or_default() }
}

fn message<'a>(explanation: &'a Explanation, refused: &'a Told) -> &'a str {
    if explanation.message.is_empty() { told(refused) } else { &explanation.message }
}

/// By what it is allowed, as a sentence without its full stop.
fn grant(explanation: &Explanation) -> String {
    let allowed = |told: &&Told| told.stage == Stage::Authorize && told.outcome == Outcome::Passed;
    let Some(told) = explanation.told.iter().rev().find(allowed) else {
        return "The authorizer allows it".to_owned();
    };
    match (told.grounds(), told.by) {
        (Some(grounds), _) => {
            let rule = grounds.rule.as_ref();
            let rule =
                rule.map(|rule| format!(", whose rule {} has {}", rule.number, describe_rule(&rule.rule)));
            format!("{} allows it{}", grounds.describe(), rule.unwrap_or_default())
        }
        (None, By::SystemMasters) => {
            let who = explanation.who.as_ref().map_or("Whoever asks", |who| &who.user.name);
            format!("{who} is in the group system:masters, which may do anything; no rule is asked")
        }
        (None, by) if told.text.is_empty() => format!("The authorizer {by} allows it"),
        (None, by) => format!("The authorizer {by} allows it ({})", told.text),
    }
}
