//! Strategic merge patches: object, patch, what becomes of it.

use super::*;
use crate::api::Version;
use crate::json::json;

fn strategic(kind: (&str, &str, &str), object: Value, patch: Value) -> Result<Value, String> {
    let types = schema::schema(Version::NEWEST);
    let definition = types.of_kind(kind.0, kind.1, kind.2);
    let (mut object, mut patch) = (object, patch.as_object().cloned().unwrap_or_default());
    let merged = strategic::merge(&mut object, &mut patch, definition, Version::NEWEST);
    merged.map(|()| object).map_err(|status| status.message)
}

fn pod(spec: Value) -> Value {
    json!({"spec": spec})
}

#[test]
fn lists_merge_as_their_type_says() {
    let of_pod =
        |object, patch| strategic(("", "v1", "Pod"), pod(object), pod(patch)).map(|p| p.at("spec").clone());
    for (object, patch, want) in [
        // By name; the rest stays.
        (
            json!({"containers": [{"name": "a", "image": "1"}, {"name": "b", "image": "1"}]}),
            json!({"containers": [{"name": "b", "image": "2"}, {"name": "c", "image": "3"}]}),
            json!({"containers": [{"name": "a", "image": "1"}, {"name": "b", "image": "2"}, {"name": "c", "image": "3"}]}),
        ),
        // What is new comes first, where nothing says otherwise.
        (
            json!({"containers": [{"name": "a", "image": "1"}]}),
            json!({"containers": [{"name": "c", "image": "3"}]}),
            json!({"containers": [{"name": "c", "image": "3"}, {"name": "a", "image": "1"}]}),
        ),
        (
            json!({"containers": [{"name": "a"}, {"name": "b"}]}),
            json!({"containers": [{"name": "a", "$patch": "delete"}]}),
            json!({"containers": [{"name": "b"}]}),
        ),
        (
            json!({"containers": [{"name": "a"}, {"name": "b"}]}),
            json!({"containers": [{"$patch": "replace"}, {"name": "z"}]}),
            json!({"containers": [{"name": "z"}]}),
        ),
        (
            json!({"containers": [{"name": "a"}, {"name": "b"}]}),
            json!({"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}], "containers": [{"name": "a", "image": "1"}]}),
            json!({"containers": [{"name": "b"}, {"name": "a", "image": "1"}]}),
        ),
        // A list without a key is replaced.
        (
            json!({"containers": [{"name": "a", "command": ["x", "y"]}]}),
            json!({"containers": [{"name": "a", "command": ["z"]}]}),
            json!({"containers": [{"name": "a", "command": ["z"]}]}),
        ),
        // A union keeps what the patch names.
        (
            json!({"volumes": [{"name": "v", "emptyDir": {}}]}),
            json!({"volumes": [{"name": "v", "$retainKeys": ["name", "hostPath"], "hostPath": {"path": "/"}}]}),
            json!({"volumes": [{"name": "v", "hostPath": {"path": "/"}}]}),
        ),
        (json!({"nodeSelector": {"a": "b"}}), json!({"nodeSelector": null}), json!({})),
        (
            json!({"nodeSelector": {"a": "b"}}),
            json!({"nodeSelector": {"$patch": "replace", "c": "d"}}),
            json!({"nodeSelector": {"c": "d"}}),
        ),
    ] {
        assert_eq!(of_pod(object, patch.clone()), Ok(want), "{patch}");
    }
    let unkeyed = of_pod(json!({"containers": [{"name": "a"}]}), json!({"containers": [{"image": "1"}]}));
    assert_eq!(unkeyed, Err("map: map[image:1] does not contain declared merge key: name".to_owned()));
}

#[test]
fn plain_values_merge_as_a_set() {
    let finalizers = |object, patch| {
        let object = json!({"metadata": {"finalizers": object}});
        let merged = strategic(("", "v1", "ConfigMap"), object, json!({"metadata": patch}));
        merged.map(|map| map.at("metadata.finalizers").clone())
    };
    for (patch, want) in [
        (json!({"finalizers": ["b", "c"]}), json!(["a", "b", "c"])),
        (json!({"finalizers": ["c"]}), json!(["c", "a", "b"])),
        (json!({"$deleteFromPrimitiveList/finalizers": ["a"]}), json!(["b"])),
        (json!({"$setElementOrder/finalizers": ["b", "a"]}), json!(["b", "a"])),
    ] {
        assert_eq!(finalizers(json!(["a", "b"]), patch), Ok(want));
    }
}
