//! Ingress classes.

use super::Kind;
use super::columns::{Columns, Print, age, text};
use crate::api::Dig;
use serde_json::Value;

/// The row of ingress classes.
pub(super) const KIND: Kind = Kind {
    columns: &[Columns::new("Name|Controller|Parameters|Age", row)],
    ..Kind::plain("networking.k8s.io", "ingressclasses")
};

fn row(object: &Value, print: Print) -> Vec<Value> {
    let of = object.at("spec.parameters");
    let parameters = match (of.is_null(), of.text("apiGroup")) {
        (true, _) => "<none>".to_owned(),
        (false, "") => format!("{}/{}", of.text("kind"), of.text("name")),
        (false, group) => format!("{}.{group}/{}", of.text("kind"), of.text("name")),
    };
    vec![object.name().into(), text(object, "spec.controller"), parameters.into(), age(object, print)]
}
