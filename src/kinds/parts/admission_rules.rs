//! What webhooks and policies say about the requests they want to see (`pkg/apis/admissionregistration/validation`).

use super::selectors::label_selector;
use crate::api::differences::STATIC_NAMES_RESERVED;
use crate::api::names::{dns1035_label, dns1123_subdomain, path_segment, qualified_name};
use crate::api::{Dig, Version};
use crate::json::{Value, json};
use crate::kinds::When;
use crate::kinds::field::Field;

const OPERATIONS: [&str; 5] = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
const SCOPES: [&str; 3] = ["*", "Cluster", "Namespaced"];

/// What `failurePolicy` may be.
pub(crate) const FAILURE_POLICIES: [&str; 2] = ["Fail", "Ignore"];
/// What `matchPolicy` may be.
pub(crate) const MATCH_POLICIES: [&str; 2] = ["Equivalent", "Exact"];
/// What `reinvocationPolicy` may be.
pub(crate) const REINVOCATION_POLICIES: [&str; 2] = ["IfNeeded", "Never"];

/// What ends the names of configurations that come from files (`pkg/registry/admissionregistration`).
const STATIC_SUFFIX: &str = ".static.k8s.io";

/// Warns of a new configuration with a name that only those from files should have.
pub(crate) fn static_name(configuration: &Value, when: When<'_>, version: Version) -> Vec<String> {
    let reserved = configuration.name().ends_with(STATIC_SUFFIX);
    let told = reserved && when == When::Created && version.has(STATIC_NAMES_RESERVED);
    let warning = format!(
        "metadata.name: names ending with \"{STATIC_SUFFIX}\" are reserved for static manifest-based configurations and \
         cannot be managed via the API"
    );
    told.then_some(warning).into_iter().collect()
}

/// Fills the scope of the rules at a path.
pub(crate) fn default_scopes(object: &mut Value, path: &str) {
    let rules = object.at_mut(path).and_then(Value::as_array_mut);
    for rule in rules.into_iter().flatten() {
        rule.set_default("scope", "*");
    }
}

/// Fills the `matchResources` of a policy or a binding at a path, if it is there.
pub(crate) fn default_match(object: &mut Value, path: &str) {
    let Some(matches) = object.at_mut(path).filter(|value| !value.is_null()) else {
        return;
    };
    matches.set_default("matchPolicy", "Equivalent");
    matches.set_default("namespaceSelector", json!({}));
    matches.set_default("objectSelector", json!({}));
    for key in ["resourceRules", "excludeResourceRules"] {
        default_scopes(matches, key);
    }
}

/// A text must be there, be it empty, and be one of a few.
pub(crate) fn one_of(field: Field<'_>, allowed: &[&str]) {
    if field.is_null() { field.required("") } else { field.one_of_if_set(allowed) }
}

/// Checks a rule: operations, groups, versions, resources, scope.
pub(crate) fn rule(rule: Field<'_>) {
    wildcard_alone(rule.child("operations"), "operations");
    for operation in rule.items("operations") {
        operation.one_of_if_set(&OPERATIONS);
    }
    wildcard_alone(rule.child("apiGroups"), "API groups");
    wildcard_alone(rule.child("apiVersions"), "API versions");
    for version in rule.items("apiVersions").filter(|version| version.text("").is_empty()) {
        version.required("");
    }
    resources(rule.child("resources"));
    rule.child("scope").one_of_if_set(&SCOPES);
}

fn wildcard_alone(list: Field<'_>, words: &str) {
    let items = list.list("");
    if items.is_empty() {
        list.required("");
    } else if items.len() > 1 && items.iter().any(|item| item == "*") {
        list.invalid(format_args!("if '*' is present, must not specify other {words}"));
    }
}

fn resources(list: Field<'_>) {
    if list.list("").is_empty() {
        list.required("");
    }
    let (mut whole, mut any_sub): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    for item in list.items("") {
        let text = item.text("");
        if text.is_empty() {
            item.required("");
        }
        let Some((resource, sub)) = text.split_once('/') else {
            continue;
        };
        let refuse =
            |present| item.invalid(format_args!("if '{present}' is present, must not specify {text}"));
        if whole.contains(&resource) {
            refuse(format!("{resource}/*"));
        }
        if any_sub.contains(&sub) {
            refuse(format!("*/{sub}"));
        }
        if sub == "*" {
            whole.push(resource);
        }
        if resource == "*" {
            any_sub.push(sub);
        }
    }
    let has = |word: &str| list.list("").iter().any(|item| item == word);
    if list.list("").len() > 1 && has("*/*") {
        list.invalid("if '*/*' is present, must not specify other resources");
    }
    let plain = |item: Field<'_>| !matches!(item.text(""), "" | "*") && !item.text("").contains('/');
    if has("*") && list.items("").any(plain) {
        list.invalid("if '*' is present, must not specify other resources without subresources");
    }
}

/// Checks the `matchResources` of a policy or a binding.
pub(crate) fn match_resources(matches: Field<'_>) {
    one_of(matches.child("matchPolicy"), &MATCH_POLICIES);
    for key in ["namespaceSelector", "objectSelector"] {
        let selector = matches.child(key);
        match selector.is_null() {
            true => selector.required(""),
            false => _ = label_selector(selector),
        }
    }
    for key in ["resourceRules", "excludeResourceRules"] {
        matches.items(key).for_each(named_rule);
    }
}

fn named_rule(named: Field<'_>) {
    let mut seen = Vec::new();
    for name in named.items("resourceNames") {
        name.invalid_each(path_segment(name.text(""), false));
        if seen.contains(&name.text("")) {
            name.duplicate();
        }
        seen.push(name.text(""));
    }
    rule(named);
}

/// Checks that rules ask for nothing that can't be changed: what is deleted can't.
pub(crate) fn mutable_operations(matches: Field<'_>) {
    const MUTABLE: [&str; 4] = ["*", "CONNECT", "CREATE", "UPDATE"];
    for rule in matches.list("resourceRules") {
        for operation in rule.list("operations") {
            matches.told_as("resourceRules.operations", operation).one_of_if_set(&MUTABLE);
        }
    }
}

/// Checks which kind a policy's parameters are of.
pub(crate) fn param_kind(of: Field<'_>) {
    let (api_version, kind) = (of.child("apiVersion"), of.child("kind"));
    let (group, version) = match api_version.text("").split('/').collect::<Vec<_>>().as_slice() {
        [version] => ("", *version),
        [group, version] => (*group, *version),
        _ => {
            let text = api_version.text("");
            api_version.invalid_as(text, format_args!("unexpected GroupVersion string: {text}"));
            ("", "v")
        }
    };
    let joined = |field: Field<'_>, value: &str, words: &str, wrong: Vec<String>| {
        if !value.is_empty() && !wrong.is_empty() {
            field.invalid_as(value, format_args!("{words}{}", wrong.join(",")));
        }
    };
    joined(api_version, group, "", dns1123_subdomain(group));
    joined(api_version, version, "", dns1035_label(version));
    let words = "may have mixed case, but should otherwise match: ";
    joined(kind, kind.text(""), words, dns1035_label(&kind.text("").to_lowercase()));
    match (api_version.text(""), version) {
        ("", _) => api_version.required(""),
        (_, "") => api_version.invalid("version must be specified"),
        _ => {}
    }
    if kind.text("").is_empty() {
        kind.required("");
    }
}

/// Checks names and presence of match conditions; what they say is compiled elsewhere.
pub(crate) fn match_conditions(conditions: Field<'_>) {
    let count = conditions.list("").len();
    if count > 64 {
        conditions.errors.too_many(conditions.path, count, 64);
    }
    let mut seen: Vec<&str> = Vec::new();
    for condition in conditions.items("") {
        if condition.text("expression").trim().is_empty() {
            condition.child("expression").required("");
        }
        let (field, name) = (condition.child("name"), condition.text("name"));
        if name.is_empty() {
            field.required("");
            continue;
        }
        field.invalid_each(qualified_name(name, field.version()));
        if seen.contains(&name) {
            field.duplicate();
        }
        seen.push(name);
    }
}

/// Checks a binding's reference to parameters.
pub(crate) fn param_ref(reference: Field<'_>) {
    if reference.is_null() {
        return;
    }
    let (name, selector) = (reference.child("name"), reference.child("selector"));
    let named = !name.text("").is_empty();
    let exclusive = "name and selector are mutually exclusive";
    if named {
        name.invalid_each(path_segment(name.text(""), false));
        if !selector.is_null() {
            name.forbidden(exclusive);
        }
    }
    if !selector.is_null() {
        label_selector(selector);
        if named {
            selector.forbidden(exclusive);
        }
    }
    if !named && selector.is_null() {
        reference.required("one of name or selector must be specified");
    }
    one_of(reference.child("parameterNotFoundAction"), &["Deny", "Allow"]);
}
