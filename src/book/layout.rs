//! The frame of a page, and the small signs in it. Every sign stands beside a word: shape and colour only help.

use crate::html::{self, Head, LIGHT_AND_DARK, Styles};
use maud::{Markup, html};

/// A page: its title, the way to the book's root (`../`), and what it holds.
pub(super) fn page(title: &str, root: &str, crumbs: &Markup, main: &Markup) -> Markup {
    let [styles, script] = ["css", "js"].map(|ending| format!("{root}assets/book.{ending}"));
    let head = Head {
        title,
        meta: &[LIGHT_AND_DARK, ("generator", "kubeverdict")],
        styles: Styles::Files(&[&styles]),
        script: Some(&script),
    };
    let body = html! {
        body {
            a .skip href="#main" { "Skip to the text" }
            (signs())
            header .top { nav aria-label="Book" { (crumbs) } }
            main #main tabindex="-1" { (main) }
            footer .bottom {
                p {
                    "Made by kubeverdict: a model of the Kubernetes API server that answers as recorded servers do. "
                    "The same scenario and seed make the same page."
                }
            }
        }
    };
    html::page(&head, &body)
}

/// What a sign means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    Ok,
    No,
    You,
    Pod,
    Controller,
    Kubelet,
}

impl Sign {
    /// What it is called.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Sign::Ok => "ok",
            Sign::No => "no",
            Sign::You => "you",
            Sign::Pod => "pod",
            Sign::Controller => "controller",
            Sign::Kubelet => "kubelet",
        }
    }
}

/// A sign; the word is beside it.
pub(crate) fn sign(sign: Sign) -> Markup {
    html! {
        svg class={ "sign sign-" (sign.id()) } aria-hidden="true" viewBox="0 0 16 16" {
            use href={ "#sign-" (sign.id()) } {}
        }
    }
}

/// The signs' shapes, once a page.
pub(crate) fn signs() -> Markup {
    let shapes: [(Sign, &str); 6] = [
        (Sign::Ok, "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm3.6 5.1-4.4 5-2.9-2.6 1-1.1 1.8 1.6L10.500 5z"),
        (
            Sign::No,
            "M5 1h6l4 4v6l-4 4H5l-4-4V5zM5.500 4.400 4.400 5.500 6.900 8l-2.500 2.500 1.100 1.100L8 9.100l2.500 2.500 1.100-1.100L9.100 8l2.500-2.500-1.100-1.100L8 6.900z",
        ),
        (
            Sign::You,
            "M1 2.500h14v11H1zM2.500 4v8h11V4zM4 5.700 6.300 8 4 10.300l.9.9L8.100 8 4.900 4.800zM8.500 10h3.500v1.200H8.500z",
        ),
        (
            Sign::Pod,
            "M8 1l6.500 3.500v7L8 15l-6.500-3.500v-7zM3.200 5.300 8 7.900l4.800-2.600L8 2.700zM3 6.800v3.800l4.200 2.300V9.100zM13 6.800 8.800 9.100v3.800l4.200-2.300z",
        ),
        (
            Sign::Controller,
            "M13.500 5A6 6 0 0 0 2.300 6.200l1.500.4A4.500 4.500 0 0 1 12 5.600L10.300 6 10.700 7.400 15 6.200 13.800 2l-1.400.4zM2.500 11A6 6 0 0 0 13.700 9.800l-1.500-.4A4.500 4.500 0 0 1 4 10.400L5.700 10 5.300 8.600 1 9.800 2.200 14l1.400-.4z",
        ),
        (
            Sign::Kubelet,
            "M1.500 2h13v5h-13zM3 3.500v2h10v-2zM1.500 9h13v5h-13zM3 10.500v2h10v-2zM4 4h2v1H4zM4 11h2v1H4z",
        ),
    ];
    html! {
        svg .signs aria-hidden="true" width="0" height="0" {
            @for (sign, shape) in shapes {
                symbol id={ "sign-" (sign.id()) } viewBox="0 0 16 16" {
                    path fill-rule="evenodd" d=(shape) {}
                }
            }
        }
    }
}

/// Prose: a paragraph a blank line.
pub(crate) fn prose(text: &str) -> Markup {
    html! {
        @for paragraph in text.trim().split("\n\n") {
            p { (coded(paragraph)) }
        }
    }
}

/// Text in which `this` is code.
pub(super) fn coded(text: &str) -> Markup {
    html! {
        @for (index, part) in text.split('`').enumerate() {
            @if index % 2 == 1 { code { (command(part)) } } @else { (flags(&part.replace(" - ", " – "))) }
        }
    }
}

/// Prose in which the name of a flag stays whole.
fn flags(text: &str) -> Markup {
    html! {
        @for word in text.split_inclusive(char::is_whitespace) {
            @let bare = word.trim_end();
            @if bare.starts_with("--") { span .whole { (bare) } (word[bare.len()..]) } @else { (word) }
        }
    }
}

/// A command, whose words with a hyphen are not torn apart at the end of a line, `--image` is one word, and whose paths are only
/// before a slash.
pub(super) fn command(text: &str) -> Markup {
    html! {
        @for word in text.split_inclusive(char::is_whitespace) {
            @let bare = word.trim_end();
            @if bare.contains('-') { span .whole { (bare) } (word[bare.len()..]) } @else { (parted(word)) }
        }
    }
}

/// A path or a name, whose parts stay whole at the end of a line where there is room: it is torn apart before a slash, and
/// after a colon.
pub(super) fn parted(text: &str) -> Markup {
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, sign) in text.match_indices(['/', ':']) {
        let to = if sign == "/" { at } else { at + 1 };
        parts.push(&text[from..to]);
        from = to;
    }
    parts.push(&text[from..]);
    parts.retain(|part| !part.is_empty());
    html! {
        @for (index, part) in parts.iter().enumerate() {
            @if index > 0 { wbr; }
            (part)
        }
    }
}

/// A code with its sign and phrase.
pub(super) fn code(code: u16) -> Markup {
    let fine = code < 400;
    html! {
        span .verdict .verdict-ok[fine] .verdict-no[!fine] {
            (sign(if fine { Sign::Ok } else { Sign::No }))
            strong { (code) } " " (crate::scenario::guess::phrase(code))
        }
    }
}

/// Virtual time: `0 s`, `3.5 s`, `10 min 3 s`.
pub(crate) fn clock(milliseconds: i64) -> String {
    let (minutes, rest) = (milliseconds / 60_000, milliseconds % 60_000);
    let thousandths = rest % 1000;
    let fraction = format!(".{thousandths:03}");
    let fraction = if thousandths == 0 { "" } else { fraction.trim_end_matches('0') };
    let seconds = format!("{}{fraction} s", rest / 1000);
    match (minutes / 60, minutes % 60) {
        (0, 0) => seconds,
        (0, minutes) => format!("{minutes} min {seconds}"),
        (hours, minutes) => format!("{hours} h {minutes} min {seconds}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_tells_what_counts() {
        for (milliseconds, told) in [
            (0, "0 s"),
            (3000, "3 s"),
            (3050, "3.05 s"),
            (603_000, "10 min 3 s"),
            (3_661_500, "1 h 1 min 1.5 s"),
        ] {
            assert_eq!(clock(milliseconds), told);
        }
    }

    #[test]
    fn code_is_between_backticks() {
        assert_eq!(coded("the `a<b` one").into_string(), "the <code>a&lt;b</code> one");
        let whole =
            "by <span class=\"whole\">--a-b</span> a-b <code>c <span class=\"whole\">-d</span></code>";
        assert_eq!(coded("by --a-b a-b `c -d`").into_string(), whole);
    }
}
