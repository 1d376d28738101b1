//! A chapter's page among the others.

use super::chapter::Chapter;
use super::layout::page;
use maud::{Markup, PreEscaped, html};

/// Another page: the way to it, and its title.
pub(super) type Neighbour<'a> = Option<(String, &'a str)>;

/// The page of a chapter, between its neighbours.
pub(super) fn scenario(
    chapter: &Chapter,
    group: &str,
    before: &Neighbour<'_>,
    after: &Neighbour<'_>,
) -> Markup {
    let root = "../".repeat(chapter.page().matches('/').count());
    let title = &chapter.scenario.scenario;
    let crumbs = html! {
        a href={ (root) "index.html" } { "kubeverdict" }
        span .crumb { (group) }
        output .score aria-label="Your guesses" {}
    };
    let main = html! {
        (PreEscaped(&chapter.body))
        nav .neighbours aria-label="Scenarios" {
            @if let Some((href, name)) = before { a rel="prev" href={ (root) (href) } { span { "Before" } (name) } }
            @if let Some((href, name)) = after { a rel="next" href={ (root) (href) } { span { "Next" } (name) } }
        }
    };
    page(&format!("{title} · kubeverdict"), &root, &crumbs, &main)
}
