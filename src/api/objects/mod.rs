//! What each kind of object is given and must be like: defaults, preparation, validation.
//!
//! One file a kind, after `pkg/apis/*/v1/defaults.go`, `pkg/registry/*/strategy.go` and `pkg/apis/*/validation`. A
//! kind without a file has the rules of metadata alone. The order of a write is: [`defaults`] at decoding,
//! [`prepare`] and the validation at the end of admission.

pub mod access_reviews;
mod admission_rules;
mod admissionpolicies;
mod admissionpolicybindings;
mod certificate_text;
pub mod certificatesigningrequests;
pub mod checks;
mod clusterrolebindings;
mod clusterroles;
mod configmaps;
mod cronjobs;
mod daemonsets;
mod deployments;
mod endpoints;
mod endpointslices;
mod events;
mod jobs;
mod leases;
mod limitranges;
pub mod meta;
pub mod names;
mod namespaces;
mod nodes;
pub mod path;
pub mod pod;
mod poddisruptionbudgets;
mod podtemplates;
mod priorityclasses;
pub mod quantities;
mod replicasets;
mod replicationcontrollers;
mod resourcequotas;
mod rolebindings;
mod roles;
mod runtimeclasses;
mod secrets;
pub mod selector;
pub mod selectors;
mod serviceaccounts;
mod services;
mod statefulsets;
pub mod strategy;
pub mod template;
#[cfg(test)]
mod tests;
mod webhook_clients;
mod webhookconfigurations;

use super::field::Errors;
use super::status::Status;
use super::value::Dig;
use super::version::Version;
pub use names::NameRule;
use serde_json::Value;

/// The rules of a kind.
pub struct Rules {
    /// How an object may be called.
    pub name: NameRule,
    /// Whether an update may come without a resourceVersion (`AllowUnconditionalUpdate`).
    pub unconditional_update: bool,
    /// Whether finalizers without a domain are refused by name (`pkg/apis/core/validation`).
    pub core_finalizers: bool,
    /// Fills what was left out.
    pub defaults: fn(&mut Value, Version),
    /// What the registry does to an object before it is looked at: the old one, the subresource or nothing.
    pub prepare: fn(&mut Value, Option<&Value>, &str, Version),
    /// Checks a whole object, metadata aside.
    pub validate: fn(&Value, &mut Errors),
    /// Whether an update of the object itself (not of a subresource) is checked as a new object is, too.
    pub whole_update: bool,
    /// Checks what an update changes, metadata aside: new, old, the subresource or nothing.
    pub validate_update: fn(&Value, &Value, &str, &mut Errors),
    /// What the client is warned of.
    pub warn: fn(&Value, Moment, Version) -> Vec<String>,
}

/// When an object is looked at for warnings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// It is new, and not prepared yet: preparing repairs some of what is warned of.
    Arrived,
    /// It is new, prepared and valid.
    Created,
    /// It was changed, prepared and valid.
    Updated,
}

impl Rules {
    /// Metadata rules only; what a kind's rules differ from.
    pub const PLAIN: Rules = Rules {
        name: NameRule::Subdomain,
        unconditional_update: true,
        core_finalizers: true,
        defaults: |_, _| {},
        prepare: strategy::spec_and_status,
        validate: |_, _| {},
        whole_update: false,
        validate_update: |_, _, _, _| {},
        warn: |_, _, _| Vec::new(),
    };
}

const ADMISSION: &str = "admissionregistration.k8s.io";
const RBAC: &str = "rbac.authorization.k8s.io";

/// Metadata rules and a count of changes.
const GENERATION: Rules = Rules { prepare: strategy::spec_with_generation, ..Rules::PLAIN };

/// The kinds with rules of their own: group, resource, rules.
const ALL: &[(&str, &str, &Rules)] = &[
    ("", "configmaps", &configmaps::RULES),
    ("", "endpoints", &endpoints::RULES),
    ("", "events", &events::RULES),
    ("", "limitranges", &limitranges::RULES),
    ("", "namespaces", &namespaces::RULES),
    ("", "nodes", &nodes::RULES),
    ("", "pods", &pod::RULES),
    ("", "podtemplates", &podtemplates::RULES),
    ("", "replicationcontrollers", &replicationcontrollers::RULES),
    ("", "resourcequotas", &resourcequotas::RULES),
    ("", "secrets", &secrets::RULES),
    ("", "serviceaccounts", &serviceaccounts::RULES),
    ("", "services", &services::RULES),
    (ADMISSION, "validatingwebhookconfigurations", &webhookconfigurations::VALIDATING),
    (ADMISSION, "mutatingwebhookconfigurations", &webhookconfigurations::MUTATING),
    (ADMISSION, "validatingadmissionpolicies", &admissionpolicies::VALIDATING),
    (ADMISSION, "mutatingadmissionpolicies", &admissionpolicies::MUTATING),
    (ADMISSION, "validatingadmissionpolicybindings", &admissionpolicybindings::VALIDATING),
    (ADMISSION, "mutatingadmissionpolicybindings", &admissionpolicybindings::MUTATING),
    ("apps", "daemonsets", &daemonsets::RULES),
    ("apps", "deployments", &deployments::RULES),
    ("apps", "replicasets", &replicasets::RULES),
    ("apps", "statefulsets", &statefulsets::RULES),
    ("batch", "cronjobs", &cronjobs::RULES),
    ("batch", "jobs", &jobs::RULES),
    ("certificates.k8s.io", "certificatesigningrequests", &certificatesigningrequests::RULES),
    ("coordination.k8s.io", "leases", &leases::RULES),
    ("discovery.k8s.io", "endpointslices", &endpointslices::RULES),
    ("networking.k8s.io", "ingresses", &GENERATION),
    ("networking.k8s.io", "networkpolicies", &GENERATION),
    ("node.k8s.io", "runtimeclasses", &runtimeclasses::RULES),
    ("policy", "poddisruptionbudgets", &poddisruptionbudgets::RULES),
    (RBAC, "clusterrolebindings", &clusterrolebindings::RULES),
    (RBAC, "clusterroles", &clusterroles::RULES),
    (RBAC, "rolebindings", &rolebindings::RULES),
    (RBAC, "roles", &roles::RULES),
    ("scheduling.k8s.io", "priorityclasses", &priorityclasses::RULES),
];

/// The rules of a resource.
pub fn rules(group: &str, resource: &str) -> &'static Rules {
    ALL.iter().find(|(g, r, _)| (*g, *r) == (group, resource)).map_or(&Rules::PLAIN, |(_, _, rules)| rules)
}

/// What the client is warned of.
pub fn warnings(
    object: &Value,
    moment: Moment,
    group: &str,
    resource: &str,
    version: Version,
) -> Vec<String> {
    (rules(group, resource).warn)(object, moment, version)
}

/// Fills what was left out of an object that arrives.
pub fn defaults(object: &mut Value, group: &str, resource: &str, version: Version) {
    (rules(group, resource).defaults)(object, version);
}

/// Does to an object what the registry does before validation; `old` is what is stored, at an update.
pub fn prepare(
    object: &mut Value,
    old: Option<&Value>,
    group: &str,
    resource: &str,
    subresource: &str,
    version: Version,
) {
    if old.is_none() {
        object.take_out("metadata.deletionTimestamp");
        object.take_out("metadata.deletionGracePeriodSeconds");
    }
    (rules(group, resource).prepare)(object, old, subresource, version);
}

/// Whether a new object is valid: nothing, or 422.
pub fn validate_create(object: &Value, group: &str, resource: &str, version: Version) -> Result<(), Status> {
    let errors = errors_of_create(object, group, resource, version);
    errors.into_status(group, object.text("kind"), object.name())
}

/// What is wrong with a new object; a caller who knows more (whether an expression compiles) may add to it.
pub fn errors_of_create(object: &Value, group: &str, resource: &str, version: Version) -> Errors {
    let mut errors = Errors::new(version);
    validate_whole(object, rules(group, resource), &mut errors);
    errors
}

fn validate_whole(object: &Value, rules: &Rules, errors: &mut Errors) {
    meta::validate(object, rules.name, errors);
    if rules.core_finalizers {
        meta::validate_core_finalizers(object, "metadata.finalizers", errors);
    }
    (rules.validate)(object, errors);
}

/// Whether an update is valid: nothing, or 422.
pub fn validate_update(
    new: &Value,
    old: &Value,
    group: &str,
    resource: &str,
    subresource: &str,
    version: Version,
) -> Result<(), Status> {
    check_condition(new, group, resource, version)?;
    let errors = errors_of_update(new, old, group, resource, subresource, version);
    errors.into_status(group, new.text("kind"), new.name())
}

/// Whether an update may come without a resourceVersion: nothing, or 422.
pub fn check_condition(new: &Value, group: &str, resource: &str, version: Version) -> Result<(), Status> {
    if !rules(group, resource).unconditional_update && new.text("metadata.resourceVersion").is_empty() {
        let mut errors = Errors::new(version);
        let detail = "must be specified for an update";
        errors.invalid_go("metadata.resourceVersion", "0x0", "0", detail);
        // The store speaks of the resource, for want of the kind.
        return errors.into_status(group, resource, new.name());
    }
    Ok(())
}

/// What is wrong with an update; a caller who knows more may add to it.
pub fn errors_of_update(
    new: &Value,
    old: &Value,
    group: &str,
    resource: &str,
    subresource: &str,
    version: Version,
) -> Errors {
    let rules = rules(group, resource);
    let mut errors = Errors::new(version);
    // An unconditional update takes the stored object's version.
    let mut filled;
    let new = match new.text("metadata.resourceVersion") {
        "" => {
            filled = new.clone();
            filled.set("metadata.resourceVersion", old.text("metadata.resourceVersion"));
            &filled
        }
        _ => new,
    };
    // Every kind is checked for what it shares, and then checks that again.
    meta::validate(new, NameRule::PathSegment, &mut errors);
    meta::validate_update(new, old, &mut errors);
    meta::validate_update(new, old, &mut errors);
    (rules.validate_update)(new, old, subresource, &mut errors);
    if rules.whole_update && subresource.is_empty() {
        validate_whole(new, rules, &mut errors);
    }
    errors
}
