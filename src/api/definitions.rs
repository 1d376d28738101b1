//! The rows of the table of resources that a definition adds (`apiextensions-apiserver/pkg/apiserver/customresource_discovery_controller.go`).

use super::custom::{Custom, Definition, condition};
use super::resources::{Resource, Word};
use super::{Dig, Version};
use crate::json::Value;
use std::sync::Arc;

/// The verbs of custom resources, in the order of discovery.
const VERBS: [&str; 8] = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];
/// The verbs of their subresources.
const SUBRESOURCE_VERBS: [&str; 3] = ["get", "patch", "update"];

/// The rows that a definition adds; none unless it is established. `revision` is the store's, now that the server goes by it.
pub(crate) fn rows(definition: &Arc<Value>, release: Version, revision: u64) -> Vec<Resource> {
    if !condition(definition, "Established") {
        return Vec::new();
    }
    let group = definition.text("spec.group");
    let names = definition.at("status.acceptedNames");
    let word = |text: &str| -> Word { text.to_owned().into() };
    let words = |key: &str| names.texts(key).into_iter().map(word).collect::<Vec<Word>>();
    let shared = Arc::new(Definition::of(definition, revision));
    let mut rows = Vec::new();
    for version in definition.list("spec.versions").iter().filter(|version| version.flag("served")) {
        let custom = Arc::new(Custom::of(shared.clone(), definition, version));
        let whole = Resource {
            group: word(group),
            version: word(version.text("name")),
            name: word(names.text("plural")),
            subresource: "".into(),
            kind: word(names.text("kind")),
            kind_group: word(group),
            kind_version: word(version.text("name")),
            namespaced: definition.text("spec.scope") == "Namespaced",
            verbs: VERBS.to_vec(),
            singular: word(names.text("singular")),
            short_names: words("shortNames"),
            categories: words("categories"),
            since: release.number(),
            until: release.number(),
            custom: Some(custom.clone()),
        };
        let part = |subresource: &'static str| Resource {
            subresource: subresource.into(),
            verbs: SUBRESOURCE_VERBS.to_vec(),
            singular: "".into(),
            short_names: Vec::new(),
            categories: Vec::new(),
            ..whole.clone()
        };
        let status = custom.status.then(|| part("status"));
        let scale = custom.scale.is_object().then(|| Resource {
            kind: "Scale".into(),
            kind_group: "autoscaling".into(),
            kind_version: "v1".into(),
            ..part("scale")
        });
        rows.extend([whole].into_iter().chain(status).chain(scale));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;

    #[test]
    fn a_definition_adds_rows_once_it_is_established() {
        let mut definition = json!({
            "spec": {
                "group": "example.com", "scope": "Namespaced", "names": {"kind": "Widget"},
                "versions": [
                    {"name": "v1", "served": true, "storage": true, "subresources": {"status": {}, "scale": {}}},
                    {"name": "v1beta1", "served": true, "deprecated": true},
                    {"name": "v1alpha1", "served": false},
                ],
            },
            "status": {"acceptedNames": {"plural": "widgets", "singular": "widget", "kind": "Widget"}},
        });
        assert!(rows(&Arc::new(definition.clone()), Version::NEWEST, 1).is_empty());
        definition["status"]["conditions"] = json!([{"type": "Established", "status": "True"}]);
        let rows = rows(&Arc::new(definition), Version::NEWEST, 1);
        let shown: Vec<String> =
            rows.iter().map(|row| format!("{} {} {}", row.api_version(), row.path(), row.kind)).collect();
        let want = [
            "example.com/v1 widgets Widget",
            "example.com/v1 widgets/status Widget",
            "example.com/v1 widgets/scale Scale",
            "example.com/v1beta1 widgets Widget",
        ];
        assert_eq!(shown, want);
        let custom = rows[3].custom.as_ref().unwrap();
        assert_eq!(
            (custom.deprecated.as_deref(), custom.definition.storage.as_str()),
            (Some("example.com/v1beta1 Widget is deprecated; use example.com/v1 Widget"), "v1")
        );
    }
}
