//! Resource slices.

use super::Kind;
use super::selectable::Selectable;

/// The row of resource slices.
pub(super) const KIND: Kind = Kind {
    selectable: &[Selectable::text("spec.nodeName"), Selectable::text("spec.driver")],
    ..Kind::plain("resource.k8s.io", "resourceslices")
};
