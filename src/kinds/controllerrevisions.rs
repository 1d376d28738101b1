//! Controller revisions (`pkg/apis/apps/validation`).

use super::Kind;
use super::columns::{AGE, NAME, Print, count, with};
use super::field::Field;
use crate::api::Dig;
use crate::api::differences::{RAW_EXTENSIONS, REVISION_NUMBER_FIRST};
use crate::json::Value;

/// The row of controller revisions.
pub(super) const KIND: Kind = Kind {
    validate: |revision| {
        let (number, data) = (revision.child("revision"), revision.child("data"));
        let mandatory = || {
            if data.is_null() {
                data.required("data is mandatory");
            }
        };
        let before = revision.version().has(REVISION_NUMBER_FIRST);
        if !before {
            mandatory();
        }
        number.nonnegative();
        if before {
            mandatory();
        }
    },
    validate_update: |new, old, _| {
        let data = new.child("data");
        if data.value != old.at("data") {
            data.invalid_go(go(data), data.value, "field is immutable");
        }
    },
    raw: "data",
    columns: &[NAME, with("Controller", controller), count("Revision", "revision"), AGE],
    ..Kind::plain("apps", "controllerrevisions")
};

/// Bytes that are not looked into, in Go's syntax.
fn go(data: Field<'_>) -> String {
    let bytes: Vec<String> = data.value.to_string().bytes().map(|byte| format!("{byte:#x}")).collect();
    let bytes = bytes.join(", ");
    match data.version().has(RAW_EXTENSIONS) {
        true => format!("runtime.RawExtension{{Raw:[]uint8{{{bytes}}}, Object:runtime.Object(nil)}}"),
        false => format!(
            "runtime.Unknown{{TypeMeta:runtime.TypeMeta{{APIVersion:\"\", Kind:\"\"}}, Raw:[]uint8{{{bytes}}}, \
             ContentEncoding:\"\", ContentType:\"application/json\"}}"
        ),
    }
}

fn controller(object: &Value, _: Print) -> Value {
    let Some(owner) = object.list("metadata.ownerReferences").iter().find(|owner| owner.flag("controller"))
    else {
        return "<none>".into();
    };
    let (kind, name) = (owner.text("kind").to_lowercase(), owner.text("name"));
    match owner.text("apiVersion").split_once('/') {
        None => format!("{kind}/{name}").into(),
        Some((group, _)) => format!("{kind}.{group}/{name}").into(),
    }
}
