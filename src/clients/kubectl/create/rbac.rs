//! `create role`, `clusterrole`, `rolebinding`, `clusterrolebinding`.

use super::super::Ctx;
use super::super::error::{Done, Failure, fail};
use crate::api::Dig;
use crate::json::{Value, json};
use std::collections::BTreeSet;

const GROUP: &str = "rbac.authorization.k8s.io";
const API_VERSION: &str = "rbac.authorization.k8s.io/v1";

const RESOURCE_VERBS: &[&str] = &[
    "get",
    "delete",
    "list",
    "create",
    "update",
    "patch",
    "watch",
    "proxy",
    "deletecollection",
    "use",
    "bind",
    "approve",
    "sign",
    "escalate",
    "impersonate",
];
const NON_RESOURCE_VERBS: &[&str] = &["get", "put", "post", "head", "options", "delete", "patch"];

/// Verbs beyond the usual ones, and what they are for.
const SPECIAL_VERBS: &[(&str, &[(&str, &str)])] = &[
    ("use", &[("policy", "podsecuritypolicies"), ("extensions", "podsecuritypolicies")]),
    ("bind", &[(GROUP, "roles"), (GROUP, "clusterroles")]),
    ("escalate", &[(GROUP, "roles"), (GROUP, "clusterroles")]),
    (
        "impersonate",
        &[("", "users"), ("", "serviceaccounts"), ("", "groups"), ("authentication.k8s.io", "userextras")],
    ),
    ("approve", &[("certificates.k8s.io", "signers")]),
    ("sign", &[("certificates.k8s.io", "signers")]),
];

/// `kubectl create role NAME --verb=… --resource=…`.
pub(in super::super) fn role(ctx: &mut Ctx<'_>) -> Done {
    let name = ctx.one_name()?;
    let wanted = Grant::read(ctx)?;
    if wanted.verbs.is_empty() {
        fail!("at least one verb must be specified");
    }
    wanted.check_verbs(ctx);
    if wanted.resources.is_empty() {
        fail!("at least one resource must be specified");
    }
    wanted.check_resources(ctx.old())?;
    let mut object = ctx.object(API_VERSION, "Role", &name, true);
    object["rules"] = wanted.rules().into();
    ctx.create(object, None)
}

/// `kubectl create clusterrole NAME …`.
pub(in super::super) fn cluster_role(ctx: &mut Ctx<'_>) -> Done {
    let name = ctx.one_name()?;
    let aggregation = ctx.flags.all("aggregation-rule").to_vec();
    let wanted = Grant::read(ctx)?;
    let urls = ctx.flags.all("non-resource-url").to_vec();
    let mut object = ctx.object(API_VERSION, "ClusterRole", &name, false);
    if aggregation.is_empty() {
        check_cluster_role(ctx, &wanted, &urls)?;
        let mut rules = wanted.rules();
        if !urls.is_empty() {
            rules.push(json!({"verbs": wanted.verbs, "nonResourceURLs": urls}));
        }
        object["rules"] = rules.into();
    } else {
        let given = [&wanted.verbs, &wanted.names, &urls].iter().any(|list| !list.is_empty());
        if given || !wanted.resources.is_empty() {
            fail!(
                "aggregation rule must be specified without nonResourceURLs, verbs, resources or resourceNames"
            );
        }
        let labels: Value = aggregation
            .iter()
            .filter_map(|pair| pair.split_once('='))
            .map(|(k, v)| (k.to_owned(), Value::from(v)))
            .collect::<crate::json::Map>()
            .into();
        object["aggregationRule"] = json!({"clusterRoleSelectors": [{"matchLabels": labels}]});
        object["rules"] = Value::Null;
    }
    ctx.create(object, None)
}

fn check_cluster_role(ctx: &mut Ctx<'_>, wanted: &Grant, urls: &[String]) -> Done {
    if wanted.verbs.is_empty() {
        fail!("at least one verb must be specified");
    }
    if wanted.resources.is_empty() && urls.is_empty() {
        fail!("one of resource or nonResourceURL must be specified");
    }
    if !wanted.resources.is_empty() {
        wanted.check_verbs(ctx);
        wanted.check_resources(ctx.old())?;
    }
    if !urls.is_empty() {
        let odd = wanted.verbs.iter().find(|v| *v != "*" && !NON_RESOURCE_VERBS.contains(&v.as_str()));
        if let Some(verb) = odd {
            fail!("invalid verb: '{verb}' for nonResourceURL");
        }
        for url in urls.iter().filter(|url| *url != "*") {
            if !url.starts_with('/') {
                fail!("nonResourceURL should start with /");
            }
            if url.trim_end_matches('*').contains('*') || url.matches('*').count() > 1 {
                fail!("nonResourceURL only supports wildcard matches when '*' is at the end");
            }
        }
    }
    Ok(())
}

/// Each once, in the order in which they come first.
fn unique<T: PartialEq>(all: impl IntoIterator<Item = T>) -> Vec<T> {
    all.into_iter().fold(Vec::new(), |mut known, one| {
        if !known.contains(&one) {
            known.push(one);
        }
        known
    })
}

/// What a rule is to grant.
struct Grant {
    verbs: Vec<String>,
    /// Group and resource with subresource.
    resources: Vec<(String, String)>,
    names: Vec<String>,
}

impl Grant {
    fn read(ctx: &mut Ctx<'_>) -> Done<Grant> {
        // A star makes the others needless.
        let verbs = match ctx.flags.all("verb") {
            all if all.iter().any(|verb| verb == "*") => vec!["*".to_owned()],
            all => unique(all.iter().cloned()),
        };
        let mut resources: Vec<(String, String)> = Vec::new();
        for word in ctx.flags.all("resource").to_vec() {
            if word == "*" {
                resources = vec![(String::new(), word)];
                break;
            }
            resources.push(resolve(ctx, &word)?);
        }
        let (resources, names) = (unique(resources), unique(ctx.flags.all("resource-name").iter().cloned()));
        Ok(Grant { verbs, resources, names })
    }

    fn check_verbs(&self, ctx: &mut Ctx<'_>) {
        for verb in self.verbs.iter().filter(|v| *v != "*" && !RESOURCE_VERBS.contains(&v.as_str())) {
            ctx.warn(format!("Warning: '{verb}' is not a standard resource verb"));
        }
    }

    fn check_resources(&self, old: bool) -> Done {
        if old && self.resources.len() > 1 && !self.names.is_empty() {
            fail!("resource name(s) can not be applied to multiple resources");
        }
        for verb in &self.verbs {
            let Some((_, allowed)) = SPECIAL_VERBS.iter().find(|(v, _)| v == verb) else {
                continue;
            };
            for (group, resource) in &self.resources {
                let plain = resource.split('/').next().unwrap_or_default();
                if !allowed.contains(&(group.as_str(), plain)) {
                    fail!("can not perform '{verb}' on '{resource}' in group '{group}'");
                }
            }
        }
        Ok(())
    }

    /// One rule a group.
    fn rules(&self) -> Vec<Value> {
        let groups: BTreeSet<&String> = self.resources.iter().map(|(group, _)| group).collect();
        groups
            .into_iter()
            .map(|group| {
                let resources: Vec<&String> =
                    self.resources.iter().filter(|(g, _)| g == group).map(|(_, r)| r).collect();
                let mut rule = json!({"verbs": self.verbs, "apiGroups": [group], "resources": resources});
                if !self.names.is_empty() {
                    rule["resourceNames"] = json!(self.names);
                }
                rule
            })
            .collect()
    }
}

/// `deployments.apps/scale` as group and resource.
fn resolve(ctx: &mut Ctx<'_>, word: &str) -> Done<(String, String)> {
    let (plain, sub) = word.split_once('/').unwrap_or((word, ""));
    if plain.is_empty() {
        fail!("resource must be specified if apiGroup/subresource specified");
    }
    // What is granted by special verbs may be no resource that is served.
    let special = SPECIAL_VERBS.iter().flat_map(|(_, resources)| *resources).find(|(group, resource)| {
        let full = if group.is_empty() { (*resource).to_owned() } else { format!("{resource}.{group}") };
        plain == full || plain == *resource
    });
    let (group, resource) = match (ctx.built_in(plain), special) {
        (Some(mapping), _) => (mapping.group, mapping.resource),
        (None, Some((group, resource))) => ((*group).to_owned(), (*resource).to_owned()),
        (None, None) => match ctx.find_resource(plain) {
            Some(mapping) => (mapping.group, mapping.resource),
            None => return Err(no_resource(plain)),
        },
    };
    Ok((group, if sub.is_empty() { resource } else { format!("{resource}/{sub}") }))
}

fn no_resource(word: &str) -> Failure {
    Failure::bare(match word.split_once('.') {
        Some((resource, group)) => {
            format!("the server doesn't have a resource type \"{resource}\" in group \"{group}\"")
        }
        None => format!("the server doesn't have a resource type \"{word}\""),
    })
}

/// `kubectl create rolebinding NAME (--role=… | --clusterrole=…) …`.
pub(in super::super) fn role_binding(ctx: &mut Ctx<'_>) -> Done {
    let name = ctx.one_name()?;
    let (kind, role) = match (ctx.flags.filled("role"), ctx.flags.filled("clusterrole")) {
        (Some(role), None) => ("Role", role),
        (None, Some(role)) => ("ClusterRole", role),
        (Some(_), Some(_)) | (None, None) => fail!("exactly one of clusterrole or role must be specified"),
    };
    let mut object = ctx.object(API_VERSION, "RoleBinding", &name, true);
    object["roleRef"] = json!({"apiGroup": GROUP, "kind": kind, "name": role});
    put_subjects(ctx, &mut object)?;
    ctx.create(object, Some("failed to create rolebinding: "))
}

/// `kubectl create clusterrolebinding NAME --clusterrole=… …`.
pub(in super::super) fn cluster_role_binding(ctx: &mut Ctx<'_>) -> Done {
    ctx.require(&["clusterrole"])?;
    let name = ctx.one_name()?;
    let mut object = ctx.object(API_VERSION, "ClusterRoleBinding", &name, false);
    object["roleRef"] =
        json!({"apiGroup": GROUP, "kind": "ClusterRole", "name": ctx.flags.text("clusterrole")});
    put_subjects(ctx, &mut object)?;
    ctx.create(object, Some("failed to create clusterrolebinding: "))
}

fn put_subjects(ctx: &Ctx<'_>, object: &mut Value) -> Done {
    let subjects = subjects(ctx)?;
    if !subjects.is_empty() {
        object.set("subjects", subjects);
    }
    Ok(())
}

/// The subjects that `--user`, `--group` and `--serviceaccount` name.
pub(in super::super) fn subjects(ctx: &Ctx<'_>) -> Done<Vec<Value>> {
    let mut subjects = Vec::new();
    for (flag, kind) in [("user", "User"), ("group", "Group")] {
        let names = ctx.flags.all(flag).iter();
        subjects.extend(names.map(|name| json!({"kind": kind, "apiGroup": GROUP, "name": name})));
    }
    for account in ctx.flags.all("serviceaccount") {
        match account.split(':').collect::<Vec<_>>().as_slice() {
            [namespace, name] if !namespace.is_empty() && !name.is_empty() => {
                subjects.push(json!({"kind": "ServiceAccount", "name": name, "namespace": namespace}));
            }
            _ => fail!("serviceaccount must be <namespace>:<name>"),
        }
    }
    Ok(subjects)
}
