//! Controller revisions.

use super::Kind;
use super::columns::{Columns, Print, age, count};
use crate::api::Dig;
use serde_json::{Value, json};

/// The row of controller revisions.
pub(super) const KIND: Kind = Kind {
    columns: &[Columns::new("Name|Controller|Revision#|Age", row)],
    ..Kind::plain("apps", "controllerrevisions")
};

fn row(object: &Value, print: Print) -> Vec<Value> {
    let owner = object.list("metadata.ownerReferences").iter().find(|owner| owner.flag("controller"));
    let owner = owner.map_or("<none>".to_owned(), |owner| {
        let group = owner.text("apiVersion").split_once('/').map_or("", |(group, _)| group);
        let kind = owner.text("kind").to_lowercase();
        match group {
            "" => format!("{kind}/{}", owner.text("name")),
            group => format!("{kind}.{group}/{}", owner.text("name")),
        }
    });
    vec![object.name().into(), owner.into(), json!(count(object, "revision")), age(object, print)]
}
