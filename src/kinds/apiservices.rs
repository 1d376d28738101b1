//! API services.

use super::Kind;
use super::columns::{Columns, Print, age};
use crate::api::Dig;
use serde_json::Value;

/// The row of API services.
pub(super) const KIND: Kind = Kind {
    columns: &[Columns::new("Name|Service|Available|Age", row)],
    ..Kind::plain("apiregistration.k8s.io", "apiservices")
};

fn row(object: &Value, print: Print) -> Vec<Value> {
    let of = object.at("spec.service");
    let service = match of.is_null() {
        true => "Local".to_owned(),
        false => format!("{}/{}", of.text("namespace"), of.text("name")),
    };
    let available = object.list("status.conditions").iter().find(|c| c.text("type") == "Available");
    let available = match available.map(|c| (c.text("status"), c.text("reason"))) {
        Some(("True", _)) => "True".to_owned(),
        Some((status, reason)) => format!("{status} ({reason})"),
        None => "Unknown".to_owned(),
    };
    vec![object.name().into(), service.into(), available.into(), age(object, print)]
}
