//! What is asked of others when claims of devices are written: the namespace whether devices may be had whole
//! (`AuthorizedForAdmin`), the authorizers who may write which part of a status (`AuthorizedForBinding`,
//! `AuthorizedForDeviceStatus`; `pkg/registry/resource/utils.go`, KEP-5018, KEP-4817).

use super::Call;
use crate::admit::Review;
use crate::api::names::dns1123_subdomain;
use crate::api::refusal::refusal;
use crate::api::request::service_account;
use crate::api::{Attributes, Decision, Dig, Errors, RequestInfo, User};
use crate::json::Value;
use crate::store::Key;
use std::collections::BTreeSet;

const LABEL: &str = "resource.kubernetes.io/admin-access";
const NODE: &str = "authentication.kubernetes.io/node-name";
const RESULTS: &str = "status.allocation.devices.results";

/// What is wrong with a claim or a template, as others see it.
pub(super) fn errors(call: &Call<'_>, review: &Review) -> Errors {
    let errors = Errors::new(call.version);
    let row = &review.resource;
    if row.group != "resource.k8s.io" {
        return errors;
    }
    let object = &review.object;
    match (&*row.name, &*row.subresource, review.old.as_deref()) {
        ("resourceclaims", "", None) => access(call, review, object.list("spec.devices.requests"), &errors),
        ("resourceclaimtemplates", "", None) => {
            access(call, review, object.list("spec.spec.devices.requests"), &errors);
        }
        ("resourceclaims", "status", Some(old)) => {
            if wanting(old.list(RESULTS)).is_none()
                && let Some(i) = wanting(object.list(RESULTS))
            {
                labelled(call, review, &format!("{RESULTS}[{i}].adminAccess"), &errors);
            }
            if call.config.feature("DRAResourceClaimGranularStatusAuthorization") {
                binding(call, review, old, &errors);
                drivers(call, review, old, &errors);
            }
        }
        _ => {}
    }
    errors
}

/// The place of the first that asks for a device whole.
fn wanting(list: &[Value]) -> Option<usize> {
    list.iter().position(|item| item.flag("adminAccess"))
}

fn access(call: &Call<'_>, review: &Review, requests: &[Value], errors: &Errors) {
    let exactly: Vec<Value> = requests.iter().map(|request| request.at("exactly").clone()).collect();
    if let Some(i) = wanting(&exactly) {
        // A template's own path has one `spec` more; Kubernetes tells that of a claim.
        labelled(call, review, &format!("spec.devices.requests[{i}].adminAccess"), errors);
    }
}

/// The namespace must say that devices may be had whole.
fn labelled(call: &Call<'_>, review: &Review, path: &str, errors: &Errors) {
    let namespace = call.store.objects().of(&Key::new("namespaces", "", review.namespace()));
    let label = namespace.and_then(|namespace| namespace.entry("metadata.labels", LABEL));
    if label != Some("true") {
        let detail =
            format!("admin access to devices requires the `{LABEL}: true` label on the containing namespace");
        errors.forbidden(path, detail);
    }
}

/// Why somebody may not do something to a part of claims, if so.
fn refused(call: &Call<'_>, review: &Review, verb: &str, part: &str, at: [&str; 2]) -> Option<String> {
    let [namespace, name] = at;
    let info = RequestInfo {
        verb: verb.to_owned(),
        subresource: part.to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        ..call.request.info().clone()
    };
    let attributes = Attributes { user: review.user.clone(), info };
    let said = call.decide(&attributes);
    if said.decision == Decision::Allow {
        return None;
    }
    let reason = match (&said.error, said.reason()) {
        (Some(error), reason) if reason.is_empty() => error.clone(),
        (Some(error), reason) => format!("{error}: {reason}"),
        (None, reason) => reason,
    };
    Some(refusal(&attributes, &reason).status.message)
}

fn verb<'a>(call: &'a Call<'_>) -> &'a str {
    &call.request.info().verb
}

/// Who allocates, and reserves, may bind claims.
fn binding(call: &Call<'_>, review: &Review, old: &Value, errors: &Errors) {
    let changed = |path: &str| review.object.at(path) != old.at(path);
    if !(changed("status.allocation") || changed("status.reservedFor")) {
        return;
    }
    let verb = verb(call);
    if let Some(why) = refused(call, review, verb, "binding", ["", ""]) {
        let detail = format!(
            "changing status.allocation or status.reservedFor requires resource=\"resourceclaims/binding\", \
             verb=\"{verb}\" permission: {why}"
        );
        errors.forbidden("status.allocation", detail);
    }
}

/// Who tells of a driver's devices may do so for that driver, on its own node or anywhere.
fn drivers(call: &Call<'_>, review: &Review, old: &Value, errors: &Errors) {
    let changed = changed_drivers(&review.object, old);
    let mut verbs = vec![format!("arbitrary-node:{}", verb(call))];
    if is_on_node(&review.user, node(review.object.at("status.allocation"))) {
        verbs.insert(0, format!("associated-node:{}", verb(call)));
    }
    for driver in changed {
        let at = [review.namespace(), driver];
        let refusals: Option<Vec<String>> =
            verbs.iter().map(|verb| refused(call, review, verb, "driver", at)).collect();
        if let Some(why) = refusals.and_then(|refusals| refusals.into_iter().next()) {
            let verbs = verbs.join(" ");
            let detail = format!(
                "changing status.devices requires resource=\"resourceclaims/driver\", verb=\"[{verbs}]\" permission: {why}"
            );
            errors.forbidden("status.devices", detail);
        }
    }
}

/// The drivers of whose devices something new is told, or nothing any more.
fn changed_drivers<'a>(new: &'a Value, old: &'a Value) -> BTreeSet<&'a str> {
    let key = |device: &'a Value| ["driver", "pool", "device", "shareID"].map(|key| device.text(key));
    let (now, had) = (new.list("status.devices"), old.list("status.devices"));
    let is_new = |device: &&'a Value| !had.contains(device);
    let is_gone = |device: &&'a Value| !now.iter().any(|other| key(other) == key(device));
    let changed = now.iter().filter(is_new).chain(had.iter().filter(is_gone));
    changed.map(|device| device.text("driver")).collect()
}

/// The node to which an allocation is bound, if it is one.
fn node(allocation: &Value) -> Option<&str> {
    let [term] = allocation.list("nodeSelector.nodeSelectorTerms") else { return None };
    let [field] = term.list("matchFields") else { return None };
    let [value] = field.list("values") else { return None };
    let by_name = field.text("key") == "metadata.name" && field.text("operator") == "In";
    value.as_str().filter(|_| by_name && term.list("matchExpressions").is_empty())
}

/// Whether somebody is a service account whose token is bound to a node.
fn is_on_node(user: &User, node: Option<&str>) -> bool {
    let nodes = user.extra.get(NODE).map(Vec::as_slice).unwrap_or_default();
    match (nodes, node) {
        ([own], Some(node)) => {
            service_account(&user.name).is_some() && own == node && dns1123_subdomain(own).is_empty()
        }
        _ => false,
    }
}
