//! Fields whose feature is off (`dropDisabledFields` of the kinds' strategies).
//!
//! They are known, and whoever writes them is not warned; they are taken out before an object is validated, unless the
//! stored one has them. With the last field of an optional object the object goes, with an image its volume and whatever
//! mounts it.

use super::{Definition, Field, Schema, Type, Zero};
use crate::api::value::Fields;
use crate::json::Value;
use std::collections::BTreeSet;

/// A field as its owner's name and its own.
type FieldName = (&'static str, &'static str);

/// The gates of a field, one of which must be on.
type Gates = &'static [&'static str];

/// Takes fields out whose feature is off, as far as the stored object does without them.
pub(crate) fn drop(
    object: &mut Value,
    old: Option<&Value>,
    definition: &'static Definition,
    schema: &'static Schema,
    is_on: &dyn Fn(&str) -> bool,
) {
    let mut disabled = used(object, definition, schema, is_on);
    if disabled.is_empty() {
        return;
    }
    for kept in old.map(|old| used(old, definition, schema, is_on)).unwrap_or_default() {
        disabled.remove(&kept);
    }
    take_out(object, definition, schema, &disabled);
}

/// The gates of the fields of a definition and of all that they hold.
fn gated(definition: &'static Definition, schema: &'static Schema) -> &'static [Gates] {
    definition.gated.get_or_init(|| {
        let (mut seen, mut gates) = (BTreeSet::from([definition.name]), BTreeSet::new());
        let mut open = vec![definition];
        while let Some(definition) = open.pop() {
            for field in &definition.fields {
                gates.extend(Some(field.gates.as_slice()).filter(|gates| !gates.is_empty()));
                let inner = schema.of_type(innermost(field).0);
                open.extend(inner.filter(|inner| seen.insert(inner.name)));
            }
        }
        gates.into_iter().collect()
    })
}

/// The disabled fields that an object has.
fn used(
    object: &Value,
    definition: &'static Definition,
    schema: &'static Schema,
    is_on: &dyn Fn(&str) -> bool,
) -> BTreeSet<FieldName> {
    let mut found = BTreeSet::new();
    let off: Vec<Gates> = gated(definition, schema)
        .iter()
        .copied()
        .filter(|gates| !gates.iter().any(|gate| is_on(gate)))
        .collect();
    if off.is_empty() {
        return found;
    }
    // They are in order, as the gates of a definition are.
    let is_off = |gates: &Gates| off.binary_search(gates).is_ok();
    // Most kinds have no such field, and of those that have some most of what they hold.
    let may_have = |definition| gated(definition, schema).iter().any(is_off);
    let mut open = Vec::from_iter(may_have(definition).then_some((object, definition)));
    while let Some((object, definition)) = open.pop() {
        for (key, value) in object.as_object().into_iter().flatten() {
            let Some(field) = definition.field(key) else { continue };
            if is_off(&field.gates.as_slice()) {
                found.insert((definition.name, field.name));
            }
            let (item, depth) = innermost(field);
            if let Some(inner) = schema.of_type(item).filter(|inner| may_have(inner)) {
                open.extend(elements(value, depth).into_iter().map(|value| (value, inner)));
            }
        }
    }
    found
}

/// The type that a field's lists and maps are made of, and how deep it lies.
fn innermost(field: &'static Field) -> (&'static Type, usize) {
    let (mut kind, mut depth) = (&field.kind, 0);
    while let Type::List(item) | Type::Map(item) = kind {
        (kind, depth) = (item, depth + 1);
    }
    (kind, depth)
}

fn elements(value: &Value, depth: usize) -> Vec<&Value> {
    match (depth, value) {
        (0, _) => vec![value],
        (_, Value::Array(list)) => list.iter().flat_map(|value| elements(value, depth - 1)).collect(),
        (_, Value::Object(map)) => map.values().flat_map(|value| elements(value, depth - 1)).collect(),
        _ => Vec::new(),
    }
}

fn take_out(
    object: &mut Value,
    definition: &'static Definition,
    schema: &'static Schema,
    disabled: &BTreeSet<FieldName>,
) {
    let Some(map) = object.as_object_mut() else { return };
    if definition.name == "core.v1.PodSpec" && disabled.contains(&IMAGE) {
        without_image_volumes(map);
    }
    map.retain(|key, value| {
        let Some(field) = definition.field(key) else { return true };
        if disabled.contains(&(definition.name, field.name)) {
            return false;
        }
        let (item, depth) = innermost(field);
        let Some(inner) = schema.of_type(item) else { return true };
        let was_empty = is_empty(value);
        each(value, depth, &mut |value| take_out(value, inner, schema, disabled));
        was_empty || field.zero == Zero::Written || !is_empty(value)
    });
}

/// The source of a volume of an image.
const IMAGE: FieldName = ("core.v1.Volume", "image");

/// Takes volumes of images out of a pod's spec, and their mounts (`dropImageVolumes`).
fn without_image_volumes(spec: &mut Fields) {
    let is_image = |volume: &Value| volume.get(IMAGE.1).is_some();
    let mut names = BTreeSet::new();
    retain(spec, "volumes", |volume| {
        if is_image(volume) {
            names.extend(volume.get("name").cloned().map(|name| name.to_string()));
        }
        !is_image(volume)
    });
    for list in ["initContainers", "containers", "ephemeralContainers"] {
        let containers = spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten();
        for container in containers.filter_map(Value::as_object_mut) {
            retain(container, "volumeMounts", |mount| {
                mount.get("name").is_none_or(|name| !names.contains(&name.to_string()))
            });
        }
    }
}

/// Keeps elements of a list; an empty list is left out.
fn retain(object: &mut Fields, list: &str, keep: impl FnMut(&Value) -> bool) {
    let Some(elements) = object.get_mut(list).and_then(Value::as_array_mut) else { return };
    elements.retain(keep);
    if elements.is_empty() {
        object.remove(list);
    }
}

fn each(value: &mut Value, depth: usize, visit: &mut dyn FnMut(&mut Value)) {
    match (depth, value) {
        (0, value) => visit(value),
        (_, Value::Array(list)) => list.iter_mut().for_each(|value| each(value, depth - 1, visit)),
        (_, Value::Object(map)) => map.values_mut().for_each(|value| each(value, depth - 1, visit)),
        _ => {}
    }
}

fn is_empty(value: &Value) -> bool {
    value.as_object().is_some_and(crate::json::Map::is_empty)
}

#[cfg(test)]
mod tests {
    use super::super::schema;
    use super::*;
    use crate::api::Version;
    use crate::json::json;

    fn dropped(mut pod: Value, old: Option<Value>, on: bool) -> Value {
        let schema = schema(Version::minor(33));
        let definition = schema.of_kind("", "v1", "Pod").unwrap();
        drop(&mut pod, old.as_ref(), definition, schema, &|_| on);
        pod
    }

    #[test]
    fn a_disabled_field_goes_unless_it_is_stored() {
        let pod = |hidden: Value| {
            json!({"spec": {"hostUsers": true, "containers": [
                {"name": "a", "lifecycle": {"stopSignal": "SIGUSR1"}},
                {"name": "b", "lifecycle": hidden},
            ]}})
        };
        let whole = pod(json!({"stopSignal": "SIGUSR1", "preStop": {"exec": {}}}));
        assert_eq!(dropped(whole.clone(), None, true), whole);
        assert_eq!(
            dropped(whole.clone(), None, false),
            json!({"spec": {"containers": [{"name": "a"}, {"name": "b", "lifecycle": {"preStop": {"exec": {}}}}]}})
        );
        let pod = json!({"spec": {"volumes": [{"name": "v", "image": {"reference": "r"}}, {"name": "w"}],
            "containers": [{"name": "a", "volumeMounts": [{"name": "v"}]}, {"name": "b", "volumeMounts": [{"name": "w"}]}]}});
        let kept = json!({"spec": {"volumes": [{"name": "w"}],
            "containers": [{"name": "a"}, {"name": "b", "volumeMounts": [{"name": "w"}]}]}});
        assert_eq!(
            (dropped(pod.clone(), None, false), dropped(pod.clone(), None, true)),
            (kept, pod.clone())
        );
        assert_eq!(dropped(pod.clone(), Some(pod.clone()), false), pod);
        let old = json!({"spec": {"hostUsers": false}});
        assert_eq!(dropped(whole, Some(old), false).pointer("/spec/hostUsers"), Some(&json!(true)));
    }
}
