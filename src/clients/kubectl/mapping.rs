//! From words and kinds to resources (`meta.RESTMapper`).
//!
//! The built-in resources are known from the release's table, so that no discovery request is sent for them. What the
//! table does not hold is looked for at the server as kubectl does: custom resources are found there.

use super::Ctx;
use super::error::{Done, Failure};
use crate::api::{Dig, Request, Resource, resources, root_path};
use crate::clients::Unknown;
use crate::json::Value;
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

    /// `apps/v1, Kind=Deployment`: how Go prints a kind with all that it is of.
    pub(super) fn gvk(&self) -> String {
        format!("{}/{}, Kind={}", self.group, self.version, self.kind)
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

/// A resource that the server tells of, with what it goes by.
#[derive(Clone, Debug)]
pub(super) struct Discovered {
    pub(super) mapping: Mapping,
    /// Plural, singular and kind.
    names: [String; 3],
    pub(super) short: Vec<String>,
    pub(super) categories: Vec<String>,
}

impl Discovered {
    fn of(group_version: &str, told: &Value) -> Discovered {
        let (group, version) = split_version(group_version);
        Discovered {
            mapping: Mapping {
                group: group.to_owned(),
                version: version.to_owned(),
                resource: told.text("name").to_owned(),
                kind: told.text("kind").to_owned(),
                namespaced: told.flag("namespaced"),
                custom: true,
            },
            names: [told.text("name"), told.text("singularName"), told.text("kind")].map(str::to_lowercase),
            short: told.texts("shortNames").into_iter().map(str::to_owned).collect(),
            categories: told.texts("categories").into_iter().map(str::to_owned).collect(),
        }
    }

    /// Whether a word in lower case means it: `NAME`, `NAME.GROUP`, `NAME.VERSION.GROUP` (`schema.ParseResourceArg`); the
    /// start of the group will do.
    fn is(&self, word: &str) -> bool {
        let (name, rest) = word.split_once('.').unwrap_or((word, ""));
        let Mapping { group, version, .. } = &self.mapping;
        let versioned = rest.split_once('.').is_some_and(|told| told == (version.as_str(), group.as_str()));
        self.names.iter().chain(&self.short).any(|own| own == name) && (versioned || group.starts_with(rest))
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
        self.discovered().into_iter().find(|known| known.is(&word)).map(|known| known.mapping)
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
        let custom = self.discovered().into_iter().map(|known| known.mapping);
        custom.into_iter().find(|m| m.group == group && m.version == version && m.kind == kind)
    }

    /// What a server tells of itself; nothing where it does not.
    fn discover(&mut self, path: &str) -> Value {
        let response = self.send_raw(Request::new("GET", path).header("Accept", "application/json"));
        if response.ok() { response.object().clone() } else { Value::Null }
    }

    /// What the server serves beyond the built-in groups, of each group the preferred version first.
    pub(super) fn discovered(&mut self) -> Vec<Discovered> {
        if let Some(known) = &self.discovered {
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
                let gv = served.text("groupVersion");
                let list = self.discover(&format!("/apis/{gv}"));
                let whole = list.list("resources").iter().filter(|told| !told.text("name").contains('/'));
                found.extend(whole.map(|told| Discovered::of(gv, told)));
            }
        }
        self.discovered = Some(found.clone());
        found
    }

    /// The same, of each resource the preferred version alone (`ServerPreferredResources`).
    pub(super) fn preferred(&mut self) -> Vec<Discovered> {
        let mut seen = BTreeSet::new();
        let mut found = self.discovered();
        found.retain(|known| seen.insert(known.mapping.group_resource()));
        found
    }
}
