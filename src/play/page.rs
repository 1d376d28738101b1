//! The page in front of a playground: HTML, a style sheet and a script, all of it in the program.
//!
//! The script holds no rule of Kubernetes: it sends an [`Ask`](super::Ask), and shows the [`Answer`](super::Answer).
//!
//! The editor is a `textarea` with line numbers: browsers, screen readers, spelling methods and phones know how to deal with
//! one, and it is a hundredth of an editor's library.

use crate::book::{self, fragments};
use crate::html::{self, Head, LIGHT_AND_DARK, Styles};
use maud::{Markup, html};

/// The book's style sheet, which has the words and shapes in common.
pub const BOOK_CSS: &str = book::CSS;
/// The page's own style sheet.
pub const CSS: &str = include_str!("assets/play.css");
/// The page's script.
pub const SCRIPT: &str = include_str!("assets/play.js");

/// The page, before its script has asked anything.
pub fn html() -> String {
    let head = Head {
        title: "kubeverdict play",
        meta: &[LIGHT_AND_DARK],
        styles: Styles::Files(&["book.css", "play.css"]),
        script: Some("play.js"),
    };
    let body = html! {
        body .play {
            nav .skips aria-label="Skip" {
                a .skip href="#manifests" { "Skip to the manifests" }
                a .skip href="#questions-title" { "Skip to the questions" }
                a .skip href="#line" { "Skip to the terminal" }
            }
            (fragments::signs())
            (top())
            p #notice .notice role="alert" hidden {}
            main #main tabindex="-1" {
                // On a narrow page one column stands below the other. With an exercise the terminal leads the second.
                div #model .column { (lesson()) (editor()) (terminal()) }
                div #verdicts .column { (questions()) (time()) }
                (rights())
            }
            (dialogs())
            p #said .unseen role="status" aria-live="polite" {}
            noscript { p .notice { "This page needs its script; `kubeverdict book` makes pages without one." } }
        }
    };
    html::page(&head, &body).into_string()
}

fn top() -> Markup {
    html! {
        header .top {
            h1 { span .brand { "kubeverdict play" } " " span #title {} }
            div .tools role="group" aria-label="The playground" {
                button #open type="button" { "Open" }
                button #share type="button" { "Share" }
                button #undo type="button" title="Undo the last change" { "Undo" }
                button #redo type="button" title="Redo it" { "Redo" }
                span #busy .count hidden { "working …" }
                label { "Kubernetes " select #version {} }
                label title="Names, tokens and keys are drawn from it" { "Seed " input #seed inputmode="numeric" autocomplete="off" value="0"; }
            }
        }
    }
}

fn lesson() -> Markup {
    html! {
        section #lesson .panel aria-labelledby="lesson-title" hidden {
            h2 #lesson-title { "Lesson" }
            div #about {}
            div #exercise hidden {
                h3 { "Exercise" }
                div #task {}
                details #hint hidden { summary { "A hint" } div {} }
                details #solution { summary { "A solution" } pre tabindex="0" {} }
                p #solved .outcome {}
                ul #checks .checks {}
            }
            details #given hidden {
                summary {}
                ol .steps-done {}
            }
        }
    }
}

fn editor() -> Markup {
    html! {
        section #editor .panel aria-labelledby="editor-title" {
            h2 #editor-title { "Manifests" }
            div .code {
                div #numbers .numbers aria-hidden="true" {}
                textarea #manifests spellcheck="false" autocapitalize="off" autocomplete="off" wrap="off" aria-labelledby="editor-title"
                    aria-describedby="marks-count" placeholder="Roles, bindings, namespaces: what kubectl apply -f takes" {}
            }
            p #marks-count .count {}
            ul #marks .marks {}
        }
    }
}

fn questions() -> Markup {
    html! {
        section #questions .panel aria-labelledby="questions-title" {
            h2 #questions-title tabindex="-1" { "Questions" }
            p #past .banner hidden { span {} " " button #now type="button" { "Back to now" } }
            ul #broken .marks {}
            p #unasked .count hidden { "Nothing is asked yet. A question says who wants what: alice, " code { "kubectl get pods" } "." }
            table .rows {
                thead {
                    tr {
                        th scope="col" { "Verdict" }
                        th scope="col" { "Who" }
                        th scope="col" { "What" }
                        th scope="col" { "Expected" }
                        th scope="col" { span .unseen { "Actions" } }
                    }
                }
                tbody #rows {}
            }
            p .below { button #ask type="button" { "Add a question" } " " span #score .count {} }
            datalist #whats {
                option value="kubectl get pods -n default" {}
                option value="kubectl get secrets -n default" {}
                option value="kubectl auth can-i create pods" {}
                option value="GET /api/v1/nodes" {}
            }
            section #why .why aria-labelledby="why-title" hidden {
                h3 #why-title tabindex="-1" { "Why" }
                div #explained {}
            }
        }
    }
}

fn terminal() -> Markup {
    html! {
        section #terminal .panel aria-labelledby="terminal-title" {
            h2 #terminal-title { "Terminal" }
            div #log .log role="log" aria-label="What the terminal printed" tabindex="0" {
                p .aside {
                    "Type kubectl here, or " code { "in NAMESPACE/pod/NAME" } " and then curl; " code { "why" } " explains the last answer, "
                    code { "help" } " lists all."
                }
            }
            form #typing {
                label for="line" #prompt { "$ " }
                textarea #line rows="1" spellcheck="false" autocapitalize="off" autocomplete="off" aria-describedby="typing-how" {}
                button type="submit" { "Enter" }
            }
            p #typing-how .count { "Tab completes; Esc, then Tab, leaves. Arrows recall lines." }
            p #completions .completions role="status" {}
        }
    }
}

fn time() -> Markup {
    html! {
        section #time .panel aria-labelledby="time-title" {
            h2 #time-title { "Time" }
            div .tools role="group" aria-label="Let time pass" {
                span { "The virtual clock: " strong #clock { "0 s" } }
                button type="button" data-wait="1m" { "+1 min" }
                button type="button" data-wait="10m" { "+10 min" }
                button type="button" data-wait="1h" { "+1 h" }
                button #fork type="button" title="What is typed on a fork is gone once it is dropped" { "Fork: what if" }
                button #orders type="button" title="Whether anything ends otherwise where steps come sooner and caches hear later" { "Another order" }
            }
            label .slider { span #slider-label { "After step" } input #slider type="range" min="0" max="0" value="0" step="1"; }
            p #moment .count aria-live="polite" {}
            pre #ordered tabindex="0" hidden {}
            details #acts {
                summary { "Who really acted" }
                div .scroll tabindex="0" role="region" aria-label="Time line" {
                    table .timeline {
                        thead { tr { th scope="col" { "Time" } th scope="col" { "Who" } th scope="col" { "What" } th scope="col" { "Came of it" } } }
                        tbody {}
                    }
                }
            }
        }
    }
}

fn rights() -> Markup {
    html! {
        section #rights .panel aria-labelledby="rights-title" {
            h2 #rights-title { "Who may do what" }
            details #drawn {
                summary { "Graph and matrix" }
                div #pictures .pictures {}
            }
        }
    }
}

fn dialogs() -> Markup {
    html! {
        dialog #sharing aria-labelledby="sharing-title" {
            h2 #sharing-title { "Share" }
            p { "All of it stands in the link, behind the " code { "#" } ", and in the file: nothing is sent anywhere." }
            label for="link" { "The link" }
            textarea #link readonly rows="3" {}
            p {
                button #copy type="button" { "Copy the link" } " "
                button #download type="button" { "Download the scenario" } " "
                span #copied role="status" {}
            }
            p .count {
                "Who has no such page at this address pastes the link into their own, by Open, or starts it by "
                code { "kubeverdict play 'LINK'" } "."
            }
            form method="dialog" { button { "Close" } }
        }
        dialog #opening aria-labelledby="opening-title" {
            h2 #opening-title { "Open" }
            label for="story" { "A lesson or story" }
            p { select #story {} " " button #open-story type="button" { "Open it" } }
            label for="pasted" { "Or paste a link, a scenario, manifests or a dump" }
            textarea #pasted rows="6" spellcheck="false" {}
            p {
                button #open-pasted type="button" { "Open what is pasted" } " "
                label .file { "or a file " input #chosen type="file" accept=".yaml,.yml,.json"; }
            }
            p #opening-wrong .wrong role="alert" {}
            form method="dialog" { button { "Close" } " " button #open-empty type="button" { "An empty cluster" } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_small_and_holds_nothing_from_elsewhere() {
        let all = [html(), BOOK_CSS.to_owned(), CSS.to_owned(), SCRIPT.to_owned()];
        let bytes: usize = all.iter().map(String::len).sum();
        assert!(bytes < 400 * 1024, "{bytes} bytes");
        for part in &all {
            let elsewhere = part.replace("http://www.w3.org/2000/svg", "");
            assert!(!elsewhere.contains("://"), "{part}");
        }
        // The content security policy lets none of these be.
        let page = &all[0];
        for inline in [" style=", " onclick=", "<style", "<script>"] {
            assert!(!page.contains(inline), "{inline}");
        }
    }
}
