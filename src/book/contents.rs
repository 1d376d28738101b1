//! The table of contents: lessons in order, scenarios by symptom, stories, then the other folders; releases last.

use super::changes::{self, Step};
use super::chapter::Chapter;
use super::layout::{coded, page};
use crate::scenario::agreed::spans;
use maud::{Markup, html};
use std::collections::BTreeMap;

/// A part of the book.
pub(super) struct Part<'a> {
    /// Its heading.
    pub(super) title: String,
    /// What it is, in a sentence.
    about: &'static str,
    /// Whether its chapters follow one another.
    numbered: bool,
    /// Its chapters in order.
    pub(super) chapters: Vec<&'a Chapter>,
}

/// The parts in order; empty ones are left out.
pub(super) fn parts<'b>(chapters: &'b [Chapter]) -> Vec<Part<'b>> {
    let mut by: BTreeMap<(u8, String), Vec<&'b Chapter>> = BTreeMap::new();
    for chapter in chapters {
        let folder = chapter.folder();
        let key = match folder.as_str() {
            "lessons" => (0, "Lessons".to_owned()),
            _ if chapter.scenario.symptom.is_some() => (1, "By symptom".to_owned()),
            "" => (2, "Stories".to_owned()),
            folder => (3, heading(folder)),
        };
        by.entry(key).or_default().push(chapter);
    }
    let part = |((rank, title), mut chapters): ((u8, String), Vec<&'b Chapter>)| {
        chapters.sort_by(|a, b| a.path.cmp(&b.path));
        let about = match rank {
            0 => {
                "From the first question that a server asks to races between caches. Each ends with an exercise."
            }
            1 => "Start from what you see: the message or the behaviour that brought you here.",
            2 => "Whole courses of events, from the first namespace to the last answer.",
            _ => introduction(&title),
        };
        Part { title, about, numbered: rank == 0, chapters }
    };
    by.into_iter().map(part).collect()
}

/// What a folder of the scenarios here is about.
fn introduction(title: &str) -> &'static str {
    match title {
        "Admission" => {
            "Who may write something has not written it yet: plugins, Pod Security, policies and webhooks look at each object, change \
             it or refuse it. A page for each of them."
        }
        "Identity" => {
            "How the server learns who asks: certificates, tokens of all sorts, impersonation; and who answers for it where the server \
             asks somebody else."
        }
        "Releases" => "What one release does and another does not, side by side.",
        "Questions" => "What people ask, each tried out.",
        _ => "",
    }
}

/// `admission` as a heading.
fn heading(folder: &str) -> String {
    let words = folder.replace(['-', '_'], " ").replace('/', ": ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The page.
pub(super) fn contents(parts: &[Part<'_>], steps: &[Step]) -> Markup {
    let count: usize = parts.iter().map(|part| part.chapters.len()).sum();
    let crumbs = html! {
        span .here { "kubeverdict" }
        @for part in parts { a .crumb href={ "#" (anchor(&part.title)) } { (part.title) } }
        a .crumb href="#changes" { "From one release to the next" }
    };
    let main = html! {
        header .title {
            h1 { "What would the API server say, and why?" }
            p .lead {
                (count) " scenarios from a Kubernetes cluster's security: who you are to the server, what you may do, and what it still refuses. "
                "Read what somebody types, predict the answer, then open it with its evidence."
            }
            form .find .scripted role="search" {
                label for="find" { "Find" }
                input #find type="search" autocomplete="off" placeholder="403, PodSecurity, token …";
                output for="find" {}
            }
        }
        @for part in parts {
            section .part aria-labelledby=(anchor(&part.title)) {
                h2 id=(anchor(&part.title)) { (part.title) }
                @if !part.about.is_empty() { p { (part.about) } }
                @if part.numbered { ol .chapters .numbered { @for chapter in &part.chapters { (entry(chapter)) } } }
                @else { ul .chapters { @for chapter in &part.chapters { (entry(chapter)) } } }
            }
        }
        (changes::contents(steps))
    };
    page("kubeverdict: what would the API server say, and why?", "", &crumbs, &main)
}

fn anchor(title: &str) -> String {
    title.to_lowercase().replace(|letter: char| !letter.is_alphanumeric(), "-")
}

fn entry(chapter: &Chapter) -> Markup {
    let releases = spans(chapter.releases.iter().flatten().copied());
    let scenario = &chapter.scenario;
    html! {
        li data-words=(chapter.words) {
            h3 {
                a href=(chapter.page()) {
                    @if let Some(symptom) = &scenario.symptom { (coded(symptom.trim())) } @else { (coded(&scenario.scenario)) }
                }
            }
            p { @if scenario.symptom.is_some() { (coded(&scenario.scenario)) ": " } (coded(&scenario.about)) }
            p .meta {
                span { (chapter.steps) " steps" }
                span { "Kubernetes " (releases) }
                @if scenario.exercise.is_some() { span { "exercise" } }
                @if chapter.otherwise { span { "ends otherwise with another seed" } }
            }
        }
    }
}
