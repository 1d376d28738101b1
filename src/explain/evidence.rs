//! What a plugin looked at when it refused: the quota and what is used of it, the level that a namespace enforces, the
//! expression of a policy.

use crate::api::{Dig, Finding, RequestInfo};
use crate::cluster::Cluster;
use serde_json::Value;
use std::sync::Arc;

/// What is looked up, and where.
struct Look<'a> {
    cluster: &'a Cluster,
    info: &'a RequestInfo,
    /// What the plugin said.
    said: &'a str,
}

/// What is behind a plugin's no.
type Show = fn(&Look<'_>) -> Vec<String>;

/// The plugins whose evidence is more than what they say.
const PLUGINS: &[(&str, Show)] = &[
    ("ResourceQuota", quotas),
    ("LimitRanger", limits),
    ("PodSecurity", levels),
    ("ServiceAccount", accounts),
    ("ValidatingAdmissionPolicy", expressions),
    ("NamespaceLifecycle", phase),
];

/// The evidence of a plugin's refusal, a line each.
pub(super) fn lines(cluster: &Cluster, finding: &Finding, info: &RequestInfo) -> Vec<String> {
    let look = Look { cluster, info, said: &finding.text };
    let plugin = PLUGINS.iter().find(|(name, _)| *name == finding.by);
    plugin.map(|(_, lines)| lines(&look)).unwrap_or_default()
}

impl<'a> Look<'a> {
    fn here(&self, resource: &str) -> impl Iterator<Item = &'a Arc<Value>> {
        self.cluster.store().objects().list(resource, &self.info.namespace)
    }

    fn namespace(&self) -> Option<&'a Arc<Value>> {
        self.cluster.store().objects().get("namespaces", "", &self.info.namespace)
    }
}

/// `quota q: pods 2 of 2 used`.
fn quotas(look: &Look<'_>) -> Vec<String> {
    let told = |quota: &Arc<Value>| {
        let used = |resource: &str| quota.entry("status.used", resource).unwrap_or("0").to_owned();
        let amounts: Vec<String> = quota
            .entries("spec.hard")
            .map(|(resource, hard)| format!("{resource} {} of {}", used(resource), hard.shown()))
            .collect();
        format!("quota {}: {} used", quota.name(), amounts.join(", "))
    };
    look.here("resourcequotas").map(told).collect()
}

/// `limit range l: Container max cpu=1, memory=1Gi`.
fn limits(look: &Look<'_>) -> Vec<String> {
    const BOUNDS: [&str; 5] = ["min", "max", "defaultRequest", "default", "maxLimitRequestRatio"];
    let mut lines = Vec::new();
    for range in look.here("limitranges") {
        for limit in range.list("spec.limits") {
            let bounds = BOUNDS.iter().filter(|bound| limit.has(bound)).map(|bound| {
                let amounts: Vec<String> = limit
                    .entries(bound)
                    .map(|(resource, amount)| format!("{resource}={}", amount.shown()))
                    .collect();
                format!("{bound} {}", amounts.join(", "))
            });
            let bounds: Vec<String> = bounds.collect();
            lines.push(format!("limit range {}: {} {}", range.name(), limit.text("type"), bounds.join("; ")));
        }
    }
    lines
}

/// The labels by which the namespace asks for levels.
fn levels(look: &Look<'_>) -> Vec<String> {
    let Some(namespace) = look.namespace() else { return Vec::new() };
    namespace
        .entries("metadata.labels")
        .filter(|(key, _)| key.starts_with("pod-security.kubernetes.io/"))
        .map(|(key, value)| format!("namespace {}: {key}={}", namespace.name(), value.shown()))
        .collect()
}

fn accounts(look: &Look<'_>) -> Vec<String> {
    let names: Vec<&str> = look.here("serviceaccounts").map(|account| account.name()).collect();
    let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    vec![format!("accounts in namespace {}: {names}", look.info.namespace)]
}

/// The expressions of the policy that is named (`ValidatingAdmissionPolicy 'NAME' with binding …`).
fn expressions(look: &Look<'_>) -> Vec<String> {
    let Some(name) =
        look.said.split_once("ValidatingAdmissionPolicy '").and_then(|(_, rest)| rest.split('\'').next())
    else {
        return Vec::new();
    };
    let resource = "validatingadmissionpolicies.admissionregistration.k8s.io";
    let Some(policy) = look.cluster.store().objects().get(resource, "", name) else { return Vec::new() };
    let expressions = policy.list("spec.validations").iter().map(|validation| validation.text("expression"));
    expressions.map(|expression| format!("policy {name} demands: {}", expression.trim())).collect()
}

fn phase(look: &Look<'_>) -> Vec<String> {
    let Some(namespace) = look.namespace() else { return Vec::new() };
    vec![format!("namespace {} is {}", namespace.name(), namespace.text("status.phase"))]
}
