//! What kinds and their fields are, in a line each: the kinds that decide who may what (`words.txt`).

use std::collections::BTreeMap;
use std::sync::LazyLock;

const TEXT: &str = include_str!("words.txt");

static WORDS: LazyLock<BTreeMap<&'static str, &'static str>> =
    LazyLock::new(|| lines().collect::<BTreeMap<_, _>>());

fn lines() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = TEXT.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once("  "))
}

/// What a definition is, or a field of it (with an empty name: the definition itself); none of most.
pub(super) fn about(definition: &str, field: &str) -> Option<&'static str> {
    let mut parts = definition.splitn(3, '.');
    let (group, _, kind) = (parts.next()?, parts.next()?, parts.next()?);
    let name = if field.is_empty() { format!("{group}.{kind}") } else { format!("{group}.{kind}.{field}") };
    WORDS.get(name.as_str()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Version;
    use crate::api::schema::schema;

    #[test]
    fn each_line_is_about_something() {
        let mut unknown: BTreeMap<&str, &str> = lines().collect();
        assert_eq!((unknown.len(), true), (lines().count(), unknown.len() > 100), "each once");
        for version in Version::all() {
            for definition in schema(version).own(version) {
                let mut parts = definition.name.splitn(3, '.');
                let (group, kind) = (parts.next().unwrap(), parts.nth(1).unwrap_or_default());
                unknown.remove(format!("{group}.{kind}").as_str());
                for field in definition.fields() {
                    unknown.remove(format!("{group}.{kind}.{}", field.name).as_str());
                }
            }
        }
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
