//! Default roles and bindings, read from their text.

use super::Object;
use crate::api::{Dig, Version};
use serde_json::{Value, json};
use std::sync::OnceLock;

const GROUP: &str = "rbac.authorization.k8s.io";
const AGGREGATE_TO: &str = "rbac.authorization.k8s.io/aggregate-to-";

fn text(version: Version) -> &'static str {
    match version.before(25) {
        true => include_str!("rbac-v1.20.txt"),
        false => include_str!("rbac-v1.36.txt"),
    }
}

/// The lines that say something.
fn lines(version: Version) -> impl Iterator<Item = &'static str> {
    text(version).lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The service accounts in kube-system that the bootstrap bindings name, sorted: those of the controllers.
///
/// The binding `system:controller:NAME` belongs to the account NAME.
pub(crate) fn controller_accounts(version: Version) -> &'static [&'static str] {
    static OLD: OnceLock<Vec<&'static str>> = OnceLock::new();
    static NEW: OnceLock<Vec<&'static str>> = OnceLock::new();
    let of_release = if std::ptr::eq(text(version), text(Version::OLDEST)) { &OLD } else { &NEW };
    of_release.get_or_init(|| {
        let mut accounts = Vec::new();
        let mut of_controller = false;
        for line in lines(version) {
            match line.strip_prefix("  ServiceAccount kube-system/") {
                Some(account) if of_controller => accounts.push(account),
                Some(_) => {}
                None => of_controller = line.contains("Binding ") && line.contains("system:controller:"),
            }
        }
        accounts.sort_unstable();
        accounts.dedup();
        accounts
    })
}

/// A bootstrap cluster role with the rules of its own, one that is not aggregated.
pub(crate) fn cluster_role(version: Version, name: &str) -> Option<Value> {
    let is_it =
        |line: &&str| line.strip_prefix("ClusterRole ").and_then(|rest| rest.split(' ').next()) == Some(name);
    let mut lines = lines(version).skip_while(|line| !is_it(line));
    let (_, _, mut role) = heading(lines.next()?)?;
    for line in lines.map_while(|line| line.strip_prefix("  ")) {
        role.push("rules", rule(line));
    }
    Some(role)
}

/// All roles and bindings.
pub(super) fn objects(version: Version) -> Vec<Object> {
    let mut objects: Vec<Object> = Vec::new();
    for line in lines(version) {
        match (line.strip_prefix("  "), objects.last_mut()) {
            (None, _) => objects.extend(heading(line)),
            (Some(line), Some((_, "clusterroles" | "roles", role))) => role.push("rules", rule(line)),
            (Some(line), Some((_, _, binding))) => binding.push("subjects", subject(line)),
            (Some(_), None) => {}
        }
    }
    aggregate(&mut objects);
    objects
}

/// The label of the roles and bindings that come with a server, and its value.
const BOOTSTRAPPING: (&str, &str) = ("kubernetes.io/bootstrapping", "rbac-defaults");

/// Whether a role or binding is one of those that come with a server.
pub(crate) fn is_default(object: &Value) -> bool {
    object.label(BOOTSTRAPPING.0) == Some(BOOTSTRAPPING.1)
}

/// A role without rules, or a binding without subjects.
fn heading(line: &str) -> Option<Object> {
    let mut cells = line.split(' ');
    let (kind, path) = (cells.next()?, cells.next()?);
    let (resource, namespaced) = match kind {
        "ClusterRole" => ("clusterroles", false),
        "Role" => ("roles", true),
        "ClusterRoleBinding" => ("clusterrolebindings", false),
        "RoleBinding" => ("rolebindings", true),
        _ => return None,
    };
    let mut object = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind,
        "metadata": {
            "annotations": {"rbac.authorization.kubernetes.io/autoupdate": "true"},
            "labels": {BOOTSTRAPPING.0: BOOTSTRAPPING.1},
        },
    });
    let name = match path.split_once('/') {
        Some((namespace, name)) if namespaced => {
            object.set("metadata.namespace", namespace);
            name
        }
        _ => path,
    };
    object.set("metadata.name", name);
    while let Some(cell) = cells.next() {
        match cell.split_once('=') {
            Some(("aggregates", to)) => object.set(
                "aggregationRule.clusterRoleSelectors",
                json!([{"matchLabels": {format!("{AGGREGATE_TO}{to}"): "true"}}]),
            ),
            Some(("aggregate-to", to)) => {
                object.make("metadata.labels")[format!("{AGGREGATE_TO}{to}")] = "true".into();
            }
            _ => {
                let kind = kind.strip_suffix("Binding").unwrap_or(kind);
                let name = cells.next().unwrap_or(cell);
                object.set("roleRef", json!({"apiGroup": GROUP, "kind": kind, "name": name}));
            }
        }
    }
    Some((GROUP, resource, object))
}

fn words(list: &str) -> Value {
    list.split(',').map(|word| if word == "core" { "" } else { word }).collect()
}

fn rule(line: &str) -> Value {
    let cells: Vec<&str> = line.split(' ').collect();
    match cells[..] {
        ["url", paths, verbs] => json!({"nonResourceURLs": words(paths), "verbs": words(verbs)}),
        [groups, resources, verbs] => {
            json!({"apiGroups": words(groups), "resources": words(resources), "verbs": words(verbs)})
        }
        [groups, resources, verbs, names] => json!({
            "apiGroups": words(groups), "resources": words(resources), "verbs": words(verbs),
            "resourceNames": words(names.trim_start_matches("names=")),
        }),
        _ => Value::Null,
    }
}

fn subject(line: &str) -> Value {
    match line.split_once(' ') {
        Some((kind @ "ServiceAccount", path)) => {
            let (namespace, name) = path.split_once('/').unwrap_or(("kube-system", path));
            json!({"kind": kind, "namespace": namespace, "name": name})
        }
        Some((kind, name)) => json!({"apiGroup": GROUP, "kind": kind, "name": name}),
        None => Value::Null,
    }
}

/// Gives the aggregated roles their rules: those of the roles that they select, in the order of names, none twice.
///
/// A role may select an aggregated one, so this goes on until nothing changes.
fn aggregate(objects: &mut [Object]) {
    loop {
        let mut changed = false;
        for at in 0..objects.len() {
            let Some((label, value)) = objects[at]
                .2
                .entries("aggregationRule.clusterRoleSelectors.0.matchLabels")
                .next()
                .map(|(label, value)| (label.clone(), value.clone()))
            else {
                continue;
            };
            let mut rules: Vec<Value> = Vec::new();
            for (_, _, role) in objects.iter().filter(|o| o.2.label(&label) == value.as_str()) {
                for rule in role.list("rules") {
                    if !rules.contains(rule) {
                        rules.push(rule.clone());
                    }
                }
            }
            if objects[at].2.list("rules") != rules {
                objects[at].2.set("rules", Value::Array(rules));
                changed = true;
            }
        }
        if !changed {
            return;
        }
    }
}
