//! Ingress classes.

use super::Kind;
use super::columns::{AGE, NAME, Print, text, with};
use crate::api::Dig;
use serde_json::Value;

/// The row of ingress classes.
pub(super) const KIND: Kind = Kind {
    columns: &[NAME, text("Controller", "spec.controller"), with("Parameters", parameters), AGE],
    ..Kind::plain("networking.k8s.io", "ingressclasses")
};

fn parameters(object: &Value, _: Print) -> Value {
    let of = object.at("spec.parameters");
    match (of.is_null(), of.text("apiGroup")) {
        (true, _) => "<none>".into(),
        (false, "") => format!("{}/{}", of.text("kind"), of.text("name")).into(),
        (false, group) => format!("{}.{group}/{}", of.text("kind"), of.text("name")).into(),
    }
}
