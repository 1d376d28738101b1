//! What a cluster serves: its release's resources, and those of the definitions that the server knows of.

use crate::api::custom::{API_SERVICES, DEFINITIONS, MANAGED};
use crate::api::definitions;
use crate::api::differences::LOCAL_GROUPS_TOLD;
use crate::api::resources::Service;
use crate::api::{Dig, Resource, Resources};
use crate::json::Value;
use crate::store::Objects;
use std::sync::Arc;

/// The resources, and of which definitions they are.
#[derive(Clone)]
pub(super) struct Served {
    /// What the release serves by itself, as the flags have it.
    own: Arc<Resources>,
    resources: Arc<Resources>,
    /// The definitions, each with the rows that it adds.
    definitions: Vec<Known>,
    services: Vec<Service>,
}

/// A definition that was read.
#[derive(Clone)]
struct Known {
    definition: Arc<Value>,
    rows: Vec<Arc<Resource>>,
}

impl Served {
    /// What is served before there are definitions.
    pub(super) fn by(own: Arc<Resources>) -> Served {
        Served { resources: own.clone(), own, definitions: Vec::new(), services: Vec::new() }
    }

    pub(super) fn resources(&self) -> &Arc<Resources> {
        &self.resources
    }

    /// Reads the definitions anew, at a revision of the store; one that is as it was is not read again, and where no row
    /// changes, all stays.
    pub(super) fn follow(&mut self, objects: &Objects, revision: u64) {
        let mut changed = false;
        let before = std::mem::take(&mut self.definitions);
        let mut before = before.into_iter().peekable();
        for definition in objects.all(DEFINITIONS) {
            while let Some(gone) = before.next_if(|known| known.definition.name() < definition.name()) {
                changed |= !gone.rows.is_empty();
            }
            let known = before.next_if(|known| known.definition.name() == definition.name());
            let known = match known {
                Some(known) if Arc::ptr_eq(&known.definition, definition) => known,
                other => {
                    let rows = definitions::rows(definition, self.own.version(), revision);
                    let rows = rows.into_iter().map(Arc::new).collect();
                    let read = Known { definition: definition.clone(), rows };
                    changed |= !read.rows.is_empty() || other.is_some_and(|other| !other.rows.is_empty());
                    read
                }
            };
            self.definitions.push(known);
        }
        changed |= before.any(|gone| !gone.rows.is_empty());
        let own = &self.own;
        let services = services(own, objects);
        if !changed && services == self.services {
            return;
        }
        self.services = services;
        let rows: Vec<Arc<Resource>> =
            self.definitions.iter().flat_map(|known| known.rows.iter().cloned()).collect();
        self.resources = match rows.is_empty() && self.services.is_empty() {
            true => own.clone(),
            false => Arc::new(own.with(rows, self.services.clone())),
        };
    }
}

/// The API services that the release does not bring, by priority and name.
fn services(own: &Resources, objects: &Objects) -> Vec<Service> {
    let text = |service: &Value, key: &str| service.at("spec").text(key).to_owned();
    let mut services: Vec<&Arc<Value>> = objects
        .all(API_SERVICES)
        .filter(|service| service.label(MANAGED) != Some("true"))
        .filter(|service| !own.has_group_version(&text(service, "group"), &text(service, "version")))
        .filter(|service| own.version().has(LOCAL_GROUPS_TOLD) || service.at("spec.service").is_object())
        .collect();
    services.sort_by_key(|service| std::cmp::Reverse(service.number("spec.groupPriorityMinimum")));
    let service = |service: &Arc<Value>| Service {
        group: text(service, "group").into(),
        version: text(service, "version").into(),
        local: !service.at("spec.service").is_object(),
    };
    services.into_iter().map(service).collect()
}
