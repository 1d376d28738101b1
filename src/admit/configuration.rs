//! `AdmissionConfiguration`: what `--admission-control-config-file` says about each plugin
//! (`apiserver/pkg/admission/config.go`).
//!
//! # Differs from Kubernetes
//! A plugin's configuration must stand in the file itself; a `path` to another file is refused.

use crate::config::Config;
use crate::error::Error;
use crate::json::Value;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AdmissionConfiguration {
    api_version: String,
    kind: String,
    #[serde(default)]
    plugins: Vec<PluginConfiguration>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PluginConfiguration {
    name: String,
    path: Option<String>,
    configuration: Option<Value>,
}

const API_VERSIONS: [&str; 2] = ["apiserver.config.k8s.io/v1", "apiserver.k8s.io/v1alpha1"];

/// What the file says, by plugin.
pub(crate) fn of_all(config: &Config) -> Result<BTreeMap<String, Value>, Error> {
    match &config.admission_config {
        Some(file) => read(&file.text).map_err(|error| error.in_file(&file.path)),
        None => Ok(BTreeMap::new()),
    }
}

fn read(text: &[u8]) -> Result<BTreeMap<String, Value>, Error> {
    let read: AdmissionConfiguration =
        crate::golang::yaml::typed(&String::from_utf8_lossy(text)).map_err(Error::of)?;
    if read.kind != "AdmissionConfiguration" || !API_VERSIONS.contains(&read.api_version.as_str()) {
        return Err(Error::new(format!(
            "`{}` of `{}` is not an admission configuration",
            read.kind, read.api_version
        ))
        .hint(format!("kind: AdmissionConfiguration, apiVersion: {}", API_VERSIONS[0])));
    }
    let mut all = BTreeMap::new();
    for PluginConfiguration { name, path, configuration } in read.plugins {
        if let Some(path) = path.filter(|path| !path.is_empty()) {
            return Err(Error::new(format!("plugin `{name}` keeps its configuration in `{path}`"))
                .hint("write it under `configuration` in this file"));
        }
        all.extend(configuration.map(|configuration| (name, configuration)));
    }
    Ok(all)
}
