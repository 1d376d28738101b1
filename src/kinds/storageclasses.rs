//! Storage classes.

use super::Kind;
use super::columns::{Columns, Print, age, or, text};
use crate::api::Dig;
use serde_json::Value;

/// The row of storage classes.
pub(super) const KIND: Kind = Kind {
    columns: &[Columns::new(
        "Name|Provisioner|ReclaimPolicy|VolumeBindingMode|AllowVolumeExpansion|Age",
        row,
    )],
    returned: |_| true,
    ..Kind::plain("storage.k8s.io", "storageclasses")
};

fn row(object: &Value, print: Print) -> Vec<Value> {
    let default = |key| object.annotation(key) == Some("true");
    let is_default = default("storageclass.kubernetes.io/is-default-class")
        || default("storageclass.beta.kubernetes.io/is-default-class");
    let name = if is_default { format!("{} (default)", object.name()) } else { object.name().to_owned() };
    vec![
        name.into(),
        text(object, "provisioner"),
        or(object, "reclaimPolicy", "Delete"),
        or(object, "volumeBindingMode", "Immediate"),
        object.flag("allowVolumeExpansion").into(),
        age(object, print),
    ]
}
