//! The rules of custom resources, compiled once for a definition (`customresource_handler.go` builds its validators with
//! its storage).

use super::Validator;
use crate::api::Version;
use crate::api::custom::{Custom, Definition};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The compiled rules of each version of a custom resource that was written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cache(BTreeMap<(String, String), Entry>);

#[derive(Clone, Debug)]
struct Entry {
    /// The definition that the rules are of: another one compiles them anew.
    definition: Arc<Definition>,
    rules: Option<Arc<Validator>>,
}

impl Cache {
    /// The rules of a version of a custom resource; none if it has none.
    pub(crate) fn of(&mut self, custom: &Custom, version: Version) -> Option<Arc<Validator>> {
        let key = (custom.api_version(), custom.kind.clone());
        let known = self.0.get(&key).filter(|entry| Arc::ptr_eq(&entry.definition, &custom.definition));
        if let Some(entry) = known {
            return entry.rules.clone();
        }
        let compiled = custom.schema().and_then(|schema| Validator::new(schema, version));
        let entry = Entry { definition: custom.definition.clone(), rules: compiled.map(Arc::new) };
        let rules = entry.rules.clone();
        self.0.insert(key, entry);
        rules
    }
}
