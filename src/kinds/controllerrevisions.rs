//! Controller revisions.

use super::Kind;
use super::columns::{AGE, NAME, Print, count, with};
use crate::api::Dig;
use serde_json::Value;

/// The row of controller revisions.
pub(super) const KIND: Kind = Kind {
    columns: &[NAME, with("Controller", controller), count("Revision", "revision"), AGE],
    ..Kind::plain("apps", "controllerrevisions")
};

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
