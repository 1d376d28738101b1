//! What webhooks and policies say about the requests they want to see (`pkg/apis/admissionregistration/validation`).

use super::selectors::label_selector;
use crate::api::field::Errors;
use crate::api::names::{dns1035_label, dns1123_subdomain, path_segment, qualified_name};
use crate::api::value::Dig;
use serde_json::{Value, json};

const OPERATIONS: [&str; 5] = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
const SCOPES: [&str; 3] = ["*", "Cluster", "Namespaced"];

/// What `failurePolicy` may be.
pub(crate) const FAILURE_POLICIES: [&str; 2] = ["Fail", "Ignore"];
/// What `matchPolicy` may be.
pub(crate) const MATCH_POLICIES: [&str; 2] = ["Equivalent", "Exact"];
/// What `reinvocationPolicy` may be.
pub(crate) const REINVOCATION_POLICIES: [&str; 2] = ["IfNeeded", "Never"];

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

/// A field that must be one of a few words; absent is an error too, unless `optional`.
pub(crate) fn one_of(
    object: &Value,
    key: &str,
    path: &str,
    allowed: &[&str],
    optional: bool,
    errors: &Errors,
) {
    match object.at(key).as_str() {
        None if optional => {}
        None => errors.required(format_args!("{path}.{key}"), ""),
        Some(word) if allowed.contains(&word) => {}
        Some(word) => errors.not_supported(format_args!("{path}.{key}"), word, allowed),
    }
}

/// Checks a rule: operations, groups, versions, resources, scope.
pub(crate) fn rule(rule: &Value, path: &str, errors: &Errors) {
    wildcard_alone(rule, "operations", "operations", path, errors);
    for (i, operation) in rule.list("operations").iter().enumerate() {
        if !OPERATIONS.iter().any(|known| operation == known) {
            errors.not_supported(format_args!("{path}.operations[{i}]"), operation, &OPERATIONS);
        }
    }
    wildcard_alone(rule, "apiGroups", "API groups", path, errors);
    wildcard_alone(rule, "apiVersions", "API versions", path, errors);
    for (i, version) in rule.list("apiVersions").iter().enumerate() {
        if version == "" {
            errors.required(format_args!("{path}.apiVersions[{i}]"), "");
        }
    }
    resources(rule, &format!("{path}.resources"), errors);
    one_of(rule, "scope", path, &SCOPES, true, errors);
}

fn wildcard_alone(rule: &Value, key: &str, words: &str, path: &str, errors: &Errors) {
    let list = rule.list(key);
    if list.is_empty() {
        errors.required(format_args!("{path}.{key}"), "");
    } else if list.len() > 1 && list.iter().any(|item| item == "*") {
        let detail = format!("if '*' is present, must not specify other {words}");
        errors.invalid(format_args!("{path}.{key}"), rule.at(key), detail);
    }
}

fn resources(rule: &Value, path: &str, errors: &Errors) {
    let list = rule.list("resources");
    if list.is_empty() {
        errors.required(path, "");
    }
    let (mut whole, mut any_sub): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    let has = |word: &str| list.iter().any(|item| item == word);
    for (i, item) in list.iter().enumerate() {
        let text = item.as_str().unwrap_or_default();
        if text.is_empty() {
            errors.required(format_args!("{path}[{i}]"), "");
        }
        let Some((resource, sub)) = text.split_once('/') else {
            continue;
        };
        let mut refuse = |present: String| {
            let detail = format!("if '{present}' is present, must not specify {text}");
            errors.invalid(format_args!("{path}[{i}]"), text, detail);
        };
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
    if list.len() > 1 && has("*/*") {
        let detail = "if '*/*' is present, must not specify other resources";
        errors.invalid(path, rule.at("resources"), detail);
    }
    let plain = |item: &Value| item.as_str().is_some_and(|t| !t.is_empty() && t != "*" && !t.contains('/'));
    if has("*") && list.iter().any(plain) {
        let detail = "if '*' is present, must not specify other resources without subresources";
        errors.invalid(path, rule.at("resources"), detail);
    }
}

/// Checks the `matchResources` of a policy or a binding.
pub(crate) fn match_resources(matches: &Value, path: &str, errors: &Errors) {
    one_of(matches, "matchPolicy", path, &MATCH_POLICIES, false, errors);
    for key in ["namespaceSelector", "objectSelector"] {
        match matches.has(key) {
            true => {
                label_selector(matches.at(key), &format!("{path}.{key}"), errors);
            }
            false => errors.required(format_args!("{path}.{key}"), ""),
        }
    }
    for key in ["resourceRules", "excludeResourceRules"] {
        for (i, named) in matches.list(key).iter().enumerate() {
            named_rule(named, &format!("{path}.{key}[{i}]"), errors);
        }
    }
}

fn named_rule(named: &Value, path: &str, errors: &Errors) {
    let names = named.list("resourceNames");
    for (i, name) in names.iter().enumerate() {
        let path = format!("{path}.resourceNames[{i}]");
        let text = name.as_str().unwrap_or_default();
        errors.invalid_each(&path, text, path_segment(text, false));
        if names.iter().take(i).any(|other| other == name) {
            errors.duplicate(path, name);
        }
    }
    rule(named, path, errors);
}

/// Checks that rules ask for nothing that can't be changed: what is deleted can't.
pub(crate) fn mutable_operations(matches: &Value, path: &str, errors: &Errors) {
    const MUTABLE: [&str; 4] = ["*", "CONNECT", "CREATE", "UPDATE"];
    for rule in matches.list("resourceRules") {
        for operation in rule.list("operations") {
            if !MUTABLE.iter().any(|known| operation == known) {
                errors.not_supported(format_args!("{path}.resourceRules.operations"), operation, &MUTABLE);
            }
        }
    }
}

/// Checks which kind a policy's parameters are of.
pub(crate) fn param_kind(kind: &Value, path: &str, errors: &Errors) {
    let api_version = kind.text("apiVersion");
    let path_version = format!("{path}.apiVersion");
    let (group, version) = match api_version.split('/').collect::<Vec<_>>().as_slice() {
        [version] => ("", *version),
        [group, version] => (*group, *version),
        _ => {
            let detail = format!("unexpected GroupVersion string: {api_version}");
            errors.invalid(&path_version, api_version, detail);
            ("", "v")
        }
    };
    let mut joined = |path: &str, value: &str, words: &str, wrong: Vec<String>| {
        if !wrong.is_empty() {
            errors.invalid(path, value, format_args!("{words}{}", wrong.join(",")));
        }
    };
    if !group.is_empty() {
        joined(&path_version, group, "", dns1123_subdomain(group));
    }
    if !version.is_empty() {
        joined(&path_version, version, "", dns1035_label(version));
    }
    let name = kind.text("kind");
    if !name.is_empty() {
        let words = "may have mixed case, but should otherwise match: ";
        joined(&format!("{path}.kind"), name, words, dns1035_label(&name.to_lowercase()));
    }
    match (api_version, version) {
        ("", _) => errors.required(&path_version, ""),
        (_, "") => errors.invalid(&path_version, api_version, "version must be specified"),
        _ => {}
    }
    if name.is_empty() {
        errors.required(format_args!("{path}.kind"), "");
    }
}

/// Checks names and presence of match conditions; what they say is compiled elsewhere.
pub(crate) fn match_conditions(conditions: &[Value], path: &str, errors: &Errors) {
    if conditions.len() > 64 {
        errors.too_many(path, conditions.len(), 64);
    }
    let mut seen: Vec<&str> = Vec::new();
    for (i, condition) in conditions.iter().enumerate() {
        let path = format!("{path}[{i}]");
        if condition.text("expression").trim().is_empty() {
            errors.required(format_args!("{path}.expression"), "");
        }
        let name = condition.text("name");
        if name.is_empty() {
            errors.required(format_args!("{path}.name"), "");
            continue;
        }
        let wrong = qualified_name(name, errors.version());
        errors.invalid_each(format_args!("{path}.name"), name, wrong);
        if seen.contains(&name) {
            errors.duplicate(format_args!("{path}.name"), name);
        }
        seen.push(name);
    }
}

/// Checks a binding's reference to parameters.
pub(crate) fn param_ref(reference: &Value, path: &str, errors: &Errors) {
    if reference.is_null() {
        return;
    }
    let (name, selector) = (reference.text("name"), reference.at("selector"));
    let exclusive = "name and selector are mutually exclusive";
    if !name.is_empty() {
        errors.invalid_each(format_args!("{path}.name"), name, path_segment(name, false));
        if !selector.is_null() {
            errors.forbidden(format_args!("{path}.name"), exclusive);
        }
    }
    if !selector.is_null() {
        label_selector(selector, &format!("{path}.selector"), errors);
        if !name.is_empty() {
            errors.forbidden(format_args!("{path}.selector"), exclusive);
        }
    }
    if name.is_empty() && selector.is_null() {
        errors.required(path, "one of name or selector must be specified");
    }
    let actions = ["Deny", "Allow"];
    one_of(reference, "parameterNotFoundAction", path, &actions, false, errors);
}
