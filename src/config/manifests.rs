//! Policies from files: folders that the configuration of a plugin names (`ManifestBasedAdmissionControlConfig`, KEP-5793).
//!
//! # Differs from Kubernetes
//!
//! The folders are read once, at the start. Webhook configurations from files are not modelled.

use super::{Config, File, ReadFile};
use crate::api::field::quote;
use crate::api::{Dig, GroupResource};
use crate::error::Error;
use crate::json::Value;
use crate::{golang, kinds, yaml};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The end of the names of what comes from files, which nothing else may have.
pub(crate) const SUFFIX: &str = ".static.k8s.io";
/// The gate.
pub(crate) const GATE: &str = "ManifestBasedAdmissionControlConfig";
const GROUP: &str = "admissionregistration.k8s.io";

/// The plugins that read such folders, with the kinds that stand there.
const PLUGINS: [(&str, [&str; 2]); 2] = [
    ("ValidatingAdmissionPolicy", ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"]),
    ("MutatingAdmissionPolicy", ["MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"]),
];

/// What stands in the files, by the name under which its like are stored.
pub(crate) type Manifests = BTreeMap<String, Vec<Arc<Value>>>;

/// The files in the folders that an admission configuration names, each with its plugin.
pub(super) fn files(configuration: &File, read: ReadFile<'_>) -> Result<Vec<(String, File)>, Error> {
    let text = String::from_utf8_lossy(&configuration.text);
    // What is wrong with it, its own reader tells.
    let Ok(value) = golang::yaml::value(&text) else { return Ok(Vec::new()) };
    let mut files = Vec::new();
    for plugin in value.list("plugins") {
        let folder = plugin.at("configuration").text("staticManifestsDir");
        if folder.is_empty() {
            continue;
        }
        let refused = |error: std::io::Error| Error::new(format!("staticManifestsDir `{folder}`: {error}"));
        let names = read(folder).map_err(refused)?;
        for name in String::from_utf8_lossy(&names).lines() {
            if [".yaml", ".yml", ".json"].iter().any(|end| name.ends_with(end)) {
                let path = format!("{folder}/{name}");
                let text = read(&path).map_err(refused)?.into();
                files.push((plugin.text("name").to_owned(), File { path, text }));
            }
        }
    }
    Ok(files)
}

impl Config {
    /// The policies and bindings that stand in files.
    ///
    /// # Errors
    /// The gate is off, or something in a file is none of them.
    pub(crate) fn manifests(&self) -> Result<Manifests, Error> {
        let mut all = Manifests::new();
        if let Some((plugin, _)) = self.manifest_files.first().filter(|_| !self.feature(GATE)) {
            let why = format!("staticManifestsDir of {plugin} needs the feature gate {GATE}");
            return Err(Error::new(why));
        }
        for (plugin, file) in &self.manifest_files {
            let Some((_, known)) = PLUGINS.iter().find(|(name, _)| name == plugin) else {
                return Err(Error::new(format!("staticManifestsDir of {plugin} is not modelled")));
            };
            let text = String::from_utf8_lossy(&file.text);
            for node in yaml::documents(&file.path, &text)? {
                let wrong = |why: String| Error::new(why).in_file(&file.path);
                let document = golang::yaml::document(&node).map_err(wrong)?;
                let value = document.json.into_value().map_err(wrong)?;
                if value.is_null() {
                    continue;
                }
                let (stored, object) = self.manifest(value, known).map_err(wrong)?;
                all.entry(stored).or_default().push(Arc::new(object));
            }
        }
        for (stored, bindings) in all.iter().filter(|(stored, _)| stored.contains("bindings.")) {
            let policies =
                all.get(&stored.replace("policybindings.", "policies.")).map_or(&[][..], Vec::as_slice);
            for binding in bindings {
                let policy = binding.text("spec.policyName");
                if !policies.iter().any(|it| it.name() == policy) {
                    let why = format!(
                        "binding {} references policy {}, which no file has",
                        quote(binding.name()),
                        quote(policy)
                    );
                    return Err(Error::new(why));
                }
            }
        }
        Ok(all)
    }

    /// One object, with its defaults, and under which name its like are stored.
    fn manifest(&self, mut object: Value, known: &[&str]) -> Result<(String, Value), String> {
        let (kind, version) = (object.text("kind").to_owned(), object.text("apiVersion").to_owned());
        let resources = self.resources();
        let of = version.strip_prefix(GROUP).and_then(|rest| rest.strip_prefix('/')).unwrap_or_default();
        let row = resources.by_kind(GROUP, of, &kind).filter(|_| known.contains(&kind.as_str()));
        let Some(row) = row else { return Err(format!("unsupported kind {version}, Kind={kind}")) };
        if !object.name().ends_with(SUFFIX) {
            return Err(format!("name {} must end with {}", quote(object.name()), quote(SUFFIX)));
        }
        kinds::of(row).fill(&mut object, self.version);
        let errors = kinds::of(row).errors_of_create(&object, self.version);
        errors.into_status(GROUP, &kind, object.name()).map_err(|status| status.message)?;
        Ok((GroupResource::new(GROUP, &row.name).to_string(), object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Version;

    fn read(text: &str, gate: bool) -> Result<usize, String> {
        let configuration = "{apiVersion: apiserver.config.k8s.io/v1, kind: AdmissionConfiguration, plugins: [{name: \
                             ValidatingAdmissionPolicy, configuration: {staticManifestsDir: d}}]}";
        let files: ReadFile<'_> = &|path| match path {
            "c" => Ok(configuration.into()),
            "d" => Ok(b"p.yaml\nreadme".to_vec()),
            "d/p.yaml" => Ok(text.into()),
            _ => Err(std::io::Error::from(std::io::ErrorKind::NotFound)),
        };
        let mut config = Config::new(Version::minor(36));
        let gate = format!("{GATE}={gate}");
        let flags = [("admission-control-config-file", "c"), ("feature-gates", gate.as_str())];
        config.apply(flags, files).map_err(|error| error.to_string())?;
        let manifests = config.manifests().map_err(|error| error.message)?;
        Ok(manifests.values().map(Vec::len).sum())
    }

    #[test]
    fn policies_in_files_are_held_to_their_rules() {
        let head = "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy";
        let binding = |policy: &str| {
            format!(
                "{head}Binding\nmetadata: {{name: b{SUFFIX}}}\nspec: {{policyName: {policy}, validationActions: [Deny]}}\n"
            )
        };
        let policy = |name: &str| {
            format!(
                "{head}\nmetadata: {{name: {name}}}\nspec:\n  matchConstraints: {{resourceRules: [{{apiGroups: [''], \
                 apiVersions: [v1], operations: [CREATE], resources: [pods]}}]}}\n  validations: [{{expression: 'true'}}]\n"
            )
        };
        let (good, bound) = (policy("p.static.k8s.io"), binding("p.static.k8s.io"));
        assert_eq!(read(&format!("{good}---\n{bound}"), true), Ok(2));
        for (text, gate, why) in [
            (good.as_str(), false, "needs the feature gate"),
            (policy("p").as_str(), true, "must end with"),
            (bound.as_str(), true, "which no file has"),
            ("apiVersion: v1\nkind: Pod\n", true, "unsupported kind v1, Kind=Pod"),
        ] {
            let error = read(text, gate).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}
