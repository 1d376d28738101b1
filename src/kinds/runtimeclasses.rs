//! Runtime classes (`pkg/apis/node/validation`).

use super::Kind;
use super::columns::{AGE, NAME, text};
use super::parts::meta::labels;
use super::pod::{of_overhead, validate_list, validate_toleration};
use crate::api::Dig;
use crate::api::differences::{HANDLER_REQUIRED, RUNTIME_TOLERATIONS_PLACED};
use crate::api::names::dns1123_label;

/// The row of runtime classes.
pub(super) const KIND: Kind = Kind {
    unconditional_update: false,
    prepare: |_, _, _, _| {},
    validate: |class| {
        let handler = class.child("handler");
        match handler.text("") {
            "" if handler.version().has(HANDLER_REQUIRED) => handler.required(""),
            text => handler.invalid_each(dns1123_label(text, handler.version())),
        }
        if class.has("overhead.podFixed") {
            let overhead = class.told_as("overhead.limits", class.value.at("overhead.podFixed"));
            validate_list(overhead, of_overhead);
        }
        labels(class.child("scheduling.nodeSelector"));
        // Once they were told of below a list that is there twice.
        let twice = !class.version().has(RUNTIME_TOLERATIONS_PLACED);
        let tolerations = class.told_as(
            if twice { "scheduling.tolerations.tolerations" } else { "scheduling.tolerations" },
            class.value.at("scheduling.tolerations"),
        );
        tolerations.items("").for_each(validate_toleration);
    },
    validate_update: |new, old, _| new.child("handler").immutable(old.at("handler")),
    columns: &[NAME, text("Handler", "handler"), AGE],
    created_by_update: |_, _| true,
    ..Kind::plain("node.k8s.io", "runtimeclasses")
};
