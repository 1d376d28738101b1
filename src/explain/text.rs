//! Explanations as text for a terminal.

use super::cure::{Cure, Cures};
use super::grounds::describe_rule;
use super::{Explanation, Gate, Grounds, State, Told, Who, place};
use crate::api::{Outcome, Stage};
use crate::scenario::report::{StepReport, stage_name};
use std::fmt::Write;

/// A step's requests, each with its way through the stages.
pub fn step(step: &StepReport, explained: &[Explanation]) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", step.line.trim_end());
    if !step.who.is_empty() {
        let _ = writeln!(out, "  typed by {}", step.who);
    }
    for explanation in explained {
        let _ = writeln!(out);
        out.push_str(&request_text(explanation));
    }
    if let Some(output) = step.output.as_ref().filter(|_| step.requests.is_empty()) {
        let _ = writeln!(
            out,
            "no request was sent; exit code {}\n{}{}",
            output.exit, output.stdout, output.stderr
        );
    }
    out
}

/// One request.
pub fn request_text(explanation: &Explanation) -> String {
    let mut out = String::new();
    let Explanation { request, code, reason, message, .. } = explanation;
    let reason = if reason.is_empty() { String::new() } else { format!(" {reason}") };
    let _ = writeln!(out, "{request} -> {code}{reason}");
    if !message.is_empty() {
        let _ = writeln!(out, "  \"{message}\"");
    }
    let _ = writeln!(out, "  {}", strip(&explanation.gates));
    if let Some(who) = &explanation.who {
        write_who(&mut out, "who:", who);
    }
    if let Some(real) = &explanation.acting {
        write_who(&mut out, "really:", real);
    }
    wants(&mut out, explanation);
    for told in &explanation.told {
        write_told(&mut out, told);
    }
    if let Some(cures) = &explanation.cures {
        write_cures(&mut out, cures);
    }
    out
}

fn strip(gates: &[Gate]) -> String {
    let one = |gate: &Gate| match gate.state {
        State::Passed => format!("{} ok", gate.name),
        State::Refused => format!("{} NO", gate.name),
        State::Silent => format!("{} -", gate.name),
        State::NotReached => format!("({})", gate.name),
    };
    gates.iter().map(one).collect::<Vec<_>>().join(" > ")
}

fn write_who(out: &mut String, label: &str, who: &Who) {
    // A scenario's person needs no proof.
    let by = match who.credential.as_str() {
        "" | "known" => String::new(),
        credential => format!(" (by {credential})"),
    };
    let groups = if who.user.groups.is_empty() { "none".to_owned() } else { who.user.groups.join(", ") };
    let _ = writeln!(out, "  {label} {}{by} in groups {groups}", who.user.name);
    for (key, values) in &who.user.extra {
        let _ = writeln!(out, "       {key}: {}", values.join(", "));
    }
}

fn wants(out: &mut String, explanation: &Explanation) {
    let wants = &explanation.wants;
    if wants.resource.is_empty() {
        if !wants.path.is_empty() {
            let _ = writeln!(out, "  wants: {} {}", wants.verb, wants.path);
        }
        return;
    }
    let place = place(&wants.namespace);
    let group = if wants.group.is_empty() { "core" } else { &wants.group };
    let subresource =
        if wants.subresource.is_empty() { String::new() } else { format!("/{}", wants.subresource) };
    let name = if wants.name.is_empty() { String::new() } else { format!(" named {}", wants.name) };
    let _ = writeln!(
        out,
        "  wants: {} {}{subresource}{name} of API group {group} in {place}",
        wants.verb, wants.resource
    );
    if explanation.who.is_some() {
        let _ = writeln!(out, "  asks:  {}", wants.can_i);
    }
}

fn write_told(out: &mut String, told: &Told) {
    let said = match told.outcome {
        Outcome::Skipped => "has nothing to say",
        Outcome::Passed => "lets it through",
        Outcome::Changed => "changes it",
        Outcome::Refused => "REFUSES",
    };
    let text = if told.text.is_empty() { String::new() } else { format!(": {}", told.text) };
    let _ = writeln!(out, "  {}: {} {said}{text}", stage_name(told.stage), told.by);
    for line in &told.evidence {
        let _ = writeln!(out, "      {line}");
    }
    if let Some(grounds) = &told.grounds {
        let _ = writeln!(out, "      by {}", grounds.describe());
        rule(out, grounds);
    }
    if !told.misses.is_empty() {
        let _ = writeln!(out, "      no binding gives it this; the nearest are:");
    } else if told.stage == Stage::Authorize && told.outcome == Outcome::Refused {
        let _ = writeln!(out, "      no binding comes near");
    }
    for miss in &told.misses {
        let place = miss.grounds.source.as_ref().map(|source| format!(" ({source})")).unwrap_or_default();
        let _ = writeln!(out, "      - {}{place}", miss.grounds.describe());
        for why in &miss.why {
            let _ = writeln!(out, "          {why}");
        }
    }
}

fn rule(out: &mut String, grounds: &Grounds) {
    if let Some((number, rule)) = &grounds.rule {
        let place = grounds.source.as_ref().map(|source| format!(" ({source})")).unwrap_or_default();
        let _ = writeln!(out, "      rule {number}{place}: {}", describe_rule(rule));
    }
}

fn write_cures(out: &mut String, cures: &Cures) {
    if let Some(why) = &cures.none {
        let _ = writeln!(out, "  no cure: {why}");
    }
    for (number, cure) in cures.found.iter().enumerate() {
        let _ = writeln!(out, "  cure {}: {} (proven on a fork: {})", number + 1, cure.title, cure.code);
        write_cure(out, cure);
    }
}

/// So many of those for whom a cure opens something are named.
const SUBJECTS: usize = 6;

/// A long list by its beginning.
fn shorten(rule: &str) -> String {
    const SHOWN: usize = 12;
    let words: Vec<&str> = rule.split(", ").collect();
    match words.len() > SHOWN + 1 {
        true => format!("{} and {} more", words[..SHOWN].join(", "), words.len() - SHOWN),
        false => rule.to_owned(),
    }
}

fn write_cure(out: &mut String, cure: &Cure) {
    for line in &cure.lines {
        let _ = writeln!(out, "      $ {line}");
    }
    for opened in cure.opens.iter().take(SUBJECTS) {
        let rules: Vec<String> = opened.rules.iter().map(|rule| shorten(rule)).collect();
        let _ = writeln!(out, "      opens for {} in {}: {}", opened.who, opened.place, rules.join("; "));
    }
    if cure.opens.len() > SUBJECTS {
        let _ = writeln!(out, "      and for {} more", cure.opens.len() - SUBJECTS);
    }
    if cure.opens.is_empty() {
        let _ = writeln!(out, "      opens nothing else");
    }
    if let Some(caution) = &cure.caution {
        let _ = writeln!(out, "      mind: {caution}");
    }
}
