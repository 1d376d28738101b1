//! Validating and mutating webhook configurations (`pkg/apis/admissionregistration`).

use super::Kind;
use super::columns::{Columns, Print, age};
use super::parts::admission_rules::{
    FAILURE_POLICIES, MATCH_POLICIES, REINVOCATION_POLICIES, default_scopes, match_conditions, one_of, rule,
};
use super::parts::selectors::label_selector;
use super::parts::strategy::count_changes;
use super::parts::webhook_clients::client;
use crate::api::field::Errors;
use crate::api::names::{dns1035_label, dns1123_subdomain};
use crate::api::value::Dig;
use crate::api::version::Version;
use serde_json::{Value, json};

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
    columns: &[Columns::new("Name|Webhooks#|Age", row)],
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

fn validate(configuration: &Value, errors: &Errors) {
    let hooks = configuration.list("webhooks");
    for (i, hook) in hooks.iter().enumerate() {
        let path = format!("webhooks[{i}]");
        validate_hook(hook, &path, errors);
        let path_versions = format!("{path}.admissionReviewVersions");
        review_versions(hook, &path_versions, errors);
        let name = hook.text("name");
        if !name.is_empty() && hooks.iter().take(i).any(|other| other.text("name") == name) {
            errors.duplicate(format_args!("{path}.name"), name);
        }
    }
}

fn validate_hook(hook: &Value, path: &str, errors: &Errors) {
    qualified_domain(hook.text("name"), &format!("{path}.name"), errors);
    for (i, wanted) in hook.list("rules").iter().enumerate() {
        rule(wanted, &format!("{path}.rules[{i}]"), errors);
    }
    one_of(hook, "failurePolicy", path, &FAILURE_POLICIES, true, errors);
    one_of(hook, "matchPolicy", path, &MATCH_POLICIES, true, errors);
    match hook.has("sideEffects") {
        true => one_of(hook, "sideEffects", path, &SIDE_EFFECTS, false, errors),
        false => {
            errors.required(format_args!("{path}.sideEffects"), "must specify one of None, NoneOnDryRun")
        }
    }
    let seconds = hook.at("timeoutSeconds").as_i64();
    if let Some(seconds) = seconds.filter(|s| !(1..=30).contains(s)) {
        let detail = "the timeout value must be between 1 and 30 seconds";
        errors.invalid(format_args!("{path}.timeoutSeconds"), seconds, detail);
    }
    for key in ["namespaceSelector", "objectSelector"] {
        label_selector(hook.at(key), &format!("{path}.{key}"), errors);
    }
    one_of(hook, "reinvocationPolicy", path, &REINVOCATION_POLICIES, true, errors);
    client(hook.at("clientConfig"), &format!("{path}.clientConfig"), errors);
    let conditions = hook.list("matchConditions");
    match_conditions(conditions, &format!("{path}.matchConditions"), errors);
}

fn qualified_domain(name: &str, path: &str, errors: &Errors) {
    let wrong = dns1123_subdomain(name);
    if name.is_empty() {
        errors.required(path, "");
    } else if !wrong.is_empty() {
        errors.invalid(path, name, wrong.join(","));
    } else if name.split('.').count() < 3 {
        let detail = "should be a domain with at least three segments separated by dots";
        errors.invalid(path, name, detail);
    }
}

fn review_versions(hook: &Value, path: &str, errors: &Errors) {
    let versions = hook.list("admissionReviewVersions");
    if versions.is_empty() {
        let detail = format!("must specify one of {}", REVIEW_VERSIONS.join(", "));
        errors.required(path, detail);
        return;
    }
    for (i, version) in versions.iter().enumerate() {
        if versions.iter().take(i).any(|other| other == version) {
            errors.invalid(format_args!("{path}[{i}]"), version, "duplicate version");
            continue;
        }
        let text = version.as_str().unwrap_or_default();
        errors.invalid_each(format_args!("{path}[{i}]"), text, dns1035_label(text));
    }
    let known = |version: &Value| REVIEW_VERSIONS.iter().any(|known| version == known);
    if !versions.iter().any(known) {
        let detail = format!("must include at least one of {}", REVIEW_VERSIONS.join(", "));
        errors.invalid(path, hook.at("admissionReviewVersions"), detail);
    }
}

fn row(object: &Value, print: Print) -> Vec<Value> {
    vec![object.name().into(), object.list("webhooks").len().into(), age(object, print)]
}
