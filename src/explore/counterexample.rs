//! An ending as a file: the scenario in one release, with the schedule that leads there, which `run` replays.

use crate::api::Version;
use crate::cluster::Deviation;
use crate::error::Error;
use serde_yaml::{Mapping, Value};

/// The text of a scenario with a schedule, in one release. What the text had of comments and anchors is not in it.
///
/// # Errors
/// The text is no scenario's.
pub fn counterexample(text: &str, version: Version, schedule: &[Deviation]) -> Result<String, Error> {
    let mut scenario: Mapping = serde_yaml::from_str(text).map_err(Error::of)?;
    let mut cluster = match scenario.get("cluster") {
        Some(Value::Mapping(cluster)) => cluster.clone(),
        Some(_) | None => Mapping::new(),
    };
    cluster.remove("versions");
    cluster.insert("version".into(), version.to_string().into());
    scenario.insert("cluster".into(), cluster.into());
    scenario.insert("schedule".into(), serde_yaml::to_value(schedule).map_err(Error::of)?);
    serde_yaml::to_string(&scenario).map_err(Error::of)
}
