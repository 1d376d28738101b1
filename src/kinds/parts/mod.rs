//! What the rules of several kinds are made of.

pub(crate) mod addresses;
pub(super) mod admission_rules;
pub(super) mod certificate_text;
pub(super) mod claim_spec;
pub(super) mod conditions;
pub(super) mod go_duration;
pub(super) mod meta;
pub(super) mod paths;
pub(super) mod ports;
pub(super) mod quantities;
pub(super) mod references;
pub(crate) mod schedule;
pub(crate) mod selector;
pub(super) mod selectors;
pub(super) mod storage;
pub(super) mod strategy;
pub(super) mod volume_sources;
pub(super) mod webhook_clients;
