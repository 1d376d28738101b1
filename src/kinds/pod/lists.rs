//! The lists of containers in a spec.

use crate::api::Dig;
use crate::json::Value;
use crate::kinds::field::Field;

/// The lists in the order in which Kubernetes visits them to read them all.
pub(super) const CONTAINER_LISTS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];

/// All containers of a spec.
pub(super) fn containers(spec: &Value) -> impl Iterator<Item = &Value> {
    CONTAINER_LISTS.into_iter().flat_map(|list| spec.list(list))
}

/// All containers of a spec that is checked.
pub(super) fn all_containers<'a>(spec: &'a Field<'a>) -> impl Iterator<Item = Field<'a>> {
    CONTAINER_LISTS.into_iter().flat_map(|list| spec.items(list))
}

/// The items of a list, to change them.
pub(crate) fn items_mut<'a>(object: &'a mut Value, path: &str) -> impl Iterator<Item = &'a mut Value> {
    let list = object.at_mut(path).and_then(Value::as_array_mut);
    list.into_iter().flatten()
}
