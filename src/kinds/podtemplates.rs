//! Pod templates that are objects themselves (`pkg/registry/core/podtemplate`).

use super::Kind;
use super::columns::{NAME, containers, labels, with};
use super::parts::strategy::count_changes;
use super::pod::defaults;
use super::pod::template;
use crate::api::differences::TEMPLATES_COUNTED;
use crate::api::value::Dig;

/// The row of pod templates.
pub(super) const KIND: Kind = Kind {
    defaults: |object, version| defaults::spec(object.make("template.spec"), version),
    prepare: |object, old, _, version| {
        if version.has(TEMPLATES_COUNTED) {
            count_changes(object, old, &["template"]);
        }
    },
    validate: |object| template::validate(object.child("template"), None),
    whole_update: false,
    validate_update: |new, old, _| template::validate(new.child("template"), Some(old.at("template"))),
    columns: &[
        NAME,
        with("Containers", |object, _| containers(object.at("template.spec"), "name")),
        with("Images", |object, _| containers(object.at("template.spec"), "image")),
        labels("Pod Labels", "template.metadata.labels"),
    ],
    created_by_update: |_, _| true,
    returned: |_| true,
    ..Kind::plain("", "podtemplates")
};
