//! Which objects a patch's `target` means (`api/types.Selector`): patterns for what they are called, selectors for their labels and
//! annotations.

use super::id::{Gvk, Id};
use super::resource::Resource;
use crate::api::selector::LabelSelector;
use crate::api::{Dig, Version};
use crate::golang::regexp;
use crate::json::{Value, json};
use regex::Regex;

/// The places of the objects that a target means.
pub(super) fn select(resources: &[Resource], target: &Value) -> Result<Vec<usize>, String> {
    let pattern = |field: &str| match target.text(field) {
        "" => Ok(None),
        text => regexp::compile(&format!("^(?:{text})$")).map(Some),
    };
    let fits = |pattern: &Option<Regex>, text: &str| pattern.as_ref().is_none_or(|own| own.is_match(text));
    let (group, version, kind) = (pattern("group")?, pattern("version")?, pattern("kind")?);
    let (name, namespace) = (pattern("name")?, pattern("namespace")?);
    let selector = |field: &str| match target.text(field) {
        "" => Ok(None),
        text => LabelSelector::parse(text, Version::NEWEST).map(Some),
    };
    let (labels, annotations) = (selector("labelSelector")?, selector("annotationSelector")?);
    let is_meant = |resource: &&Resource| {
        let ids = [resource.original_id(), resource.id()];
        let gvk = resource.gvk();
        let of_map = |selector: &Option<LabelSelector>, path: &str| {
            let map = resource.object.at(path).clone();
            selector.as_ref().is_none_or(|own| own.matches(&json!({"metadata": {"labels": map}})))
        };
        ids.iter().any(|id| fits(&namespace, id.effective_namespace()))
            && ids.iter().any(|id| fits(&name, &id.name))
            && fits(&group, &gvk.group)
            && fits(&version, &gvk.version)
            && fits(&kind, &gvk.kind)
            && of_map(&labels, "metadata.labels")
            && of_map(&annotations, "metadata.annotations")
    };
    Ok((0..resources.len()).filter(|at| is_meant(&&resources[*at])).collect())
}

/// A target as kustomize tells it.
pub(super) fn told(target: &Value) -> String {
    let own = |field: &str| target.text(field).to_owned();
    let gvk = Gvk { group: own("group"), version: own("version"), kind: own("kind") };
    let id = Id { gvk, name: own("name"), namespace: own("namespace") };
    format!("{id}:a={}:l={}", own("annotationSelector"), own("labelSelector"))
}
