//! Runtime classes (`pkg/apis/node/validation`).

use super::Kind;
use super::columns::{Columns, Print, age, text};
use super::parts::meta::{immutable, label_map};
use crate::api::names::dns1123_label;
use crate::api::value::Dig;
use serde_json::Value;

/// The row of runtime classes.
pub(super) const KIND: Kind = Kind {
    unconditional_update: false,
    prepare: |_, _, _, _| {},
    validate: |class, errors| {
        let handler = class.text("handler");
        errors.invalid_each("handler", handler, dns1123_label(handler, errors.version()));
        let path = "scheduling.nodeSelector";
        label_map(class.at(path), path, errors);
    },
    validate_update: |new, old, _, errors| immutable(new, old, "handler", errors),
    columns: &[Columns::new("Name|Handler|Age", row)],
    created_by_update: true,
    ..Kind::plain("node.k8s.io", "runtimeclasses")
};

fn row(object: &Value, print: Print) -> Vec<Value> {
    vec![object.name().into(), text(object, "handler"), age(object, print)]
}
