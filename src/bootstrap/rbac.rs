//! Default roles and bindings, read from their text.

use super::Object;
use crate::api::version::ByRelease;
use crate::api::{Dig, Version};
use crate::config::gates;
use crate::json::{Value, json};
use std::collections::BTreeSet;
use std::sync::LazyLock;

const GROUP: &str = "rbac.authorization.k8s.io";
const AGGREGATE_TO: &str = "rbac.authorization.k8s.io/aggregate-to-";

/// A line of the text that a release has.
#[derive(Clone, Copy)]
enum Line {
    /// A role or a binding.
    Heading(&'static str),
    /// A rule or a subject of the one above.
    Below(&'static str),
}

/// Which gates are on.
pub(crate) type Gates<'a> = &'a dyn Fn(&str) -> bool;

/// The lines that a release has; what stands below a role that it has not is not its either.
fn lines(version: Version, on: Gates<'_>) -> impl Iterator<Item = Line> {
    let said = include_str!("rbac.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut known = false;
    said.filter_map(move |line| match line.strip_prefix("  ") {
        None => {
            let heading = of_release(line, version, on);
            known = heading.is_some();
            heading.map(Line::Heading)
        }
        Some(line) if known => of_release(line, version, on).map(Line::Below),
        Some(_) => None,
    })
}

/// A line without the conditions in front of it, if a release meets them.
fn of_release(line: &'static str, version: Version, on: Gates<'_>) -> Option<&'static str> {
    let Some((first, rest)) = line.split_once(' ') else { return Some(line) };
    let met = match (first.strip_prefix('@'), first.strip_prefix('!')) {
        (Some(gate), _) => on(gate),
        (_, Some(gate)) => !on(gate),
        (None, None) if first.starts_with(|c: char| c.is_ascii_digit()) => version.is_in(first),
        (None, None) => return Some(line),
    };
    if met { of_release(rest, version, on) } else { None }
}

/// The service accounts in kube-system that the bootstrap bindings name, sorted: those of the controllers.
///
/// The binding `system:controller:NAME` belongs to the account NAME.
pub(crate) fn controller_accounts(version: Version) -> &'static [&'static str] {
    static ACCOUNTS: ByRelease<Vec<&'static str>> = ByRelease::new();
    ACCOUNTS.get(version, |version| {
        let mut accounts = Vec::new();
        let mut of_controller = false;
        for line in lines(version, &|gate| gates::is_on_by_default(gate, version)) {
            match line {
                Line::Heading(line) => {
                    of_controller = line.contains("Binding ") && line.contains("system:controller:");
                }
                Line::Below(line) if of_controller => {
                    accounts.extend(line.strip_prefix("ServiceAccount kube-system/"));
                }
                Line::Below(_) => {}
            }
        }
        accounts.sort_unstable();
        accounts.dedup();
        accounts
    })
}

/// A bootstrap cluster role with the rules of its own, one that is not aggregated.
pub(crate) fn cluster_role(version: Version, name: &str, on: Gates<'_>) -> Option<Value> {
    let is_it = |line: &Line| match line {
        Line::Heading(line) => {
            line.strip_prefix("ClusterRole ").and_then(|rest| rest.split(' ').next()) == Some(name)
        }
        Line::Below(_) => false,
    };
    let mut lines = lines(version, on).skip_while(|line| !is_it(line));
    let Some(Line::Heading(line)) = lines.next() else { return None };
    let (_, _, mut role) = heading(line)?;
    for line in lines {
        match line {
            Line::Heading(_) => break,
            Line::Below(line) => role.push("rules", rule(line)),
        }
    }
    Some(role)
}

/// Whether a release has a bootstrap cluster role.
pub(crate) fn is_cluster_role(version: Version, name: &str) -> bool {
    cluster_role(version, name, &|gate| gates::is_on_by_default(gate, version)).is_some()
}

/// All roles and bindings.
pub(super) fn objects(version: Version, on: Gates<'_>) -> Vec<Object> {
    static DEFAULT: ByRelease<Vec<Object>> = ByRelease::new();
    static ASKED: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
        let first = include_str!("rbac.txt").split_whitespace();
        first.filter_map(|word| word.strip_prefix(['@', '!'])).collect()
    });
    let by_default = |gate: &str| gates::is_on_by_default(gate, version);
    match ASKED.iter().all(|gate| on(gate) == by_default(gate)) {
        true => DEFAULT.get(version, |version| read(version, &by_default)).clone(),
        false => read(version, on),
    }
}

fn read(version: Version, on: Gates<'_>) -> Vec<Object> {
    let mut objects: Vec<Object> = Vec::new();
    for line in lines(version, on) {
        match (line, objects.last_mut()) {
            (Line::Heading(line), _) => objects.extend(heading(line)),
            (Line::Below(line), Some((_, "clusterroles" | "roles", role))) => role.push("rules", rule(line)),
            (Line::Below(line), Some((_, _, binding))) => binding.push("subjects", subject(line)),
            (Line::Below(_), None) => {}
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
            "labels": {(BOOTSTRAPPING.0): BOOTSTRAPPING.1},
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
                json!([{"matchLabels": {(format!("{AGGREGATE_TO}{to}")): "true"}}]),
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
                objects[at].2.set("rules", rules);
                changed = true;
            }
        }
        if !changed {
            return;
        }
    }
}
