//! The frame that pages for a browser have in common: its head, with styles and a script, around a body.

use maud::{DOCTYPE, Markup, PreEscaped, html};

/// What a page's head says.
pub(crate) struct Head<'a> {
    /// The title.
    pub(crate) title: &'a str,
    /// Names and contents of `meta` beside those of every page.
    pub(crate) meta: &'a [(&'a str, &'a str)],
    /// What it looks like.
    pub(crate) styles: Styles<'a>,
    /// The file of its script, where that is a file.
    pub(crate) script: Option<&'a str>,
}

/// Where style sheets stand.
pub(crate) enum Styles<'a> {
    /// In files beside the page.
    Files(&'a [&'a str]),
    /// In the page itself, which is one file.
    Written(&'a [&'a str]),
}

/// That a page is for light and dark.
pub(crate) const LIGHT_AND_DARK: (&str, &str) = ("color-scheme", "light dark");

/// A page; `body` is the whole element.
pub(crate) fn page(head: &Head<'_>, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                @for (name, content) in head.meta { meta name=(name) content=(content); }
                title { (head.title) }
                @match head.styles {
                    Styles::Files(files) => {
                        // Nobody is asked for an icon.
                        link rel="icon" href="data:,";
                        @for file in files { link rel="stylesheet" href=(file); }
                    }
                    Styles::Written(texts) => {
                        @for text in texts { style { (PreEscaped(text)) } }
                    }
                }
                @if let Some(script) = head.script { script defer src=(script) {} }
            }
            (body)
        }
    }
}
