//! Fields that a transformer changes, by kind of object (`api/types.FieldSpec`, `api/filters/fieldspec`).

use super::id::{Gvk, Id};
use crate::json::{Map, Value};

/// A field of the objects of some kinds; an empty group, version or kind is any.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct FieldSpec<'a> {
    /// The way to it: `spec/containers/image`. Lists are gone through; `[]` says that one is, `\/` is a slash in a name.
    pub(super) path: &'a str,
    pub(super) group: &'a str,
    pub(super) version: &'a str,
    pub(super) kind: &'a str,
    /// Whether it is made where it is missing.
    pub(super) create: bool,
}

impl<'a> FieldSpec<'a> {
    /// A field of all objects.
    pub(super) const fn at(path: &'a str) -> FieldSpec<'a> {
        FieldSpec { path, group: "", version: "", kind: "", create: false }
    }

    /// The same of one kind.
    pub(super) const fn of(self, kind: &'a str) -> FieldSpec<'a> {
        FieldSpec { kind, ..self }
    }

    /// The same of one group.
    pub(super) const fn group(self, group: &'a str) -> FieldSpec<'a> {
        FieldSpec { group, ..self }
    }

    /// The same of one version.
    pub(super) const fn version(self, version: &'a str) -> FieldSpec<'a> {
        FieldSpec { version, ..self }
    }

    /// The same, made where it is missing.
    pub(super) const fn made(self) -> FieldSpec<'a> {
        FieldSpec { create: true, ..self }
    }

    /// Whether objects of a kind have it.
    pub(super) fn fits(&self, gvk: &Gvk) -> bool {
        gvk.is_selected(self.group, self.version, self.kind)
    }
}

/// What is made where a field is missing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Missing {
    /// Nothing: there is nothing to change.
    Left,
    /// A map.
    Map,
    /// Something plain, null until it is set.
    Scalar,
}

/// What is done with a field that was found.
pub(super) type Set<'s> = dyn FnMut(&mut Value) -> Result<(), String> + 's;

/// Changes a field, wherever the way to it leads.
pub(super) fn change(
    object: &mut Value,
    spec: &FieldSpec<'_>,
    missing: Missing,
    set: &mut Set<'_>,
) -> Result<(), String> {
    let id = Id::of(object);
    if !spec.fits(&id.gvk) {
        return Ok(());
    }
    let missing = if spec.create { missing } else { Missing::Left };
    walk(object, &steps(spec.path), missing, set)
        .map_err(|why| format!("considering field '{}' of object {id}: {why}", spec.path))
}

/// Writes an entry of the map that a field is.
pub(super) fn set_entry(map: &mut Value, key: &str, value: &str) -> Result<(), String> {
    match map {
        Value::Object(map) => {
            map.insert(key, value.into());
            Ok(())
        }
        other => Err(wrong_node(other, "MappingNode")),
    }
}

/// That a node is of another kind (`yaml.ErrorIfInvalid`).
pub(super) fn wrong_node(found: &Value, wanted: &str) -> String {
    let kind = match found {
        Value::Array(_) => "SequenceNode",
        Value::Object(_) => "MappingNode",
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => "ScalarNode",
    };
    let contents = crate::golang::yaml::write(found);
    format!("wrong node kind: expected {wanted} but got {kind}: node contents:\n{contents}")
}

/// The names on a way.
fn steps(path: &str) -> Vec<String> {
    let mut steps: Vec<String> = Vec::new();
    for part in path.split('/') {
        match steps.last_mut() {
            Some(last) if last.ends_with('\\') => {
                last.pop();
                last.push('/');
                last.push_str(part);
            }
            _ => steps.push(part.to_owned()),
        }
    }
    steps
}

fn walk(value: &mut Value, steps: &[String], missing: Missing, set: &mut Set<'_>) -> Result<(), String> {
    let Some((step, rest)) = steps.split_first() else { return set(value) };
    match value {
        Value::Null => Ok(()),
        Value::Array(items) => items.iter_mut().try_for_each(|item| walk(item, steps, missing, set)),
        Value::Object(map) => {
            let (name, is_list) = match step.strip_suffix("[]") {
                Some(name) => (name, true),
                None => (step.as_str(), false),
            };
            let made = match missing {
                Missing::Map | Missing::Scalar if is_list => None,
                Missing::Left => None,
                Missing::Scalar if rest.is_empty() => Some(Value::Null),
                Missing::Map | Missing::Scalar => Some(Value::Object(Map::new())),
            };
            match (map.get_mut(name), made) {
                (None, None) => Ok(()),
                (Some(Value::Null), Some(made)) | (None, Some(made)) => {
                    let mut made = made;
                    walk(&mut made, rest, missing, set)?;
                    map.insert(name, made);
                    Ok(())
                }
                (Some(field), _) => walk(field, rest, missing, set),
            }
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            Err("expected sequence or mapping node".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;

    #[test]
    fn a_field_is_changed_wherever_the_way_leads() {
        let changed = |object: Value, spec: FieldSpec<'_>| {
            let mut object = object;
            change(&mut object, &spec, Missing::Scalar, &mut |field| {
                *field = "new".into();
                Ok(())
            })
            .map(|()| object)
        };
        let rules = json!({"kind": "Role", "rules": [{"a": "x"}, {"b": "x"}, {"a": null}]});
        let want = json!({"kind": "Role", "rules": [{"a": "new"}, {"b": "x"}, {"a": "new"}]});
        assert_eq!(changed(rules.clone(), FieldSpec::at("rules/a")), Ok(want));
        assert_eq!(changed(rules.clone(), FieldSpec::at("rules/a").of("Pod")), Ok(rules.clone()));
        let made = changed(json!({"kind": "A"}), FieldSpec::at("b/c\\/d").made());
        assert_eq!(made, Ok(json!({"kind": "A", "b": {"c/d": "new"}})));
        assert_eq!(changed(json!({"kind": "A"}), FieldSpec::at("b[]/c").made()), Ok(json!({"kind": "A"})));
        assert!(changed(json!({"kind": "A", "b": 5}), FieldSpec::at("b/c")).is_err_and(|why| why
            == "considering field 'b/c' of object A.[noVer].[noGrp]/[noName].[noNs]: expected sequence or mapping node"));
    }
}
