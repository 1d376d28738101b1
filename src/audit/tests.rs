//! Which rule of a policy speaks, and which policies are none.

use super::Policy;
use super::policy::Level;
use crate::api::{RequestInfo, User, Version};
use crate::config::File;

fn policy(minor: u8, text: &str) -> Result<Policy, String> {
    let file = File { path: "p".to_owned(), text: text.as_bytes().into() };
    Policy::read(&file, Version::minor(minor)).map_err(|error| error.message)
}

#[test]
fn the_first_rule_that_matches_speaks() {
    let text = r#"
apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- {level: None, nonResourceURLs: ["/healthz*"]}
- {level: None, users: [carol], verbs: [list]}
- {level: RequestResponse, resources: [{group: "", resources: ["pods/*"]}]}
- {level: Request, resources: [{group: apps, resources: [deployments], resourceNames: [d]}]}
- {level: Metadata, userGroups: [dev], resources: [{group: "", resources: ["*/status"]}]}
- {level: Request, namespaces: [red]}
- {level: Metadata, namespaces: [""]}
"#;
    let policy = policy(36, text).expect("a policy");
    for (user, method, path, level) in [
        ("a", "GET", "/healthz/ping", Level::None),
        ("a", "GET", "/version", Level::None),
        ("carol", "GET", "/api/v1/namespaces/red/secrets", Level::None),
        ("carol", "GET", "/api/v1/namespaces/red/secrets/s", Level::Request),
        ("a", "GET", "/api/v1/namespaces/n/pods/p/log", Level::RequestResponse),
        ("a", "GET", "/api/v1/namespaces/n/pods/p", Level::RequestResponse),
        ("a", "GET", "/apis/apps/v1/namespaces/n/deployments/d", Level::Request),
        ("a", "GET", "/apis/apps/v1/namespaces/n/deployments/e", Level::None),
        ("dev", "GET", "/api/v1/namespaces/n/services/s/status", Level::Metadata),
        ("a", "GET", "/api/v1/nodes", Level::Metadata),
    ] {
        let groups: &[&str] = if user == "dev" { &["dev"] } else { &[] };
        let terms = policy.terms(Some(&User::new(user, groups)), &RequestInfo::parse(method, path));
        assert_eq!(terms.level, level, "{user} {method} {path}");
    }
}

#[test]
fn what_is_no_policy() {
    let of = |version: &str, rules: &str| {
        format!("apiVersion: audit.k8s.io/{version}\nkind: Policy\nrules: {rules}\n")
    };
    for (minor, text, why) in [
        (36, of("v1", "[]"), "loaded illegal policy with 0 rules"),
        (36, of("v1beta1", "[{level: None}]"), "`Policy` of `audit.k8s.io/v1beta1` is no audit policy"),
        (20, of("v1beta1", "[{level: None}]"), ""),
        (
            36,
            of("v1", "[{level: None, nonResourceURLs: [healthz]}]"),
            "rules[0].nonResourceURLs: `healthz`: non-resource URL rules must begin with a '/' character",
        ),
        (
            36,
            of("v1", "[{level: None, nonResourceURLs: [/a], namespaces: [b]}]"),
            "rules[0].nonResourceURLs: rules cannot apply to both regular resources and non-resource URLs",
        ),
    ] {
        assert_eq!(policy(minor, &text).err().unwrap_or_default(), why, "{text}");
    }
}
