//! Pod templates that are objects themselves (`pkg/registry/core/podtemplate`).

use super::path::Path;
use super::pod::defaults;
use super::strategy::count_changes;
use super::{Rules, template};
use crate::api::value::Dig;

/// The rules of pod templates.
pub const RULES: Rules = Rules {
    defaults: |object, version| defaults::spec(object.make("template.spec"), version),
    prepare: |object, old, _, version| {
        if version.at_least(21) {
            count_changes(object, old, &["template"]);
        }
    },
    validate: |object, errors| {
        template::validate(object.at("template"), None, &Path::new("template"), errors);
    },
    whole_update: false,
    validate_update: |new, old, _, errors| {
        let old = Some(old.at("template"));
        template::validate(new.at("template"), old, &Path::new("template"), errors);
    },
    ..Rules::PLAIN
};
