//! Validating and mutating webhook configurations (`pkg/apis/admissionregistration`).

use super::Kind;
use super::columns::{AGE, NAME, count};
use super::field::Field;
use super::parts::admission_rules::{
    FAILURE_POLICIES, MATCH_POLICIES, REINVOCATION_POLICIES, default_scopes, match_conditions, rule,
    static_name,
};
use super::parts::selectors::label_selector;
use super::parts::strategy::count_changes;
use super::parts::webhook_clients::client;
use crate::api::names::{dns1035_label, dns1123_subdomain};
use crate::api::{Dig, Version};
use crate::json::{Value, json};

const REVIEW_VERSIONS: [&str; 2] = ["v1", "v1beta1"];
const SIDE_EFFECTS: [&str; 2] = ["None", "NoneOnDryRun"];

/// The row of webhooks that only look.
pub(super) const VALIDATING: Kind = Kind {
    unconditional_update: false,
    core_finalizers: false,
    defaults,
    prepare: |configuration, old, _, _| count_changes(configuration, old, &["webhooks"]),
    validate,
    whole_update: true,
    warn: static_name,
    columns: &[NAME, count("Webhooks", "webhooks"), AGE],
    ..Kind::plain("admissionregistration.k8s.io", "validatingwebhookconfigurations")
};

/// The row of webhooks that change what they see.
pub(super) const MUTATING: Kind = Kind {
    plural: "mutatingwebhookconfigurations",
    defaults: |configuration, version| {
        defaults(configuration, version);
        each(configuration, |hook| hook.set_default("reinvocationPolicy", "Never"));
    },
    ..VALIDATING
};

fn each(configuration: &mut Value, change: fn(&mut Value)) {
    let hooks = configuration.at_mut("webhooks").and_then(Value::as_array_mut);
    hooks.into_iter().flatten().for_each(change);
}

fn defaults(configuration: &mut Value, _: Version) {
    each(configuration, |hook| {
        hook.set_default("failurePolicy", "Fail");
        hook.set_default("matchPolicy", "Equivalent");
        hook.set_default("namespaceSelector", json!({}));
        hook.set_default("objectSelector", json!({}));
        hook.set_default("timeoutSeconds", 10);
        default_scopes(hook, "rules");
        if hook.has("clientConfig.service") {
            hook.set_default("clientConfig.service.port", 443);
        }
    });
}

fn validate(configuration: Field<'_>) {
    let mut seen = Vec::new();
    for hook in configuration.items("webhooks") {
        validate_hook(hook);
        review_versions(hook.child("admissionReviewVersions"));
        let name = hook.text("name");
        if !name.is_empty() && seen.contains(&name) {
            hook.child("name").duplicate();
        }
        seen.push(name);
    }
}

fn validate_hook(hook: Field<'_>) {
    qualified_domain(hook.child("name"));
    hook.items("rules").for_each(rule);
    hook.child("failurePolicy").one_of_if_set(&FAILURE_POLICIES);
    hook.child("matchPolicy").one_of_if_set(&MATCH_POLICIES);
    let effects = hook.child("sideEffects");
    match effects.is_null() {
        true => effects.required("must specify one of None, NoneOnDryRun"),
        false => effects.one_of_if_set(&SIDE_EFFECTS),
    }
    if hook.number("timeoutSeconds").is_some_and(|seconds| !(1..=30).contains(&seconds)) {
        hook.child("timeoutSeconds").invalid("the timeout value must be between 1 and 30 seconds");
    }
    for key in ["namespaceSelector", "objectSelector"] {
        label_selector(hook.child(key));
    }
    hook.child("reinvocationPolicy").one_of_if_set(&REINVOCATION_POLICIES);
    client(hook.child("clientConfig"));
    match_conditions(hook.child("matchConditions"));
}

fn qualified_domain(field: Field<'_>) {
    let name = field.text("");
    let wrong = dns1123_subdomain(name);
    if name.is_empty() {
        field.required("");
    } else if !wrong.is_empty() {
        field.invalid(wrong.join(","));
    } else if name.split('.').count() < 3 {
        field.invalid("should be a domain with at least three segments separated by dots");
    }
}

fn review_versions(versions: Field<'_>) {
    let (list, known) = (versions.list(""), REVIEW_VERSIONS.join(", "));
    if list.is_empty() {
        return versions.required(format_args!("must specify one of {known}"));
    }
    for (i, version) in versions.items("").enumerate() {
        match list.iter().take(i).any(|other| other == version.value) {
            true => version.invalid("duplicate version"),
            false => version.invalid_each(dns1035_label(version.text(""))),
        }
    }
    if !list.iter().any(|version| REVIEW_VERSIONS.iter().any(|known| version == known)) {
        versions.invalid(format_args!("must include at least one of {known}"));
    }
}
