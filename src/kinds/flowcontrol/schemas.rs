//! What a flow schema must be like (`ValidateFlowSchema`).

use crate::api::Dig;
use crate::api::names::{dns1123_label, dns1123_subdomain};
use crate::json::{Value, json};
use crate::kinds::field::Field;

const PRECEDENCE_MAX: i64 = 10_000;
const VERBS: [&str; 9] =
    ["create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"];
/// The kinds of subjects: kind and field.
const SUBJECTS: [(&str, &str); 3] =
    [("Group", "group"), ("ServiceAccount", "serviceAccount"), ("User", "user")];

/// Checks a schema.
pub(super) fn validate(schema: Field<'_>) {
    let spec = schema.child("spec");
    let precedence = spec.child("matchingPrecedence");
    let number = precedence.number("").unwrap_or_default();
    if number <= 0 {
        precedence.invalid("must be a positive value");
    }
    if number > PRECEDENCE_MAX {
        precedence.invalid(format_args!("must not be greater than {PRECEDENCE_MAX}"));
    }
    let name = schema.value.name();
    if number == 1 && name != "exempt" {
        precedence.invalid("only the schema named 'exempt' may have matchingPrecedence 1");
    }
    let method = spec.child("distinguisherMethod");
    if !method.is_null() && !matches!(method.text("type"), "ByNamespace" | "ByUser") {
        let told = method.told_as("type", method.value);
        told.not_supported_internal("flowcontrol.FlowDistinguisherMethod", &["ByNamespace", "ByUser"]);
    }
    let level = spec.child("priorityLevelConfiguration.name");
    match level.text("") {
        "" => level.required("must reference a priority level"),
        text => level.invalid_each(dns1123_subdomain(text)),
    }
    spec.items("rules").for_each(rule);
    if fixed(name).is_some_and(|fixed| fixed != *spec.value) {
        let detail = format!("spec of '{name}' must equal the fixed value");
        spec.invalid_internal("flowcontrol.FlowSchemaSpec", detail);
    }
}

/// The schemas that are always there as they are (`MandatoryFlowSchemas`).
fn fixed(name: &str) -> Option<Value> {
    let rules = |groups: &[&str]| {
        let subjects: Vec<Value> =
            groups.iter().map(|group| json!({"kind": "Group", "group": {"name": group}})).collect();
        json!([{
            "subjects": subjects,
            "resourceRules": [{
                "verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "clusterScope": true, "namespaces": ["*"],
            }],
            "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
        }])
    };
    match name {
        "exempt" => Some(json!({
            "priorityLevelConfiguration": {"name": "exempt"}, "matchingPrecedence": 1,
            "rules": rules(&["system:masters"]),
        })),
        "catch-all" => Some(json!({
            "priorityLevelConfiguration": {"name": "catch-all"}, "matchingPrecedence": 10000,
            "distinguisherMethod": {"type": "ByUser"},
            "rules": rules(&["system:unauthenticated", "system:authenticated"]),
        })),
        _ => None,
    }
}

fn rule(rule: Field<'_>) {
    if rule.list("subjects").is_empty() {
        rule.child("subjects").required("subjects must contain at least one value");
    }
    rule.items("subjects").for_each(subject);
    if rule.list("resourceRules").is_empty() && rule.list("nonResourceRules").is_empty() {
        rule.required("at least one of resourceRules and nonResourceRules has to be non-empty");
    }
    rule.items("resourceRules").for_each(resources);
    rule.items("nonResourceRules").for_each(urls);
}

fn subject(subject: Field<'_>) {
    let kind = subject.string("kind");
    let Some((_, own)) = SUBJECTS.iter().find(|(known, _)| *known == kind.text("")) else {
        return kind.not_supported(&SUBJECTS.map(|(kind, _)| kind));
    };
    let field = subject.child(own);
    if field.is_null() {
        field.required(format_args!("{own} is required when subject kind is '{}'", kind.text("")));
    } else {
        named_subject(field, *own == "serviceAccount");
    }
    // Kubernetes looks at the other two in this order.
    for other in ["user", "serviceAccount", "group"].iter().filter(|other| *other != own) {
        if let Some((word, _)) =
            SUBJECTS.iter().find(|(_, field)| field == other).filter(|_| subject.has(other))
        {
            let detail = format!("{other} is forbidden when subject kind is not '{word}'");
            subject.child(other).forbidden(detail);
        }
    }
}

fn named_subject(subject: Field<'_>, account: bool) {
    let (name, version) = (subject.child("name"), subject.version());
    match name.text("") {
        "" => name.required(""),
        text if account && text != "*" => name.invalid_each(dns1123_subdomain(text)),
        _ => {}
    }
    let namespace = subject.child("namespace");
    match namespace.text("") {
        "" if account => namespace.required("must specify namespace for service account"),
        text if account => namespace.invalid_each(dns1123_label(text, version)),
        _ => {}
    }
}

/// Checks a list that is `*` alone or has some values; says whether its values are to be looked at.
fn some_or_all(list: Field<'_>, missing: &str, values: &str) -> bool {
    let items = list.list("");
    let all = items.iter().any(|item| item == "*");
    if items.is_empty() {
        list.required(missing);
    } else if all && items.len() > 1 {
        list.invalid(format_args!("if '*' is present, must not specify other {values}"));
    }
    !items.is_empty() && !all
}

fn verbs(rule: Field<'_>) {
    let list = rule.child("verbs");
    let looked_at = some_or_all(list, "verbs must contain at least one value", "verbs");
    let known = |verb: &Value| verb.as_str().is_some_and(|verb| VERBS.contains(&verb));
    if looked_at && !list.list("").iter().all(known) {
        list.not_supported(&VERBS);
    }
}

fn resources(rule: Field<'_>) {
    verbs(rule);
    let groups = rule.child("apiGroups");
    some_or_all(groups, "resource rules must supply at least one api group", "api groups");
    let resources = rule.child("resources");
    some_or_all(resources, "resource rules must supply at least one resource", "resources");
    let namespaces = rule.child("namespaces");
    if namespaces.list("").is_empty() && rule.flag("clusterScope") {
        return;
    }
    let missing = "resource rules that are not cluster scoped must supply at least one namespace";
    if some_or_all(namespaces, missing, "namespaces") {
        for namespace in namespaces.items("") {
            namespace.invalid_each(dns1123_label(namespace.text(""), namespace.version()));
        }
    }
}

fn urls(rule: Field<'_>) {
    verbs(rule);
    let urls = rule.child("nonResourceURLs");
    let missing = "nonResourceURLs must contain at least one value";
    if some_or_all(urls, missing, "non-resource URLs") {
        urls.items("").for_each(url);
    }
}

fn url(url: Field<'_>) {
    let text = url.text("");
    let stars = text.matches('*').count();
    let wrong = match text {
        "" => "must not be empty",
        "/" => return,
        text if !text.starts_with('/') => "must start with slash",
        text if text.contains(' ') => "must not contain white-space",
        text if text.contains("//") => "must not contain double slash",
        text if stars > 1 || stars == 1 && !text.ends_with("/*") => "wildcard can only do suffix matching",
        _ => return,
    };
    url.invalid(wrong);
}
