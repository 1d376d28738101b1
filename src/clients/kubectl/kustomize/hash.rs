//! The hash of what an object holds, behind its name (`api/hasher`). The name itself is no part of it, whatever was meant.

use crate::api::Dig;
use crate::golang::json::{self, Json};
use crate::json::{Map, Value};
use sha2::{Digest, Sha256};

/// The hash of an object: the first ten digits of SHA-256, those that could spell words in other letters.
pub(super) fn hash(object: &Value) -> String {
    let text = json::write(&Json::from(hashed(object)));
    let digest = Sha256::digest(text.as_bytes());
    let digits = digest.iter().take(5).flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(b"gh2k456789mbcdtf"[usize::from(digit)])).collect()
}

/// What of an object is hashed.
fn hashed(object: &Value) -> Value {
    let or_empty = |path: &str| match object.at(path) {
        Value::Null => "".into(),
        value => value.clone(),
    };
    let kind = object.text("kind");
    let optional = match kind {
        "ConfigMap" => "binaryData",
        "Secret" => "stringData",
        _ => return object.clone(),
    };
    let mut map = Map::new();
    map.insert("kind", kind.into());
    // Kustomize looks for a field `metadata/name`, which there is not.
    map.insert("name", "".into());
    map.insert("data", or_empty("data"));
    if kind == "Secret" {
        map.insert("type", or_empty("type"));
    }
    if object.at(optional).is_object() {
        map.insert(optional, object.at(optional).clone());
    }
    Value::Object(map)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;

    /// As kubectl 1.37.1 names them.
    #[test]
    fn the_hash_is_of_the_data_alone() {
        for name in ["a", "b"] {
            let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "x"},
                "data": {"a": "b'", "c": "'d", "e": "f", "g": "'"}});
            assert_eq!(hash(&map), "7g6bghd4td");
            let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "type": "Opaque",
                "data": {"A": "YiAg", "B": "YT1i", "HOME": "", "X": "InEi"}});
            assert_eq!(hash(&secret), "2tk9dkhf75");
        }
    }
}
