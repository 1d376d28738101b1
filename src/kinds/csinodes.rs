//! CSI nodes.

use super::Kind;

/// The row of CSI nodes.
pub(super) const KIND: Kind = Kind { returned: |_| true, ..Kind::plain("storage.k8s.io", "csinodes") };
