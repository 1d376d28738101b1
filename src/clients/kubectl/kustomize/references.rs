//! Names that follow the objects they mean (`api/filters/nameref`).
//!
//! A name is a name of an object if that was ever called so, in this namespace or, for service accounts, in any. What is not among
//! the objects keeps its name.

use super::field::{self, FieldSpec, Missing};
use super::id::{Gvk, Id};
use super::resource::Resource;
use super::specs::{REFERENCES, References};
use crate::api::Dig;
use crate::golang::yaml;
use crate::json::Value;
use std::borrow::Cow;

/// Lets all names follow.
pub(super) fn follow(resources: &mut [Resource]) -> Result<(), String> {
    // Names are set by now: only fields that hold some change.
    let ids: Vec<Id> = resources.iter().map(Resource::id).collect();
    for at in 0..resources.len() {
        let original = resources[at].original_id().gvk;
        let mut reachable = None;
        for references in REFERENCES {
            for (path, spec) in fields(references).filter(|(_, spec)| spec.fits(&original)) {
                let reachable = match &reachable {
                    Some(known) => known,
                    None => reachable.insert(reachable_from(at, &resources[at], &ids)?),
                };
                let referrer = &resources[at];
                let candidates = reachable.iter().map(|at| &resources[*at]).collect();
                let search = Search { referrer, path: &path, to: references.to, candidates };
                let mut object = referrer.object.clone();
                let Gvk { group, version, kind } = referrer.gvk();
                let spec = FieldSpec { path: &path, group: &group, version: &version, kind: &kind, ..spec };
                field::change(&mut object, &spec, Missing::Left, &mut |found| search.set(found)).map_err(
                    |why| format!("updating name reference in '{path}' field of '{}': {why}", referrer.id()),
                )?;
                resources[at].object = object;
            }
        }
    }
    Ok(())
}

/// The fields of a row, those below pods at their whole paths.
fn fields(references: &References) -> impl Iterator<Item = (Cow<'static, str>, FieldSpec<'static>)> {
    let plain = references.fields.iter().map(|spec| (Cow::Borrowed(spec.path), *spec));
    let (below, pods) = (references.below_pods, references.pods);
    let of_pods = pods.iter().flat_map(move |pod| {
        below.iter().map(move |path| (Cow::Owned(format!("{}/{path}", pod.path)), *pod))
    });
    plain.chain(of_pods)
}

/// The places of the objects that one may refer to (`SubsetThatCouldBeReferencedByResource`).
fn reachable_from(at: usize, referrer: &Resource, all: &[Id]) -> Result<Vec<usize>, String> {
    let id = &all[at];
    if id.gvk.is_cluster_scoped() {
        return Ok((0..all.len()).collect());
    }
    let subjects = match id.gvk.kind.as_str() {
        "RoleBinding" => referrer.object.list("subjects"),
        _ => &[],
    };
    let accounts = subjects.iter().filter(|subject| subject.text("kind") == "ServiceAccount");
    let mut namespaces = Vec::new();
    for subject in accounts {
        match subject.get("namespace") {
            None => {}
            Some(Value::String(namespace)) => namespaces.push(namespace.as_str()),
            Some(_) => return Err(format!("Invalid Input: namespace is blank for resource \"{id}\"\n")),
        }
    }
    let may_be_meant = |other: &Id| {
        other.gvk.is_cluster_scoped() || other.is_beside(id) || namespaces.contains(&&*other.namespace)
    };
    Ok((0..all.len()).filter(|at| may_be_meant(&all[*at])).collect())
}

/// Who is looked for, by whom.
struct Search<'a> {
    referrer: &'a Resource,
    path: &'a str,
    /// Group, version and kind of what is meant.
    to: (&'static str, &'static str, &'static str),
    candidates: Vec<&'a Resource>,
}

impl Search<'_> {
    /// Sets a field with a name, or with several.
    fn set(&self, field: &mut Value) -> Result<(), String> {
        match field {
            Value::Null => Ok(()),
            Value::Object(_) => self.set_map(field),
            Value::Array(items) => items.iter_mut().try_for_each(|item| match item {
                Value::Object(_) => self.set_map(item),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => self.set_name(item),
                Value::Array(_) => Err("unknown type of item expected scalar or mapping node".to_owned()),
            }),
            Value::Bool(_) | Value::Number(_) | Value::String(_) => self.set_name(field),
        }
    }

    fn set_name(&self, field: &mut Value) -> Result<(), String> {
        let old = field.shown();
        let same = |one: &Id, other: &Id| one.name == other.name;
        if let Some(meant) = self.meant(&old, self.candidates.clone(), same)? {
            let name = meant.name();
            if name != old {
                *field = name.into();
            }
        }
        Ok(())
    }

    /// A map with a name and a namespace, which follows too.
    fn set_map(&self, field: &mut Value) -> Result<(), String> {
        let Some(name) = field.get("name") else {
            return Err("path config error; no 'name' field in node".to_owned());
        };
        let old = name.shown();
        let candidates = match field.get("namespace") {
            None => self.candidates.clone(),
            Some(namespace) => self.of_namespace(&namespace.shown()),
        };
        let same = |one: &Id, other: &Id| one.name == other.name && one.namespace == other.namespace;
        let Some(meant) = self.meant(&old, candidates, same)? else { return Ok(()) };
        let id = meant.id();
        if id.name != old || !id.namespace.is_empty() {
            field["name"] = id.name.into();
        }
        if !id.namespace.is_empty() {
            field["namespace"] = id.namespace.into();
        }
        Ok(())
    }

    /// Those that were of a namespace in their files; where there are none, those that are now.
    fn of_namespace(&self, namespace: &str) -> Vec<&Resource> {
        let of = |id: fn(&Resource) -> Id| {
            let are = |candidate: &&&Resource| {
                let id = id(candidate);
                !id.gvk.is_cluster_scoped() && id.effective_namespace() == namespace
            };
            self.candidates.iter().filter(are).copied().collect::<Vec<_>>()
        };
        let original = of(Resource::original_id);
        if original.is_empty() { of(Resource::id) } else { original }
    }

    /// The one object that a name means (`selectReferral`).
    fn meant<'c>(
        &self,
        old: &str,
        mut candidates: Vec<&'c Resource>,
        same: impl Fn(&Id, &Id) -> bool,
    ) -> Result<Option<&'c Resource>, String> {
        let own = self.referrer.id();
        let role = self.role();
        candidates.retain(|candidate| {
            if !candidate.was_called(old) {
                return false;
            }
            let id = candidate.id();
            let (group, version, kind) = self.to;
            let is_beside = own.gvk.is_cluster_scoped()
                || id.gvk.is_cluster_scoped()
                || id.gvk.kind == "ServiceAccount"
                || own.is_beside(&id);
            is_beside
                && candidate.former_ids().any(|former| former.gvk.is_selected(group, version, kind))
                && role.as_ref().is_none_or(|(group, kind)| {
                    candidate.former_ids().any(|former| former.gvk.is_selected(group, "", kind))
                })
        });
        for may_lack in [true, false] {
            if candidates.len() <= 1 {
                break;
            }
            candidates.retain(|candidate| is_named_alike(candidate, self.referrer, may_lack));
        }
        let Some((first, others)) = candidates.split_first() else { return Ok(None) };
        let id = first.id();
        if others.iter().all(|other| same(&id, &other.id())) {
            return Ok(Some(*first));
        }
        Err(self.too_many(&candidates))
    }

    /// Group and kind of a role reference.
    fn role(&self) -> Option<(String, String)> {
        let reference = self.referrer.object.at("roleRef");
        let told = |key: &str| reference.get(key).map(Dig::shown);
        if !self.path.ends_with("roleRef/name") {
            return None;
        }
        Some((told("apiGroup")?, told("kind")?))
    }

    fn too_many(&self, candidates: &[&Resource]) -> String {
        let ids: Vec<String> = candidates.iter().map(|candidate| candidate.id().to_string()).collect();
        let shown = candidates.iter().enumerate();
        let shown: String = shown
            .map(|(at, one)| format!("--- possible referral {at}:\n{}\n", yaml::write(&one.object)))
            .collect();
        format!(
            "found multiple possible referrals: {}\n\n**** Too many possible referral targets to referrer:\n{}\n{shown}",
            ids.join(", "),
            yaml::write(&self.referrer.object)
        )
    }
}

/// Whether both got the same prefixes and suffixes in the folders that they share.
fn is_named_alike(one: &Resource, other: &Resource, may_lack: bool) -> bool {
    let alike = |one: &[String], other: &[String]| match one.is_empty() || other.is_empty() {
        true => may_lack || one.len() == other.len(),
        false => one.ends_with(other) || other.ends_with(one),
    };
    alike(&one.prefixes, &other.prefixes) && alike(&one.suffixes, &other.suffixes)
}
