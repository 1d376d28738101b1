//! Custom resources: what a CustomResourceDefinition says of the resources that it adds
//! (`apiextensions-apiserver/pkg/apiserver/customresource_handler.go`, `…_discovery_controller.go`).
//!
//! A definition that is established adds rows to the cluster's table ([`super::definitions`]), each with the version that it is of
//! ([`Custom`]); from there on a custom resource goes the way of any other.

use super::jsonpath;
use super::structural::{self, Metadata, Structural};
use super::{Dig, Version};
use crate::json::Value;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where definitions are stored.
pub(crate) const DEFINITIONS: &str = "customresourcedefinitions.apiextensions.k8s.io";

/// What holds a definition until its objects are gone.
pub(crate) const CLEANUP: &str = "customresourcecleanup.apiextensions.k8s.io";

/// Where API services are stored.
pub(crate) const API_SERVICES: &str = "apiservices.apiregistration.k8s.io";
/// The label of API services that the server keeps: `true` follows a definition, `onstart` was made when it started.
pub(crate) const MANAGED: &str = "kube-aggregator.kubernetes.io/automanaged";

/// A version of a custom resource.
#[derive(Debug, PartialEq)]
pub(crate) struct Custom {
    /// What the versions have in common.
    pub definition: Arc<Definition>,
    /// The version's name.
    pub version: String,
    /// The kind of its objects.
    pub kind: String,
    /// Whether `/status` is a subresource.
    pub status: bool,
    /// Where `/scale` reads and writes (`subresources.scale`); null if it is no subresource.
    pub scale: Value,
    /// The columns that people see.
    pub columns: Vec<PrinterColumn>,
    /// The paths that select objects (`selectableFields`), without the leading dot.
    pub selectable: Vec<String>,
    /// The warning of a deprecated version.
    pub deprecated: Option<String>,
}

/// What a definition says of all its versions.
#[derive(Debug, PartialEq)]
pub(crate) struct Definition {
    /// The definition itself, as it is stored.
    pub object: Arc<Value>,
    /// The group.
    pub group: String,
    /// What objects look like, by version, served or not; none where nothing is said of them (v1beta1).
    pub schemas: BTreeMap<String, Option<Structural>>,
    /// Whether fields that a schema does not tell stay everywhere (`spec.preserveUnknownFields`).
    pub preserves: bool,
    /// The version in which objects are stored.
    pub storage: String,
    /// How objects become those of another version.
    pub conversion: Conversion,
    /// Whether it is on its way out: nothing is created any more.
    pub terminating: bool,
    /// The store's revision when the server began to go by it: whatever was written later was written by it.
    pub since: u64,
}

/// A column (`CustomResourceColumnDefinition`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PrinterColumn {
    /// The heading.
    pub name: String,
    /// The type (`string`, `integer`, `number`, `boolean`, `date`).
    pub kind: String,
    /// The format; mostly empty.
    pub format: String,
    /// A text for people.
    pub description: String,
    /// Above 0 for columns that `-o wide` alone shows.
    pub priority: i64,
    /// Where the cell's value is, in JSONPath without braces.
    pub path: Option<jsonpath::Template>,
}

/// How objects become those of another version.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Conversion {
    /// Only `apiVersion` changes.
    None,
    /// A webhook converts: the `webhook` of the definition's conversion.
    Webhook(Value),
}

impl Custom {
    pub(super) fn of(shared: Arc<Definition>, definition: &Value, version: &Value) -> Custom {
        Custom {
            definition: shared,
            version: version.text("name").to_owned(),
            kind: definition.text("status.acceptedNames.kind").to_owned(),
            status: version.has("subresources.status"),
            scale: version.at("subresources.scale").clone(),
            columns: columns(version.list("additionalPrinterColumns")),
            selectable: version
                .list("selectableFields")
                .iter()
                .map(|field| field.text("jsonPath").trim_start_matches('.').to_owned())
                .collect(),
            deprecated: version.flag("deprecated").then(|| deprecation(definition, version)),
        }
    }

    /// Group and version.
    pub(crate) fn api_version(&self) -> String {
        format!("{}/{}", self.definition.group, self.version)
    }

    /// What the version's objects look like, where something is said of it.
    pub(crate) fn schema(&self) -> Option<&Structural> {
        self.definition.schemas.get(&self.version)?.as_ref()
    }

    /// The schema as the definition has it (`openAPIV3Schema`); null where there is none.
    pub(crate) fn written_schema(&self) -> &Value {
        let mut versions = self.definition.object.list("spec.versions").iter();
        let version = versions.find(|version| version.text("name") == self.version);
        version.map_or(&Value::Null, |version| version.at("schema.openAPIV3Schema"))
    }

    /// Gives an object of this version what was left out.
    pub(crate) fn fill(&self, object: &mut Value) {
        if let Some(schema) = self.schema() {
            structural::default(object, schema);
        }
    }
}

impl Definition {
    pub(super) fn of(definition: &Arc<Value>, since: u64) -> Definition {
        let spec = definition.at("spec");
        let versions = spec.list("versions");
        let schema = |version: &Value| {
            let schema = version.at("schema.openAPIV3Schema");
            (version.text("name").to_owned(), schema.is_object().then(|| Structural::of(schema)))
        };
        let storage = versions.iter().find(|version| version.flag("storage"));
        Definition {
            object: definition.clone(),
            group: spec.text("group").to_owned(),
            schemas: versions.iter().map(schema).collect(),
            preserves: spec.flag("preserveUnknownFields"),
            storage: storage.map_or("", |version| version.text("name")).to_owned(),
            conversion: match spec.text("conversion.strategy") {
                "Webhook" => Conversion::Webhook(spec.at("conversion.webhook").clone()),
                _ => Conversion::None,
            },
            terminating: condition(definition, "Terminating") || definition.has("metadata.deletionTimestamp"),
            since,
        }
    }

    /// Whether a stored object is as reading it would make it: the definition as it is now wrote it, in the one version that
    /// there is.
    pub(crate) fn wrote(&self, object: &Value) -> bool {
        let revision = || object.text("metadata.resourceVersion").parse::<u64>();
        self.schemas.len() == 1
            && self.version_of(object).is_some()
            && revision().is_ok_and(|revision| revision > self.since)
    }

    /// The version that an object says it has, if the definition tells it.
    pub(crate) fn version_of<'a>(&self, object: &'a Value) -> Option<&'a str> {
        let (group, version) = object.text("apiVersion").split_once('/')?;
        (group == self.group && self.schemas.contains_key(version)).then_some(version)
    }

    /// Gives an object that was read the form of its own version: the fields that it should not have had, or what can't be
    /// read. Of a version that isn't told nothing is left.
    pub(crate) fn coerce(
        &self,
        object: &mut Value,
        release: Version,
        typed: Metadata,
    ) -> Result<Vec<String>, String> {
        if self.preserves {
            return structural::coerce(object, Some(&Structural::open()), release, typed);
        }
        let schema = self.version_of(object).and_then(|version| self.schemas.get(version)?.as_ref());
        structural::coerce(object, schema, release, typed)
    }
}

/// The columns; without any, the age (`tableconvertor.New`).
fn columns(told: &[Value]) -> Vec<PrinterColumn> {
    let text = |column: &Value, key: &str| column.text(key).to_owned();
    if told.is_empty() {
        return vec![PrinterColumn {
            name: "Age".to_owned(),
            kind: "date".to_owned(),
            format: String::new(),
            description: CREATED.to_owned(),
            priority: 0,
            path: jsonpath::Template::of_path(".metadata.creationTimestamp"),
        }];
    }
    told.iter()
        .map(|column| PrinterColumn {
            name: text(column, "name"),
            kind: text(column, "type"),
            format: text(column, "format"),
            description: match text(column, "description") {
                nothing if nothing.is_empty() => {
                    format!(
                        "Custom resource definition column (in JSONPath format): {}",
                        column.text("jsonPath")
                    )
                }
                text => text,
            },
            priority: column.number("priority"),
            path: jsonpath::Template::of_path(column.text("jsonPath")),
        })
        .collect()
}

/// What documents say of `creationTimestamp`.
const CREATED: &str = "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

/// Whether a condition of a definition holds.
pub(crate) fn condition(definition: &Value, kind: &str) -> bool {
    let mut conditions = definition.list("status.conditions").iter();
    conditions.any(|condition| condition.text("type") == kind && condition.text("status") == "True")
}

/// The warning of a deprecated version: the definition's own, or which version to use.
fn deprecation(definition: &Value, version: &Value) -> String {
    let own = version.text("deprecationWarning");
    if !own.is_empty() {
        return own.to_owned();
    }
    let group = definition.text("spec.group");
    let kind = definition.text("spec.names.kind");
    let text = format!("{group}/{} {kind} is deprecated", version.text("name"));
    let better = definition.list("spec.versions").iter().filter(|other| {
        other.flag("served")
            && !other.flag("deprecated")
            && priority(other.text("name")) > priority(version.text("name"))
    });
    match better.max_by_key(|other| priority(other.text("name"))) {
        Some(better) => format!("{text}; use {group}/{} {kind}", better.text("name")),
        None => text,
    }
}

/// The order of versions (`apimachinery/pkg/version/helpers.go`): v10 before v2, then betas, then alphas, then what is
/// no version of Kubernetes' kind, by name.
pub(crate) fn priority(version: &str) -> (u8, u64, u64, Reverse<String>) {
    kube_aware(version).map_or_else(
        || (0, 0, 0, Reverse(version.to_owned())),
        |(stability, major, minor)| (stability, major, minor, Reverse(String::new())),
    )
}

/// Stability, major and minor number of `v1`, `v1beta2`, `v1alpha1`.
fn kube_aware(version: &str) -> Option<(u8, u64, u64)> {
    let number = |text: &str| -> Option<u64> {
        let good = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|_| good)
    };
    let rest = version.strip_prefix('v')?;
    for (word, stability) in [("alpha", 1), ("beta", 2)] {
        if let Some((major, minor)) = rest.split_once(word) {
            return Some((stability, number(major)?, number(minor)?));
        }
    }
    Some((3, number(rest)?, 0))
}

/// The served versions of a definition, the preferred one first.
pub(crate) fn versions_by_priority(definition: &Value) -> Vec<&str> {
    let served = definition.list("spec.versions").iter().filter(|version| version.flag("served"));
    let mut versions: Vec<&str> = served.map(|version| version.text("name")).collect();
    versions.sort_by_cached_key(|version| Reverse(priority(version)));
    versions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_by_their_order() {
        let mut versions = [
            "foo10",
            "v1",
            "v11beta2",
            "v10",
            "v3beta1",
            "foo1",
            "v12alpha1",
            "v2",
            "v11beta10",
            "v01",
            "v1alpha1",
        ];
        versions.sort_by_key(|version| Reverse(priority(version)));
        assert_eq!(
            versions,
            [
                "v10",
                "v2",
                "v1",
                "v11beta10",
                "v11beta2",
                "v3beta1",
                "v12alpha1",
                "v1alpha1",
                "foo1",
                "foo10",
                "v01"
            ]
        );
    }
}
