//! Devices for pods: classes, claims and their templates, what drivers offer, and taints
//! (`pkg/apis/resource/validation`, `pkg/registry/resource`, `pkg/apis/resource/v1/defaults.go`).
//!
//! Whether expressions compile is `rules::devices`; what a namespace and the authorizers say of a claim is
//! `pipeline/devices.rs`.
//!
//! # Differs from Kubernetes
//!
//! The rules are those of 1.36. A taint without a time gets one when its object is made, not at an update. Attributes that
//! are lists are not counted by their items.

mod capacities;
mod claims;
mod classes;
mod configs;
mod lists;
mod names;
mod requests;
mod slices;
mod status;
mod taint_rules;
mod taints;
mod templates;

pub(super) use claims::KIND as CLAIMS;
pub(super) use classes::KIND as CLASSES;
pub(super) use slices::KIND as SLICES;
pub(super) use taint_rules::KIND as TAINT_RULES;
pub(super) use templates::KIND as TEMPLATES;
