//! Rules about paths that are no resources.

use super::super::{Findings, checks};
use crate::api::RequestInfo;
use crate::api::rbac::{METHODS, PolicyRule};
use crate::error::nearest;

/// The methods of requests for what a verb of resources does.
const METHOD_OF: [(&str, &str); 5] = [
    ("list", "get"),
    ("watch", "get"),
    ("create", "post"),
    ("update", "put"),
    ("deletecollection", "delete"),
];

/// Looks at the paths of a rule and at its verbs.
pub(super) fn check(at: usize, rule: &PolicyRule, findings: &mut Findings<'_>) {
    if findings.at.key.resource.starts_with("roles.") {
        let text = "a Role is for what is in its namespace, and paths are in none: it takes a ClusterRole and a ClusterRoleBinding";
        findings.add_to_rule(&checks::URL_IN_NAMESPACE, at, "nonResourceURLs", text.to_owned());
        return;
    }
    for (number, url) in rule.non_resource_urls.iter().enumerate() {
        let field = format!("nonResourceURLs[{number}]");
        let fixed = url.trim_end_matches('*');
        if url != "*" && !url.starts_with('/') {
            findings.add_to_rule(
                &checks::URL_WITHOUT_SLASH,
                at,
                &field,
                format!("`{url}`: paths begin with a slash"),
            );
        } else if fixed.contains('*') {
            let text = format!("`{url}`: a star stands for any rest, at the end and nowhere else");
            findings.add_to_rule(&checks::URL_INNER_STAR, at, &field, text);
        } else if RequestInfo::parse("GET", fixed).is_resource {
            let text =
                format!("`{url}` is the path of a resource: it takes a rule with apiGroups and resources");
            findings.add_to_rule(&checks::URL_OF_RESOURCE, at, &field, text);
        }
    }
    // A rule that is about resources, too, has their verbs.
    if !rule.resources.is_empty() {
        return;
    }
    for (number, verb) in rule.verbs.iter().enumerate().filter(|(_, verb)| *verb != "*") {
        if !METHODS.contains(&verb.as_str()) {
            let of = METHOD_OF.iter().find(|(of, _)| of == verb).map(|(_, method)| *method);
            let hint = of.or_else(|| nearest(verb, METHODS)).map(|near| format!("; did you mean `{near}`?"));
            let text =
                format!("`{verb}` is no method of requests in small letters{}", hint.unwrap_or_default());
            findings.add_to_rule(&checks::URL_VERB, at, &format!("verbs[{number}]"), text);
        }
    }
}
