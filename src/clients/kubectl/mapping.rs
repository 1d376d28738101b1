//! From words and kinds to resources (`meta.RESTMapper`).
//!
//! The built-in resources are known from the release's table, so that no discovery request is sent for them. What the
//! table does not hold is looked for at the server as kubectl does: custom resources are found there.

use super::Ctx;
use super::error::{Done, Failure};
use crate::api::{Dig, Request, Resource, resources, root_path};
use crate::clients::Unknown;
use serde_json::Value;
use std::collections::BTreeSet;

/// A resource with all that it takes to address it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mapping {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) resource: String,
    pub(super) kind: String,
    pub(super) namespaced: bool,
    /// Whether this is a custom resource: it knows no strategic merge.
    pub(super) custom: bool,
}

impl From<&Resource> for Mapping {
    fn from(resource: &Resource) -> Mapping {
        Mapping {
            group: resource.group.to_string(),
            version: resource.version.to_string(),
            resource: resource.name.to_string(),
            kind: resource.kind.to_string(),
            namespaced: resource.namespaced,
            custom: false,
        }
    }
}

impl Mapping {
    /// `apps/v1`, or `v1`.
    pub(super) fn api_version(&self) -> String {
        match self.group.as_str() {
            "" => self.version.clone(),
            group => format!("{group}/{}", self.version),
        }
    }

    /// `deployment.apps`: how kubectl names an object's kind.
    pub(super) fn kind_name(&self) -> String {
        kind_name(&self.kind, &self.group)
    }

    /// `deployments.apps`.
    pub(super) fn group_resource(&self) -> String {
        kind_name(&self.resource, &self.group)
    }

    /// The path of the collection, or of an object where a name is given.
    pub(super) fn path(&self, namespace: &str, name: &str) -> String {
        let root = root_path(&self.group, &self.version);
        let scope = match (self.namespaced, namespace) {
            (false, _) | (true, "") => String::new(),
            (true, namespace) => format!("/namespaces/{namespace}"),
        };
        let name = match name {
            "" => String::new(),
            name => format!("/{}", crate::api::info::percent_encode(name)),
        };
        format!("{root}{scope}/{}{name}", self.resource)
    }

    /// How `resource.Info` prints itself.
    pub(super) fn describe(&self, namespace: &str, name: &str) -> String {
        let gv = format!("{}/{}", self.group, self.version);
        format!(
            "Resource: \"{gv}, Resource={}\", GroupVersionKind: \"{gv}, Kind={}\"\nName: \"{name}\", Namespace: \"{namespace}\"",
            self.resource, self.kind
        )
    }
}

/// `kind.group` in lower case.
pub(super) fn kind_name(kind: &str, group: &str) -> String {
    let dot = if group.is_empty() { "" } else { "." };
    format!("{kind}{dot}{group}").to_lowercase()
}

/// The group of an `apiVersion`.
pub(super) fn split_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

impl Ctx<'_> {
    /// The built-in resource that a word names, if any.
    pub(super) fn built_in(&self, word: &str) -> Option<Mapping> {
        resources(self.client.version()).lookup(word).map(|row| Mapping::from(&**row))
    }

    /// The resource that a word names, if any.
    pub(super) fn find_resource(&mut self, word: &str) -> Option<Mapping> {
        if let Some(mapping) = self.built_in(word) {
            return Some(mapping);
        }
        let word = word.to_lowercase();
        let found = self.custom_resources().into_iter().find(|(mapping, names)| {
            let named = |w: &str| names.iter().any(|n| n == w);
            named(&word)
                || word
                    .split_once('.')
                    .is_some_and(|(name, group)| named(name) && mapping.group.starts_with(group))
        });
        found.map(|(mapping, _)| mapping)
    }

    /// The resource that a word names.
    pub(super) fn resource(&mut self, word: &str) -> Done<Mapping> {
        let Some(mapping) = self.find_resource(word) else {
            let (name, group) = word.split_once('.').unwrap_or((word, ""));
            let within = match group.is_empty() || self.old() {
                true => String::new(),
                false => format!(" in group \"{group}\""),
            };
            let text = format!("the server doesn't have a resource type \"{name}\"{within}");
            return Err(Failure::plain(text).unknown(Unknown::Resource(word.to_owned())));
        };
        self.warn_of_namesakes(word, &mapping);
        Ok(mapping)
    }

    /// Tells of other resources that have the same short name (`meta`'s shortcut expander).
    fn warn_of_namesakes(&mut self, word: &str, meant: &Mapping) {
        if self.old() {
            return;
        }
        let rows = resources(self.client.version()).iter();
        let others =
            rows.filter(|row| row.short_names.iter().any(|name| name == word) && *row.group != meant.group);
        let others: BTreeSet<String> = others.map(|row| Mapping::from(&**row).group_resource()).collect();
        for other in others {
            let text =
                format!("Warning: short name \"{word}\" could also match lower priority resource {other}");
            if self.warned.insert(text.clone()) {
                self.warn(text);
            }
        }
    }

    /// The resource of a manifest's kind.
    pub(super) fn resource_of(&mut self, object: &Value) -> Option<Mapping> {
        let (group, version) = split_version(object.text("apiVersion"));
        let kind = object.text("kind");
        if let Some(resource) = resources(self.client.version()).by_kind(group, version, kind) {
            return Some(Mapping::from(&**resource));
        }
        let custom = self.custom_resources().into_iter().map(|(mapping, _)| mapping);
        custom.into_iter().find(|m| m.group == group && m.version == version && m.kind == kind)
    }

    /// What a server tells of itself; nothing where it does not.
    fn discover(&mut self, path: &str) -> Value {
        let response = self.send_raw(Request::new("GET", path).header("Accept", "application/json"));
        if response.ok() { response.object().clone() } else { Value::Null }
    }

    /// What the server serves beyond the built-in groups, each with its names.
    pub(super) fn custom_resources(&mut self) -> Vec<(Mapping, Vec<String>)> {
        if let Some(known) = &self.custom {
            return known.clone();
        }
        let mut found = Vec::new();
        let version = self.client.version();
        let groups = self.discover("/apis");
        for group in groups.list("groups") {
            if resources(version).has_group(group.text("name")) {
                continue;
            }
            for served in group.list("versions") {
                let gv = served.text("groupVersion").to_owned();
                let list = self.discover(&format!("/apis/{gv}"));
                let rows = list.list("resources").iter();
                found.extend(rows.filter(|r| !r.text("name").contains('/')).map(|r| {
                    let names = [r.text("name"), r.text("singularName"), &r.text("kind").to_lowercase()]
                        .into_iter()
                        .chain(r.list("shortNames").iter().filter_map(Value::as_str))
                        .map(str::to_owned)
                        .collect();
                    let (group, version) = split_version(&gv);
                    let mapping = Mapping {
                        group: group.to_owned(),
                        version: version.to_owned(),
                        resource: r.text("name").to_owned(),
                        kind: r.text("kind").to_owned(),
                        namespaced: r.flag("namespaced"),
                        custom: true,
                    };
                    (mapping, names)
                }));
            }
        }
        self.custom = Some(found.clone());
        found
    }
}
