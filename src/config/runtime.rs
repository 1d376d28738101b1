//! `--runtime-config`: which versions of the API are served (`apiserver/pkg/server/resourceconfig`).
//!
//! # Differs from Kubernetes
//!
//! A key for a single resource (`group/version/resource`), which a real server passes over, is an error.

use crate::api::Version;
use crate::api::resources::{Resource, Resources, Switch, chosen, resources};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Whether a version is one of many.
type Matches = fn(&str) -> bool;

/// The keys that stand for many versions, in the order in which they count.
const MANY: [(&str, Matches); 4] = [
    ("api/all", |_| true),
    ("api/ga", |version| !version.contains("alpha") && !version.contains("beta")),
    ("api/beta", |version| version.contains("beta")),
    ("api/alpha", |version| version.contains("alpha")),
];

/// What the flag says: keys, and whether they are on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuntimeConfig(BTreeMap<String, bool>);

impl RuntimeConfig {
    /// Takes up what one flag says (`ConfigurationMap`).
    pub(super) fn add(&mut self, text: &str, release: Version) -> Result<(), String> {
        for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let on = match value {
                "" | "true" | "1" | "t" | "T" | "True" | "TRUE" => true,
                "false" | "0" | "f" | "F" | "False" | "FALSE" => false,
                _ => return Err(format!("invalid value of {key}: {value}")),
            };
            check(key, on, release)?;
            self.0.insert(key.to_owned(), on);
        }
        match self.0.len() == 1 && self.0.get("api/all") == Some(&false) {
            true => Err("invalid key with only api/all=false".to_owned()),
            false => Ok(()),
        }
    }

    /// What a release serves by itself with this said, and with these gates.
    pub(super) fn resources(&self, release: Version, feature: &dyn Fn(&str) -> bool) -> Arc<Resources> {
        match self.0.is_empty() {
            true => resources(release).clone(),
            false => chosen(release, &|row, switch| self.serves(row, switch, feature)),
        }
    }

    fn serves(&self, row: &Resource, switch: Switch, feature: &dyn Fn(&str) -> bool) -> bool {
        let mut on = switch.on;
        for (key, matches) in MANY {
            if let Some(said) = self.0.get(key).filter(|_| matches(&row.version)) {
                on = *said;
            }
        }
        let said = keys_of(row).iter().find_map(|key| self.0.get(key)).copied();
        said.unwrap_or(on) && (switch.gate.is_empty() || feature(switch.gate))
    }
}

/// How a version may be named: the core one by two names.
fn keys_of(row: &Resource) -> [String; 2] {
    match &*row.group {
        "" => [row.version.to_string(), format!("api/{}", row.version)],
        _ => [row.api_version(), String::new()],
    }
}

/// Whether a key names what there is, and what is modelled.
fn check(key: &str, on: bool, release: Version) -> Result<(), String> {
    if MANY.iter().any(|(many, _)| *many == key) {
        return Ok(());
    }
    let all = chosen(release, &|_, _| true);
    if all.iter().any(|row| keys_of(row).iter().any(|known| known == key)) {
        return Ok(());
    }
    let parts: Vec<&str> = key.split('/').collect();
    let group = parts.first().copied().unwrap_or_default();
    match parts.as_slice() {
        [_, _, _] => Err(format!(
            "individual resource enablement/disablement is not supported in {group}/{}",
            parts.get(1).copied().unwrap_or_default()
        )),
        [_, version] if crate::api::schema::has_version(group, version, release) => match on {
            true => Err(format!("that {key} is served is not modelled")),
            false => Ok(()),
        },
        [_, _] if all.has_group(group) => Err(format!("group version {key} that has not been registered")),
        _ => Err(format!("unknown api groups {group}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn served(said: &str, minor: u8, gates: bool) -> Result<Arc<Resources>, String> {
        let release = Version::minor(minor);
        let mut config = RuntimeConfig::default();
        config.add(said, release)?;
        Ok(config.resources(release, &|_| gates))
    }

    #[test]
    fn versions_are_switched_on_and_off() {
        let has = |said: &str, gates: bool, group: &str, version: &str| {
            served(said, 36, gates).unwrap().has_group_version(group, version)
        };
        let beta = "certificates.k8s.io/v1beta1";
        assert!(!has("", true, "certificates.k8s.io", "v1beta1"));
        assert!(has(beta, true, "certificates.k8s.io", "v1beta1"));
        assert!(has("api/beta=true", true, "certificates.k8s.io", "v1beta1"));
        assert!(!has(beta, false, "certificates.k8s.io", "v1beta1"));
        assert!(!has(
            "api/all=true,certificates.k8s.io/v1beta1=false",
            true,
            "certificates.k8s.io",
            "v1beta1"
        ));
        assert!(!has("batch/v1=false", true, "batch", "v1"));
        assert!(has("api/all=false,v1=true", true, "", "v1"));
        assert!(!has("api/all=false,v1=true", true, "apps", "v1"));
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (said, why) in [
            ("nosuch/v1", "unknown api groups nosuch"),
            ("apps/v7", "group version apps/v7 that has not been registered"),
            ("apps/v1=maybe", "invalid value of apps/v1: maybe"),
            ("api/all=false", "invalid key with only api/all=false"),
            ("apps/v1/deployments", "individual resource enablement/disablement is not supported in apps/v1"),
            ("storage.k8s.io/v1alpha1", "group version storage.k8s.io/v1alpha1 that has not been registered"),
            ("coordination.k8s.io/v1beta1", "that coordination.k8s.io/v1beta1 is served is not modelled"),
        ] {
            assert_eq!(served(said, 36, true).unwrap_err(), why, "{said}");
        }
    }
}
