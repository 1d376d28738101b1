//! Network policies.

use super::Kind;
use super::columns::{Columns, Print, age, labels};
use super::parts::strategy::spec_with_generation;
use crate::api::Dig;
use serde_json::Value;

/// The row of network policies.
pub(super) const KIND: Kind = Kind {
    prepare: spec_with_generation,
    columns: &[Columns::new("Name|Pod-Selector|Age", row)],
    ..Kind::plain("networking.k8s.io", "networkpolicies")
};

fn row(object: &Value, print: Print) -> Vec<Value> {
    vec![object.name().into(), labels(object.at("spec.podSelector")).into(), age(object, print)]
}
