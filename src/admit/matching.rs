//! Which writes a webhook or a policy wants to see (`apiserver/pkg/admission/plugin/webhook/predicates`, `…/generic`).
//!
//! Rules say operations, groups, versions, resources and scope; selectors look at the labels of the namespace and of
//! the object. With `matchPolicy: Equivalent` a rule also holds for the same objects in another version or group.

use super::{Cx, Review, Stop};
use crate::api::Dig;
use crate::api::labels::{is_empty, selects};
use crate::api::resources::{Resource, Resources};
use crate::json::{Value, json};
use std::sync::Arc;

/// Under which row of the resource table somebody wants to see a write, if at all. `wants` has `namespaceSelector`,
/// `objectSelector` and `matchPolicy`; `rules` come apart, as webhooks and policies name them differently.
pub(crate) fn invocation(
    cx: &Cx<'_>,
    review: &Review,
    wants: &Value,
    rules: &[Value],
) -> Result<Option<Arc<Resource>>, Stop> {
    let namespace = in_namespace(cx, review, wants.at("namespaceSelector"));
    if matches!(namespace, Ok(false)) || !is_object(review, wants.at("objectSelector")) {
        return Ok(None);
    }
    let exact = wants.text("matchPolicy") == "Exact";
    let row = by_rules(cx.resources, review, rules, exact);
    // A namespace that isn't there matters only to whoever wants to see the write.
    match (row, namespace) {
        (Some(row), Ok(_)) => Ok(Some(row)),
        (Some(_), Err(stop)) => Err(stop),
        (None, _) => Ok(None),
    }
}

/// The row under which one of the rules holds: that of the request, else an equivalent one.
pub(crate) fn by_rules(
    table: &Resources,
    review: &Review,
    rules: &[Value],
    exact: bool,
) -> Option<Arc<Resource>> {
    let row = &review.resource;
    if rules.iter().any(|rule| rule_holds(rule, review, row)) {
        return Some(row.clone());
    }
    if exact {
        return None;
    }
    let others = || equivalents(table, row);
    rules.iter().find_map(|rule| others().find(|other| rule_holds(rule, review, other))).cloned()
}

/// The rows under which the same objects are served otherwise (`runtime.EquivalentResourceMapper`).
fn equivalents<'a>(table: &'a Resources, row: &'a Resource) -> impl Iterator<Item = &'a Arc<Resource>> {
    table.iter().filter(move |other| {
        (&other.group, &other.version) != (&row.group, &row.version)
            && other.subresource == row.subresource
            && other.storage() == row.storage()
    })
}

/// Whether a rule holds for a write, were it made under a row.
pub(crate) fn rule_holds(rule: &Value, review: &Review, row: &Resource) -> bool {
    let has = |key: &str, word: &str| rule.list(key).iter().any(|item| item == "*" || item == word);
    let resource = |item: &Value| {
        let item = item.as_str().unwrap_or_default();
        let (name, sub) = item.split_once('/').unwrap_or((item, ""));
        (name == "*" || name == row.name) && (sub == "*" || sub == row.subresource)
    };
    scope_holds(rule.text("scope"), review, row)
        && has("operations", review.operation.word())
        && has("apiGroups", &row.group)
        && has("apiVersions", &row.version)
        && rule.list("resources").iter().any(resource)
}

/// A namespace lies in no namespace, even where the request names one.
fn scope_holds(scope: &str, review: &Review, row: &Resource) -> bool {
    let is_namespace = row.group.is_empty() && row.name == "namespaces";
    let namespaced = !is_namespace && !namespace(review).is_empty();
    match scope {
        "Namespaced" => namespaced,
        "Cluster" => !namespaced,
        _ => true,
    }
}

/// An object under the version of a row.
pub(crate) fn converted(object: &Value, row: &Resource) -> Value {
    let mut object = object.clone();
    if !object.is_null() {
        object.set("apiVersion", row.kind_api_version());
        object.set("kind", &*row.kind);
    }
    object
}

/// The AdmissionRequest of a write, as if it were made under a row, without uid and objects.
pub(crate) fn request(review: &Review, row: &Resource) -> Value {
    let asked = &*review.resource;
    let kind =
        |row: &Resource| json!({"group": row.kind_group, "version": row.kind_version, "kind": row.kind});
    let resource = |row: &Resource| json!({"group": row.group, "version": row.version, "resource": row.name});
    let mut request = json!({
        "kind": kind(row),
        "resource": resource(row),
        "requestKind": kind(asked),
        "requestResource": resource(asked),
        "operation": review.operation,
        "userInfo": review.user,
        "dryRun": review.dry_run,
        "options": review.options,
    });
    let texts = [
        ("subResource", &*row.subresource),
        ("requestSubResource", &*asked.subresource),
        ("name", review.name.as_str()),
        ("namespace", namespace(review)),
    ];
    for (key, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
        request.set(key, text);
    }
    request
}

/// The namespace that admission speaks of: a new namespace's own name, where the path has none.
pub(crate) fn namespace(review: &Review) -> &str {
    match review.namespace() {
        "" if review.is("", "namespaces") => &review.name,
        namespace => namespace,
    }
}

/// Whether the labels of a write's namespace match; those of a namespace that is written are the new ones.
pub(crate) fn in_namespace(cx: &Cx<'_>, review: &Review, selector: &Value) -> Result<bool, Stop> {
    let name = namespace(review);
    if name.is_empty() && review.resource.name != "namespaces" || is_empty(selector) {
        return Ok(true);
    }
    if review.is("", "namespaces") && review.writes() {
        return Ok(selects(selector, &review.object));
    }
    Ok(selects(selector, &*cx.namespace(name)?))
}

/// Whether the labels of the object match, as it is or as it was.
pub(crate) fn is_object(review: &Review, selector: &Value) -> bool {
    let labelled = |object: &Value| object.has("metadata") && selects(selector, object);
    is_empty(selector) || labelled(&review.object) || review.old.as_deref().is_some_and(labelled)
}
