//! What no server could have stored, and so no dump holds: kinds that there aren't, objects without a name, values of another kind
//! than their field takes, templates that are not rendered. Whoever wrote such a manifest is told before anything is asked of it.

use super::source::{Written, unrendered};
use crate::api::decode::{Misfit, misfit};
use crate::api::resources::Resource;
use crate::api::{Dig, Resources, Version, resources};
use crate::error::{Error, Place};
use crate::json::Value;

/// What is wrong with an object of a kind that the release does not have, if that looks like a slip of the pen.
pub(super) fn kind(table: &Resources, object: &Value, written: &Written) -> Option<Error> {
    let error = meant(table, object)?;
    Some(Error { at: Some(place(written, written.line)), ..error })
}

/// What is wrong with an object of a resource.
pub(super) fn told(object: &Value, written: &Written, row: &Resource, release: Version) -> Option<Error> {
    if let Some(error) = unrendered::of_object(object, &written.path, written.line) {
        return Some(error);
    }
    let (api_version, kind) = (object.text("apiVersion"), object.text("kind"));
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    if let Some(Misfit { field, is, wanted }) = misfit(object, [group, version, kind], release) {
        let at = Some(place(written, written.line_of_field(&field)));
        let error =
            Error { at, ..Error::new(format!("{}: {field} is {is}, and takes {wanted}", written.shown())) };
        return Some(error.hint(match (is, wanted) {
            ("a text", "a list") => "no server reads it; one word is a list of one: `[get]`",
            (_, "a text") => "no server reads it; what YAML takes for something else is written in quotes",
            _ => "no server reads it; `kubectl explain` says what a field takes",
        }));
    }
    let is_nameless = object.name().is_empty() && object.text("metadata.generateName").is_empty();
    (is_nameless && row.has_verb("get")).then(|| {
        let at = Some(place(written, written.line_of_field("metadata")));
        let error = Error { at, ..Error::new(format!("this {kind} has no name, and no server stores it")) };
        error.hint("it is metadata.name")
    })
}

fn place(written: &Written, line: usize) -> Place {
    Place { path: written.path.to_string(), position: Some((line, 1)), line: None }
}

/// Which kind was meant by one that a group of the server's own does not have, in no release. Of definitions' groups and of those
/// that are served elsewhere nobody knows the kinds here.
fn meant(table: &Resources, object: &Value) -> Option<Error> {
    let (kind, api_version) = (object.text("kind"), object.text("apiVersion"));
    let (group, _) = api_version.split_once('/').unwrap_or(("", api_version));
    let in_another_release =
        || Version::all().any(|release| resources(release).of_kind(group, kind).is_some());
    if !table.has_group(group) || table.is_custom(group) || in_another_release() {
        return None;
    }
    let is_slip = !table.homes(kind).is_empty() || table.kind_meant(kind).is_some();
    is_slip.then(|| table.unknown_kind(kind, api_version))
}
