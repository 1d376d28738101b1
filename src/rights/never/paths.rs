//! Rules about paths that are no resources.

use super::super::{Findings, checks};
use crate::api::rbac::{METHODS, PolicyRule};
use crate::authorize::rbac::matching::{Flaw, of_method, of_path};
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
        let (check, text) = match of_path(url) {
            None => continue,
            Some(Flaw::NoSlash) => (&checks::URL_WITHOUT_SLASH, format!("`{url}`: paths begin with a slash")),
            Some(Flaw::OfResource) => {
                let text = format!(
                    "`{url}` is the path of a resource: it takes a rule with apiGroups and resources"
                );
                (&checks::URL_OF_RESOURCE, text)
            }
            Some(_) => {
                let text = format!("`{url}`: a star stands for any rest, at the end and nowhere else");
                (&checks::URL_INNER_STAR, text)
            }
        };
        findings.add_to_rule(check, at, &format!("nonResourceURLs[{number}]"), text);
    }
    // A rule that is about resources, too, has their verbs.
    if !rule.resources.is_empty() {
        return;
    }
    for (number, verb) in rule.verbs.iter().enumerate() {
        if of_method(verb).is_some() {
            let of = METHOD_OF.iter().find(|(of, _)| of == verb).map(|(_, method)| *method);
            let hint = of.or_else(|| nearest(verb, METHODS)).map(|near| format!("; did you mean `{near}`?"));
            let text =
                format!("`{verb}` is no method of requests in small letters{}", hint.unwrap_or_default());
            findings.add_to_rule(&checks::URL_VERB, at, &format!("verbs[{number}]"), text);
        }
    }
}
