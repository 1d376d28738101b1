//! Component statuses, of etcd and the controllers.

use super::Kind;
use super::columns::{NAME, with};
use crate::api::Dig;
use crate::json::Value;

/// The row of component statuses, of etcd and the controllers.
pub(super) const KIND: Kind = Kind {
    columns: &[
        NAME,
        with("Status", |object, _| status(object).into()),
        with("Message", |object, _| healthy(object).text("message").into()),
        with("Error", |object, _| healthy(object).text("error").into()),
    ],
    ..Kind::plain("", "componentstatuses")
};

fn healthy(object: &Value) -> &Value {
    let conditions = object.list("conditions");
    conditions.iter().find(|c| c.text("type") == "Healthy").unwrap_or(&Value::Null)
}

fn status(object: &Value) -> &'static str {
    match healthy(object).text("status") {
        "True" => "Healthy",
        "False" => "Unhealthy",
        _ => "Unknown",
    }
}
