//! CSI drivers.

use super::Kind;

/// The row of CSI drivers.
pub(super) const KIND: Kind = Kind { returned: |_| true, ..Kind::plain("storage.k8s.io", "csidrivers") };
