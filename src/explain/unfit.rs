//! What no server could have stored, and so no dump holds: kinds that there aren't, objects without a name, values of another kind
//! than their field takes, templates that are not rendered. Whoever wrote such a manifest is told before anything is asked of it.
//!
//! Roles and bindings are what is asked about, and their types are the same in all releases: of them a version that is not served,
//! a field that there isn't and what their validation refuses are told, too. Other objects may be of another release than the one
//! that answers, and are taken as they are.

use super::source::{Written, unrendered};
use crate::api::decode::{Misfit, Wrong, misfit};
use crate::api::resources::Resource;
use crate::api::{Dig, Resources, Version, rbac, resources};
use crate::error::{Error, Place};
use crate::json::Value;
use crate::kinds;

/// What is wrong with an object of a kind that the release does not have, if that looks like a slip of the pen.
pub(super) fn kind(table: &Resources, object: &Value, written: &Written) -> Option<Error> {
    let error = meant(table, object)?;
    Some(Error { at: Some(place(written, written.line)), ..error })
}

/// What is wrong with an object of a resource.
pub(super) fn told(object: &Value, written: &Written, row: &Resource, table: &Resources) -> Option<Error> {
    if let Some(error) = unrendered::of_object(object, &written.path, written.line) {
        return Some(error);
    }
    let strictly = is_strict(row);
    let api_version = object.text("apiVersion");
    if strictly && !is_served(object, row, table) {
        let error = unserved(api_version, row, table);
        let at = Some(place(written, written.line_of_field("apiVersion")));
        return Some(Error { at, message: format!("{}: {}", written.shown(), error.message), ..error });
    }
    let kind = object.text("kind");
    let (group, version) = group_and_version(api_version);
    if let Some(Misfit { field, wrong }) = misfit(object, [group, version, kind], table.version(), strictly) {
        let at = Some(place(written, written.line_of_field(&field)));
        let told =
            |what: String| Error { at: at.clone(), ..Error::new(format!("{}: {what}", written.shown())) };
        return Some(match wrong {
            Wrong::Kind { is, wanted } => {
                told(format!("{field} is {is}, and takes {wanted}")).hint(match (is, wanted) {
                    ("a text", "a list") => "no server reads it; one word is a list of one: `[get]`",
                    (_, "a text") => {
                        "no server reads it; what YAML takes for something else is written in quotes"
                    }
                    _ => "no server reads it; `kubectl explain` says what a field takes",
                })
            }
            Wrong::Unknown { nearest } => told(format!("there is no field {field}")).hint(match nearest {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("`kubectl explain {}` says which there are", row.singular),
            }),
        });
    }
    let is_nameless = object.name().is_empty() && object.text("metadata.generateName").is_empty();
    (is_nameless && row.has_verb("get")).then(|| {
        let at = Some(place(written, written.line_of_field("metadata")));
        let error = Error { at, ..Error::new(format!("this {kind} has no name, and no server stores it")) };
        error.hint("it is metadata.name")
    })
}

/// What their validation refuses of a role or a binding as it is stored.
pub(super) fn refused(object: &Value, written: &Written, row: &Resource, release: Version) -> Option<Error> {
    let errors = kinds::of(row).errors_of_create(object, release);
    let first = errors.list().into_iter().next()?;
    let at = Some(place(written, written.line_of_field(&first.field)));
    let what = format!("{}: {}: {}", written.shown(), first.field, first.message);
    Some(
        Error { at, ..Error::new(what) }
            .hint("no server stores it; `never-matches` tells all that is wrong with roles and bindings"),
    )
}

/// Whether objects of a resource are held against all that a server holds them against.
pub(super) fn is_strict(row: &Resource) -> bool {
    row.group == rbac::GROUP
}

/// Whether the release serves the version that an object is written in: most are of that of the resource.
pub(super) fn is_served(object: &Value, row: &Resource, table: &Resources) -> bool {
    let (group, version) = group_and_version(object.text("apiVersion"));
    row.kind_version == version || table.by_kind(group, version, &row.kind).is_some()
}

fn group_and_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

/// That a kind is not served in a version: with the one in which it is, and another release that serves it.
fn unserved(api_version: &str, row: &Resource, table: &Resources) -> Error {
    let (group, version) = group_and_version(api_version);
    let serves = |table: &Resources| table.by_kind(group, version, &row.kind).is_some();
    let error = Error::new(format!("Kubernetes {} serves no {} of {api_version}", table.version(), row.kind));
    let right = row.kind_api_version();
    match Version::all().rfind(|release| serves(resources(*release))) {
        Some(last) => error.hint(format!("write `{right}`, or ask a release that serves it: {last} does")),
        None => error.hint(format!("did you mean `{right}`?")),
    }
}

fn place(written: &Written, line: usize) -> Place {
    Place { path: written.path.to_string(), position: Some((line, 1)), line: None }
}

/// Which kind was meant by one that a group of the server's own does not have, in no release. Of definitions' groups and of those
/// that are served elsewhere nobody knows the kinds here.
fn meant(table: &Resources, object: &Value) -> Option<Error> {
    let (kind, api_version) = (object.text("kind"), object.text("apiVersion"));
    let (group, _) = group_and_version(api_version);
    let in_another_release =
        || Version::all().any(|release| resources(release).of_kind(group, kind).is_some());
    if !table.has_group(group) || table.is_custom(group) || in_another_release() {
        return None;
    }
    let is_slip = !table.homes(kind).is_empty() || table.kind_meant(kind).is_some();
    is_slip.then(|| table.unknown_kind(kind, api_version))
}
