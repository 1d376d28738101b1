//! Names in a scenario that look as if somebody else were meant: of them a refusal proves nothing.

use super::format::{Claim, Property, Scenario, Who};
use super::person::Identity;
use crate::api::service_account;
use crate::authorize::rbac::{account_meant, is_no_account};
use crate::cluster::Cluster;
use std::collections::BTreeSet;

/// What there is to say of whom steps and properties name, once all steps were taken.
pub(super) fn notes(scenario: &Scenario, cluster: &Cluster) -> Vec<String> {
    let of_actors = scenario.actors.iter().flat_map(|actor| &actor.steps);
    let steps = scenario.steps.iter().chain(of_actors).filter_map(|step| step.fields.by.as_ref());
    let named = scenario.properties().filter_map(|(_, _, property)| of(property));
    let mut notes: BTreeSet<String> = steps.chain(named).filter_map(|who| other(who, cluster)).collect();
    notes.extend(scenario.never.iter().filter_map(of).filter_map(|who| missing(who, cluster)));
    notes.into_iter().collect()
}

/// Whom a property is about.
fn of(property: &Property) -> Option<&Who> {
    match &property.claim {
        Claim::Can(who, _) => Some(who),
        Claim::Answered { who, .. } => who.as_ref(),
        Claim::Stored { .. } => None,
    }
}

fn user(who: &Who) -> Option<String> {
    match Identity::of(who) {
        Identity::User(user) => Some(user.name),
        Identity::Token(_) | Identity::Nobody => None,
    }
}

/// A user by whose name an account seems to be meant.
fn other(who: &Who, cluster: &Cluster) -> Option<String> {
    let name = user(who)?;
    if is_no_account(&name) {
        return Some(format!(
            "`{name}` is nobody's name: a service account is called system:serviceaccount:NAMESPACE:NAME"
        ));
    }
    let colon = || name.split_once(':').filter(|(namespace, _)| *namespace != "system");
    let there = |(namespace, name): (&str, &str)| is_stored(cluster, namespace, name);
    let meant = account_meant(&name).or_else(|| {
        colon().filter(|pair| there(*pair)).map(|(of, name)| format!("system:serviceaccount:{of}:{name}"))
    })?;
    Some(format!("`{name}` is a user of that name; the service account is called {meant}"))
}

/// An account of which something must never be, and which is not there.
fn missing(who: &Who, cluster: &Cluster) -> Option<String> {
    let name = user(who)?;
    let (namespace, account) = service_account(&name)?;
    let missing = !is_stored(cluster, namespace, account);
    missing.then(|| format!("never: there is no service account `{account}` in namespace `{namespace}`"))
}

fn is_stored(cluster: &Cluster, namespace: &str, name: &str) -> bool {
    cluster.store().objects().get("serviceaccounts", namespace, name).is_some()
}
