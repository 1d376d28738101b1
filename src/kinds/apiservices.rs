//! API services.

use super::Kind;
use super::columns::{AGE, NAME, Print, with};
use crate::api::Dig;
use serde_json::Value;

/// The row of API services.
pub(super) const KIND: Kind = Kind {
    columns: &[NAME, with("Service", service), with("Available", available), AGE],
    ..Kind::plain("apiregistration.k8s.io", "apiservices")
};

fn service(object: &Value, _: Print) -> Value {
    let of = object.at("spec.service");
    if of.is_null() { "Local".into() } else { format!("{}/{}", of.text("namespace"), of.text("name")).into() }
}

fn available(object: &Value, _: Print) -> Value {
    let condition = object.list("status.conditions").iter().find(|c| c.text("type") == "Available");
    match condition.map(|c| (c.text("status"), c.text("reason"))) {
        Some(("True", _)) => "True".into(),
        Some((status, reason)) => format!("{status} ({reason})").into(),
        None => "Unknown".into(),
    }
}
