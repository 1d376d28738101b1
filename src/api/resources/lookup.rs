//! From a word that a person types to a resource, as kubectl's REST mapper does (`client-go/restmapper`).

use super::{Resource, Resources};
use std::sync::Arc;

impl Resources {
    /// The resource that kubectl takes a word for: plural, singular, short name or kind, also with a group (or its
    /// beginning) or with version and group behind it (`deployments.apps`, `deployments.v1.apps`).
    pub fn lookup(&self, word: &str) -> Option<&Arc<Resource>> {
        let word = word.to_ascii_lowercase();
        let mut parts = word.splitn(3, '.');
        let name = parts.next()?;
        if let (Some(version), Some(group)) = (parts.next(), parts.next()) {
            let full = self.named(name).find(|r| r.version == version && r.group == group);
            if full.is_some() {
                return full;
            }
        }
        match word.split_once('.') {
            None => self.named(name).next(),
            Some((_, group)) => self
                .named(name)
                .find(|r| r.group == group)
                .or_else(|| self.named(name).find(|r| r.group.starts_with(group))),
        }
    }

    /// The resources that a bare word may mean. A short name is taken before anything else, as kubectl expands it first.
    fn named<'a, 'w>(&'a self, word: &'w str) -> impl Iterator<Item = &'a Arc<Resource>> + use<'a, 'w> {
        let whole = || self.rows.iter().filter(|row| row.subresource.is_empty());
        let short = whole().filter(move |row| row.short_names.iter().any(|name| name == word));
        let full = whole().filter(move |row| {
            row.name == word || row.singular == word || row.kind.eq_ignore_ascii_case(word)
        });
        short.chain(full)
    }

    /// The known name that a mistyped one is nearest to, for a hint; none where nothing is near.
    pub fn nearest(&self, word: &str) -> Option<&str> {
        let whole = self.rows.iter().filter(|row| row.subresource.is_empty());
        crate::error::nearest(word, whole.flat_map(|row| [&*row.name, &*row.singular]))
    }
}
