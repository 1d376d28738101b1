//! Resource slices.

use super::Kind;
use super::selectable::Field;

/// The row of resource slices.
pub(super) const KIND: Kind = Kind {
    selectable: &[Field::text("spec.nodeName"), Field::text("spec.driver")],
    ..Kind::plain("resource.k8s.io", "resourceslices")
};
