//! Cures, each with what an administrator types, and with what else it opens.

use super::layout::{Sign, code, coded, command, sign};
use crate::explain::{Cure, Cures};
use crate::golang::yaml;
use maud::{Markup, html};

/// What would turn a refusal.
pub(super) fn cures(cures: &Cures) -> Markup {
    html! {
        section .cures {
            p .label { "What would turn it" }
            @if let Some(why) = &cures.none { p { "Nothing that an administrator could grant: " (coded(why)) "." } }
            @if !cures.found.is_empty() {
                ol { @for cure in &cures.found { li { (one(cure)) } } }
            }
        }
    }
}

fn one(cure: &Cure) -> Markup {
    html! {
        p { strong { (cure.title) } " " span .proof { "tried on a copy of the cluster: " (code(cure.code)) } }
        pre { @for line in &cure.lines { code .typed { (command(line)) } "\n" } }
        @if cure.opens.is_empty() {
            p .opens { "It opens nothing else." }
        } @else {
            p .opens { "It opens:" }
            ul .opens {
                @for opened in &cure.opens {
                    li { (opened.who) ", in " (opened.place) ": " (opened.rules.join("; ")) }
                }
            }
        }
        @if let Some(caution) = &cure.caution { p .caution { (sign(Sign::No)) "Mind: " (coded(caution)) } }
        @if !cure.objects.is_empty() {
            details {
                summary { "The same as YAML" }
                pre { code { (yaml(&cure.objects)) } }
            }
        }
    }
}

fn yaml(objects: &[crate::json::Value]) -> String {
    objects.iter().map(yaml::write).collect::<Vec<_>>().join("---\n")
}
