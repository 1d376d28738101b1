//! `kubeverdict releases`: the releases that are modelled, and what changed between two of them.

use super::Exit;
use crate::admit;
use crate::api::differences::{self, Difference};
use crate::api::{Dig, GroupResource, Version, resources};
use crate::bootstrap;
use crate::config::gates;
use crate::error::Error;
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter};
use std::io::Write;

/// List the releases, or what changed between two of them
#[derive(clap::Args)]
pub(super) struct ReleasesArgs {
    /// The older one, as in 1.27
    #[arg(requires = "to")]
    from: Option<String>,
    /// The newer one, as in 1.34
    to: Option<String>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// A release, in numbers.
#[derive(Serialize)]
struct Release {
    version: String,
    /// The rules of this machine that begin with it.
    rules: usize,
    resources: usize,
    gates_on: usize,
    plugins_on: usize,
}

/// What changed between two releases.
#[derive(Serialize)]
struct Changes {
    from: String,
    to: String,
    rules: Vec<Rule>,
    resources: Vec<Change>,
    feature_gates: Vec<Change>,
    admission_plugins: Vec<Change>,
    default_roles: Vec<Change>,
}

/// A rule that begins with a release.
#[derive(Serialize)]
struct Rule {
    since: String,
    area: &'static str,
    name: &'static str,
    what: &'static str,
    source: &'static str,
}

/// A line of a table that is new, gone (no `now`) or another one.
#[derive(Serialize)]
struct Change {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    was: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    now: Option<String>,
}

/// The lines of a table in one release, by name.
type Table = BTreeMap<String, String>;

pub(super) fn cmd_releases(args: ReleasesArgs) -> Result<Exit, Error> {
    let read = |text: &str| text.parse::<Version>().map_err(Error::new);
    let text = match (&args.from, &args.to) {
        (Some(from), Some(to)) => {
            let (from, to) = (read(from)?, read(to)?);
            if from >= to {
                return Err(
                    Error::new(format!("{from} is no older than {to}")).hint("the older release comes first")
                );
            }
            let changes = Changes::between(from, to);
            if args.json { pretty(&changes)? } else { changes.to_string() }
        }
        _ => {
            let all: Vec<Release> = Version::all().map(Release::of).collect();
            if args.json { pretty(&all)? } else { lines(&all) }
        }
    };
    // Whoever reads may have gone (`| head`).
    let _ = writeln!(std::io::stdout().lock(), "{}", text.trim_end());
    Ok(Exit::Fine)
}

fn pretty(data: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string_pretty(data).map_err(|error| Error::new(error.to_string()))
}

fn lines(items: &[impl ToString]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

impl Release {
    fn of(version: Version) -> Release {
        let on = |table: Table| table.values().filter(|state| state.contains("on")).count();
        Release {
            version: version.to_string(),
            rules: differences::ALL.iter().filter(|difference| difference.since == version).count(),
            resources: served(version).len(),
            gates_on: on(feature_gates(version)),
            plugins_on: on(plugins(version)),
        }
    }
}

impl Display for Release {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Release { version, rules, resources, gates_on, plugins_on } = self;
        write!(
            f,
            "{version}  {rules:3} rules begin, {resources} resources, {gates_on:3} feature gates and {plugins_on} \
             admission plugins on"
        )
    }
}

impl Changes {
    fn between(from: Version, to: Version) -> Changes {
        let changes = |table: fn(Version) -> Table| compare(table(from), table(to));
        let mut begun: Vec<&Difference> =
            differences::ALL.iter().filter(|rule| !from.has(**rule) && to.has(**rule)).collect();
        begun.sort_by_key(|rule| (rule.area, rule.since));
        Changes {
            from: from.to_string(),
            to: to.to_string(),
            rules: begun.into_iter().map(Rule::of).collect(),
            resources: changes(served),
            feature_gates: changes(feature_gates),
            admission_plugins: changes(plugins),
            default_roles: changes(default_roles),
        }
    }
}

impl Display for Changes {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "From Kubernetes {} to {}", self.from, self.to)?;
        for rules in self.rules.chunk_by(|a, b| a.area == b.area) {
            writeln!(f, "\n{}", rules.first().map_or("", |rule| rule.area))?;
            for rule in rules {
                writeln!(f, "  {}  {} ({})", rule.since, rule.what, rule.source)?;
            }
        }
        for (title, changes) in [
            ("Resources", &self.resources),
            ("Feature gates", &self.feature_gates),
            ("Admission plugins", &self.admission_plugins),
            ("Default roles and bindings", &self.default_roles),
        ] {
            if !changes.is_empty() {
                writeln!(f, "\n{title}\n{}", lines(changes))?;
            }
        }
        Ok(())
    }
}

impl Rule {
    fn of(difference: &Difference) -> Rule {
        let Difference { name, since, area, what, source, .. } = *difference;
        Rule { since: since.to_string(), area: area.name(), name, what, source }
    }
}

impl Display for Change {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (sign, state) = match (&self.was, &self.now) {
            (Some(was), Some(now)) => ('~', format!("{was} -> {now}")),
            (None, Some(state)) => ('+', state.clone()),
            (Some(state), None) => ('-', state.clone()),
            (None, None) => return Ok(()),
        };
        let colon = if state.is_empty() { "" } else { ": " };
        write!(f, "  {sign} {}{colon}{state}", self.name)
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
fn served(version: Version) -> Table {
    let rows = resources(version).iter();
    rows.map(|row| (format!("{} {}", row.api_version(), row.path()), row.verbs.join(","))).collect()
}

/// The gates that a release knows, with stage and default.
fn feature_gates(version: Version) -> Table {
    gates::of_release(version).map(|(gate, state)| (gate.to_owned(), state)).collect()
}

/// The plugins that a release knows, on by default or off.
fn plugins(version: Version) -> Table {
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

    fn told(from: u8, to: u8) -> String {
        Changes::between(Version::minor(from), Version::minor(to)).to_string()
    }

    #[test]
    fn what_changed_between_two_releases_comes_from_all_tables() {
        let told = told(24, 30);
        for line in [
            "From Kubernetes 1.24 to 1.30",
            "\nAuthentication\n",
            "  1.30  AppArmor profiles have a field; annotations become fields, with a warning (gate AppArmorFields, \
             KEP-24)",
            "  - policy/v1beta1 podsecuritypolicies: create,delete,deletecollection,get,list,patch,update,watch",
            "  ~ NodeSwap: alpha, off -> beta, on",
            "  - PodSecurityPolicy: off",
            "  + ValidatingAdmissionPolicy: on",
            "  + ClusterRole system:basic-user: selfsubjectreviews.authentication.k8s.io: create",
            "  ~ ClusterRole system:controller:node-controller: pods/status: update -> patch,update",
            "  + ClusterRoleBinding system:controller:legacy-service-account-token-cleaner: ServiceAccount \
             kube-system/legacy-service-account-token-cleaner",
        ] {
            assert!(told.contains(line), "{line} is not in\n{told}");
        }
        assert!(!told.contains("1.24  ") && !told.contains("1.31  "), "{told}");
    }

    #[test]
    fn what_two_releases_share_is_not_told() {
        let same = BTreeMap::from([("a".to_owned(), "on".to_owned())]);
        assert!(compare(same.clone(), same).is_empty());
    }
}
