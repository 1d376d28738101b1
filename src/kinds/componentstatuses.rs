//! Component statuses, of etcd and the controllers.

use super::Kind;
use super::columns::{Columns, Print, text};
use crate::api::Dig;
use serde_json::Value;

/// The row of component statuses, of etcd and the controllers.
pub(super) const KIND: Kind = Kind {
    columns: &[Columns::new("Name|Status|Message|Error", row)],
    ..Kind::plain("", "componentstatuses")
};

fn row(object: &Value, _: Print) -> Vec<Value> {
    let healthy = object.list("conditions").iter().find(|c| c.text("type") == "Healthy");
    let said = |key: &str| healthy.map_or(Value::from(""), |c| text(c, key));
    let status = match healthy.map(|c| c.text("status")) {
        Some("True") => "Healthy",
        Some("False") => "Unhealthy",
        _ => "Unknown",
    };
    vec![object.name().into(), status.into(), said("message"), said("error")]
}
