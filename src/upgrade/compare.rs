//! The answers of two releases to the same object, held against each other.

use super::found::Found;
use super::machine::Answer;
use super::{Releases, What, fields};
use crate::json::Value;

/// What comes otherwise of an object.
pub(super) fn compare(releases: Releases, sent: &Value, was: &Answer, now: &Answer) -> Vec<Found> {
    let mut found: Vec<Found> = verdict(releases, was, now).into_iter().collect();
    if was.ok() && now.ok() {
        found.extend(fields::compare(releases, sent, &was.object, &now.object));
        found.extend(made(releases, was, now));
        found.extend(of_pod(releases, was, now));
        found.extend(of_token(releases, was, now));
    }
    warnings(releases, was, now, &mut found);
    found
}

/// Whether it is refused.
fn verdict(Releases { from, .. }: Releases, was: &Answer, now: &Answer) -> Option<Found> {
    let field = now.fields.first().map_or("", String::as_str);
    match (was.ok(), now.ok()) {
        (true, true) => None,
        (true, false) => Some(Found::new(What::Refused, field, now.refusal())),
        (false, true) => {
            let text = format!("accepted, and refused by {from}: {}", was.refusal());
            Some(Found::new(What::Otherwise, "", text))
        }
        (false, false) if was.refusal() == now.refusal() => None,
        (false, false) => {
            let text =
                format!("refused as by {from}, otherwise: {}; {from}: {}", now.refusal(), was.refusal());
            Some(Found::new(What::Otherwise, field, text))
        }
    }
}

/// What controllers make of it.
fn made(Releases { from, .. }: Releases, was: &Answer, now: &Answer) -> Vec<Found> {
    let gone = was.made.iter().filter(|object| !now.made.contains(object));
    let gone = gone.map(|object| (object, format!("{object} is not made for it, which {from} makes")));
    let new = now.made.iter().filter(|object| !was.made.contains(object));
    let new = new.map(|object| (object, format!("{object} is made for it")));
    gone.chain(new).map(|(object, text)| Found::new(What::Otherwise, "", text).about(object)).collect()
}

/// Whether its controller may make pods.
fn of_pod(Releases { from, .. }: Releases, was: &Answer, now: &Answer) -> Option<Found> {
    let (was, now) = (was.pod.as_ref()?, now.pod.as_ref()?);
    match (was.ok(), now.ok()) {
        (true, false) => {
            Some(Found::new(What::Refused, "", format!("its pods: {}", now.refusal())).about("pods"))
        }
        (false, true) => {
            let text = format!("its pods are accepted, and refused by {from}: {}", was.refusal());
            Some(Found::new(What::Otherwise, "", text).about("pods"))
        }
        (true, true) | (false, false) => None,
    }
}

/// What whoever shows the token of a secret hears.
fn of_token(Releases { from, .. }: Releases, was: &Answer, now: &Answer) -> Vec<Found> {
    let (Some(was), Some(now)) = (&was.token, &now.token) else { return Vec::new() };
    let mut found = Vec::new();
    if was.ok() != now.ok() {
        let text = format!("its token: {}, by {from} {}", now.code, was.code);
        found.push(Found::new(if now.ok() { What::Otherwise } else { What::Refused }, "data.token", text));
    }
    let new = now.warnings.iter().filter(|text| !was.warnings.contains(text));
    found.extend(
        new.map(|text| Found::new(What::Warned, "data.token", format!("its token: {text}")).about(text)),
    );
    found
}

/// The warnings that are new, and those that are gone.
fn warnings(Releases { from, to }: Releases, was: &Answer, now: &Answer, found: &mut Vec<Found>) {
    for text in now.warnings.iter().filter(|text| !was.warnings.contains(text)) {
        let field = field_of(text);
        let dropped = |found: &&mut Found| found.what == What::Dropped && found.field == field;
        match found.iter_mut().find(dropped) {
            Some(dropped) => {
                dropped.text =
                    format!("{text}: {to} drops it, and refuses it from kubectl, which asks strictly");
            }
            None => found.push(Found::new(What::Warned, field, text.clone()).about(text)),
        }
    }
    if now.ok() {
        let gone = was.warnings.iter().filter(|text| !now.warnings.contains(text));
        let gone = gone.map(|text| {
            let words = format!("not warned of, as by {from}: {text}");
            Found::new(What::Otherwise, field_of(text), words).about(text)
        });
        found.extend(gone);
    }
}

/// The field that a warning begins with, or names as unknown.
fn field_of(warning: &str) -> &str {
    if let Some(field) = unknown_field(warning) {
        return field;
    }
    let first = warning.split(':').next().unwrap_or_default();
    let is_field = TOPS.iter().any(|top| first.starts_with(top));
    if is_field && !first.contains(' ') { first } else { "" }
}

/// What fields that warnings are about begin with.
const TOPS: [&str; 5] = ["spec", "metadata", "data", "webhooks", "rules"];

/// The field that a warning says is unknown.
pub(super) fn unknown_field(warning: &str) -> Option<&str> {
    warning.strip_prefix("unknown field \"")?.split('"').next()
}
