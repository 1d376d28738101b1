//! ResourceQuota: how much of what a namespace may hold (`apiserver/pkg/admission/plugin/resourcequota`).
//!
//! What is charged is written along with the object, as the quotas' `status.used`; the quota controller counts anew.
//!
//! Differs from Kubernetes: a write that fails after this plugin charges nothing (a real server corrects it with the next
//! count), and `limitedResources` of the plugin's configuration isn't read.

pub(crate) mod scopes;
pub(crate) mod usage;

use super::resource_list::{self, ResourceList};
use super::{Cx, Operation, Outcome, Review, Run, Stop, Verdict};
use crate::api::differences::QUOTA_NAMES_CONTAINERS;
use crate::api::fact::{self as facts, Amount, Unspecified};
use crate::api::quantity::Quantity;
use crate::api::{Dig, Fact, Version};
use crate::json::Value;
use crate::store::Key;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the plugin does.
pub(crate) const RUN: Run = Run { validate: Some(validate), ..Run::NOTHING };

/// Resources that aren't stored, or never had a quota.
const IGNORED: [&str; 5] = [
    "bindings",
    "events",
    "events.events.k8s.io",
    "localsubjectaccessreviews.authorization.k8s.io",
    "componentstatuses",
];

/// What a pod must ask for when a quota names it: a mistake of old that was kept for these alone.
const DEMANDED: [&str; 6] =
    ["cpu", "limits.cpu", "limits.memory", "memory", "requests.cpu", "requests.memory"];

fn validate(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let resource = review.group_resource().to_string();
    if !handles(&resource, review) {
        return Ok(Verdict::Skipped);
    }
    // The plugin has seen its own charges, whatever its cache believes.
    let quotas: Vec<Arc<Value>> = cx
        .list("resourcequotas", review.namespace())
        .into_iter()
        .map(|quota| cx.live.get("resourcequotas", quota.namespace(), quota.name()).cloned().unwrap_or(quota))
        .collect();
    let mut charges = Vec::new();
    for quota in &quotas {
        if let Some(used) = charge(cx, review, &resource, quota)? {
            charges.push((quota, used));
        }
    }
    if charges.is_empty() {
        return Ok(Verdict::Skipped);
    }
    let names: Vec<&str> = charges.iter().map(|(quota, _)| quota.name()).collect();
    let verdict = Verdict::Passed(format!("charged to {}", names.join(", ")));
    for (quota, used) in charges.iter().filter(|_| !review.dry_run) {
        let mut charged = Value::clone(quota);
        charged.set("status.used", resource_list::to_json(used));
        let key = Key::new("resourcequotas", quota.namespace(), quota.name());
        review.along.push((key, charged));
    }
    Ok(verdict)
}

/// Whether the write can change what is used (`Evaluator.Handles`).
fn handles(resource: &str, review: &Review) -> bool {
    if review.namespace().is_empty() || IGNORED.contains(&resource) || review.is_kind("", "Namespace") {
        return false;
    }
    match (review.operation, &*review.resource.subresource) {
        (Operation::Create, "") => true,
        (Operation::Update, "") => matches!(resource, "services" | "persistentvolumeclaims"),
        (Operation::Update, "resize") => resource == "pods",
        _ => false,
    }
}

/// A quota's use with this write, if it has any part in it; or the refusal.
fn charge(cx: &Cx<'_>, review: &Review, resource: &str, quota: &Value) -> Result<Option<ResourceList>, Stop> {
    let hard = resource_list::read(quota, "status.hard");
    let used = resource_list::read(quota, "status.used");
    let restricted: Vec<&str> =
        hard.keys().map(String::as_str).filter(|name| usage::is_about(name, resource)).collect();
    if restricted.is_empty() || !scopes::all_match(quota, resource, &review.object) {
        return Ok(None);
    }
    let missing = demands(&restricted, &review.object);
    if resource == "pods" && !missing.is_empty() {
        let why = format!("failed quota: {}: must specify {}", quota.name(), demanded(cx.version, &missing));
        let fact = Fact::MustSpecify { quota: quota.name().to_owned(), missing };
        return Err(review.refusal(fact, why).into());
    }
    if restricted.iter().any(|name| !used.contains_key(*name)) {
        return Err(review.forbidden(format!(
            "status unknown for quota: {}, resources: {}",
            quota.name(),
            restricted.join(",")
        )));
    }
    let own = usage::of_object(resource, &review.object, cx.now);
    let negative: Vec<&str> =
        own.iter().filter(|(_, amount)| amount.sign() < 0).map(|(name, _)| name.as_str()).collect();
    if !negative.is_empty() {
        let names = negative.join(",");
        return Err(review.forbidden(format!("quota usage is negative for resource(s): {names}")));
    }
    let mut delta = match &review.old {
        Some(old) if scopes::all_match(quota, resource, old) => {
            resource_list::subtract(&own, &usage::of_object(resource, old, cx.now))
        }
        Some(_) | None => own,
    };
    delta.retain(|name, amount| !amount.is_zero() && hard.contains_key(name));
    if delta.is_empty() {
        return Ok(None);
    }
    let mut after = used.clone();
    resource_list::add(&mut after, &delta);
    let exceeds = |name: &str| delta.contains_key(name) && after.get(name) > hard.get(name);
    if hard.keys().any(|name| exceeds(name)) {
        let [requested, used, limited] =
            [&delta, &used, &hard].map(|list| resource_list::shown(&resource_list::mask(list, exceeds)));
        let why = format!(
            "exceeded quota: {}, requested: {requested}, used: {used}, limited: {limited}",
            quota.name()
        );
        return Err(review.refusal(exceeded(quota, &delta, exceeds), why).into());
    }
    Ok(Some(after))
}

/// That a quota has no room: what is wanted of what it limits, and what is used of all of it.
fn exceeded(quota: &Value, delta: &ResourceList, exceeds: impl Fn(&str) -> bool) -> Fact {
    let hard = resource_list::read(quota, "status.hard");
    let used = resource_list::read(quota, "status.used");
    let shown = |list: &ResourceList, name: &str| list.get(name).map(Quantity::to_string).unwrap_or_default();
    let amount = |name: &String| Amount {
        resource: name.clone(),
        requested: shown(delta, name),
        used: shown(&used, name),
        hard: shown(&hard, name),
    };
    Fact::Quota(facts::Quota {
        quota: quota.name().to_owned(),
        exceeded: hard.keys().filter(|name| exceeds(name)).map(amount).collect(),
        all: hard.keys().map(amount).collect(),
    })
}

/// What a pod's containers must ask for and don't; nothing where the pod asks for them.
fn demands(restricted: &[&str], pod: &Value) -> Vec<Unspecified> {
    let whole = |field: &str| !resource_list::read(pod, field).is_empty();
    if whole("spec.resources.requests") || whole("spec.resources.limits") {
        return Vec::new();
    }
    let mut missing: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let init = pod.list("spec.initContainers");
    for container in pod.list("spec.containers").iter().chain(init) {
        let list = |field| resource_list::read(container, field);
        let asked = usage::of_amounts(&list("resources.requests"), &list("resources.limits"));
        for name in restricted.iter().filter(|name| DEMANDED.contains(name)) {
            if !asked.contains_key(*name) {
                missing.entry(name).or_default().insert(container.text("name"));
            }
        }
    }
    let unspecified = |(resource, containers): (&str, BTreeSet<&str>)| Unspecified {
        resource: resource.to_owned(),
        containers: containers.into_iter().map(str::to_owned).collect(),
    };
    missing.into_iter().map(unspecified).collect()
}

/// The same in the words of a release.
fn demanded(version: Version, missing: &[Unspecified]) -> String {
    let named = version.has(QUOTA_NAMES_CONTAINERS);
    let texts = missing.iter().map(|Unspecified { resource, containers }| match named {
        true => format!("{resource} for: {}", containers.join(",")),
        false => resource.clone(),
    });
    texts.collect::<Vec<_>>().join(if named { "; " } else { "," })
}
