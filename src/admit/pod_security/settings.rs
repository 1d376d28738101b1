//! `PodSecurityConfiguration`: what holds in a namespace without labels, and who is exempt
//! (`pod-security-admission/admission/api`).

use super::NAME;
use super::policy::{Level, Mode, Policy, PolicyVersion};
use crate::api::names;
use crate::api::{Errors, Version};
use crate::error::Error;
use crate::json::Value;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The plugin's configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// What holds in a namespace without labels.
    pub defaults: Policy,
    /// Whom the plugin lets through.
    pub exempt: Exemptions,
}

/// Whom the plugin lets through.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Exemptions {
    /// Users, whatever they write.
    pub usernames: Vec<String>,
    /// Namespaces, whatever is written there.
    pub namespaces: Vec<String>,
    /// Runtime classes of pods.
    pub runtime_classes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PodSecurityConfiguration {
    api_version: String,
    kind: String,
    #[serde(default)]
    defaults: BTreeMap<String, String>,
    #[serde(default)]
    exemptions: Exemptions,
}

const GROUP: &str = "pod-security.admission.config.k8s.io";

/// The versions of the configuration, with the minor release that reads them first.
const VERSIONS: [(&str, u8); 3] = [("v1", 25), ("v1beta1", 23), ("v1alpha1", 22)];

impl Settings {
    /// What the admission configuration file says to the plugin; where it says nothing (null), nothing holds and nobody
    /// is exempt.
    pub(crate) fn read(version: Version, written: &Value) -> Result<Settings, Error> {
        if written.is_null() {
            return Ok(Settings::nothing());
        }
        let read = PodSecurityConfiguration::deserialize(written.clone())
            .map_err(|error| Error::new(format!("plugin `{NAME}`: {error}")))?;
        Settings::check(version, read)
    }

    fn nothing() -> Settings {
        Settings { defaults: Policy::PRIVILEGED, exempt: Exemptions::default() }
    }

    /// `ValidatePodSecurityConfiguration`.
    fn check(version: Version, read: PodSecurityConfiguration) -> Result<Settings, Error> {
        let known = VERSIONS
            .iter()
            .any(|(name, since)| version.at_least(*since) && read.api_version == format!("{GROUP}/{name}"));
        if read.kind != "PodSecurityConfiguration" || !known {
            return Err(Error::new(format!(
                "plugin `{NAME}`: `{}` of `{}` is no configuration of Kubernetes {}",
                read.kind, read.api_version, version
            )));
        }
        let errors = Errors::new(version);
        let defaults = defaults(&read.defaults, &errors)?;
        read.exemptions.check(&errors);
        match errors.is_empty() {
            true => Ok(Settings { defaults, exempt: read.exemptions }),
            false => Err(Error::new(format!("plugin `{NAME}`: {}", errors.summary()))),
        }
    }
}

/// The `defaults` of the configuration; an empty or missing one means `privileged` and `latest`.
fn defaults(written: &BTreeMap<String, String>, errors: &Errors) -> Result<Policy, Error> {
    let keys: Vec<String> = Mode::ALL
        .iter()
        .flat_map(|mode| [mode.name().to_owned(), format!("{}-version", mode.name())])
        .collect();
    if let Some(key) = written.keys().find(|key| !keys.contains(key)) {
        let error = Error::new(format!("plugin `{NAME}`: unknown default `{key}`"));
        return Err(error.nearest(key, keys.iter().map(String::as_str)));
    }
    let mut policy = Policy::PRIVILEGED;
    for mode in Mode::ALL {
        let at = policy.of_mode_mut(mode);
        let said = |key: String| {
            let text = written.get(&key).filter(|text| !text.is_empty())?;
            Some((format!("defaults.{key}"), text))
        };
        if let Some((path, text)) = said(mode.name().to_owned()) {
            match Level::parse(text) {
                Ok(level) => at.level = level,
                Err(why) => errors.invalid(path, text, why),
            }
        }
        if let Some((path, text)) = said(format!("{}-version", mode.name())) {
            match PolicyVersion::parse(text) {
                Ok(version) => at.version = version,
                Err(why) => errors.invalid(path, text, why),
            }
        }
    }
    Ok(policy)
}

impl Exemptions {
    fn check(&self, errors: &Errors) {
        let version = errors.version();
        let label = |name: &str| names::dns1123_label(name, version);
        once(errors, "namespaces", &self.namespaces, label);
        once(errors, "runtimeClasses", &self.runtime_classes, names::dns1123_subdomain);
        once(errors, "usernames", &self.usernames, |_| Vec::new());
    }
}

/// Each name is valid, and stands once.
fn once(errors: &Errors, list: &str, items: &[String], wrong: impl Fn(&str) -> Vec<String>) {
    let mut seen = BTreeSet::new();
    for (i, name) in items.iter().enumerate() {
        let path = format!("exemptions.{list}[{i}]");
        let why = wrong(name);
        if !why.is_empty() {
            errors.invalid(path, name, why.join(", "));
        } else if name.is_empty() {
            errors.required(path, "");
        } else if !seen.insert(name) {
            errors.duplicate(path, name);
        }
    }
}
