//! Strategic merge as kustomize does it (`kyaml/yaml/merge2`, `kyaml/yaml/walk`): not as the server does.
//!
//! What a patch adds to a list comes first, lists of a type that kustomize does not know are replaced, and an element's
//! `$patch: replace` changes nothing but the order.
//!
//! Differs from Kubernetes: a field of the object that is left empty (`a:`) stays, as one that says `null` does; kustomize
//! takes it out.

use crate::api::schema::{Definition, Field, Strategy, Type, schema};
use crate::api::{Dig, Version};
use crate::json::{Map, Value};

/// The release whose types kustomize 5.8 carries.
const TYPES: Version = Version::minor(21);
const DIRECTIVE: &str = "$patch";

/// Merges a patch into an object; none is left of one that the patch deletes.
///
/// # Errors
/// What does not fit, in kustomize's words.
pub(super) fn merge(object: Value, patch: Value) -> Result<Option<Value>, String> {
    let types = |object: &Value| {
        let api_version = object.text("apiVersion");
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        schema(TYPES).of_kind(group, version, object.text("kind"))
    };
    let shape = types(&object).or_else(|| types(&patch)).map_or(Shape::Unknown, Shape::Of);
    Ok(match walk(Some(object.clone()), Some(patch), shape)? {
        Walked::Cleared => None,
        Walked::Own(value) => Some(value),
        // What replaces a whole object is lost.
        Walked::Patch(_) => Some(object),
    })
}

/// What is known of a value's type.
#[derive(Clone, Copy)]
enum Shape {
    Unknown,
    Of(&'static Definition),
    Type(&'static Type),
    Field(&'static Field),
}

impl Shape {
    fn kind(self) -> Option<&'static Type> {
        match self {
            Shape::Unknown | Shape::Of(_) => None,
            Shape::Type(kind) => Some(kind),
            Shape::Field(field) => Some(&field.kind),
        }
    }

    fn field(self, name: &str) -> Shape {
        let definition = match (self, self.kind()) {
            (Shape::Of(definition), _) => Some(definition),
            (_, Some(Type::Map(values))) => return Shape::Type(values),
            (_, Some(Type::List(_)) | None) => None,
            (_, Some(kind)) => schema(TYPES).of_type(kind),
        };
        definition.and_then(|definition| definition.field(name)).map_or(Shape::Unknown, Shape::Field)
    }

    fn items(self) -> Shape {
        match self.kind() {
            Some(Type::List(items)) => Shape::Type(items),
            Some(_) | None => Shape::Unknown,
        }
    }

    /// The keys by which a list merges: none for one that is replaced, an empty one for plain values.
    fn keys(self) -> Option<Vec<&'static str>> {
        let Shape::Field(field) = self else { return None };
        match field.strategy {
            Strategy::MergeBy(key) if field.map_keys.is_empty() => Some(vec![key]),
            Strategy::MergeBy(_) => Some(field.map_keys.clone()),
            Strategy::Merge => Some(vec![""]),
            Strategy::Plain | Strategy::Replace => None,
        }
    }
}

/// What comes of a value and its patch.
enum Walked {
    /// Nothing.
    Cleared,
    /// The value itself, changed.
    Own(Value),
    /// The patch in its place.
    Patch(Value),
}

/// What a patch says of the value as a whole.
#[derive(PartialEq)]
enum Directive {
    Merge,
    Replace,
    Delete,
}

fn is_null(value: Option<&Value>) -> bool {
    value.is_none_or(Value::is_null)
}

fn walk(own: Option<Value>, patch: Option<Value>, shape: Shape) -> Result<Walked, String> {
    let first = [&own, &patch].into_iter().flatten().find(|value| !value.is_null());
    let wanted = match first {
        None if patch.is_some() => return Ok(Walked::Cleared),
        None => return Ok(own.map_or(Walked::Cleared, Walked::Own)),
        Some(Value::Object(_)) => "MappingNode",
        Some(Value::Array(_)) => "SequenceNode",
        Some(_) => "ScalarNode",
    };
    for value in [&own, &patch].into_iter().flatten().filter(|value| !value.is_null()) {
        let fits = match wanted {
            "MappingNode" => value.is_object(),
            "SequenceNode" => value.is_array(),
            _ => !value.is_object() && !value.is_array(),
        };
        if !fits {
            return Err(super::field::wrong_node(value, wanted));
        }
    }
    match (wanted, shape.keys()) {
        ("MappingNode", _) => walk_map(own, patch, shape),
        ("SequenceNode", Some(keys)) => walk_list(own, patch, &keys, shape.items()),
        _ => Ok(match (patch, own) {
            (Some(Value::Null), _) | (None, None) => Walked::Cleared,
            (Some(patch), _) => Walked::Patch(patch),
            (None, Some(own)) => Walked::Own(own),
        }),
    }
}

fn walk_map(own: Option<Value>, mut patch: Option<Value>, shape: Shape) -> Result<Walked, String> {
    let is_added = is_null(own.as_ref());
    if !is_added && patch.as_ref().is_some_and(Value::is_null) {
        return Ok(Walked::Cleared);
    }
    let directive = match (patch.as_mut().map(directive_of), is_added) {
        (None, _) => Directive::Merge,
        (Some(Err(_)), true) => Directive::Merge,
        (Some(found), _) => found?,
    };
    let takes_patch = match directive {
        Directive::Delete => return Ok(Walked::Cleared),
        Directive::Replace => true,
        Directive::Merge => is_added,
    };
    let mut result = match if takes_patch { patch.clone() } else { own } {
        Some(Value::Object(map)) => map,
        Some(_) | None => return Ok(Walked::Cleared),
    };
    let of_patch = patch.as_ref().and_then(Value::as_object);
    let mut names: Vec<_> = result.keys().chain(of_patch.into_iter().flat_map(Map::keys)).cloned().collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let of_patch = of_patch.and_then(|map| map.get(&name)).cloned();
        match walk(result.get(&name).cloned(), of_patch, shape.field(&name))? {
            Walked::Cleared => drop(result.remove(&name)),
            Walked::Own(value) | Walked::Patch(value) => drop(result.insert(name, value)),
        }
    }
    let result = Value::Object(result);
    Ok(if takes_patch && !is_added { Walked::Patch(result) } else { Walked::Own(result) })
}

/// What a map of a patch says; what says so is taken out.
fn directive_of(patch: &mut Value) -> Result<Directive, String> {
    let Some(map) = patch.as_object_mut() else { return Ok(Directive::Merge) };
    let Some(said) = map.get(DIRECTIVE).map(Dig::shown) else { return Ok(Directive::Merge) };
    let directive = match said.as_str() {
        "delete" => Directive::Delete,
        "replace" => Directive::Replace,
        "merge" => Directive::Merge,
        said => return Err(format!("unknown patch strategy '{said}'")),
    };
    map.remove(DIRECTIVE);
    Ok(directive)
}

/// What a list of a patch says, by an element that says nothing else.
fn list_directive_of(patch: &mut Vec<Value>) -> Result<Directive, String> {
    let says = |item: &Value| item.as_object().is_some_and(|map| map.contains_key(DIRECTIVE));
    let alone = |item: &Value| item.as_object().is_some_and(|map| map.len() == 1);
    match patch.iter().position(says).filter(|at| alone(&patch[*at])) {
        Some(at) => directive_of(&mut patch.remove(at)),
        None => Ok(Directive::Merge),
    }
}

fn walk_list(
    own: Option<Value>,
    patch: Option<Value>,
    keys: &[&str],
    items: Shape,
) -> Result<Walked, String> {
    let list = |value: Option<Value>| match value {
        Some(Value::Array(list)) => Some(Vec::from(list)),
        Some(_) | None => None,
    };
    if own.as_ref().is_some_and(|own| !own.is_null()) && patch.as_ref().is_some_and(Value::is_null) {
        return Ok(Walked::Cleared);
    }
    let mut patch = list(patch);
    let dest = match (list(own), patch.as_mut()) {
        (None, None) => return Ok(Walked::Cleared),
        (None, Some(patch)) => patch.clone(),
        (Some(own), None) => own,
        (Some(own), Some(patch)) => match list_directive_of(patch)? {
            Directive::Delete => return Ok(Walked::Cleared),
            Directive::Replace => patch.clone(),
            Directive::Merge => own,
        },
    };
    let merged = merge_items(dest, patch.as_deref(), keys, items)?;
    Ok(Walked::Own(merged.into()))
}

/// Merges the elements of two lists that are the same by their keys (`setAssociativeSequenceElements`).
fn merge_items(
    mut dest: Vec<Value>,
    patch: Option<&[Value]>,
    keys: &[&str],
    shape: Shape,
) -> Result<Vec<Value>, String> {
    let mut tuples: Vec<Vec<String>> = Vec::new();
    for item in patch.into_iter().flatten().chain(&dest) {
        let tuple = keys.iter().map(|key| value_of(item, key).unwrap_or_default()).collect();
        if !tuples.contains(&tuple) {
            tuples.push(tuple);
        }
    }
    if keys.len() > 1 {
        level(&mut tuples);
    }
    // A key that no element has does not count.
    let counts = |at: &usize| tuples.iter().any(|tuple| !tuple[*at].is_empty());
    let places: Vec<usize> = (0..keys.len()).filter(counts).collect();
    let places = if places.is_empty() { (0..keys.len()).collect() } else { places };
    let valid: Vec<&str> = places.iter().map(|at| keys[*at]).collect();
    let mut added: Vec<Value> = Vec::new();
    for tuple in &tuples {
        let values: Vec<&str> = places.iter().map(|at| tuple[*at].as_str()).collect();
        let find = |list: &[Value]| find(list, &valid, &values);
        let at = find(&dest);
        let of_patch = patch.and_then(|patch| find(patch).map(|at| patch[at].clone()));
        let walked = walk(at.map(|at| dest[at].clone()), of_patch, shape)?;
        let (mut value, is_own) = match walked {
            Walked::Cleared => (Value::Null, false),
            Walked::Own(value) => (value, true),
            Walked::Patch(value) => (value, false),
        };
        if value.is_null() || value.as_object().is_some_and(Map::is_empty) {
            set_element(&mut dest, None, &valid, &values);
            continue;
        }
        if let Value::Object(map) = &mut value {
            for (key, own) in valid.iter().zip(&values).filter(|(_, own)| !own.is_empty()) {
                map.entry(*key).or_insert_with(|| (*own).into());
            }
        }
        if let Some(at) = at.filter(|_| is_own) {
            dest[at] = value.clone();
        }
        set_element(&mut added, Some(&value), &valid, &values);
    }
    if tuples.is_empty() {
        return Ok(dest);
    }
    for item in dest {
        let mut values = Vec::new();
        for key in &valid {
            match value_of(&item, key) {
                Some(value) => values.push(value),
                None => added.push(item.clone()),
            }
        }
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        if valid.len() > 1 {
            set_element(&mut added, None, &valid, &values);
        }
        set_element(&mut added, Some(&item), &valid, &values);
    }
    Ok(added)
}

/// An element's value of a key, as text; of a plain one, itself.
fn value_of(item: &Value, key: &str) -> Option<String> {
    match key {
        "" => Some(item.shown()),
        key => item.get(key).filter(|value| !value.is_null()).map(Dig::shown),
    }
}

/// Whether an element has a value of a key; an empty one is any.
fn has(item: &Value, key: &str, value: &str) -> bool {
    match (key, item) {
        (_, Value::Null) => false,
        ("", item) => item.shown() == value,
        (key, item) => {
            item.get(key).is_some_and(|own| value.is_empty() || !own.is_null() && own.shown() == value)
        }
    }
}

/// The first element with just those values, of the keys that have one.
fn find(list: &[Value], keys: &[&str], values: &[&str]) -> Option<usize> {
    let told: Vec<_> = keys.iter().zip(values).filter(|(_, value)| !value.is_empty()).collect();
    let all: Vec<_> = keys.iter().zip(values).collect();
    let told = if told.is_empty() { all } else { told };
    list.iter().position(|item| {
        (item.is_object() || keys.first() == Some(&""))
            && told.iter().all(|(key, value)| value_of(item, key).is_some_and(|own| own == **value))
    })
}

/// Puts an element where those with its keys are, or behind the others; or takes those out (`yaml.ElementSetter`).
fn set_element(list: &mut Vec<Value>, element: Option<&Value>, keys: &[&str], values: &[&str]) {
    let of_maps = keys.first().is_some_and(|key| !key.is_empty())
        && values.first().is_some_and(|value| !value.is_empty());
    let mut is_found = false;
    let mut kept = Vec::new();
    for item in list.drain(..) {
        if item.is_null() || item.as_object().is_some_and(Map::is_empty) {
            continue;
        }
        // Of keys beyond the values the last value's answer counts.
        let answers = keys.iter().zip(values).map(|(key, value)| has(&item, key, value));
        let fits = !values.is_empty() && answers.into_iter().all(|fits| fits);
        if of_maps && !item.is_object() || !fits {
            // Without a value to look for nothing else is kept.
            kept.extend(Some(item).filter(|_| !values.is_empty()));
            continue;
        }
        is_found = true;
        kept.extend(element.cloned());
    }
    if !is_found {
        kept.extend(element.cloned());
    }
    *list = kept;
}

/// Makes one of values that differ only in what one of them does not tell (`mergeValues`).
fn level(tuples: &mut [Vec<String>]) {
    for one in 0..tuples.len() {
        // The values as they were when their turn came.
        let own = tuples[one].clone();
        for other in 0..tuples.len() {
            if let Some(both) = both(&own, &tuples[other]) {
                tuples[one].clone_from(&both);
                tuples[other] = both;
            }
        }
    }
}

fn both(one: &[String], other: &[String]) -> Option<Vec<String>> {
    let pairs = || one.iter().zip(other);
    let is_at_odds = pairs().any(|(a, b)| a != b && !a.is_empty() && !b.is_empty());
    let has_common = pairs().any(|(a, b)| a == b);
    let both = || pairs().map(|(a, b)| if a.is_empty() { b } else { a }.clone()).collect();
    (has_common && !is_at_odds).then(both)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;

    fn ports(own: Value, patch: Value) -> Value {
        let service = |ports: Value| json!({"apiVersion": "v1", "kind": "Service", "spec": {"ports": ports}});
        let merged = merge(service(own), service(patch)).expect("it fits").expect("it is left");
        merged["spec"]["ports"].clone()
    }

    /// Each was asked of kubectl 1.37.1.
    #[test]
    fn lists_merge_by_all_their_keys() {
        for (own, patch, want) in [
            (
                json!([{"port": 1, "protocol": "TCP"}, {"port": 1, "protocol": "UDP"}]),
                json!([{"port": 1, "protocol": "UDP", "name": "u"}, {"port": 2}]),
                json!([{"port": 2}, {"port": 1, "protocol": "TCP"}, {"name": "u", "port": 1, "protocol": "UDP"}]),
            ),
            (
                json!([{"port": 1}, {"port": 3}]),
                json!([{"port": 2}, {"port": 1, "name": "u"}]),
                json!([{"port": 2}, {"port": 1, "name": "u"}, {"port": 3}]),
            ),
            (
                json!([{"port": 1, "protocol": "TCP"}, {"port": 3, "protocol": "TCP"}]),
                json!([{"port": 2}, {"port": 1, "name": "u"}]),
                json!([{"port": 2}, {"port": 1, "protocol": "TCP"}, {"port": 3, "protocol": "TCP"}]),
            ),
            (
                json!([{"port": 1}, {"port": 3}, {"port": 4}]),
                json!([{"port": 4, "$patch": "delete"}]),
                json!([{"port": 1}, {"port": 3}]),
            ),
            (
                json!([{"port": 3, "protocol": "TCP"}, {"port": 4, "protocol": "TCP"}]),
                json!([{"port": 4, "$patch": "delete"}]),
                json!([{"port": 3, "protocol": "TCP"}, {"port": 4, "protocol": "TCP"}]),
            ),
            (
                json!([{"port": 1}, {"port": 2, "protocol": "TCP"}]),
                json!([{"port": 2}, {"port": 1, "protocol": "UDP"}]),
                json!([{"port": 1}, {"port": 2, "protocol": "TCP"}]),
            ),
        ] {
            assert_eq!(ports(own.clone(), patch.clone()), want, "{own} + {patch}");
        }
    }

    #[test]
    fn what_a_patch_deletes_is_gone() {
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}});
        let patch = json!({"$patch": "delete"});
        assert_eq!(merge(pod.clone(), patch), Ok(None));
        let wrong = merge(pod, json!({"$patch": "foo"}));
        assert_eq!(wrong, Err("unknown patch strategy 'foo'".to_owned()));
    }
}
