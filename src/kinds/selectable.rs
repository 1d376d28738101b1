//! The fields that select objects of a kind (the conversions of field labels in `pkg/apis/*`).

use super::Kind;
use crate::api::differences::Difference;
use crate::api::selector::FieldSelector;
use crate::api::{Dig, Resource, Version};
use crate::json::Value;

/// A field of a selector.
pub(super) struct Selectable {
    name: &'static str,
    /// Where its value is; the first that is not empty counts.
    paths: [&'static str; 2],
    /// The value of what is absent.
    zero: &'static str,
    since: Option<Difference>,
}

impl Selectable {
    /// A text that selects under its own path.
    pub(super) const fn text(name: &'static str) -> Selectable {
        Selectable { name, paths: [name, ""], zero: "", since: None }
    }

    /// A field of another type, with the value of what is absent.
    pub(super) const fn zero(self, zero: &'static str) -> Selectable {
        Selectable { zero, ..self }
    }

    /// Read elsewhere, or where that is empty in a second place.
    pub(super) const fn at(self, path: &'static str, or: &'static str) -> Selectable {
        Selectable { paths: [path, or], ..self }
    }

    /// Known in releases that have a difference.
    pub(super) const fn since(self, difference: Difference) -> Selectable {
        Selectable { since: Some(difference), ..self }
    }

    fn is_known(&self, version: Version) -> bool {
        self.since.is_none_or(|since| version.has(since))
    }

    fn value(&self, object: &Value) -> String {
        let mut found = self.paths.iter().filter(|path| !path.is_empty()).map(|path| match object.at(path) {
            Value::Null => String::new(),
            value => value.shown(),
        });
        found.find(|text| !text.is_empty()).unwrap_or_else(|| self.zero.to_owned())
    }
}

impl Kind {
    fn field(&self, name: &str) -> Option<&'static Selectable> {
        self.selectable.iter().find(|field| field.name == name)
    }

    /// Checks that a selector's fields select objects of a resource; an error is the server's text.
    pub(super) fn check_fields(
        &self,
        selector: &FieldSelector,
        row: &Resource,
        version: Version,
    ) -> Result<(), String> {
        let has_own = self.selectable.iter().any(|field| field.is_known(version));
        let unknown = selector.fields().find(|name| {
            let plain =
                *name == "metadata.name" || *name == "metadata.namespace" && (row.namespaced || !has_own);
            !plain && self.field(name).is_none_or(|field| !field.is_known(version))
        });
        match unknown {
            None => Ok(()),
            Some(name) if !has_own => Err(format!(
                "\"{name}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
            )),
            // The conversions of batch say of which kind they speak.
            Some(name) if self.group == "batch" => {
                Err(format!("field label \"{name}\" not supported for {}", row.kind))
            }
            Some(name) => Err(format!("field label not supported: {name}")),
        }
    }

    /// What a field that selects says of an object.
    pub(super) fn value(&self, name: &str, object: &Value) -> String {
        match self.field(name) {
            Some(field) => field.value(object),
            None => object.text(name).to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::resources;
    use crate::json::json;
    use crate::kinds;

    #[test]
    fn fields_are_selected() {
        let pod = json!({"metadata": {"name": "p", "namespace": "red"}, "spec": {"nodeName": "n1"}});
        let table = resources(Version::NEWEST);
        for (resource, selector, expected) in [
            ("pods", "metadata.name=p,metadata.namespace==red", "true"),
            ("pods", "spec.nodeName!=n1", "false"),
            ("pods", "spec.nodeName=,", "false"),
            ("pods", "spec.hostNetwork=false", "true"),
            ("pods", "spec.x=1", "field label not supported: spec.x"),
            (
                "configmaps",
                "metadata.name",
                "invalid selector: 'metadata.name'; can't understand 'metadata.name'",
            ),
            ("configmaps", "metadata.name=a=b", "invalid field selector: unescaped character in value: ="),
            (
                "configmaps",
                "data.x=1",
                "\"data.x\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"",
            ),
        ] {
            let row = table.preferred("", resource).unwrap();
            let got = FieldSelector::parse(selector).and_then(|parsed| {
                let kind = kinds::of(row);
                kind.check_selector(&parsed, row, Version::NEWEST)
                    .map(|()| kind.selects(&parsed, &pod).to_string())
            });
            assert_eq!(got.unwrap_or_else(|why| why), expected, "{resource} {selector}");
        }
    }
}
