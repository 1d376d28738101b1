//! `kubeverdict releases`: the releases that are modelled, and what changed between two of them.

use super::Exit;
use super::format::FormatArgs;
use super::out::Out;
use crate::api::Version;
use crate::api::differences;
use crate::error::Error;
use crate::releases::{self, Change, Changes, Table};
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt::{self, Display, Formatter};

/// List the releases, or what changed between two of them
#[derive(clap::Args)]
pub(super) struct ReleasesArgs {
    /// The older one, as in 1.27
    #[arg(requires = "to")]
    from: Option<String>,
    /// The newer one, as in 1.34
    to: Option<String>,
    #[command(flatten)]
    format: FormatArgs,
}

/// What `releases --json` prints.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Told {
    /// The releases.
    All(Vec<Release>),
    /// What changed between two of them.
    Changes(Changes),
}

/// A release, in numbers.
#[derive(Serialize, JsonSchema)]
pub(super) struct Release {
    version: String,
    /// The rules of this machine that begin with it.
    rules: usize,
    resources: usize,
    gates_on: usize,
    plugins_on: usize,
}

pub(super) fn cmd_releases(args: ReleasesArgs) -> Result<Exit, Error> {
    let read = |text: &str| text.parse::<Version>().map_err(Error::new);
    let told = match (&args.from, &args.to) {
        (Some(from), Some(to)) => {
            let (from, to) = (read(from)?, read(to)?);
            if from >= to {
                return Err(
                    Error::new(format!("{from} is no older than {to}")).hint("the older release comes first")
                );
            }
            Told::Changes(Changes::between(from, to))
        }
        _ => Told::All(Version::all().map(Release::of).collect()),
    };
    let in_words = || match &told {
        Told::Changes(changes) => changes.to_string().trim_end().to_owned(),
        Told::All(all) => lines(all),
    };
    let mut out = Out::open();
    args.format.print(&mut out, &told, in_words)?;
    out.end(Exit::Fine)
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
            resources: releases::served(version).len(),
            gates_on: on(releases::feature_gates(version)),
            plugins_on: on(releases::plugins(version)),
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
            ("Fields", &self.fields),
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

impl Display for Change {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (sign, state) = match (&self.was, &self.now) {
            (Some(was), Some(now)) if now.is_empty() => ('~', format!("no longer {was}")),
            (Some(was), Some(now)) if was.is_empty() => ('~', now.clone()),
            (Some(was), Some(now)) => ('~', format!("{was} -> {now}")),
            (None, Some(state)) => ('+', state.clone()),
            (Some(state), None) => ('-', state.clone()),
            (None, None) => return Ok(()),
        };
        let colon = if state.is_empty() { "" } else { ": " };
        write!(f, "  {sign} {}{colon}{state}", self.name)
    }
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
            "  + core.v1.Container.resizePolicy: behind InPlacePodVerticalScaling",
            "  ~ batch.v1.CronJobSpec.timeZone: no longer behind CronJobTimeZone",
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
}
