//! Values beside serde_json's, and what is shared.

use super::{Map, Value, from_value, to_value};
use crate::json;
use proptest::prelude::*;

/// JSON of every kind, a few levels deep.
fn tree() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        "[a-z~/\"\\\\é ]{0,30}".prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 60, 20, |inner| {
        let entries = prop::collection::vec(("[a-d]{0,3}", inner.clone()), 0..20);
        prop_oneof![
            prop::collection::vec(inner, 0..8).prop_map(Into::into),
            entries.prop_map(|entries| serde_json::Value::Object(entries.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn a_value_is_written_and_read_as_serde_json_does(theirs in tree()) {
        let ours = Value::from(theirs.clone());
        prop_assert_eq!(ours.to_string(), theirs.to_string());
        prop_assert_eq!(format!("{ours:#}"), format!("{theirs:#}"));
        prop_assert_eq!(&serde_json::from_str::<Value>(&theirs.to_string()).expect("it is JSON"), &ours);
        prop_assert_eq!(&to_value(&theirs).expect("it is a value"), &ours);
        prop_assert_eq!(&from_value::<serde_json::Value>(ours).expect("it is a value"), &theirs);
    }

    #[test]
    fn a_map_changes_as_a_tree_does(
        first in prop::collection::vec(("[a-f]{1,2}", any::<u8>()), 0..30),
        then in prop::collection::vec(("[a-f]{1,2}", prop::option::of(any::<u8>())), 0..30),
    ) {
        let mut theirs: serde_json::Map<_, _> = first.iter().map(|(key, n)| (key.clone(), (*n).into())).collect();
        let mut ours: Map = first.iter().map(|(key, n)| (key, Value::from(*n))).collect();
        let before = ours.clone();
        let written = Value::from(before.clone()).to_string();
        for (key, change) in then {
            match change {
                Some(n) if n % 2 == 0 => {
                    prop_assert_eq!(ours.insert(&key, n.into()), theirs.insert(key, n.into()).map(Value::from));
                }
                Some(n) => {
                    ours.entry(&key).or_insert(n.into());
                    theirs.entry(key).or_insert(n.into());
                }
                None => prop_assert_eq!(ours.remove(&key), theirs.remove(&key).map(Value::from)),
            }
            prop_assert_eq!(Value::from(ours.clone()).to_string(), serde_json::Value::from(theirs.clone()).to_string());
            prop_assert!(theirs.keys().all(|key| ours.contains_key(key)));
        }
        prop_assert_eq!(Value::from(before).to_string(), written, "a copy stays as it was");
    }
}

#[test]
fn a_change_leaves_copies_alone() {
    let first = json!({"spec": {"list": [1, {"a": null}], "other": {"deep": true}}});
    let mut second = first.clone();
    second["spec"]["list"][1]["a"] = json!("changed");
    second["status"]["phase"] = json!("Running");
    assert_eq!(first, json!({"spec": {"list": [1, {"a": null}], "other": {"deep": true}}}));
    let changed =
        r#"{"spec":{"list":[1,{"a":"changed"}],"other":{"deep":true}},"status":{"phase":"Running"}}"#;
    assert_eq!(second.to_string(), changed);
}

#[test]
fn a_value_is_small() {
    assert_eq!(size_of::<Value>(), 24);
}

#[test]
fn a_pointer_is_unescaped() {
    let value = json!({"a/b": [{"m~n": 7}]});
    assert_eq!(value.pointer("/a~1b/0/m~0n"), Some(&json!(7)));
    assert_eq!(value.pointer(""), Some(&value));
    assert_eq!(value.pointer("a"), None);
    assert_eq!(value.pointer("/a~1b/1"), None);
}
