//! Events (`pkg/apis/core/validation/events.go`): the namespace is that of the object they tell of.

use super::{NameRule, Rules};
use crate::api::value::Dig;

/// Rules of events.
pub const RULES: Rules = Rules {
    name: NameRule::PathSegment,
    core_finalizers: false,
    prepare: |_, _, _, _| {},
    validate: |event, errors| {
        let about = event.text("involvedObject.namespace");
        let here = event.namespace();
        let fits = match about {
            // Old clients put what concerns no namespace into `default`.
            "" => matches!(here, "" | "default"),
            _ => about == here,
        };
        if !fits && event.has("involvedObject") {
            errors.invalid("involvedObject.namespace", about, "does not match event.namespace");
        }
    },
    whole_update: true,
    ..Rules::PLAIN
};
