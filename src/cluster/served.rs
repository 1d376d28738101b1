//! What a cluster serves: its release's resources, and those of the definitions that the server knows of.

use crate::api::custom::{API_SERVICES, DEFINITIONS, MANAGED};
use crate::api::definitions;
use crate::api::differences::LOCAL_GROUPS_TOLD;
use crate::api::resources::Service;
use crate::api::{Dig, Resource, Resources};
use crate::store::Objects;
use serde_json::Value;
use std::sync::Arc;

/// The resources, and of which definitions they are.
#[derive(Clone)]
pub(super) struct Served {
    /// What the release serves by itself, as the flags have it.
    own: Arc<Resources>,
    resources: Arc<Resources>,
    /// The definitions, each with the rows that it adds.
    definitions: Vec<Known>,
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
        Served { resources: own.clone(), own, definitions: Vec::new() }
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
                rows: definitions::rows(definition, self.own.version()).into_iter().map(Arc::new).collect(),
            }));
        }
        let rows: Vec<Arc<Resource>> =
            self.definitions.iter().flat_map(|known| known.rows.iter().cloned()).collect();
        let own = &self.own;
        let services = services(own, objects);
        self.resources = match rows.is_empty() && services.is_empty() {
            true => own.clone(),
            false => Arc::new(own.with(rows, services)),
        };
    }
}

/// The API services that the release does not bring, by priority and name.
fn services(own: &Resources, objects: &Objects) -> Vec<Service> {
    let text = |service: &Value, key: &str| service.at("spec").text(key).to_owned();
    let mut services: Vec<&Arc<Value>> = objects
        .all(API_SERVICES)
        .filter(|service| !own.has_group_version(&text(service, "group"), &text(service, "version")))
        .filter(|service| service.label(MANAGED) != Some("true"))
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
