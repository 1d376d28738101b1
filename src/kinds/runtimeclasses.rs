//! Runtime classes (`pkg/apis/node/validation`).

use super::Kind;
use super::columns::{AGE, NAME, text};
use super::parts::meta::labels;
use crate::api::Dig;
use crate::api::names::dns1123_label;

/// The row of runtime classes.
pub(super) const KIND: Kind = Kind {
    unconditional_update: false,
    prepare: |_, _, _, _| {},
    validate: |class| {
        let handler = class.child("handler");
        handler.invalid_each(dns1123_label(handler.text(""), handler.version()));
        labels(class.child("scheduling.nodeSelector"));
    },
    validate_update: |new, old, _| new.child("handler").immutable(old.at("handler")),
    columns: &[NAME, text("Handler", "handler"), AGE],
    created_by_update: true,
    ..Kind::plain("node.k8s.io", "runtimeclasses")
};
