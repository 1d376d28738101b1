//! Rules that never match, and bindings that give nobody anything.
//!
//! What is unknown is not called wrong: an API group that neither the release nor a definition of the dump has may be another
//! server's, and of custom resources, controllers may ask for verbs of their own.

mod acting;
mod bindings;
mod paths;
mod places;
mod resources;
mod verbs;

use super::{Findings, Found, checks};
use crate::api::field::FieldError;
use crate::api::rbac::{GROUP, PolicyRule};
use crate::api::{Dig, Version};
use crate::authorize::aggregation;
use crate::authorize::rbac::matching::Known;
use crate::explain::dump::{Dump, Stored};
use crate::json::Value;
use crate::kinds::{self, Strategy};
use bindings::Bound;
use std::sync::Arc;

/// What of a dump's own roles and bindings can't ever allow anybody anything, in the order in which they are written.
pub fn never_matches(dump: &Dump) -> Vec<Found> {
    let known = Known::of(dump.cluster.resources());
    let bound = Bound { dump, known: &known };
    let mut found = Vec::new();
    for stored in dump.rbac() {
        let mut findings = Findings::about(stored);
        let plural = stored.key.resource.split('.').next().unwrap_or_default();
        match plural {
            "rolebindings" | "clusterrolebindings" => bound.check(&mut findings),
            _ => own_rules(dump, &stored).for_each(|(at, rule)| self::rule(&known, at, &rule, &mut findings)),
        }
        if let Some(row) = dump.cluster.resources().preferred(GROUP, plural) {
            refused(kinds::of(row), dump.cluster.version(), &mut findings);
        }
        found.append(&mut findings.found);
    }
    found
}

/// What validation refuses of an object, as far as nothing was found there.
fn refused(kind: &dyn Strategy, version: Version, findings: &mut Findings<'_>) {
    let is_within = |field: &str, whole: &str| {
        field.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    for FieldError { field, message, .. } in kind.errors_of_create(findings.at.object, version).list() {
        let is_told = |found: &Found| is_within(&found.field, &field) || is_within(&field, &found.field);
        if !findings.found.iter().any(is_told) {
            findings.add(&checks::INVALID, &field, format!("{field}: {message}"));
        }
    }
}

/// The rules that a role has by itself, each with its place: not those that it gathers.
pub(super) fn own_rules(dump: &Dump, stored: &Stored<'_>) -> impl Iterator<Item = (usize, PolicyRule)> {
    let gathered = gathered(dump, stored.object);
    let rules = PolicyRule::list(stored.object).into_iter().enumerate();
    rules.filter(move |(_, rule)| !gathered.contains(rule))
}

fn gathered(dump: &Dump, role: &Value) -> Vec<PolicyRule> {
    if role.at("aggregationRule").is_null() {
        return Vec::new();
    }
    let roles = dump.cluster.store().objects().all("clusterroles.rbac.authorization.k8s.io");
    aggregation::rules(role, roles.map(Arc::as_ref)).unwrap_or_default()
}

/// Looks at a rule of a role.
pub(super) fn rule(known: &Known<'_>, at: usize, rule: &PolicyRule, findings: &mut Findings<'_>) {
    let about_resources = !rule.resources.is_empty() || !rule.api_groups.is_empty();
    let missing = [
        (rule.verbs.is_empty(), "verbs"),
        (about_resources && rule.api_groups.is_empty(), "apiGroups (the core group is \"\")"),
        (!about_resources && rule.non_resource_urls.is_empty(), "resources"),
        (about_resources && rule.resources.is_empty(), "resources"),
    ];
    if let Some((_, what)) = missing.iter().find(|(is, _)| *is) {
        findings.add_to_rule(&checks::INCOMPLETE_RULE, at, "", format!("the rule has no {what}"));
        return;
    }
    if about_resources {
        let meant = resources::check(known, at, rule, findings);
        verbs::check(at, rule, &meant, findings);
        places::check(known, at, rule, findings);
        acting::check(at, rule, findings);
    }
    if !rule.non_resource_urls.is_empty() {
        paths::check(at, rule, findings);
    }
}
