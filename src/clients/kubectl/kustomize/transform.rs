//! What is done to all objects of a kustomization: namespace, names, labels, annotations, replicas.

use super::field::{self, FieldSpec, Missing, set_entry};
use super::id::Id;
use super::resource::Resource;
use super::specs::{ANNOTATIONS, LABELS, NAMESPACES, POD_SELECTORS, REPLICAS, SELECTORS, TEMPLATE_LABELS};
use crate::api::Dig;
use crate::json::Value;

/// Puts all objects into a namespace (`NamespaceTransformer`).
///
/// That is: all that kustomize doesn't know to have none; a namespace gets the name; and of a binding's subjects, those that are
/// called `default`, wherever they were.
pub(super) fn namespace(resources: &mut [Resource], namespace: &str) -> Result<(), String> {
    if namespace.is_empty() {
        return Ok(());
    }
    let mut ids: Vec<Id> = resources.iter().map(Resource::id).collect();
    for at in 0..resources.len() {
        let resource = &mut resources[at];
        resource.remember();
        let gvk = resource.gvk();
        let object = &mut resource.object;
        if !gvk.is_cluster_scoped() {
            object.set("metadata.namespace", namespace);
        }
        if ["RoleBinding", "ClusterRoleBinding"].contains(&&*gvk.kind)
            && let Some(Value::Array(subjects)) = object.at_mut("subjects")
        {
            for subject in subjects.iter_mut().filter(|subject| subject.text("name") == "default") {
                subject.set("namespace", namespace);
            }
        }
        for spec in NAMESPACES {
            field::change(object, spec, Missing::Scalar, &mut |found| {
                *found = namespace.into();
                Ok(())
            })?;
        }
        ids[at] = resources[at].id();
        if ids.iter().filter(|other| other.is(&ids[at])).count() != 1 {
            let same = resources.iter().zip(&ids).filter(|(_, other)| other.is(&ids[at]));
            let same: Vec<&Resource> = same.map(|(resource, _)| resource).collect();
            let noted: Vec<String> = same.iter().map(|one| one.noted()).collect();
            let noted = noted.join(" ");
            return Err(format!("namespace transformation produces ID conflict: [{noted}]"));
        }
    }
    Ok(())
}

/// Where a name gets more letters.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Affix {
    Prefix,
    Suffix,
}

/// Gives all names a prefix or a suffix, but those of namespaces, definitions and API services (`PrefixTransformer`).
pub(super) fn affix(resources: &mut [Resource], affix: Affix, letters: &str) {
    if letters.is_empty() {
        return;
    }
    for resource in resources {
        let original = resource.original_id().gvk;
        let keeps = match original.kind.as_str() {
            "CustomResourceDefinition" | "Namespace" => true,
            "APIService" => original.group == "apiregistration.k8s.io",
            _ => false,
        };
        if keeps {
            continue;
        }
        let name = resource.name();
        let (known, name) = match affix {
            Affix::Prefix => (&mut resource.prefixes, format!("{letters}{name}")),
            Affix::Suffix => (&mut resource.suffixes, format!("{name}{letters}")),
        };
        known.push(letters.to_owned());
        resource.remember();
        resource.rename(name);
    }
}

/// Gives labels, as an entry of `labels` says (`LabelTransformer`).
pub(super) fn labels(resources: &mut [Resource], entry: &Value) -> Result<(), String> {
    let own = entry.list("fields").iter().map(|field| FieldSpec {
        path: field.text("path"),
        group: field.text("group"),
        version: field.text("version"),
        kind: field.text("kind"),
        create: field.flag("create"),
    });
    let mut specs: Vec<FieldSpec<'_>> = own.collect();
    let pods: Vec<String> = POD_SELECTORS.iter().map(|path| format!("spec/template/spec/{path}")).collect();
    if entry.flag("includeSelectors") {
        for kind in ["Deployment", "StatefulSet"] {
            specs.extend(pods.iter().map(|path| FieldSpec::at(path).of(kind).group("apps")));
        }
        specs.extend(SELECTORS);
        specs.extend(TEMPLATE_LABELS);
    } else if entry.flag("includeTemplates") {
        specs.extend(TEMPLATE_LABELS);
    } else {
        specs.push(LABELS);
    }
    give(resources, entry.at("pairs"), &specs)
}

/// Gives annotations (`AnnotationsTransformer`).
pub(super) fn annotations(resources: &mut [Resource], pairs: &Value) -> Result<(), String> {
    give(resources, pairs, ANNOTATIONS)
}

fn give(resources: &mut [Resource], pairs: &Value, specs: &[FieldSpec<'_>]) -> Result<(), String> {
    for (key, value) in pairs.as_object().into_iter().flatten() {
        let value = value.shown();
        for resource in &mut *resources {
            for spec in specs {
                field::change(&mut resource.object, spec, Missing::Map, &mut |map| {
                    set_entry(map, key, &value)
                })?;
            }
        }
    }
    Ok(())
}

/// Says how often something runs, as an entry of `replicas` does (`ReplicaCountTransformer`).
pub(super) fn replicas(resources: &mut [Resource], entry: &Value) -> Result<(), String> {
    let (name, count) = (entry.text("name"), entry.number("count"));
    let mut is_found = false;
    for spec in REPLICAS {
        let is_meant = |resource: &Resource| {
            let mut ids = resource.former_ids().chain([resource.id()]);
            ids.any(|id| id.name == name && spec.fits(&id.gvk))
        };
        for resource in resources.iter_mut().filter(|resource| is_meant(resource)) {
            is_found = true;
            field::change(&mut resource.object, spec, Missing::Scalar, &mut |found| {
                *found = count.into();
                Ok(())
            })?;
        }
    }
    if is_found {
        return Ok(());
    }
    let kinds: Vec<String> = REPLICAS.iter().map(|spec| format!("{}.[noVer].[noGrp]", spec.kind)).collect();
    Err(format!(
        "resource with name {name} does not match a config with the following GVK [{}]",
        kinds.join(" ")
    ))
}
