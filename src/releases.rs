//! What changed between two releases: rules of this machine, what is served, gates, plugins, default roles.
//!
//! All of it is read from the tables that the machine itself works with.

use crate::admit;
use crate::api::differences::{self, Difference};
use crate::api::schema::schema;
use crate::api::{Dig, GroupResource, Version, resources};
use crate::bootstrap;
use crate::config::gates;
use crate::json::Value;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What changed between two releases.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Changes {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) rules: Vec<Rule>,
    pub(crate) resources: Vec<Change>,
    /// Of types that both releases have.
    pub(crate) fields: Vec<Change>,
    pub(crate) feature_gates: Vec<Change>,
    pub(crate) admission_plugins: Vec<Change>,
    pub(crate) default_roles: Vec<Change>,
}

/// A rule that begins with a release.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Rule {
    pub(crate) since: String,
    pub(crate) area: &'static str,
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    pub(crate) source: &'static str,
}

/// A line of a table that is new, gone (no `now`) or another one.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Change {
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) was: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) now: Option<String>,
}

/// The lines of a table in one release, by name.
pub(crate) type Table = BTreeMap<String, String>;

impl Changes {
    /// All that changed from one release to a later one.
    pub(crate) fn between(from: Version, to: Version) -> Changes {
        let changes = |table: fn(Version) -> Table| compare(table(from), table(to));
        let mut begun: Vec<&Difference> =
            differences::ALL.iter().filter(|rule| !from.has(**rule) && to.has(**rule)).collect();
        begun.sort_by_key(|rule| (rule.area, rule.since));
        Changes {
            from: from.to_string(),
            to: to.to_string(),
            rules: begun.into_iter().map(Rule::of).collect(),
            resources: changes(served),
            fields: changes_of_fields(from, to),
            feature_gates: changes(feature_gates),
            admission_plugins: changes(plugins),
            default_roles: changes(default_roles),
        }
    }
}

impl Rule {
    fn of(difference: &Difference) -> Rule {
        let Difference { name, since, area, what, source, .. } = *difference;
        Rule { since: since.to_string(), area: area.name(), name, what, source }
    }
}

fn compare(mut was: Table, now: Table) -> Vec<Change> {
    let mut changes: Vec<Change> = now
        .into_iter()
        .map(|(name, now)| Change { was: was.remove(&name), name, now: Some(now) })
        .filter(|change| change.was != change.now)
        .collect();
    changes.extend(was.into_iter().map(|(name, state)| Change { name, was: Some(state), now: None }));
    changes.sort_by(|a, b| a.name.cmp(&b.name));
    changes
}

/// What is served, with its verbs.
pub(crate) fn served(version: Version) -> Table {
    let rows = resources(version).iter();
    rows.map(|row| (format!("{} {}", row.api_version(), row.path()), row.verbs.join(","))).collect()
}

/// Fields that one of the releases lacks, or drops; of a type that is new or gone its resources tell.
fn changes_of_fields(from: Version, to: Version) -> Vec<Change> {
    let has =
        |version| move |name: &str| schema(version).own(version).any(|definition| definition.name == name);
    let in_both = |change: &Change| {
        let owner = change.name.rsplit_once('.').map_or("", |(owner, _)| owner);
        has(from)(owner) && has(to)(owner)
    };
    let mut changes = compare(fields(from), fields(to));
    changes.retain(in_both);
    changes
}

/// The fields that a release knows, and behind which gate that is off, so that they are dropped.
fn fields(version: Version) -> Table {
    let mut table = Table::new();
    for definition in schema(version).own(version) {
        for field in definition.fields() {
            let on = |gate: &&str| gates::is_on_by_default(gate, version);
            let state = match field.gates.is_empty() || field.gates.iter().any(on) {
                true => String::new(),
                false => format!("behind {}", field.gates.join(", ")),
            };
            table.insert(format!("{}.{}", definition.name, field.name), state);
        }
    }
    table
}

/// The gates that a release knows, with stage and default.
pub(crate) fn feature_gates(version: Version) -> Table {
    gates::of_release(version).map(|(gate, state)| (gate.to_owned(), state)).collect()
}

/// The plugins that a release knows, on by default or off.
pub(crate) fn plugins(version: Version) -> Table {
    let state = |on| if on { "on" } else { "off" }.to_owned();
    admit::of_release(version).map(|(plugin, on)| (plugin.to_owned(), state(on))).collect()
}

/// What default roles allow, a line a resource, and the subjects of their bindings.
fn default_roles(version: Version) -> Table {
    let mut verbs: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let roles = bootstrap::roles(version);
    for role in &roles {
        let of = format!("{} {}", role.text("kind"), path(role.namespace(), role.name()));
        for rule in role.list("rules") {
            for what in allowed(rule) {
                verbs.entry(format!("{of}: {what}")).or_default().extend(words(rule, "verbs"));
            }
        }
        for subject in role.list("subjects") {
            let who = path(subject.text("namespace"), subject.text("name"));
            verbs.entry(format!("{of}: {} {who}", subject.text("kind"))).or_default();
        }
        verbs.entry(of).or_default();
    }
    let join = |verbs: BTreeSet<&str>| verbs.into_iter().collect::<Vec<_>>().join(",");
    verbs.into_iter().map(|(what, verbs)| (what, join(verbs))).collect()
}

fn path(namespace: &str, name: &str) -> String {
    if namespace.is_empty() { name.to_owned() } else { format!("{namespace}/{name}") }
}

fn words<'r>(rule: &'r Value, key: &str) -> impl Iterator<Item = &'r str> {
    rule.list(key).iter().filter_map(Value::as_str)
}

/// The paths or resources of a rule: `pods`, `deployments.apps`, `leases.coordination.k8s.io named kube-scheduler`.
fn allowed(rule: &Value) -> Vec<String> {
    let mut all: Vec<String> = words(rule, "nonResourceURLs").map(str::to_owned).collect();
    for group in words(rule, "apiGroups") {
        let resources = words(rule, "resources");
        let resources = resources.map(|resource| GroupResource::new(group, resource).to_string());
        match rule.list("resourceNames") {
            [] => all.extend(resources),
            _ => all.extend(resources.flat_map(|resource| {
                words(rule, "resourceNames").map(move |name| format!("{resource} named {name}"))
            })),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_releases_share_is_not_told() {
        let same = BTreeMap::from([("a".to_owned(), "on".to_owned())]);
        assert!(compare(same.clone(), same).is_empty());
    }
}
