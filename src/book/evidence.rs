//! Evidence: who the server sees, what they want, and what each check said.

use super::layout::{Sign, command, parted, sign};
use crate::api::fact::{Grounds, NearMiss, Nothing, Wanted};
use crate::api::{By, Fact, Outcome, Stage};
use crate::explain::words::{self, describe_rule};
use crate::explain::{Explanation, Told, Who};
use maud::{Markup, html};

/// The evidence of a request.
pub(super) fn evidence(explanation: &Explanation) -> Markup {
    let (weighty, light): (Vec<&Told>, Vec<&Told>) = explanation
        .told
        .iter()
        .filter(|told| told.stage != Stage::Store || weighs(told))
        .partition(|told| weighs(told));
    html! {
        dl .facts {
            @if let Some(who) = &explanation.who { (identity("Who the server sees", who)) }
            @if let Some(real) = &explanation.acting { (identity("Who really asks", real)) }
            (wants(explanation))
        }
        ul .told {
            @for told in weighty { (said(told, explanation)) }
        }
        @if !light.is_empty() {
            p .light {
                "Nothing against it: "
                @for (index, told) in light.iter().enumerate() {
                    @if index > 0 { ", " }
                    (told.by)
                }
                "."
            }
        }
    }
}

/// What is worth a line of its own; the rest is named.
fn weighs(told: &Told) -> bool {
    match told.outcome {
        Outcome::Refused | Outcome::Changed => true,
        Outcome::Passed => matches!(told.stage, Stage::Authenticate | Stage::Impersonate | Stage::Authorize),
        Outcome::Skipped => !told.text.is_empty(),
    }
}

fn identity(label: &str, who: &Who) -> Markup {
    let nobody = "no groups".to_owned();
    html! {
        div {
            dt { (label) }
            dd {
                strong .name { (parted(&who.user.name)) }
                span .groups {
                    " in "
                    @if who.user.groups.is_empty() { (nobody) } @else { (who.user.groups.join(", ")) }
                }
                @if !who.user.extra.is_empty() {
                    ul .extra {
                        @for (key, values) in &who.user.extra {
                            li { (key.rsplit('/').next().unwrap_or(key)) ": " (values.join(", ")) }
                        }
                    }
                }
            }
        }
    }
}

fn wants(explanation: &Explanation) -> Markup {
    let wants = &explanation.wants.wanted;
    if wants.resource.is_empty() && wants.path.is_empty() {
        return html! {};
    }
    html! {
        div {
            dt { "What it asks for" }
            dd {
                @if wants.resource.is_empty() {
                    (wants.verb) " the path " code { (wants.path) }
                } @else {
                    strong { (wants.verb) } " " strong { (wants.resource) @if !wants.subresource.is_empty() { "/" (wants.subresource) } }
                    @if !wants.name.is_empty() { " named " code { (wants.name) } }
                    " of the API group " @if wants.group.is_empty() { "\"\"" } @else { (wants.group) }
                    @if wants.namespace.is_empty() { " in the whole cluster" } @else { " in the namespace " code { (wants.namespace) } }
                }
            }
        }
        @if explanation.who.is_some() {
            div { dt { "Ask it yourself" } dd { code .wrap { (command(&explanation.wants.can_i)) } } }
        }
    }
}

fn said(told: &Told, explanation: &Explanation) -> Markup {
    let refused = told.outcome == Outcome::Refused;
    if told.stage == Stage::Authenticate && told.outcome == Outcome::Passed {
        return recognised(told);
    }
    let said = match told.outcome {
        Outcome::Skipped => "cannot tell",
        Outcome::Passed => "lets it through",
        Outcome::Changed => "changes it",
        Outcome::Refused => "refuses",
    };
    html! {
        li .refused[refused] {
            @if refused { (sign(Sign::No)) }
            span .stage { (told.stage.name()) } " "
            strong { (told.by) } " " (said)
            @if told.grounds().is_none() && !told.text.is_empty() { ": " span .text { (told.text) } }
            @for fact in &told.facts { (behind(fact, told, explanation)) }
        }
    }
}

/// What is behind a check's word.
fn behind(fact: &Fact, told: &Told, explanation: &Explanation) -> Markup {
    if let Fact::Granted(grounds) = fact {
        return by(grounds);
    }
    // What is needed besides the request has near misses of its own.
    let besides = told.facts.iter().find_map(|fact| match fact {
        Fact::MayNot(wanted) => Some(wanted),
        _ => None,
    });
    let lines = words::lines(fact);
    html! {
        @if !lines.is_empty() {
            ul .looked { @for line in &lines { li { (line) } } }
        }
        @match fact {
            Fact::NotKnownYet(not_yet) => @if let Some(grounds) = &not_yet.grounds { (rule(grounds)) },
            Fact::NothingGrants(nothing) => (near(nothing, besides.unwrap_or(&explanation.wants.wanted), explanation)),
            _ => {}
        }
    }
}

fn near(nothing: &Nothing, wanted: &Wanted, explanation: &Explanation) -> Markup {
    let who = explanation.who.as_ref().map_or("whoever asks", |who| &who.user.name);
    html! {
        @if nothing.nearest.is_empty() {
            p .nearest { "No binding that reaches " (who) " comes near." }
        } @else {
            p .nearest { "No binding gives it this. The nearest:" }
            ul .misses { @for miss in &nothing.nearest { (missed(miss, wanted)) } }
        }
    }
}

fn by(grounds: &Grounds) -> Markup {
    html! {
        div .grounds {
            p { "by " (grounds.describe()) }
            (rule(grounds))
        }
    }
}

fn recognised(told: &Told) -> Markup {
    html! {
        li {
            span .stage { (told.stage.name()) } " "
            @match told.by {
                By::Known => { "it is " strong { (parted(&told.text)) } }
                By::Anonymous => { (told.text) }
                by => { "it is " strong { (parted(&told.text)) } ", by its " (by) }
            }
        }
    }
}

fn missed(miss: &NearMiss, wanted: &Wanted) -> Markup {
    html! {
        li {
            p { (miss.grounds.describe()) }
            (rule(&miss.grounds))
            ul .why { @for why in words::near_miss(miss, wanted) { li { (sign(Sign::No)) (why) } } }
        }
    }
}

fn rule(grounds: &Grounds) -> Markup {
    html! {
        @if let Some(rule) = &grounds.rule {
            p .rule {
                "rule " (rule.number) ": " code { (describe_rule(&rule.rule)) }
                @if let Some(source) = &grounds.source { span .source { " (" (source) ")" } }
            }
        }
    }
}
