//! Explanations as text for a terminal.

use super::cure::{Cure, Cures};
use super::words::{self, describe_rule};
use super::{Explanation, Gate, State, Told, Who, place};
use crate::api::fact::{Grounds, Wanted};
use crate::api::{By, Fact, Outcome};
use std::fmt::Write;

/// One request.
pub(crate) fn request_text(explanation: &Explanation) -> String {
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
        write_told(&mut out, told, &explanation.wants.wanted);
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
    let by = match who.credential {
        None | Some(By::Known) => String::new(),
        Some(credential) => format!(" (by {credential})"),
    };
    let groups = if who.user.groups.is_empty() { "none".to_owned() } else { who.user.groups.join(", ") };
    let _ = writeln!(out, "  {label} {}{by} in groups {groups}", who.user.name);
    for (key, values) in &who.user.extra {
        let _ = writeln!(out, "       {key}: {}", values.join(", "));
    }
}

fn wants(out: &mut String, explanation: &Explanation) {
    let wants = &explanation.wants.wanted;
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
        let _ = writeln!(out, "  asks:  {}", explanation.wants.can_i);
    }
}

fn write_told(out: &mut String, told: &Told, wanted: &Wanted) {
    let said = match told.outcome {
        Outcome::Skipped => "has nothing to say",
        Outcome::Passed => "lets it through",
        Outcome::Changed => "changes it",
        Outcome::Refused => "REFUSES",
    };
    let text = if told.text.is_empty() { String::new() } else { format!(": {}", told.text) };
    let _ = writeln!(out, "  {}: {} {said}{text}", told.stage.name(), told.by);
    // What is needed besides the request has near misses of its own.
    let besides = told.facts.iter().find_map(|fact| match fact {
        Fact::MayNot(wanted) => Some(wanted),
        _ => None,
    });
    for fact in &told.facts {
        for line in words::lines(fact) {
            let _ = writeln!(out, "      {line}");
        }
        match fact {
            Fact::Granted(grounds) => rule(out, grounds),
            Fact::NotKnownYet(not_yet) => not_yet.grounds.iter().for_each(|grounds| rule(out, grounds)),
            Fact::NothingGrants(nothing) => {
                let _ = match nothing.nearest.is_empty() {
                    true => writeln!(out, "      no binding gives it, and none comes near"),
                    false => writeln!(out, "      no binding gives it; the nearest are:"),
                };
                for miss in &nothing.nearest {
                    let place = miss.grounds.source.as_ref().map(|source| format!(" ({source})"));
                    let _ = writeln!(out, "      - {}{}", miss.grounds.describe(), place.unwrap_or_default());
                    for why in words::near_miss(miss, besides.unwrap_or(wanted)) {
                        let _ = writeln!(out, "          {why}");
                    }
                }
            }
            _ => {}
        }
    }
}

fn rule(out: &mut String, grounds: &Grounds) {
    if let Some(rule) = &grounds.rule {
        let place = grounds.source.as_ref().map(|source| format!(" ({source})")).unwrap_or_default();
        let _ = writeln!(out, "      rule {}{place}: {}", rule.number, describe_rule(&rule.rule));
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
