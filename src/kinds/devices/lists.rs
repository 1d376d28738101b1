//! Lists that may not be too long, and whose items may stand once only (`validateSlice`, `validateSet`, `validateMap`).

use crate::json::Value;
use crate::kinds::field::Field;
use std::collections::BTreeSet;

/// The most requests, selectors, constraints and configurations.
pub(super) const MOST: usize = 32;
const KEY_MIN: usize = 16;

/// Checks each item of a list, unless there are too many.
pub(super) fn each(list: Field<'_>, most: usize, check: impl Fn(Field<'_>)) -> bool {
    let count = list.list("").len();
    if count > most {
        list.errors.too_many(list.path, count, most);
        return false;
    }
    list.items("").for_each(check);
    true
}

/// Checks each item of a list that may stand there once only, by a key.
pub(super) fn once(list: Field<'_>, most: usize, key: impl Fn(&Value) -> String, check: impl Fn(Field<'_>)) {
    if !each(list, most, check) {
        return;
    }
    let mut seen = BTreeSet::new();
    for item in list.items("") {
        let key = key(item.value);
        if seen.contains(&key) {
            item.duplicate_key(&key);
        }
        seen.insert(key);
    }
}

/// Checks keys and values of a map, unless there are too many. Errors of keys speak of the map.
pub(super) fn map(
    map: Field<'_>,
    most: usize,
    longest: usize,
    key: fn(Field<'_>),
    value: impl Fn(Field<'_>),
) {
    let count = map.value.as_object().map_or(0, crate::json::Map::len);
    if count > most {
        return map.errors.too_many(map.path, count, most);
    }
    for (name, item) in map.entries("") {
        key(map.told_as("", &name.into()));
        let shortened = shortened(name, longest);
        value(Field { value: item.value, ..map.entry(&shortened) });
    }
}

/// A long key without its middle (`truncateIfTooLong`).
fn shortened(key: &str, longest: usize) -> String {
    let longest = longest.max(KEY_MIN);
    if key.len() <= longest {
        return key.to_owned();
    }
    let left = longest - "...".len();
    let (head, tail) = (key.get(..left.div_ceil(2)), key.get(key.len() - left / 2..));
    format!("{}...{}", head.unwrap_or_default(), tail.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_keys_lose_their_middle() {
        assert_eq!(shortened("abcdefghijklmnop", 1), "abcdefghijklmnop");
        assert_eq!(shortened("abcdefghijklmnopq", 16), "abcdefg...lmnopq");
    }
}
