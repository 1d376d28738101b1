//! Storage classes.

use super::Kind;
use super::columns::{AGE, Print, or, text, with};
use crate::api::Dig;
use serde_json::Value;

/// The row of storage classes.
pub(super) const KIND: Kind = Kind {
    columns: &[
        with("Name", name),
        text("Provisioner", "provisioner"),
        or("ReclaimPolicy", "reclaimPolicy", "Delete"),
        or("VolumeBindingMode", "volumeBindingMode", "Immediate"),
        with("AllowVolumeExpansion", |class, _| class.flag("allowVolumeExpansion").into()),
        AGE,
    ],
    returned: |_| true,
    ..Kind::plain("storage.k8s.io", "storageclasses")
};

fn name(class: &Value, _: Print) -> Value {
    let default = |key| class.annotation(key) == Some("true");
    match default("storageclass.kubernetes.io/is-default-class")
        || default("storageclass.beta.kubernetes.io/is-default-class")
    {
        true => format!("{} (default)", class.name()).into(),
        false => class.name().into(),
    }
}
