//! From one release to the next: a page for each step, with what changed for security.

use super::bound::Neighbour;
use super::chapter::Chapter;
use super::layout::{coded, page};
use crate::api::Version;
use crate::config::gates;
use crate::releases::{Change, Changes, Rule};
use maud::{Markup, html};

/// A step between two neighbouring releases.
pub(super) struct Step {
    from: Version,
    to: Version,
    changes: Changes,
}

/// All steps, the oldest first.
pub(super) fn steps() -> Vec<Step> {
    let pairs = Version::all().zip(Version::all().skip(1));
    pairs.map(|(from, to)| Step { from, to, changes: Changes::between(from, to) }).collect()
}

impl Step {
    /// Where its page lies in the book: `changes/1-28.html`.
    pub(super) fn page(&self) -> String {
        format!("changes/{}.html", self.to.to_string().replace('.', "-"))
    }

    fn title(&self) -> String {
        format!("From Kubernetes {} to {}", self.from, self.to)
    }

    /// In numbers: `12 rules, 3 resources, …`.
    fn numbers(&self) -> String {
        let Changes { rules, resources, fields, admission_plugins, default_roles, feature_gates, .. } =
            &self.changes;
        let told = [
            (rules.len(), "rule"),
            (admission_plugins.len(), "admission plugin"),
            (default_roles.len(), "right of default roles"),
            (resources.len(), "resource"),
            (fields.len(), "field"),
            (feature_gates.len(), "feature gate"),
        ];
        let told =
            told.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| match (count, what) {
                (1, what) => format!("1 {what}"),
                (count, "right of default roles") => format!("{count} rights of default roles"),
                (count, what) => format!("{count} {what}s"),
            });
        told.collect::<Vec<_>>().join(", ")
    }
}

/// The pages, each with its way to the ones before and after.
pub(super) fn pages(steps: &[Step], chapters: &[Chapter]) -> Vec<(String, Markup)> {
    let titles: Vec<(String, String)> = steps.iter().map(|step| (step.page(), step.title())).collect();
    let beside = |place: Option<usize>| -> Neighbour<'_> {
        let (page, title) = titles.get(place?)?;
        Some((page.clone(), title))
    };
    let pages = steps.iter().enumerate().map(|(place, step)| {
        let page = one(step, chapters, &beside(place.checked_sub(1)), &beside(place.checked_add(1)));
        (step.page(), page)
    });
    pages.collect()
}

/// The entries of the table of contents.
pub(super) fn contents(steps: &[Step]) -> Markup {
    html! {
        section .part aria-labelledby="changes" {
            h2 #changes { "From one release to the next" }
            p { "What changed for security between two neighbouring releases: rules, plugins, roles, fields, gates." }
            ol .steps {
                @for step in steps {
                    li { a href=(step.page()) { (step.from) " to " (step.to) } " " span .soft { (step.numbers()) } }
                }
            }
        }
    }
}

fn one(step: &Step, chapters: &[Chapter], before: &Neighbour<'_>, after: &Neighbour<'_>) -> Markup {
    let crumbs = html! {
        a href="../index.html" { "kubeverdict" }
        a .crumb href="../index.html#changes" { "From one release to the next" }
    };
    let Changes { rules, resources, fields, feature_gates, admission_plugins, default_roles, .. } =
        &step.changes;
    let (asked, others): (Vec<&Change>, Vec<&Change>) =
        feature_gates.iter().partition(|change| gates::is_asked(&change.name));
    let main = html! {
        header .title {
            h1 { (step.title()) }
            p .lead { (step.numbers()) "." }
        }
        (seen(step, chapters))
        (of_rules(rules))
        (table("plugins", "Admission plugins", admission_plugins))
        (table("roles", "Default roles and bindings", default_roles))
        (table("resources", "Resources", resources))
        (table("fields", "Fields", fields))
        (table("gates", "Feature gates that the rules ask for", asked))
        @if !others.is_empty() {
            details { summary { "Other feature gates: " (others.len()) } (rows("Other feature gates", &others)) }
        }
        p .how {
            "Longer steps, as text or JSON: " code { "kubeverdict releases " (step.from) " " (Version::NEWEST) " --json" }
        }
        nav .neighbours aria-label="Releases" {
            @if let Some((href, name)) = before { a rel="prev" href={ "../" (href) } { span { "Before" } (name) } }
            @if let Some((href, name)) = after { a rel="next" href={ "../" (href) } { span { "Next" } (name) } }
        }
    };
    page(&format!("{} · kubeverdict", step.title()), "../", &crumbs, &main)
}

/// The scenarios that come out otherwise in the later release.
fn seen(step: &Step, chapters: &[Chapter]) -> Markup {
    let parts = |chapter: &&Chapter| {
        let of = |version| chapter.releases.iter().position(|agreed| agreed.contains(&version));
        matches!((of(step.from), of(step.to)), (Some(from), Some(to)) if from != to)
    };
    let chapters: Vec<&Chapter> = chapters.iter().filter(parts).collect();
    html! {
        @if !chapters.is_empty() {
            section aria-labelledby="seen" {
                h2 #seen { "Where it shows" }
                ul .rules {
                    @for chapter in chapters {
                        li { a href={ "../" (chapter.page()) } { (chapter.scenario.scenario) } ": " (coded(&chapter.scenario.about)) }
                    }
                }
            }
        }
    }
}

/// The rules by area, each with how its release is known.
fn of_rules(rules: &[Rule]) -> Markup {
    html! {
        @if !rules.is_empty() {
            section aria-labelledby="rules" {
                h2 #rules { "Rules of the server" }
                p .how {
                    "Beside each stands how its release is known. " code { "record" }
                    ": recorded servers part between an older release and a newer one, and the step that began it is a guess."
                }
                @for area in rules.chunk_by(|one, next| one.area == next.area) {
                    h3 { (area.first().map_or("", |rule| rule.area)) }
                    ul .rules {
                        @for rule in area { li { (rule.what) " " span .soft { (rule.source) } } }
                    }
                }
            }
        }
    }
}

fn table<'c>(id: &str, title: &str, changes: impl IntoIterator<Item = &'c Change>) -> Markup {
    let changes: Vec<&Change> = changes.into_iter().collect();
    html! {
        @if !changes.is_empty() {
            section aria-labelledby=(id) {
                h2 id=(id) { (title) }
                (rows(title, &changes))
            }
        }
    }
}

fn rows(title: &str, changes: &[&Change]) -> Markup {
    html! {
        div .scroll tabindex="0" role="region" aria-label=(title) {
            table .changes {
                thead {
                    tr { th scope="col" { "What" } th scope="col" { "Name" } th scope="col" { "Before" } th scope="col" { "After" } }
                }
                tbody { @for change in changes { (row(change)) } }
            }
        }
    }
}

fn row(change: &Change) -> Markup {
    let said = match (&change.was, &change.now) {
        (None, _) => "new",
        (Some(_), None) => "gone",
        (Some(_), Some(_)) => "changed",
    };
    let state = |state: &Option<String>| match state {
        None => "–".to_owned(),
        Some(state) if state.is_empty() => "there".to_owned(),
        Some(state) => state.replace(',', ", ").replace("  ", " "),
    };
    html! {
        tr class=(said) {
            td { (said) }
            th scope="row" { code .wrap { (change.name) } }
            td { (state(&change.was)) }
            td { (state(&change.now)) }
        }
    }
}
