//! What the two versions of OpenAPI write otherwise, and the names that both publish.

use crate::json::{Value, json};

/// How the two versions of OpenAPI differ here.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Second,
    Third,
}

/// The published name of a definition.
pub(super) fn public(name: &str) -> String {
    match name.split_once('.') {
        Some(("meta", rest)) => format!("io.k8s.apimachinery.pkg.apis.meta.{rest}"),
        Some(("apiextensions", rest)) => {
            format!("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.{rest}")
        }
        Some(("apiregistration", rest)) => format!("io.k8s.kube-aggregator.pkg.apis.apiregistration.{rest}"),
        _ => format!("io.k8s.api.{name}"),
    }
}

/// A reference to a definition.
pub(super) fn reference(name: &str, dialect: Dialect) -> Value {
    match dialect {
        Dialect::Second => json!({"$ref": format!("#/definitions/{}", public(name))}),
        Dialect::Third => {
            json!({"allOf": [{"$ref": format!("#/components/schemas/{}", public(name))}], "default": {}})
        }
    }
}
