//! The plugins in their order, and which of them run.

use super::{Cx, Outcome, Review};
use crate::api::Version;
use crate::config::Config;
use crate::error::Error;

/// A plugin: a row of the chain.
pub struct Plugin {
    /// The name that the flags use.
    pub name: &'static str,
    /// The first minor release that knows it.
    pub since: u8,
    /// The last minor release that knows it.
    pub until: u8,
    /// The first minor release that has it on without a flag; 255 for never.
    pub on_since: u8,
    /// What it does; none: known by name, but not modelled.
    pub run: Option<Run>,
}

/// A plugin's two functions.
pub struct Run {
    /// Changes a write, or refuses it at once.
    pub admit: Option<fn(&mut Cx<'_>, &mut Review) -> Outcome>,
    /// Refuses a write, or lets it through.
    pub validate: Option<fn(&mut Cx<'_>, &mut Review) -> Outcome>,
}

/// Every plugin that a release knows, in the order in which they run.
pub const CHAIN: &[Plugin] = &[];

/// The plugins of one cluster, in order.
#[derive(Clone)]
pub struct Chain(Vec<&'static Plugin>);

impl Chain {
    /// Selects by the flags: those of the release's defaults and of `--enable-admission-plugins`, less those of
    /// `--disable-admission-plugins`; or exactly those of `--admission-control`.
    pub fn new(config: &Config) -> Result<Chain, Error> {
        let named = [
            &config.enable_admission_plugins,
            &config.disable_admission_plugins,
        ]
        .into_iter()
        .flatten();
        for name in named.chain(config.admission_control.iter().flatten()) {
            known(name, config.version)?;
        }
        let runs = |plugin: &&Plugin| match &config.admission_control {
            Some(list) => list.iter().any(|name| name == plugin.name),
            None if config
                .enable_admission_plugins
                .iter()
                .any(|name| name == plugin.name) =>
            {
                true
            }
            None if config
                .disable_admission_plugins
                .iter()
                .any(|name| name == plugin.name) =>
            {
                false
            }
            None => config.version.at_least(plugin.on_since),
        };
        let of_release = |plugin: &&Plugin| known(plugin.name, config.version).is_ok();
        let selected: Vec<&'static Plugin> = CHAIN.iter().filter(of_release).filter(runs).collect();
        match selected.iter().find(|plugin| plugin.run.is_none()) {
            Some(plugin) => Err(
                Error::new(format!("admission plugin `{}` is not modelled", plugin.name)).hint(format!(
                    "take it out, or add `disable-admission-plugins: {}`",
                    plugin.name
                )),
            ),
            None => Ok(Chain(selected)),
        }
    }

    /// The plugins in order.
    pub fn iter(&self) -> impl Iterator<Item = &'static Plugin> + '_ {
        self.0.iter().copied()
    }
}

fn known(name: &str, version: Version) -> Result<(), Error> {
    let of_release = |p: &&Plugin| version.at_least(p.since) && version.before(p.until + 1);
    match CHAIN.iter().filter(of_release).any(|plugin| plugin.name == name) {
        true => Ok(()),
        false => Err(Error::new(format!(
            "unknown admission plugin `{name}` in Kubernetes {version}"
        ))
        .nearest(name, CHAIN.iter().filter(of_release).map(|plugin| plugin.name))),
    }
}
