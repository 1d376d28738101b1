//! What a cluster serves: its release's resources, and those of the definitions that the server knows of.

use crate::api::custom::{self, DEFINITIONS};
use crate::api::{Dig, Resource, Resources, Version, resources};
use crate::store::Objects;
use std::sync::Arc;

/// The resources, and of which definitions they are.
#[derive(Clone)]
pub(super) struct Served {
    version: Version,
    resources: Arc<Resources>,
    /// The definitions, each with the rows that it adds.
    definitions: Vec<Known>,
}

/// A definition that was read.
#[derive(Clone)]
struct Known {
    definition: Arc<serde_json::Value>,
    rows: Vec<Arc<Resource>>,
}

impl Served {
    /// What a release serves by itself.
    pub(super) fn by(version: Version) -> Served {
        Served { version, resources: resources(version).clone(), definitions: Vec::new() }
    }

    pub(super) fn resources(&self) -> &Arc<Resources> {
        &self.resources
    }

    /// Reads the definitions anew; one that is as it was is not read again.
    pub(super) fn follow(&mut self, objects: &Objects) {
        let before = std::mem::take(&mut self.definitions);
        let mut before = before.into_iter().peekable();
        for definition in objects.all(DEFINITIONS) {
            while before.next_if(|known| known.definition.name() < definition.name()).is_some() {}
            let known = before.next_if(|known| Arc::ptr_eq(&known.definition, definition));
            self.definitions.push(known.unwrap_or_else(|| Known {
                definition: definition.clone(),
                rows: custom::rows(definition, self.version).into_iter().map(Arc::new).collect(),
            }));
        }
        let rows: Vec<Arc<Resource>> =
            self.definitions.iter().flat_map(|known| known.rows.iter().cloned()).collect();
        let own = resources(self.version);
        self.resources = if rows.is_empty() { own.clone() } else { Arc::new(own.with(rows)) };
    }
}
