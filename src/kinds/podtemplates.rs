//! Pod templates that are objects themselves (`pkg/registry/core/podtemplate`).

use super::Kind;
use super::columns::{Columns, Print, containers, labels};
use super::parts::strategy::count_changes;
use super::parts::template;
use super::pod::defaults;
use crate::api::Path;
use crate::api::differences::TEMPLATES_COUNTED;
use crate::api::value::Dig;
use serde_json::Value;

/// The row of pod templates.
pub(super) const KIND: Kind = Kind {
    defaults: |object, version| defaults::spec(object.make("template.spec"), version),
    prepare: |object, old, _, version| {
        if version.has(TEMPLATES_COUNTED) {
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
    columns: &[Columns::new("Name|Containers|Images|Pod Labels", row)],
    created_by_update: true,
    returned: |_| true,
    ..Kind::plain("", "podtemplates")
};

fn row(object: &Value, _: Print) -> Vec<Value> {
    let [names, images] = containers(object.at("template.spec"));
    vec![object.name().into(), names, images, labels(object.at("template.metadata.labels")).into()]
}
